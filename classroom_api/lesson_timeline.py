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
_OPEN_MS: Final = 1 << 53
CLOCK_EVENTS: Final = frozenset({"lesson_state", "lesson_interrupted", "recording_state"})
"""Those that the replay's clock follows."""
BEGINNINGS: Final = frozenset({"marker_set", "slide_shown", "round_opened", "poll_opened"})
"""What begins chapters."""
KINDS: Final = (
    CLOCK_EVENTS
    | BEGINNINGS
    | {
        "ink_added",
        "ink_cleared",
        "seat_joined",
        "seat_left",
        "floor_granted",
        "floor_revoked",
        "photos_shown",
        "publication_added",
        "publication_changed",
        "publication_removed",
        "round_answered",
        "round_phase",
        "poll_answered",
        "poll_closed",
    }
)
"""The events that a timeline is made of."""


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
    """A round or poll, and what all rooms answered in sum when it was over, at `until_ms`."""

    at_ms: int
    kind: Literal["round", "poll"]
    prompt: str
    choices: tuple[str, ...]
    tally: tuple[int, ...] = ()
    until_ms: int = _OPEN_MS


@dataclass(slots=True)
class Turn:
    """A seat was on stage, or (`name` empty) the master's screen was shown."""

    at_ms: int
    seat: str
    name: str
    until_ms: int = _OPEN_MS


@dataclass(frozen=True, slots=True)
class LessonTimeline:
    """Positions in ms of the replay, ascending."""

    chapters: tuple[Chapter, ...]
    pages: tuple[PageTurn, ...]
    ink: tuple[InkMark, ...]
    questions: tuple[Question, ...]
    stage: tuple[Turn, ...] = ()
    screens: tuple[Turn, ...] = ()
    photos: tuple[Turn, ...] = ()
    """When the master showed a room's photo to all: that it was, not the photo."""


def clock_of(events: Iterable[StoredEvent]) -> LessonClock | None:
    """The replay's clock: it stands still while lesson or recording are; None before it began."""
    started_ms: int | None = None
    is_suspended = is_paused = False
    suspensions: list[tuple[int, int | None]] = []
    for event in events:
        if event.kind not in CLOCK_EVENTS:
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
    names: dict[str, str] = field(default_factory=dict)
    stage: list[Turn] = field(default_factory=list)
    screens: list[Turn] = field(default_factory=list)
    photos: list[Turn] = field(default_factory=list)
    open_photos: dict[str, Turn] = field(default_factory=dict)
    screen_publications: set[str] = field(default_factory=set)
    points: int = 0

    def take(self, event: StoredEvent) -> None:
        body = json.loads(event.body)
        at_ms = max(0, self.clock.position_ns(event.at_ms * _MS) // _MS)
        match event.kind:
            case "marker_set":
                self.beginnings.append(Beginning(at_ms, Cause.MARKER, body["marker"]["label"]))
            case "slide_shown":
                self._turn(at_ms, body["slide"])
            case "ink_added" | "ink_cleared":
                self._draw(at_ms, body)
            case "seat_joined" | "floor_granted" | "floor_revoked" | "seat_left":
                self._seat(at_ms, body)
            case "publication_added" | "publication_changed" | "publication_removed":
                self._share(at_ms, body)
            case "photos_shown":
                self._show(at_ms, body["photos"])
            case _:
                self._question(at_ms, body)

    def _seat(self, at_ms: int, body: dict[str, Any]) -> None:
        match body["type"]:
            case "seat_joined":
                seat = body["seat"]
                if seat["role"] == "master":
                    self.masters.add(seat["id"])
                elif seat["role"] == "classroom":  # a pupil's name is no one's business
                    self.names[seat["id"]] = seat["name"]
            case "floor_granted":
                self.stage.append(Turn(at_ms, body["seat"], self.names.get(body["seat"], "")))
            case _:
                _end([turn for turn in self.stage if turn.seat == body["seat"]], at_ms)

    def _question(self, at_ms: int, body: dict[str, Any]) -> None:
        kind = str(body["type"])
        match kind:
            case "round_opened" | "poll_opened":
                self._ask(at_ms, body)
            case "round_answered" | "poll_answered":
                asked = kind.removesuffix("_answered")
                question = self.questions.get((asked, body[asked]))
                if question is not None:
                    question.tally = tuple(body["tally"])
            case "round_phase" if body["phase"] == "closed":
                self._close("round", body["round"], at_ms)
            case "poll_closed":
                self._close("poll", body["poll"], at_ms)
            case _:
                return

    def _close(self, kind: str, number: int, at_ms: int) -> None:
        _end([one for key, one in self.questions.items() if key == (kind, number)], at_ms)

    def _share(self, at_ms: int, body: dict[str, Any]) -> None:
        if body["type"] == "publication_added":
            offered = body["publication"]
            if offered["source"] != "screen" or offered["seat"] not in self.masters:
                return
            publication, is_on = offered["id"], offered["enabled"]
            self.screen_publications.add(publication)
        else:
            publication, is_on = body["publication"], bool(body.get("enabled", False))
        if publication in self.screen_publications:
            _end(self.screens, at_ms)
            if is_on:
                self.screens.append(Turn(at_ms, publication, ""))

    def _show(self, at_ms: int, photos: list[dict[str, Any]]) -> None:
        shown = {one["photo"]: one["seat"] for one in photos}
        _end([turn for photo, turn in self.open_photos.items() if photo not in shown], at_ms)
        before = self.open_photos
        self.open_photos = {
            photo: before.get(photo) or Turn(at_ms, seat, self.names.get(seat, ""))
            for photo, seat in shown.items()
        }
        self.photos += [turn for photo, turn in self.open_photos.items() if photo not in before]

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


def _end(turns: Iterable[Turn | Question], at_ms: int) -> None:
    for turn in turns:
        turn.until_ms = min(turn.until_ms, at_ms)


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
    _end([*reader.questions.values(), *reader.stage, *reader.screens, *reader.photos], duration_ms)
    return LessonTimeline(
        chapters_of(reader.beginnings or changes, duration_ms),
        tuple(reader.pages),
        tuple(reader.ink),
        tuple(reader.questions.values()),
        tuple(reader.stage),
        tuple(reader.screens),
        tuple(reader.photos),
    )
