"""Reports of many lessons: what each was, and what each classroom's figures come to over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from classroom_api.viewing import ViewFigures
from signaling.indicators import LessonFigures, RoomFigures, gini


@dataclass(frozen=True, slots=True)
class LessonReport:
    """One lesson. `is_final`: it has ended, so that the same report is given for good."""

    lesson_id: str
    title: str
    mode: str
    state: str
    organization_id: str | None
    organization: str | None
    time_zone: str
    course_id: str | None
    course: str | None
    subject: str | None
    grade: int | None
    room: str | None
    starts_at_ms: int | None
    ends_at_ms: int | None
    is_final: bool
    figures: LessonFigures
    replay: ViewFigures = field(default_factory=ViewFigures)


@dataclass(frozen=True, slots=True)
class HeldLesson:
    """A lesson's line in a list. `rooms_came` of `rooms_expected`; present_ratio: the mean of all rooms."""

    lesson_id: str
    title: str
    state: str
    organization: str | None
    course: str | None
    time_zone: str
    started_at_ms: int | None
    duration_ms: int
    rooms_expected: int
    rooms_came: int
    present_ratio: float | None
    stage_gini: float | None
    wait_median_ms: int | None
    rounds_opened: int


@dataclass(frozen=True, slots=True)
class RoomSums:
    """One classroom over all lessons that expected it."""

    classroom: str
    name: str
    lessons_expected: int
    lessons_attended: int
    expected_ms: int
    present_ms: int
    disconnected_ms: int
    stage_ms: int
    turns: int
    hands: int
    hands_unanswered: int
    rounds_opened: int
    rounds_answered: int


@dataclass(frozen=True, slots=True)
class SummedReport:
    """`is_complete` False: there are more lessons than one answer holds; ask for a shorter time."""

    from_ms: int
    to_ms: int
    is_complete: bool
    lessons_held: int
    duration_ms: int
    live_ms: int
    stage_gini: float | None
    lessons: tuple[HeldLesson, ...]
    rooms: tuple[RoomSums, ...]


def sum_up(reports: Sequence[LessonReport], from_ms: int, to_ms: int, *, is_complete: bool) -> SummedReport:
    """`reports` in the order in which they are listed."""
    sums: dict[str, RoomSums] = {}
    for report in reports:
        for room in report.figures.rooms:
            sums[room.classroom] = _added(sums.get(room.classroom), room, report.figures)
    rooms = tuple(sorted(sums.values(), key=lambda room: (room.name, room.classroom)))
    return SummedReport(
        from_ms=from_ms,
        to_ms=to_ms,
        is_complete=is_complete,
        lessons_held=len(reports),
        duration_ms=sum(report.figures.duration_ms for report in reports),
        live_ms=sum(report.figures.live_ms for report in reports),
        stage_gini=gini([room.stage_ms for room in rooms if room.lessons_attended]),
        lessons=tuple(_held(report) for report in reports),
        rooms=rooms,
    )


def _held(report: LessonReport) -> HeldLesson:
    figures = report.figures
    ratios = [room.present_ratio for room in figures.rooms]
    return HeldLesson(
        lesson_id=report.lesson_id,
        title=report.title,
        state=report.state,
        organization=report.organization,
        course=report.course,
        time_zone=report.time_zone,
        started_at_ms=figures.started_at_ms,
        duration_ms=figures.duration_ms,
        rooms_expected=len(ratios),
        rooms_came=sum(room.present_ms > 0 for room in figures.rooms),
        present_ratio=sum(ratios) / len(ratios) if ratios else None,
        stage_gini=figures.stage_gini,
        wait_median_ms=figures.waits.median_ms,
        rounds_opened=figures.rounds_opened,
    )


def _added(before: RoomSums | None, room: RoomFigures, lesson: LessonFigures) -> RoomSums:
    one = RoomSums(
        classroom=room.classroom,
        name=room.name,
        lessons_expected=1,
        lessons_attended=int(room.present_ms > 0),
        expected_ms=lesson.duration_ms,
        present_ms=room.present_ms,
        disconnected_ms=room.disconnected_ms,
        stage_ms=room.stage_ms,
        turns=room.turns,
        hands=room.waits.hands,
        hands_unanswered=room.waits.unanswered,
        rounds_opened=lesson.rounds_opened,
        rounds_answered=room.rounds_answered,
    )
    if before is None:
        return one
    numbers = [one.name for one in fields(RoomSums) if one.type == "int"]
    return RoomSums(
        before.classroom,
        before.name,
        **{name: getattr(before, name) + getattr(one, name) for name in numbers},
    )
