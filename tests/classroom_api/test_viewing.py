from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from classroom_api.viewing import (
    MAX_PARTS,
    ViewFigures,
    Viewing,
    figures_of_views,
    heat,
    length_ms,
    merged,
    positions_of,
)
from recording.edit import Kept

PARTS = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=30)


@given(PARTS)
def test_merging_loses_and_adds_nothing(parts: list[tuple[int, int]]) -> None:
    found = merged(parts)
    assert {ms for begin, end in found for ms in range(begin, end)} == {
        ms for begin, end in parts for ms in range(begin, end)
    }
    assert merged([*found, *parts]) == found
    assert all(before[1] < after[0] for before, after in pairwise(found))


def test_parts_are_bounded_by_closing_the_smallest_gaps() -> None:
    assert merged([(0, 10), (12, 20), (90, 100)], most=2) == [(0, 20), (90, 100)]
    assert len(merged([(2 * n, 2 * n + 1) for n in range(1000)])) == MAX_PARTS


def test_what_was_played_of_an_edit_are_parts_of_the_lesson() -> None:
    kept = Kept(((100, 200), (500, 900)))
    assert positions_of([(50, 150), (0, 10)], kept) == [(150, 200), (500, 550), (100, 110)]
    assert positions_of([(490, 2000)], kept) == [(890, 900)]
    assert length_ms(positions_of([(0, 500)], kept)) == 500


def test_heat_counts_each_viewing_once_a_minute() -> None:
    first, second = [(0, 20_000), (40_000, 95_000)], [(85_000, 180_000)]
    assert heat([first, second], 3) == [1, 2, 1]
    assert heat([[(0, 10_000_000)]], 2) == [1, 1]
    assert heat([], 0) == []


def test_few_viewers_are_counted_and_not_described() -> None:
    whole, half = [[0, 120_000]], [[0, 60_000]]
    few = [Viewing("seat_a", whole, is_completed=True)] * 5 + [Viewing("seat_b", half, is_completed=False)]
    assert figures_of_views(few, 120_000) == ViewFigures(6)
    more = [*few, Viewing("seat_c", half, is_completed=False), Viewing("seat_d", [], is_completed=False)]
    assert figures_of_views(more, 119_000) == ViewFigures(7, 5 / 7, (7, 5))
