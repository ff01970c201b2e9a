"""What a replay shows beside its picture: chapters, pages, ink and rounds, at their positions. Pure.

Read from the room's stored events. Only what the master wrote and what rooms answered in sum: a stroke, a
text or a photo of a classroom is its own, and nobody asked whether it may be published.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from recording.chapters import Beginning, Cause, Chapter, chapters_of
from recording.timeline import LessonClock
from signaling.ports import StoredEvent

MAX_POINTS: Final = 50_000
_MS: Final = 1_000_000
_CLOCK: Final = frozenset({"lesson_state", "lesson_interrupted", "recording_state"})


@dataclass(frozen=True, slots=True)
class PageTurn:
    """From `at_ms` on this page is shown; `deck` None: no slide."""

    at_ms: int
    deck: str | None
    page: int | None


@dataclass(frozen=True, slots=True)
class InkMark:
    """A stroke of the master; without points all ink of that page is gone."""

    at_ms: int
    deck: str
    page: int
    color: str = ""
    width: int = 0
    points: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class Question:
    """A round or poll, and what all rooms answered in sum when it was over."""

    at_ms: int
    kind: Literal["round", "poll"]
    prompt: str
    choices: tuple[str, ...]
    tally: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LessonTimeline:
    """Positions in ms of the replay, ascending."""

    chapters: tuple[Chapter, ...]
    pages: tuple[PageTurn, ...]
    ink: tuple[InkMark, ...]
    questions: tuple[Question, ...]


def clock_of(events: Iterable[StoredEvent]) -> LessonClock | None:
    """The replay's clock: it stands still while lesson or recording are; None before it began."""
    started_ms: int | None = None
    is_suspended = is_paused = False
    suspensions: list[tuple[int, int | None]] = []
    for event in events:
        if event.kind not in _CLOCK:
            continue
        body = json.loads(event.body)
        if event.kind == "recording_state":
            is_paused = body["state"] == "paused"
        else:
            started_ms = body.get("started_at_ms") or started_ms
            is_suspended = body["state"] == "suspended"
        was_still = bool(suspensions) and suspensions[-1][1] is None
        if (is_suspended or is_paused) and not was_still:
            suspensions.append((event.at_ms * _MS, None))
        elif was_still and not (is_suspended or is_paused):
            suspensions[-1] = (suspensions[-1][0], event.at_ms * _MS)
    return None if started_ms is None else LessonClock(started_ms * _MS, tuple(suspensions))


@dataclass(slots=True)
class _Reader:
    clock: LessonClock
    masters: set[str] = field(default_factory=set)
    beginnings: list[Beginning] = field(default_factory=list)
    pages: list[PageTurn] = field(default_factory=list)
    ink: list[InkMark] = field(default_factory=list)
    questions: dict[tuple[str, int], Question] = field(default_factory=dict)
    points: int = 0

    def take(self, event: StoredEvent) -> None:
        body = json.loads(event.body)
        at_ms = max(0, self.clock.position_ns(event.at_ms * _MS) // _MS)
        match event.kind:
            case "seat_joined":
                if body["seat"]["role"] == "master":
                    self.masters.add(body["seat"]["id"])
            case "marker_set":
                self.beginnings.append(Beginning(at_ms, Cause.MARKER, body["marker"]["label"]))
            case "slide_shown":
                self._turn(at_ms, body["slide"])
            case "ink_added" | "ink_cleared":
                self._draw(at_ms, body)
            case "round_opened" | "poll_opened":
                self._ask(at_ms, body)
            case "round_answered" | "poll_answered":
                kind = event.kind.removesuffix("_answered")
                question = self.questions.get((kind, body[kind]))
                if question is not None:
                    question.tally = tuple(body["tally"])
            case _:
                return

    def _turn(self, at_ms: int, slide: dict[str, Any] | None) -> None:
        deck, page = (None, None) if slide is None else (slide["deck"], slide["page"])
        self.pages.append(PageTurn(at_ms, deck, page))
        if page is not None:
            self.beginnings.append(Beginning(at_ms, Cause.PAGE, page=page))

    def _draw(self, at_ms: int, body: dict[str, Any]) -> None:
        ink = body.get("ink")
        if ink is None:
            self.ink.append(InkMark(at_ms, body["deck"], body["page"]))
        elif ink["seat"] in self.masters and self.points + len(ink["points"]) <= MAX_POINTS:
            self.points += len(ink["points"])
            points = tuple((x, y) for x, y in ink["points"])
            self.ink.append(InkMark(at_ms, ink["deck"], ink["page"], ink["color"], ink["width"], points))

    def _ask(self, at_ms: int, body: dict[str, Any]) -> None:
        kind: Literal["round", "poll"] = "round" if "round" in body else "poll"
        asked = body[kind]
        prompt = asked["prompt"] if kind == "round" else asked["question"]
        self.questions[kind, asked["id"]] = Question(at_ms, kind, prompt, tuple(asked["choices"]))
        self.beginnings.append(Beginning(at_ms, Cause.ROUND, prompt))


def timeline_of(
    events: Iterable[StoredEvent], duration_ms: int, picture_changes_ms: Iterable[int] = ()
) -> LessonTimeline:
    """`duration_ms`: the replay's length; what happened before the lesson began stands at 0. Chapters follow
    from `picture_changes_ms` where no page turn, round or marker began one.
    """
    changes = [Beginning(at_ms, Cause.PICTURE) for at_ms in picture_changes_ms]
    kept = list(events)
    clock = clock_of(kept)
    if clock is None:
        return LessonTimeline(chapters_of(changes, duration_ms), (), (), ())
    reader = _Reader(clock)
    for event in kept:
        reader.take(event)
    return LessonTimeline(
        chapters_of(reader.beginnings or changes, duration_ms),
        tuple(reader.pages),
        tuple(reader.ink),
        tuple(reader.questions.values()),
    )
