"""How large the renditions of one picture are, and at what rate. Pure.

The ladder is named by the short side of its pictures, as people do: 720, 480, 240. A portrait picture of
720 is 720 wide. Nothing is ever made larger than the source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

RUNGS: Final = (720, 480, 240)
_LONGEST: Final = 16 / 9
_CLOSEST: Final = 1.25
"""A rung this much below the one above it, or more, is worth its bytes."""
_MOST_BPS: Final = {720: 2_400_000, 480: 1_200_000, 240: 450_000}


@dataclass(frozen=True, slots=True)
class Size:
    """In pixels, both even."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Rung:
    """One rendition. `label`: what it is called, 720, 480, 240, or the source's own short side; `most_bps`:
    what a second of it may have at most.
    """

    label: int
    size: Size
    most_bps: int


def plan_rungs(sources: Sequence[tuple[int, int]]) -> tuple[Rung, ...]:
    """The renditions of a picture that had these sizes, the largest first; all of one shape.

    `sources`: not empty. The largest by area gives the shape; what was smaller or of another shape is
    shown within it.
    """
    width, height = max(sources, key=lambda size: (size[0] * size[1], size))
    top = min(RUNGS[0], width, height)
    labels = [top]
    labels += [label for label in RUNGS if label * _CLOSEST <= top]
    return tuple(Rung(label, _scaled(width, height, label), _most_bps(label)) for label in labels)


def fit(width: int, height: int, box: Size) -> tuple[int, int, Size]:
    """(left, top, size) of a picture within a box: as large as it goes, in the middle, all even."""
    scale = min(box.width / width, box.height / height)
    inner = Size(min(box.width, _even(width * scale)), min(box.height, _even(height * scale)))
    return (box.width - inner.width) // 4 * 2, (box.height - inner.height) // 4 * 2, inner


def _scaled(width: int, height: int, label: int) -> Size:
    """A picture longer than 16:9 is as long as one of 16:9 would be, and its short side is less."""
    short, long = sorted((width, height))
    scale = min(label / short, label * _LONGEST / long)
    return Size(_even(width * scale), _even(height * scale))


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)


def _most_bps(label: int) -> int:
    """That of the next rung above."""
    return min((bps for rung, bps in _MOST_BPS.items() if rung >= label), default=_MOST_BPS[RUNGS[0]])
