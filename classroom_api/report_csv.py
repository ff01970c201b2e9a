"""Reports as tables for a spreadsheet: UTF-8 with a byte order mark (Excel reads Chinese by it), RFC 4180.

A cell that a spreadsheet would take for a formula begins with an apostrophe: names come from people.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from classroom_api.report_sums import LessonReport, RoomSums, SummedReport
from signaling.indicators import RoomFigures

_STARTS_A_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")
_MINUTE_MS: Final = 60_000
Cell = str | int | float | None
T = TypeVar("T")
_Columns = tuple[tuple[str, str, Callable[[T], Cell]], ...]


def cell_of(value: Cell) -> str:
    """As it is written into the file. None is empty: not measured, or nothing to measure."""
    if isinstance(value, float):
        return f"{value:.3f}"
    if not isinstance(value, str):
        return "" if value is None else str(value)
    return f"'{value}" if value.lstrip(" ").startswith(_STARTS_A_FORMULA) else value


def minutes(value_ms: int | None) -> float | None:
    return None if value_ms is None else value_ms / _MINUTE_MS


def seconds(value_ms: int | None) -> float | None:
    return None if value_ms is None else value_ms / 1000


def local_time(at_ms: int | None, zone: str) -> str | None:
    """`2026-09-01 08:05` in the school's zone."""
    if at_ms is None:
        return None
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


_OF_A_LESSON: Final[_Columns[LessonReport]] = (
    ("lesson", "课程编号", lambda lesson: lesson.lesson_id),
    ("title", "课题", lambda lesson: lesson.title),
    ("started", "开始时间", lambda lesson: local_time(lesson.figures.started_at_ms, lesson.time_zone)),
    ("lesson minutes", "课程时长（分钟）", lambda lesson: minutes(lesson.figures.duration_ms)),
    ("rounds opened", "开展轮次", lambda lesson: lesson.figures.rounds_opened),
    ("polls opened", "投票数", lambda lesson: lesson.figures.polls_opened),
)
_OF_A_ROOM: Final[_Columns[RoomFigures]] = (
    ("classroom", "教室编号", lambda room: room.classroom),
    ("classroom name", "教室名称", lambda room: room.name),
    ("present minutes", "在线（分钟）", lambda room: minutes(room.present_ms)),
    ("present ratio", "在线比例", lambda room: room.present_ratio),
    ("late minutes", "迟到（分钟）", lambda room: minutes(room.late_ms)),
    ("disconnected minutes", "断线（分钟）", lambda room: minutes(room.disconnected_ms)),
    ("away minutes", "离开（分钟）", lambda room: minutes(room.away_ms)),
    ("joins", "进入次数", lambda room: room.joins),
    ("reconnects", "重连次数", lambda room: room.reconnects),
    ("students at home", "在家学生数", lambda room: room.students),
    ("stage minutes", "上台（分钟）", lambda room: minutes(room.stage_ms)),
    ("stage ratio", "上台占比", lambda room: room.stage_ratio),
    ("turns", "上台次数", lambda room: room.turns),
    ("hands", "举手次数", lambda room: room.waits.hands),
    ("hands unanswered", "未获回应", lambda room: room.waits.unanswered),
    ("wait median seconds", "等待中位数（秒）", lambda room: seconds(room.waits.median_ms)),
    ("wait p90 seconds", "等待第90百分位（秒）", lambda room: seconds(room.waits.p90_ms)),
    ("rounds answered", "已答轮次", lambda room: room.rounds_answered),
    ("polls answered", "已答投票", lambda room: room.polls_answered),
    ("signals", "提示信号", lambda room: sum(room.signals.values())),
    ("minutes with a small picture or none", "小画面或无画面（分钟）", lambda room: minutes(room.reduced_ms)),
)
_OF_SUMS: Final[_Columns[RoomSums]] = (
    ("classroom", "教室编号", lambda room: room.classroom),
    ("classroom name", "教室名称", lambda room: room.name),
    ("lessons expected", "应到课次", lambda room: room.lessons_expected),
    ("lessons attended", "实到课次", lambda room: room.lessons_attended),
    ("expected minutes", "应到（分钟）", lambda room: minutes(room.expected_ms)),
    ("present minutes", "在线（分钟）", lambda room: minutes(room.present_ms)),
    ("disconnected minutes", "断线（分钟）", lambda room: minutes(room.disconnected_ms)),
    ("stage minutes", "上台（分钟）", lambda room: minutes(room.stage_ms)),
    ("turns", "上台次数", lambda room: room.turns),
    ("hands", "举手次数", lambda room: room.hands),
    ("hands unanswered", "未获回应", lambda room: room.hands_unanswered),
    ("rounds opened", "开展轮次", lambda room: room.rounds_opened),
    ("rounds answered", "已答轮次", lambda room: room.rounds_answered),
)


def lesson_table(report: LessonReport, *, is_chinese: bool) -> bytes:
    """One line for each classroom, the lesson's own columns first."""
    head = [*_heads(_OF_A_LESSON, is_chinese=is_chinese), *_heads(_OF_A_ROOM, is_chinese=is_chinese)]
    own = _cells(_OF_A_LESSON, report)
    return _table(head, [[*own, *_cells(_OF_A_ROOM, room)] for room in report.figures.rooms])


def sums_table(report: SummedReport, *, is_chinese: bool) -> bytes:
    """One line for each classroom, over all lessons."""
    return _table(_heads(_OF_SUMS, is_chinese=is_chinese), [_cells(_OF_SUMS, room) for room in report.rooms])


def _heads(columns: _Columns[T], *, is_chinese: bool) -> list[str]:
    return [chinese if is_chinese else english for english, chinese, _ in columns]


def _cells(columns: _Columns[T], of: T) -> list[str]:
    return [cell_of(take(of)) for *_, take in columns]


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([head, *lines])
    return text.getvalue().encode("utf-8-sig")
