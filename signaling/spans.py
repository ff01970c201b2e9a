"""Sets of times as spans: half-open [from, to) in ms, in order, apart from each other and none of them empty.

>>> union([(5, 9), (1, 6)])
((1, 9),)
"""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[int, int]
Spans = tuple[Span, ...]


def union(spans: Iterable[Span]) -> Spans:
    """Any spans, overlapping or empty, in order and each moment once."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def intersection(one: Spans, other: Spans) -> Spans:
    """The moments in both."""
    shared: list[Span] = []
    left, right = 0, 0
    while left < len(one) and right < len(other):
        start, end = max(one[left][0], other[right][0]), min(one[left][1], other[right][1])
        if start < end:
            shared.append((start, end))
        if one[left][1] < other[right][1]:
            left += 1
        else:
            right += 1
    return tuple(shared)


def difference(one: Spans, other: Spans) -> Spans:
    """The moments of `one` that are not in `other`."""
    kept: list[Span] = []
    position = 0
    for start, end in one:
        while position < len(other) and other[position][1] <= start:
            position += 1
        free_ms = start
        for gap_start, gap_end in other[position:]:
            if gap_start >= end:
                break
            kept.append((free_ms, gap_start))
            free_ms = gap_end
        kept.append((free_ms, end))
    return union(kept)


def length_ms(spans: Spans) -> int:
    return sum(end - start for start, end in spans)
