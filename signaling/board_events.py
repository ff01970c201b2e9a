"""The numbered events of what is asked, shown, signalled and written, and their values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from signaling.rounds import Answer, Phase, Poll, Round
from streaming.identifiers import SeatId


class Signal(StrEnum):
    """What a room tells the master with one key."""

    TOO_FAST = "too_fast"
    CANNOT_HEAR = "cannot_hear"
    NOT_READY = "not_ready"
    FAULT = "fault"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Marker:
    """Where a chapter begins."""

    id: int
    at_ms: int
    label: str


@dataclass(frozen=True, slots=True)
class Timer:
    ends_at_ms: int
    duration_ms: int
    label: str


@dataclass(frozen=True, slots=True)
class Pick:
    """By chance among `of`: a classroom with its seat, or a number from 1 to `of`."""

    classroom: str | None
    seat: SeatId | None
    number: int | None
    of: int


@dataclass(frozen=True, slots=True)
class Deck:
    """A slide deck whose page images can be fetched."""

    id: str
    title: str
    page_count: int


@dataclass(frozen=True, slots=True)
class Slide:
    deck: str
    page: int


@dataclass(frozen=True, slots=True)
class Ink:
    """One stroke; coordinates are ten-thousandths of the page."""

    id: int
    seat: SeatId
    deck: str
    page: int
    color: str
    width: int
    points: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Text:
    """`seat` None: an administrator's notice."""

    id: int
    seat: SeatId | None
    text: str


@dataclass(frozen=True, slots=True)
class ShownPhoto:
    """A room's photo that all rooms see: the answer of `seat` in the present round."""

    photo: str
    seat: SeatId
    classroom: str | None


@dataclass(frozen=True, slots=True)
class RoundOpened:
    round: Round


@dataclass(frozen=True, slots=True)
class RoundPhaseChanged:
    round: int
    phase: Phase
    local_until_ms: int | None


@dataclass(frozen=True, slots=True)
class RoundReady:
    round: int
    classroom: str


@dataclass(frozen=True, slots=True)
class RoundAnswered:
    round: int
    answer: Answer
    tally: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PollOpened:
    poll: Poll


@dataclass(frozen=True, slots=True)
class PollAnswered:
    poll: int
    answer: Answer
    tally: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PollClosed:
    poll: int


@dataclass(frozen=True, slots=True)
class SignalRaised:
    seat: SeatId
    signal: Signal | None


@dataclass(frozen=True, slots=True)
class MarkerSet:
    marker: Marker


@dataclass(frozen=True, slots=True)
class TimerSet:
    timer: Timer | None


@dataclass(frozen=True, slots=True)
class Picked:
    pick: Pick


@dataclass(frozen=True, slots=True)
class DeckReady:
    deck: Deck


@dataclass(frozen=True, slots=True)
class DeckRemoved:
    """Its slide is not shown any more, and its ink goes."""

    deck: str


@dataclass(frozen=True, slots=True)
class SlideShown:
    slide: Slide | None


@dataclass(frozen=True, slots=True)
class InkAdded:
    ink: Ink


@dataclass(frozen=True, slots=True)
class InkCleared:
    deck: str
    page: int


@dataclass(frozen=True, slots=True)
class PhotosShown:
    """These and no others are shown to all rooms."""

    photos: tuple[ShownPhoto, ...]


@dataclass(frozen=True, slots=True)
class TextPosted:
    text: Text


BoardEvent = (
    RoundOpened
    | RoundPhaseChanged
    | RoundReady
    | RoundAnswered
    | PollOpened
    | PollAnswered
    | PollClosed
    | SignalRaised
    | MarkerSet
    | TimerSet
    | Picked
    | DeckReady
    | DeckRemoved
    | SlideShown
    | InkAdded
    | InkCleared
    | PhotosShown
    | TextPosted
)
"""Those that `Board` folds."""
