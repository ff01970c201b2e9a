from __future__ import annotations

from dataclasses import replace

import pytest

from classroom_api.report_sums import LessonReport, sum_up
from signaling.indicators import figures_of
from tests.classroom_api.past_lesson import LENGTH_MS, ROOMS, ordinary_lesson
from tests.signaling.chronicle import MINUTE, history_of

STARTED_AT_MS = 1_788_221_100_000  # 2026-09-01 08:05 in Shanghai


def report(lesson: str = "les_a", *, name: str = ROOMS["c1"]) -> LessonReport:
    """The ordinary lesson as it is reported."""
    told = [(STARTED_AT_MS + at_ms, event) for at_ms, event in ordinary_lesson(STARTED_AT_MS)]
    figures = figures_of(history_of(told), 0, {**ROOMS, "c1": name})
    return LessonReport(
        lesson_id=lesson,
        title="分数",
        mode="interactive",
        state="ended",
        organization_id=None,
        organization="Hill county",
        time_zone="Asia/Shanghai",
        course_id=None,
        course=None,
        subject=None,
        grade=3,
        room=None,
        starts_at_ms=None,
        ends_at_ms=None,
        is_final=True,
        figures=figures,
    )


def test_sums_are_those_of_the_lessons() -> None:
    one = report()
    summed = sum_up([one, report("les_b")], 5, 9, is_complete=False)
    assert (summed.from_ms, summed.to_ms, summed.is_complete) == (5, 9, False)
    assert (summed.lessons_held, summed.duration_ms) == (2, 2 * LENGTH_MS)
    assert summed.live_ms == 2 * one.figures.live_ms
    for sums, room in zip(
        sorted(summed.rooms, key=lambda each: each.classroom), one.figures.rooms, strict=True
    ):
        assert (sums.classroom, sums.name) == (room.classroom, room.name)
        assert (sums.lessons_expected, sums.lessons_attended) == (2, 2)
        assert (sums.present_ms, sums.stage_ms) == (2 * room.present_ms, 2 * room.stage_ms)
        assert (sums.hands, sums.rounds_opened) == (2 * room.waits.hands, 4)
    # Twice the same lesson is as unequal as once.
    assert summed.stage_gini == pytest.approx(one.figures.stage_gini)


def test_a_lesson_s_line() -> None:
    [line] = sum_up([report()], 0, 1, is_complete=True).lessons
    assert (line.rooms_expected, line.rooms_came, line.rounds_opened) == (4, 4, 2)
    assert line.duration_ms == 40 * MINUTE
    assert line.present_ratio is not None
    assert 0.9 < line.present_ratio < 1
    empty = replace(report(), figures=figures_of(history_of([]), 0))
    [nothing] = sum_up([empty], 0, 1, is_complete=True).lessons
    assert (nothing.rooms_expected, nothing.present_ratio) == (0, None)


def test_no_lessons_are_no_rooms() -> None:
    summed = sum_up([], 0, 1, is_complete=True)
    assert (summed.lessons, summed.rooms, summed.stage_gini) == ((), (), None)
