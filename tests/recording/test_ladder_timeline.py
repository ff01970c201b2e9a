"""Slices, and what of the lesson they show."""

from __future__ import annotations

import pytest

from recording.edit import Kept
from recording.ladder_timeline import LadderTimeline

EDITED = LadderTimeline(Kept(((1_000, 4_000), (6_000, 12_500))))


def test_slices_lie_end_to_end_and_their_sound_too() -> None:
    spans = [EDITED.slice_ticks(number) for number in range(1, EDITED.slices + 1)]
    assert spans == [(0, 360_000), (360_000, 720_000), (720_000, 852_000)]
    frames = [EDITED.sound_frames(number) for number in range(1, EDITED.slices + 1)]
    assert frames == [(0, 188), (188, 375), (375, 444)]
    assert EDITED.length_ticks / 90 == pytest.approx(9_500, abs=34)


def test_nothing_from_behind_a_cut_is_shown() -> None:
    assert EDITED.position_ticks(0) == 91_500
    assert EDITED.position_ticks(3 * 90_000 - 1) == 4 * 90_000 - 1
    assert EDITED.position_ticks(3 * 90_000) == 6 * 90_000 + 1_500
    assert EDITED.position_ticks(99 * 90_000) == 1_125_000 - 1


def test_samples_come_from_the_parts_in_order() -> None:
    spans = list(EDITED.sample_spans(-480, 4 * 48_000))
    assert [(span.place, span.begin, span.end) for span in spans] == [
        (0, 48_000, 192_000),
        (144_000, 288_000, 336_000),
    ]
    assert spans[0].part_end == 192_000
    assert list(EDITED.sample_spans(500_000, 600_000)) == []


def test_a_replay_of_a_moment_has_a_slice() -> None:
    assert LadderTimeline(Kept(((5, 6),))).slices == 1
