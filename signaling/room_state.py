"""A room's state as the fold of its events.

Invariants: `seats` holds the present seats and `absent` those that left, with what must outlive their
absence (a mute, a consent); no seat is in both.  `decided`: what the student groups of seats have decided.
No consent is wider than that.  Every publication belongs to a present seat.  Folding the
same events gives the same state, and an event that does not fit the state (a torn log) changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from signaling.board import Board
from signaling.board_events import BoardEvent
from signaling.control_events import ControlEvent, LessonInterrupted, SeatReadmitted
from signaling.controls import MODE_DENIES, Controls
from signaling.events import (
    ConsentChanged,
    ConsentDecided,
    FloorGranted,
    FloorRequested,
    FloorRevoked,
    FloorWithdrawn,
    LessonStateChanged,
    LiveConsentChanged,
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
from signaling.link_events import LinkEvent
from signaling.links import Links
from signaling.ports import UNDECIDED, Decided, LessonFacts, LessonState, RecordingState
from signaling.roles import Role
from streaming.errors import Refused
from streaming.identifiers import PublicationId, SeatId

_IN_LOBBY: Final = LessonStateChanged(LessonState.LOBBY, None, None)
_EMPTY_FLOOR: Final = Floor()
_EMPTY_BOARD: Final = Board()
_NO_LINKS: Final = Links()

_OtherEvent = (
    LessonStateChanged
    | LessonInterrupted
    | RecordingChanged
    | PublicationAdded
    | PublicationChanged
    | PublicationRemoved
    | FloorRequested
    | FloorWithdrawn
    | FloorGranted
    | FloorRevoked
)
SeatEvent = SeatJoined | SeatConnectionChanged | SeatLeft | SeatMuted | ConsentChanged | LiveConsentChanged


@dataclass(slots=True)
class RoomState:
    """Everything that the events say; changed by `fold` alone."""

    facts: LessonFacts
    lesson: LessonStateChanged = field(default=_IN_LOBBY)
    recording: RecordingChanged = field(init=False)
    floor: Floor = field(default=_EMPTY_FLOOR)
    since_ms: int | None = None
    paused_since_ms: int | None = None
    """When the lesson came into its state (UTC); None while it has not left the lobby."""
    controls: Controls = field(init=False)
    board: Board = field(default=_EMPTY_BOARD)
    links: Links = field(default=_NO_LINKS)
    seats: dict[SeatId, Seat] = field(default_factory=dict)
    absent: dict[SeatId, Seat] = field(default_factory=dict)
    removed: set[SeatId] = field(default_factory=set)
    decided: dict[SeatId, Decided] = field(default_factory=dict)
    publications: dict[PublicationId, OfferedMedia] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.recording = RecordingChanged(self.facts.recording_policy, RecordingState.OFF, None)
        self.controls = Controls(denied=MODE_DENIES.get(self.facts.mode, frozenset()))

    def fold(self, event: RoomEvent, at_ms: int) -> None:
        """Apply one event of time `at_ms` (UTC)."""
        if isinstance(event, ControlEvent):
            self._fold_control(event)
        elif isinstance(event, BoardEvent):
            self.board = self.board.fold(event)
        elif isinstance(event, LinkEvent):
            self.links = self.links.fold(event)
        elif isinstance(event, ConsentDecided):
            self.decided[event.seat] = Decided(event.recording, event.video, event.voice)
        elif isinstance(event, SeatEvent):
            self._fold_seat(event)
        else:
            self._fold_lesson_or_media(event, at_ms)

    def _fold_lesson_or_media(self, event: _OtherEvent, at_ms: int) -> None:
        match event:
            case LessonStateChanged():
                self.lesson, self.since_ms = event, at_ms
            case LessonInterrupted(state=lesson_state):
                self.lesson, self.since_ms = replace(self.lesson, state=lesson_state), at_ms
            case RecordingChanged():
                self.recording = event
                self.paused_since_ms = at_ms if event.state is RecordingState.PAUSED else None
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

    def decided_of(self, seat: SeatId) -> Decided:
        """What the seat's student group has decided."""
        return self.decided.get(seat, UNDECIDED)

    def is_on_stage(self, seat: SeatId) -> bool:
        return seat in self.floor.stage

    def present_master(self) -> bool:
        """Whether a master is connected."""
        return any(seat.role is Role.MASTER and seat.connected for seat in self.seats.values())

    def has_had_master(self) -> bool:
        """Whether a master is, or was, in the room."""
        seats = (*self.seats.values(), *self.absent.values())
        return any(seat.role is Role.MASTER for seat in seats)

    def is_known(self, seat: SeatId) -> bool:
        """Whether the seat was in the room before."""
        return seat in self.seats or seat in self.absent

    def _fold_control(self, event: ControlEvent) -> None:
        self.controls = self.controls.fold(event)
        if isinstance(event, SeatReadmitted):
            self.removed.discard(event.seat)

    def _fold_seat(self, event: SeatEvent) -> None:
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
            case LiveConsentChanged():
                self.seats[seat.id] = replace(seat, video_consent=event.video, voice_consent=event.voice)
            case SeatLeft():
                self._fold_seat_left(seat, event.reason)
            case _:
                assert_never(event)

    def _fold_seat_left(self, seat: Seat, reason: str) -> None:
        del self.seats[seat.id]
        self.absent[seat.id] = replace(seat, connected=False, hand_at_ms=None)
        self.floor = self.floor.vacate(seat.id)
        self.controls = self.controls.without_seat(seat.id)
        self.board = self.board.without_seat(seat.id)
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
