"""What was watched of a replay: parts of it, in ms, that merge however often they are told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from recording.edit import Kept

MAX_PARTS: Final = 100
"""Of one viewing. Beyond them the parts with the least between them become one."""
COMPLETED_RATIO: Final = 0.9
_MINUTE_MS: Final = 60_000
_HALF_MINUTE_MS: Final = 30_000

LEAST_VIEWERS: Final = 3
"""Of fewer, a sum would tell what one of them did."""

Part = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Viewing:
    """One view session, as far as figures need it."""

    viewer: str
    parts: Sequence[Sequence[int]]
    is_completed: bool


@dataclass(frozen=True, slots=True)
class ViewFigures:
    """Sums over all who watched a replay and did not teach it. `completed_ratio`: of the views; `minutes`:
    how many views played each minute of the lesson. Both are empty where fewer than three watched.
    """

    views: int = 0
    completed_ratio: float | None = None
    minutes: tuple[int, ...] = ()


def figures_of_views(viewings: Sequence[Viewing], lesson_ms: int) -> ViewFigures:
    """Of those that played anything."""
    seen = [viewing for viewing in viewings if viewing.parts]
    if len({viewing.viewer for viewing in seen}) < LEAST_VIEWERS:
        return ViewFigures(len(seen))
    completed = sum(viewing.is_completed for viewing in seen)
    minutes = heat([viewing.parts for viewing in seen], -(-lesson_ms // _MINUTE_MS))
    return ViewFigures(len(seen), completed / len(seen), tuple(minutes))


def merged(parts: Iterable[Sequence[int]], most: int = MAX_PARTS) -> list[Part]:
    """In order, without overlaps, at most `most`."""
    found: list[Part] = []
    for begin, end in sorted((one[0], one[1]) for one in parts):
        if begin >= end:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    while len(found) > most:
        gaps = [after[0] - before[1] for before, after in pairwise(found)]
        least = gaps.index(min(gaps))
        found[least : least + 2] = [(found[least][0], found[least + 1][1])]
    return found


def length_ms(parts: Iterable[Sequence[int]]) -> int:
    return sum(one[1] - one[0] for one in parts)


def positions_of(parts: Iterable[Sequence[int]], kept: Kept) -> list[Part]:
    """Parts of an edited replay as parts of the lesson."""
    found: list[Part] = []
    for begin, end in parts:
        before_ms = 0
        for start, until in kept.parts:
            shown = (max(begin - before_ms, 0) + start, min(end - before_ms + start, until))
            if shown[0] < shown[1]:
                found.append(shown)
            before_ms += until - start
    return found


def heat(viewings: Iterable[Sequence[Sequence[int]]], minutes: int) -> list[int]:
    """For each minute, how many viewings played at least half of it. `viewings`: merged parts of each."""
    counts = [0] * minutes
    for parts in viewings:
        played = [0] * minutes
        for begin, end in parts:
            for minute in range(begin // _MINUTE_MS, min(minutes, -(-end // _MINUTE_MS))):
                start = minute * _MINUTE_MS
                played[minute] += min(end, start + _MINUTE_MS) - max(begin, start)
        for minute, ms in enumerate(played):
            counts[minute] += ms >= _HALF_MINUTE_MS
    return counts
