"""What is to be made of a lesson: the plan that a ladder process is given, as one JSON file. Pure.

Paths are relative to the data folder. docs/resources.md says what lies in the folder afterwards.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from recording.edit import Kept


@dataclass(frozen=True, slots=True)
class LadderInput:
    """A fast replay. `name`: `teacher`, `screen`, `stage-1`…: what the files are called."""

    name: str
    kind: str
    resource: str
    seat: str


@dataclass(frozen=True, slots=True)
class SlideShown:
    """`image`: path of the page's picture; None: the board was cleared. `at_ms`: position in the lesson."""

    at_ms: int
    image: str | None


@dataclass(frozen=True, slots=True)
class LadderPlan:
    """`folder`: where it goes, `resources/{version}`. `length_ms`: the lesson's.
    The teacher's input is first.
    """

    folder: str
    title: str
    length_ms: int
    inputs: tuple[LadderInput, ...]
    kept: Kept
    slides: tuple[SlideShown, ...] = ()


def serialize_plan(plan: LadderPlan) -> str:
    return json.dumps(asdict(plan), ensure_ascii=False)


def parse_plan(text: str) -> LadderPlan:
    """What `serialize_plan` wrote. Raises ValueError."""
    try:
        found: dict[str, Any] = json.loads(text)
        return LadderPlan(
            str(found["folder"]),
            str(found["title"]),
            int(found["length_ms"]),
            tuple(LadderInput(**each) for each in found["inputs"]),
            Kept(tuple((int(begin), int(end)) for begin, end in found["kept"]["parts"])),
            tuple(SlideShown(**each) for each in found["slides"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a plan: {error!r}") from None
