"""Requests about what is asked, shown, signalled and written (docs/protocol.md, section 4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from signaling.board_events import Signal, Slide
from signaling.fields import MAX_IDENTIFIER, Fields, reject
from signaling.rounds import AnswerKind, Phase
from streaming.identifiers import SeatId

MAX_PROMPT: Final = 500
MAX_LABEL: Final = 80
MAX_COUNT: Final = 10_000
MAX_PAGE: Final = 2000
MAX_COORDINATE: Final = 9999
STAGE_COUNTS: Final = range(4)
PHOTO_COUNTS: Final = range(5)
"""So many a big screen shows side by side."""
CHOICE_COUNTS: Final = range(2, 9)
COUNT_COUNTS: Final = range(2, 9)
STROKE_POINTS: Final = range(1, 201)
_DECK: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_COLOR: Final = re.compile(r"#[0-9a-f]{6}")


class PickOf(StrEnum):
    CLASSROOM = "classroom"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class RoundOpen:
    prompt: str
    answer: AnswerKind
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoundPhase:
    """`seats`: whom the phase `stage` brings on stage."""

    round: int
    phase: Phase
    local_s: int | None
    seats: tuple[SeatId, ...] | None


@dataclass(frozen=True, slots=True)
class RoundDone:
    """The own room is ready with its local part."""

    round: int


@dataclass(frozen=True, slots=True)
class RoundAnswer:
    """`seat` None: the own."""

    round: int
    counts: tuple[int, ...]
    text: str | None
    seat: SeatId | None
    photo: str | None = None


@dataclass(frozen=True, slots=True)
class PollOpen:
    question: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PollAnswer:
    poll: int
    counts: tuple[int, ...]
    seat: SeatId | None


@dataclass(frozen=True, slots=True)
class PollClose:
    poll: int


@dataclass(frozen=True, slots=True)
class RaiseSignal:
    signal: Signal | None


@dataclass(frozen=True, slots=True)
class ClearSignal:
    seat: SeatId


@dataclass(frozen=True, slots=True)
class SetMarker:
    label: str


@dataclass(frozen=True, slots=True)
class SetTimer:
    duration_s: int | None
    label: str


@dataclass(frozen=True, slots=True)
class PickRandom:
    of: PickOf
    upto: int


@dataclass(frozen=True, slots=True)
class ShowSlide:
    slide: Slide | None


@dataclass(frozen=True, slots=True)
class DrawInk:
    slide: Slide
    color: str
    width: int
    points: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ClearInk:
    slide: Slide


@dataclass(frozen=True, slots=True)
class ShowPhotos:
    """To all rooms, these and no others."""

    photos: tuple[str, ...]


BoardBody = (
    RoundOpen
    | RoundPhase
    | RoundDone
    | RoundAnswer
    | PollOpen
    | PollAnswer
    | PollClose
    | RaiseSignal
    | ClearSignal
    | SetMarker
    | SetTimer
    | PickRandom
    | ShowSlide
    | DrawInk
    | ClearInk
    | ShowPhotos
)


def _round_open(fields: Fields) -> RoundOpen:
    kind = fields.choice("answer", AnswerKind)
    is_choice = kind is AnswerKind.CHOICE
    choices = fields.texts("choices", MAX_LABEL, CHOICE_COUNTS) if is_choice else ()
    return RoundOpen(fields.text("prompt", MAX_PROMPT), kind, choices)


def _round_phase(fields: Fields) -> RoundPhase:
    phase = fields.choice("phase", Phase)
    local_s = fields.number_or_none("local_s", 5, 3600) if phase is Phase.LOCAL else None
    has_seats = phase is Phase.STAGE and not fields.is_absent("seats")
    return RoundPhase(
        fields.number("round"), phase, local_s, fields.seats(STAGE_COUNTS) if has_seats else None
    )


def _round_answer(fields: Fields) -> RoundAnswer:
    text = fields.text_or_none("text", MAX_PROMPT)
    photo = fields.text_or_none("photo")
    counts = fields.numbers("counts", MAX_COUNT, COUNT_COUNTS) if text is None and photo is None else ()
    return RoundAnswer(fields.number("round"), counts, text, fields.seat_or_none(), photo)


def _slide(fields: Fields) -> Slide:
    deck = fields.text("deck")
    if _DECK.fullmatch(deck) is None:
        reject("deck: letters, digits, dot, dash and underscore are wanted")
    return Slide(deck, fields.number("page", 1, MAX_PAGE))


def _ink(fields: Fields) -> DrawInk:
    color = fields.text("color")
    if _COLOR.fullmatch(color) is None:
        reject("color: #rrggbb is wanted")
    points = fields.pairs("points", MAX_COORDINATE, STROKE_POINTS)
    return DrawInk(_slide(fields), color, fields.number("width", 1, 200), points)


def _photos(fields: Fields) -> ShowPhotos:
    found = fields.texts("photos", MAX_IDENTIFIER, PHOTO_COUNTS)
    if len(set(found)) != len(found):
        reject("photos: one of them twice")
    return ShowPhotos(found)


def _pick(fields: Fields) -> PickRandom:
    of = fields.choice("of", PickOf)
    return PickRandom(of, fields.number("upto", 1, 100) if of is PickOf.NUMBER else 0)


BOARD_BODIES: Final[Mapping[str, Callable[[Fields], BoardBody]]] = MappingProxyType(
    {
        "round_open": _round_open,
        "round_phase": _round_phase,
        "round_ready": lambda f: RoundDone(f.number("round")),
        "round_answer": _round_answer,
        "poll_open": lambda f: PollOpen(
            f.text("question", MAX_PROMPT), f.texts("choices", MAX_LABEL, CHOICE_COUNTS)
        ),
        "poll_answer": lambda f: PollAnswer(
            f.number("poll"), f.numbers("counts", MAX_COUNT, COUNT_COUNTS), f.seat_or_none()
        ),
        "poll_close": lambda f: PollClose(f.number("poll")),
        "signal": lambda f: RaiseSignal(f.choice_or_none("signal", Signal)),
        "signal_clear": lambda f: ClearSignal(f.seat()),
        "marker": lambda f: SetMarker(f.text("label", MAX_LABEL)),
        "timer": lambda f: SetTimer(
            f.number_or_none("duration_s", 1, 7200), f.text_or_empty("label", MAX_LABEL)
        ),
        "pick": _pick,
        "slide": lambda f: ShowSlide(None if f.is_absent("deck") else _slide(f)),
        "ink": _ink,
        "photos": _photos,
        "ink_clear": lambda f: ClearInk(_slide(f)),
    }
)
