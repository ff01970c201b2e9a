"""What is asked, shown, signalled and written in a room, as the fold of the board events.

Invariants: a value is never changed, `fold` gives the next; nothing grows beyond the bounds below; numbers
of rounds, polls, markers, strokes and texts come from one counter, so none is used twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, assert_never

from signaling.board_events import (
    BoardEvent,
    Deck,
    DeckReady,
    DeckRemoved,
    Ink,
    InkAdded,
    InkCleared,
    Marker,
    MarkerSet,
    PhotosShown,
    Pick,
    Picked,
    PollAnswered,
    PollClosed,
    PollOpened,
    RoundAnswered,
    RoundOpened,
    RoundPhaseChanged,
    RoundReady,
    ShownPhoto,
    Signal,
    SignalRaised,
    Slide,
    SlideShown,
    Text,
    TextPosted,
    Timer,
    TimerSet,
)
from signaling.rounds import Phase, Poll, Round
from streaming.errors import Refused
from streaming.identifiers import SeatId

MAX_MARKERS: Final = 200
MAX_INK_POINTS: Final = 10_000
KEPT_TEXTS: Final = 50

QuestionEvent = (
    RoundOpened | RoundPhaseChanged | RoundReady | RoundAnswered | PollOpened | PollAnswered | PollClosed
)

PageEvent = DeckReady | DeckRemoved | SlideShown | InkAdded | InkCleared


@dataclass(frozen=True, slots=True)
class Board:
    """See the module's text."""

    round: Round | None = None
    poll: Poll | None = None
    signals: Mapping[SeatId, Signal] = field(default_factory=dict)
    markers: tuple[Marker, ...] = ()
    timer: Timer | None = None
    pick: Pick | None = None
    decks: Mapping[str, Deck] = field(default_factory=dict)
    slide: Slide | None = None
    ink: tuple[Ink, ...] = ()
    photos: tuple[ShownPhoto, ...] = ()
    texts: tuple[Text, ...] = ()
    newest_id: int = 0

    def fold(self, event: BoardEvent) -> Board:
        """The board after one event; one of another round or poll changes nothing."""
        if isinstance(event, QuestionEvent):
            return self._fold_question(event)
        if isinstance(event, PageEvent):
            return self._fold_page(event)
        match event:
            case SignalRaised(seat=seat, signal=signal):
                others = {other: raised for other, raised in self.signals.items() if other != seat}
                return replace(self, signals=others if signal is None else {**others, seat: signal})
            case MarkerSet(marker=marker):
                return replace(self, markers=(*self.markers, marker), newest_id=marker.id)
            case TimerSet(timer=timer):
                return replace(self, timer=timer)
            case Picked(pick=pick):
                return replace(self, pick=pick)
            case PhotosShown(photos=photos):
                return replace(self, photos=photos)
            case TextPosted(text=text):
                texts = (*self.texts, text)[-KEPT_TEXTS:]
                return replace(self, texts=texts, newest_id=max(self.newest_id, text.id))
            case _:
                assert_never(event)

    def without_seat(self, seat: SeatId) -> Board:
        """A seat left: its signal goes, what it answered, drew and wrote stays."""
        return self.fold(SignalRaised(seat, None)) if seat in self.signals else self

    def check_slide(self, slide: Slide) -> None:
        """Raises Refused("deck_unknown") unless there is that page."""
        deck = self.decks.get(slide.deck)
        if deck is None or slide.page > deck.page_count:
            raise Refused("deck_unknown", "There is no such page in the decks of this lesson.")

    def ink_points(self) -> int:
        return sum(len(ink.points) for ink in self.ink)

    def local_deadline_ms(self) -> int | None:
        """When the local phase of a round runs out (UTC)."""
        is_local = self.round is not None and self.round.phase is Phase.LOCAL
        return self.round.local_until_ms if self.round is not None and is_local else None

    def snapshot(self) -> Mapping[str, Any]:
        """The members of docs/protocol.md, section 3."""
        return {
            "round": self.round,
            "poll": self.poll,
            "signals": dict(self.signals),
            "markers": self.markers,
            "timer": self.timer,
            "pick": self.pick,
            "decks": list(self.decks.values()),
            "slide": self.slide,
            "ink": self.ink,
            "photos": self.photos,
            "texts": self.texts,
        }

    def _without_deck(self, gone: str) -> Board:
        decks = {id_: deck for id_, deck in self.decks.items() if id_ != gone}
        slide = None if self.slide is not None and self.slide.deck == gone else self.slide
        return replace(self, decks=decks, slide=slide, ink=tuple(i for i in self.ink if i.deck != gone))

    def _fold_page(self, event: PageEvent) -> Board:
        match event:
            case DeckReady(deck=deck):
                return replace(self, decks={**self.decks, deck.id: deck})
            case DeckRemoved(deck=gone):
                return self._without_deck(gone)
            case SlideShown(slide=slide):
                return replace(self, slide=slide)
            case InkAdded(ink=ink):
                return replace(self, ink=(*self.ink, ink), newest_id=ink.id)
            case InkCleared(deck=of_deck, page=page):
                kept = tuple(ink for ink in self.ink if (ink.deck, ink.page) != (of_deck, page))
                return replace(self, ink=kept)
            case _:
                assert_never(event)

    def _fold_question(self, event: QuestionEvent) -> Board:
        match event:
            case RoundOpened(round=opened):
                return replace(self, round=opened, newest_id=opened.id)
            case PollOpened(poll=poll):
                return replace(self, poll=poll, newest_id=poll.id)
            case PollAnswered() | PollClosed():
                return replace(self, poll=_poll_after(self.poll, event))
            case RoundPhaseChanged() | RoundReady() | RoundAnswered():
                return replace(self, round=_round_after(self.round, event))
            case _:
                assert_never(event)


def _round_after(
    current: Round | None, event: RoundPhaseChanged | RoundReady | RoundAnswered
) -> Round | None:
    if current is None or event.round != current.id:
        return current
    match event:
        case RoundPhaseChanged(phase=phase, local_until_ms=until_ms):
            return replace(current, phase=phase, local_until_ms=until_ms)
        case RoundReady(classroom=classroom):
            return replace(current, ready=(*current.ready, classroom))
        case RoundAnswered(answer=answer, tally=tally):
            return current.answered(answer, tally)
        case _:
            assert_never(event)


def _poll_after(current: Poll | None, event: PollAnswered | PollClosed) -> Poll | None:
    if current is None or event.poll != current.id:
        return current
    if isinstance(event, PollClosed):
        return replace(current, is_open=False)
    return current.answered(event.answer, event.tally)
