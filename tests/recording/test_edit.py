"""What an edit keeps, and where it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recording.edit import MAX_PARTS, Kept

EDITED = Kept(((1_000, 5_000), (8_000, 10_000)))


def test_what_is_kept_plays_without_a_gap() -> None:
    assert EDITED.length_ms == 6_000
    assert [EDITED.place_ms(at) for at in (0, 1_000, 4_999, 5_000, 8_000, 9_999, 10_000)] == [
        None,
        0,
        3_999,
        None,
        4_000,
        5_999,
        None,
    ]
    assert [EDITED.next_place_ms(at) for at in (0, 1_000, 6_000, 8_500, 99_000)] == [
        0,
        0,
        4_000,
        4_500,
        6_000,
    ]
    assert [EDITED.position_ms(at) for at in (-5, 0, 3_999, 4_000, 99_000)] == [
        1_000,
        1_000,
        4_999,
        8_000,
        10_000,
    ]


@pytest.mark.parametrize(
    "parts",
    [
        (),
        ((0, 0),),
        ((5, 4),),
        ((-1, 4),),
        ((0, 10), (9, 12)),
        ((5, 6), (0, 1)),
        tuple((2 * n, 2 * n + 1) for n in range(MAX_PARTS + 1)),
    ],
)
def test_an_edit_that_says_nothing_clear_is_refused(parts: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match="edit"):
        Kept(parts)


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=20, unique=True), st.integers(0, 12_000))
def test_there_and_back(bounds: list[int], position_ms: int) -> None:
    ordered = sorted(bounds)
    kept = Kept(tuple(zip(ordered[::2], ordered[1::2], strict=False)))
    place_ms = kept.place_ms(position_ms)
    if place_ms is not None:
        assert kept.position_ms(place_ms) == position_ms
        assert kept.next_place_ms(position_ms) == place_ms
    assert 0 <= kept.next_place_ms(position_ms) <= kept.length_ms
