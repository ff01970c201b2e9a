"""What happened in a lesson, as spans of time: the fold of its stored events, for the record.

Beside `RoomState`, which knows what is, this knows since when and for how long.  Events that do not fit (a
torn log) change nothing, and time never runs backwards: a clock that was set back counts as standing still.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, assert_never

from signaling.board_events import PollAnswered, PollOpened, RoundAnswered, RoundOpened, SignalRaised
from signaling.control_events import LessonInterrupted
from signaling.events import (
    FloorGranted,
    FloorRequested,
    FloorRevoked,
    FloorWithdrawn,
    LessonStateChanged,
    PublicationAdded,
    PublicationChanged,
    PublicationRemoved,
    RoomEvent,
    Seat,
    SeatConnectionChanged,
    SeatJoined,
    SeatLeft,
    SeatMuted,
)
from signaling.link_events import Receive, ReceiveChanged
from signaling.ports import LessonState
from signaling.roles import Role
from signaling.rounds import Answer
from signaling.spans import Span, Spans, union
from streaming.identifiers import PublicationId, SeatId
from streaming.session.media import Source

_OF_A_ROOM: Final = frozenset({Role.CLASSROOM, Role.ASSISTANT, Role.STUDENT})
_LOST_BY: Final = "timeout"
"""The reason of a `seat_left` that nobody wished: the seat did not come back in time."""


class Stretch:
    """Something that is so for a while, again and again."""

    def __init__(self) -> None:
        self._past: list[Span] = []
        self._since_ms: int | None = None

    @property
    def since_ms(self) -> int | None:
        return self._since_ms

    def set(self, is_so: bool, at_ms: int) -> None:
        if is_so and self._since_ms is None:
            self._since_ms = at_ms
        elif not is_so and self._since_ms is not None:
            self._past.append((self._since_ms, at_ms))
            self._since_ms = None

    def until(self, end_ms: int) -> Spans:
        """What was so before `end_ms`; what still is ends there."""
        present = [] if self._since_ms is None else [(self._since_ms, end_ms)]
        return union((start, min(end, end_ms)) for start, end in (*self._past, *present))


@dataclass(slots=True)
class SeatHistory:
    """One seat.  `hand_waits_ms`: of the hands that were answered by the stage."""

    role: Role
    name: str
    classroom: str | None
    connected: Stretch = field(default_factory=Stretch)
    lost: Stretch = field(default_factory=Stretch)
    staged: Stretch = field(default_factory=Stretch)
    hand: Stretch = field(default_factory=Stretch)
    microphone: Stretch = field(default_factory=Stretch)
    reduced: Stretch = field(default_factory=Stretch)
    """It was sent a small picture, or none."""
    hand_waits_ms: list[int] = field(default_factory=list)
    hands: int = 0
    turns: int = 0
    joins: int = 0
    reconnects: int = 0
    signals: Counter[str] = field(default_factory=Counter)
    is_present: bool = True
    is_muted: bool = False
    open_microphones: set[PublicationId] = field(default_factory=set)


class LessonHistory:
    """See the module's text.  To be read, and changed by `fold` alone."""

    def __init__(self) -> None:
        self.started_at_ms: int | None = None
        self.ended_at_ms: int | None = None
        self.suspended = Stretch()
        self.master_lost = Stretch()
        self.seats: dict[SeatId, SeatHistory] = {}
        self.rounds: set[int] = set()
        self.polls: set[int] = set()
        self.rounds_answered: dict[str, set[int]] = {}
        self.polls_answered: dict[str, set[int]] = {}
        self._microphones: dict[PublicationId, SeatId] = {}
        self._now_ms = 0

    def room_of(self, seat: SeatId) -> str | None:
        """The classroom that the seat belongs to; None for who sits in none.

        A classroom's seat that names no classroom is one by itself.
        """
        found = self.seats.get(seat)
        if found is None or found.role not in _OF_A_ROOM:
            return None
        return found.classroom or (seat if found.role is Role.CLASSROOM else None)

    def fold(self, event: RoomEvent, at_ms: int) -> None:
        """One event of time `at_ms` (UTC).  What is not evaluated is passed over."""
        self._now_ms = max(self._now_ms, at_ms)
        match event:
            case LessonStateChanged() | LessonInterrupted():
                self._fold_lesson(event)
            case SeatJoined(seat=seat):
                self._join(seat)
            case SeatConnectionChanged() | SeatLeft() | SeatMuted():
                self._fold_presence(event)
            case FloorRequested() | FloorWithdrawn() | FloorGranted() | FloorRevoked():
                self._fold_floor(event)
            case PublicationAdded() | PublicationChanged() | PublicationRemoved():
                self._fold_microphone(event)
            case RoundOpened() | PollOpened() | RoundAnswered() | PollAnswered():
                self._fold_question(event)
            case ReceiveChanged(seat=receiver, picture=picture) if receiver in self.seats:
                self.seats[receiver].reduced.set(picture is not Receive.HIGH, self._now_ms)
            case SignalRaised(seat=raised_by, signal=signal) if signal is not None:
                found = self._present(raised_by)
                if found is not None:
                    found.signals[signal] += 1
            case _:
                pass

    def _present(self, seat: SeatId) -> SeatHistory | None:
        found = self.seats.get(seat)
        return found if found is not None and found.is_present else None

    def _fold_question(self, event: RoundOpened | PollOpened | RoundAnswered | PollAnswered) -> None:
        match event:
            case RoundOpened(round=opened):
                self.rounds.add(opened.id)
            case PollOpened(poll=opened_poll):
                self.polls.add(opened_poll.id)
            case RoundAnswered(round=number, answer=answer):
                self._answer(self.rounds_answered, self.rounds, number, answer)
            case PollAnswered(poll=number, answer=answer):
                self._answer(self.polls_answered, self.polls, number, answer)
            case _:
                assert_never(event)

    def _fold_lesson(self, event: LessonStateChanged | LessonInterrupted) -> None:
        now_ms = self._now_ms
        if isinstance(event, LessonStateChanged):
            if event.state is LessonState.LIVE and self.started_at_ms is None:
                self.started_at_ms = now_ms
            elif event.state is LessonState.ENDED:
                self.ended_at_ms = now_ms
        self.suspended.set(event.state is LessonState.SUSPENDED, now_ms)
        self.master_lost.set(event.state is LessonState.MASTER_LOST, now_ms)

    def _join(self, seat: Seat) -> None:
        found = self.seats.get(seat.id)
        if found is None:
            found = self.seats[seat.id] = SeatHistory(seat.role, seat.name, seat.classroom)
        found.role, found.classroom, found.is_muted = seat.role, seat.classroom, seat.muted
        found.name = seat.name or found.name
        found.joins += 1
        found.is_present = True
        self._connect(found, is_connected=seat.connected)

    def _connect(self, seat: SeatHistory, *, is_connected: bool) -> None:
        if is_connected and seat.lost.since_ms is not None:
            seat.reconnects += 1
        seat.connected.set(is_connected, self._now_ms)
        seat.lost.set(not is_connected, self._now_ms)

    def _fold_presence(self, event: SeatConnectionChanged | SeatLeft | SeatMuted) -> None:
        seat = self._present(event.seat)
        if seat is None:
            return
        match event:
            case SeatConnectionChanged(connected=is_connected):
                self._connect(seat, is_connected=is_connected)
            case SeatMuted(muted=is_muted):
                seat.is_muted = is_muted
                self._listen(seat)
            case SeatLeft(reason=reason):
                seat.is_present = False
                seat.connected.set(False, self._now_ms)
                seat.lost.set(reason == _LOST_BY, self._now_ms)
                seat.staged.set(False, self._now_ms)
                seat.hand.set(False, self._now_ms)
                seat.open_microphones.clear()
                self._listen(seat)

    def _fold_floor(self, event: FloorRequested | FloorWithdrawn | FloorGranted | FloorRevoked) -> None:
        seat = self._present(event.seat)
        if seat is None:
            return
        match event:
            case FloorRequested() if seat.hand.since_ms is None and seat.staged.since_ms is None:
                seat.hands += 1
                seat.hand.set(True, self._now_ms)
            case FloorWithdrawn():
                seat.hand.set(False, self._now_ms)
            case FloorGranted() if seat.staged.since_ms is None:
                if seat.hand.since_ms is not None:
                    # A hand that was up in the lobby waits from the lesson's start.
                    since_ms = max(seat.hand.since_ms, self.started_at_ms or 0)
                    seat.hand_waits_ms.append(self._now_ms - since_ms)
                    seat.hand.set(False, self._now_ms)
                seat.turns += 1
                seat.staged.set(True, self._now_ms)
            case FloorRevoked():
                seat.staged.set(False, self._now_ms)
            case _:
                pass

    def _fold_microphone(self, event: PublicationAdded | PublicationChanged | PublicationRemoved) -> None:
        if isinstance(event, PublicationAdded):
            media = event.publication
            if media.source is not Source.MICROPHONE:
                return
            self._microphones[media.id] = media.seat
            publication, is_open = media.id, media.enabled
        else:
            publication = event.publication
            is_open = isinstance(event, PublicationChanged) and event.enabled
        seat = self._present(self._microphones.get(publication, SeatId("")))
        if seat is None:
            return
        (seat.open_microphones.add if is_open else seat.open_microphones.discard)(publication)
        self._listen(seat)

    def _listen(self, seat: SeatHistory) -> None:
        seat.microphone.set(bool(seat.open_microphones) and not seat.is_muted, self._now_ms)

    def _answer(self, answered: dict[str, set[int]], opened: set[int], number: int, answer: Answer) -> None:
        room = answer.classroom or self.room_of(answer.seat)
        if room is not None and number in opened:
            answered.setdefault(room, set()).add(number)

    def seats_by_room(self) -> Mapping[str, tuple[SeatHistory, ...]]:
        """The classrooms that came, each with its seats."""
        rooms: dict[str, list[SeatHistory]] = {}
        for identifier, seat in self.seats.items():
            room = self.room_of(identifier)
            if room is not None:
                rooms.setdefault(room, []).append(seat)
        return MappingProxyType({room: tuple(seats) for room, seats in rooms.items()})
