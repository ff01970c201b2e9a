"""A room's state as the fold of its events.

Invariants: `seats` holds the present seats and `absent` those that left, with what must outlive their
absence (a mute, a consent); no seat is in both.  Every publication belongs to a present seat.  Folding the
same events gives the same state, and an event that does not fit the state (a torn log) changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from signaling.events import (
    ConsentChanged,
    FloorGranted,
    FloorRequested,
    FloorRevoked,
    FloorWithdrawn,
    LessonStateChanged,
    OfferedMedia,
    PublicationAdded,
    PublicationChanged,
    PublicationRemoved,
    RecordingChanged,
    RoomEvent,
    Seat,
    SeatConnectionChanged,
    SeatJoined,
    SeatLeft,
    SeatMuted,
)
from signaling.floor import Floor
from signaling.ports import LessonFacts, LessonState, RecordingState
from streaming.errors import Refused
from streaming.identifiers import PublicationId, SeatId

_IN_LOBBY: Final = LessonStateChanged(LessonState.LOBBY, None, None)
_EMPTY_FLOOR: Final = Floor()


@dataclass(slots=True)
class RoomState:
    """Everything that the events say; changed by `fold` alone."""

    facts: LessonFacts
    lesson: LessonStateChanged = field(default=_IN_LOBBY)
    recording: RecordingChanged = field(init=False)
    floor: Floor = field(default=_EMPTY_FLOOR)
    seats: dict[SeatId, Seat] = field(default_factory=dict)
    absent: dict[SeatId, Seat] = field(default_factory=dict)
    removed: set[SeatId] = field(default_factory=set)
    publications: dict[PublicationId, OfferedMedia] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.recording = RecordingChanged(self.facts.recording_policy, RecordingState.OFF, None)

    def fold(self, event: RoomEvent, at_ms: int) -> None:
        """Apply one event of time `at_ms` (UTC)."""
        match event:
            case LessonStateChanged():
                self.lesson = event
            case RecordingChanged():
                self.recording = event
            case SeatJoined() | SeatConnectionChanged() | SeatLeft() | SeatMuted() | ConsentChanged():
                self._fold_seat(event)
            case PublicationAdded() | PublicationChanged() | PublicationRemoved():
                self._fold_publication(event)
            case FloorRequested() | FloorWithdrawn() | FloorGranted() | FloorRevoked():
                self._fold_floor(event, at_ms)
            case _:
                assert_never(event)

    def seat(self, seat: SeatId) -> Seat:
        """A present seat.  Raises Refused("seat_unknown")."""
        found = self.seats.get(seat)
        if found is None:
            raise Refused("seat_unknown", "There is no such seat in the room.")
        return found

    def is_on_stage(self, seat: SeatId) -> bool:
        return seat in self.floor.stage

    def _fold_seat(
        self, event: SeatJoined | SeatConnectionChanged | SeatLeft | SeatMuted | ConsentChanged
    ) -> None:
        if isinstance(event, SeatJoined):
            self.absent.pop(event.seat.id, None)
            self.seats[event.seat.id] = event.seat
            return
        seat = self.seats.get(event.seat)
        if seat is None:
            return
        match event:
            case SeatConnectionChanged():
                self.seats[seat.id] = replace(seat, connected=event.connected)
            case SeatMuted():
                self.seats[seat.id] = replace(seat, muted=event.muted)
            case ConsentChanged():
                self.seats[seat.id] = replace(seat, recording_consent=event.recording_consent)
            case SeatLeft():
                self._fold_seat_left(seat, event.reason)
            case _:
                assert_never(event)

    def _fold_seat_left(self, seat: Seat, reason: str) -> None:
        del self.seats[seat.id]
        self.absent[seat.id] = replace(seat, connected=False, hand_at_ms=None)
        self.floor = self.floor.vacate(seat.id)
        self.publications = {id_: media for id_, media in self.publications.items() if media.seat != seat.id}
        if reason == "removed":
            self.removed.add(seat.id)

    def _fold_publication(self, event: PublicationAdded | PublicationChanged | PublicationRemoved) -> None:
        match event:
            case PublicationAdded(publication=media):
                if media.seat in self.seats:
                    self.publications[media.id] = media
            case PublicationChanged():
                found = self.publications.get(event.publication)
                if found is not None:
                    self.publications[found.id] = replace(found, enabled=event.enabled)
            case PublicationRemoved():
                self.publications.pop(event.publication, None)
            case _:
                assert_never(event)

    def _fold_floor(
        self, event: FloorRequested | FloorWithdrawn | FloorGranted | FloorRevoked, at_ms: int
    ) -> None:
        seat = self.seats.get(event.seat)
        if seat is None:
            return
        try:
            match event:
                case FloorRequested():
                    self.floor = self.floor.request(seat.id)
                case FloorWithdrawn():
                    self.floor = self.floor.withdraw(seat.id)
                case FloorGranted():
                    self.floor = self.floor.grant(seat.id)
                case FloorRevoked():
                    self.floor = self.floor.revoke(seat.id)
                case _:
                    assert_never(event)
        except Refused:
            return
        self.seats[seat.id] = replace(seat, hand_at_ms=self._hand_at_ms(seat, at_ms))

    def _hand_at_ms(self, seat: Seat, at_ms: int) -> int | None:
        if seat.id not in self.floor.hands:
            return None
        return at_ms if seat.hand_at_ms is None else seat.hand_at_ms
