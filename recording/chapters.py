"""Chapters of a replay, from what happened in its lesson. Pure.

A marker always begins one: the teacher said so. A round, and more so a page turn, begins one only where no
chapter began shortly before, so that leafing through slides makes no chapter of each page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

SHORTEST_MS: Final = 20_000
AT_ONCE_MS: Final = 5_000


class Cause(StrEnum):
    """What begins a chapter, the weakest first."""

    OPENING = "opening"
    PICTURE = "picture"
    """The picture changed as slides do; only where nothing else begins a chapter."""
    PAGE = "page"
    ROUND = "round"
    MARKER = "marker"


_STRENGTH: Final = {cause: rank for rank, cause in enumerate(Cause)}


@dataclass(frozen=True, slots=True)
class Beginning:
    """Something that may begin a chapter. `at_ms`: position in the replay."""

    at_ms: int
    cause: Cause
    title: str = ""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """`title` is empty for a page, which has its number, and for the opening."""

    start_ms: int
    end_ms: int
    cause: Cause
    title: str
    page: int | None


def chapters_of(beginnings: Iterable[Beginning], duration_ms: int) -> tuple[Chapter, ...]:
    """From 0 to the end without a gap; one chapter where nothing happened, none in an empty replay."""
    if duration_ms <= 0:
        return ()
    kept: list[Beginning] = []
    for one in sorted(beginnings, key=lambda each: (each.at_ms, -_STRENGTH[each.cause])):
        if not 0 <= one.at_ms < duration_ms:
            continue
        if kept and one.at_ms - kept[-1].at_ms < SHORTEST_MS:
            is_stronger = _STRENGTH[one.cause] > _STRENGTH[kept[-1].cause]
            if not is_stronger and one.cause is not Cause.MARKER:
                continue
            if is_stronger:
                kept.pop()
        kept.append(one)
    if not kept or kept[0].at_ms >= AT_ONCE_MS:
        kept.insert(0, Beginning(0, Cause.OPENING))
    starts = [0, *(one.at_ms for one in kept[1:]), duration_ms]
    return tuple(
        Chapter(start, end, one.cause, one.title, one.page)
        for (start, end), one in zip(pairwise(starts), kept, strict=True)
    )
