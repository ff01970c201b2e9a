"""Spans against the plain sets of moments that they stand for."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.spans import Span, Spans, difference, intersection, length_ms, union

ANY = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)


def moments(spans: list[Span] | Spans) -> set[int]:
    return {moment for start, end in spans for moment in range(start, end)}


def is_tidy(spans: Spans) -> bool:
    flat = [edge for span in spans for edge in span]
    return flat == sorted(set(flat))


@settings(deadline=None)
@given(ANY, ANY)
def test_they_are_the_sets_of_their_moments(one: list[Span], other: list[Span]) -> None:
    a, b = union(one), union(other)
    assert moments(a) == moments(one)
    assert moments(intersection(a, b)) == moments(a) & moments(b)
    assert moments(difference(a, b)) == moments(a) - moments(b)
    assert length_ms(a) == len(moments(a))
    assert all(is_tidy(spans) for spans in (a, b, intersection(a, b), difference(a, b)))


def test_spans_that_touch_are_one() -> None:
    assert union([(3, 5), (1, 3), (9, 9)]) == ((1, 5),)
    assert difference(((0, 10),), ((2, 4), (6, 12))) == ((0, 2), (4, 6))
