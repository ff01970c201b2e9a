"""What an edit keeps of a lesson's timeline, and where it stands in the edited replay. Pure.

A position is in ms of the lesson as it was taught; a place is in ms of the edited replay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Self

MAX_PARTS: Final = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """Parts (from_ms, until_ms) of the lesson, in order, that the replay plays one after the other."""

    parts: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        """Raises ValueError: nothing is kept, too many parts, one is empty, or they overlap."""
        if not 0 < len(self.parts) <= MAX_PARTS:
            raise ValueError(f"an edit keeps 1 to {MAX_PARTS} parts, not {len(self.parts)}")
        is_ordered = all(before[1] <= after[0] for before, after in pairwise(self.parts))
        if not is_ordered or any(not 0 <= begin < end for begin, end in self.parts):
            raise ValueError("the parts of an edit are not empty, in order, and do not overlap")

    @classmethod
    def of_edit(cls, edit: Mapping[str, Any]) -> Self | None:
        """What a version's edit keeps; None: all. Raises ValueError as above."""
        parts = tuple((int(begin), int(end)) for begin, end in edit.get("kept") or ())
        return cls(parts) if parts else None

    @property
    def length_ms(self) -> int:
        return sum(end - begin for begin, end in self.parts)

    def place_ms(self, position_ms: int) -> int | None:
        """Where a moment of the lesson plays; None where it was cut. The end of a part counts as cut."""
        before_ms = 0
        for begin, end in self.parts:
            if begin <= position_ms < end:
                return before_ms + position_ms - begin
            before_ms += end - begin
        return None

    def next_place_ms(self, position_ms: int) -> int:
        """Where what happened then stands: at its own place, or where the cut is; at most the length."""
        before_ms = 0
        for begin, end in self.parts:
            if position_ms < end:
                return before_ms + max(0, position_ms - begin)
            before_ms += end - begin
        return before_ms

    def position_ms(self, place_ms: int) -> int:
        """The moment of the lesson that a place shows; at a cut, the moment behind it."""
        for begin, end in self.parts:
            if place_ms < end - begin:
                return begin + max(0, place_ms)
            place_ms -= end - begin
        return self.parts[-1][1]
