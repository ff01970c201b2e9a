"""View sessions as xAPI statements of the video profile (https://w3id.org/xapi/video). Pure.

Times in statements are seconds of the lesson, whatever edit of it was watched. Whoever watches through a
pupil's link is the account `student`: which of them it was is stated nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid5

from classroom_api.outbox.events import timestamp
from classroom_api.outbox.statements import Statement, registration_of
from classroom_api.viewing import COMPLETED_RATIO, Part, length_ms

PROFILE: Final = "https://w3id.org/xapi/video"
_EXTENSION = f"{PROFILE}/extensions"
_SOUGHT_MS = 1000
"""What is nearer to the last place goes on from there."""


class Verb(StrEnum):
    INITIALIZED = "initialized"
    PLAYED = "played"
    PAUSED = "paused"
    SEEKED = "seeked"
    COMPLETED = "completed"
    TERMINATED = "terminated"


_VERBS: Final = MappingProxyType(
    {
        Verb.INITIALIZED: "http://adlnet.gov/expapi/verbs/initialized",
        Verb.PLAYED: f"{PROFILE}/verbs/played",
        Verb.PAUSED: f"{PROFILE}/verbs/paused",
        Verb.SEEKED: f"{PROFILE}/verbs/seeked",
        Verb.COMPLETED: "http://adlnet.gov/expapi/verbs/completed",
        Verb.TERMINATED: "http://adlnet.gov/expapi/verbs/terminated",
    }
)


@dataclass(frozen=True, slots=True)
class ViewFacts:
    """What statements say of a viewing. `account`: whose it is, of `home_page`; `duration_ms`: served."""

    view: str
    lesson: str
    title: str
    account: str
    home_page: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Step:
    """What the viewer did; `from_ms`: of a seek."""

    verb: Verb
    position_ms: int
    from_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Stood:
    """How a viewing stood before something was told of it."""

    position_ms: int
    is_playing: bool
    is_completed: bool


@dataclass(frozen=True, slots=True)
class Now:
    """How it stands. `played`: the parts since, in their order."""

    position_ms: int
    is_playing: bool
    is_completed: bool
    is_over: bool
    played: Sequence[Part] = field(default=())


def steps_of(stood: Stood, now: Now) -> Iterator[Step]:
    """What happened in between."""
    place_ms, is_playing = stood.position_ms, stood.is_playing
    for begin, end in now.played:
        if abs(begin - place_ms) > _SOUGHT_MS:
            yield Step(Verb.SEEKED, begin, place_ms)
            is_playing = False
        if not is_playing:
            yield Step(Verb.PLAYED, begin)
        place_ms, is_playing = end, True
    if is_playing and not (now.is_playing and not now.is_over):
        yield Step(Verb.PAUSED, now.position_ms)
    if now.is_completed and not stood.is_completed:
        yield Step(Verb.COMPLETED, now.position_ms)
    if now.is_over:
        yield Step(Verb.TERMINATED, now.position_ms)


def statements_of_view(
    facts: ViewFacts, steps: Sequence[Step], played: Sequence[Part], at_ms: int
) -> Iterator[Statement]:
    """`played`: all parts so far, merged. The ids follow from viewing, time and number."""
    registration = registration_of(facts.lesson)
    for number, step in enumerate(steps):
        yield {
            "id": str(uuid5(registration, f"{facts.view}/{at_ms}/{number}")),
            "actor": {
                "objectType": "Agent",
                "account": {"homePage": facts.home_page, "name": facts.account},
            },
            "verb": {"id": _VERBS[step.verb], "display": {"en": step.verb.value}},
            "object": {
                "objectType": "Activity",
                "id": f"{facts.home_page}/lessons/{facts.lesson}/replay",
                "definition": {"type": f"{PROFILE}/activity-type/video", "name": {"und": facts.title}},
            },
            "result": _result(facts, step, played),
            "context": {
                "registration": str(registration),
                "platform": "Tandem",
                "contextActivities": {"category": [{"id": PROFILE}]},
                "extensions": {
                    f"{_EXTENSION}/session-id": str(uuid5(registration, facts.view)),
                    f"{_EXTENSION}/length": facts.duration_ms / 1000,
                    f"{_EXTENSION}/completion-threshold": COMPLETED_RATIO,
                },
            },
            "timestamp": timestamp(at_ms),
        }


def _result(facts: ViewFacts, step: Step, played: Sequence[Part]) -> dict[str, Any]:
    time_s = step.position_ms / 1000
    extensions: dict[str, Any] = {f"{_EXTENSION}/time": time_s}
    if step.verb is Verb.SEEKED:
        return {
            "extensions": {
                f"{_EXTENSION}/time-from": (step.from_ms or 0) / 1000,
                f"{_EXTENSION}/time-to": time_s,
            }
        }
    if step.verb in (Verb.PAUSED, Verb.COMPLETED, Verb.TERMINATED):
        extensions[f"{_EXTENSION}/played-segments"] = "[,]".join(
            f"{begin / 1000:g}[.]{end / 1000:g}" for begin, end in played
        )
        ratio = length_ms(played) / facts.duration_ms if facts.duration_ms else 0.0
        extensions[f"{_EXTENSION}/progress"] = round(min(ratio, 1.0), 3)
    result: dict[str, Any] = {"extensions": extensions}
    if step.verb is Verb.COMPLETED:
        result["completion"] = True
    return result
