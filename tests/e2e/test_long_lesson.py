"""A lesson with everything that happens to lessons, short here; 45 minutes by `make lesson-check`."""

from __future__ import annotations

from pathlib import Path

from tests.recording.lesson_check import LessonCheck
from tests.recording.long_lesson import Plan, produce


def test_a_lesson_with_all_that_happens_is_whole_in_sync_and_labelled(tmp_path: Path) -> None:
    """Loss with and without repair, a suspended lesson, another size, a SIGKILL, a reconnect, a camera that
    is switched off, a muted voice; H264, VP8 and Opus; looked at by parsers that are not ours.
    """
    plan = Plan(90, (320, 180), (160, 90))
    assert produce(tmp_path, plan) < 10
    check = LessonCheck(tmp_path, plan)
    check.run()
    assert check.faults == []
    assert check.figures["beeps"] == 70
