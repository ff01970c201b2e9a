"""One room: `Room.apply(command, now_ns) -> list[Effect]`.  No I/O, no clock, no randomness.

Invariants:
- Every change of the state is an event with the next `seq`; folding a room's events into a new Room gives
  this state.
- A greeted connection has been given, by snapshot or by missed events, exactly the events up to its
  welcome's `seq`.
- A seat has at most one connection; one that has none and no WHIP or WHEP peer is `connected: false` and
  leaves at its deadline.
- After `apply`, prohibitions, subscriptions and recordings fit the state (see `Enforcement`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from signaling.attendance import Attendance
from signaling.audience import viewer_sources
from signaling.commands import (
    AnswerApplied,
    Ask,
    Command,
    Connect,
    Disconnect,
    EndLesson,
    EndPeer,
    MediaCommand,
    MediaHappened,
    PublisherOpened,
    PublisherUpdated,
    RecorderSaid,
    StartLesson,
    StorageChanged,
    SubscriberOpened,
    TimePassed,
    ViewerOpened,
    ViewSource,
)
from signaling.effects import (
    ClosePeer,
    Dismiss,
    Effect,
    Greet,
    OpenRecording,
    RoomOver,
    SealRecording,
    TellLevels,
)
from signaling.enforcement import Enforcement
from signaling.events import (
    FloorRevoked,
    FloorWithdrawn,
    LessonStateChanged,
    PublicationRemoved,
    RecordingChanged,
    RoomEvent,
    Seat,
    SeatConnectionChanged,
    SeatJoined,
    SeatLeft,
)
from signaling.ledger import Ledger
from signaling.levels import LevelBoard
from signaling.media_desk import MediaDesk
from signaling.peers import PeerTable, Viewer
from signaling.ports import LessonFacts, LessonState, RecordingPolicy, RecordingState, SeatClaims, StoredEvent
from signaling.requests import decide, end_lesson, start_lesson
from signaling.roles import Role, permissions_of, publishable_sources
from signaling.room_state import RoomState
from signaling.server_messages import Welcome
from signaling.snapshot import serialize_snapshot
from streaming.errors import Refused, Unavailable
from streaming.identifiers import PeerId, PublicationId, SeatId
from streaming.session.media import EncodingsWanted, PublicationLevel, Source

MAX_NAME_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class RoomLimits:
    """`utc_offset_ns`: UTC in ns minus the monotonic clock's `now_ns`, fixed for the room's life."""

    utc_offset_ns: int
    max_participants: int = 600
    max_viewers_per_seat: int = 200
    seat_timeout_ns: int = 60_000_000_000


class Room:
    """See the module's text.  `stored`: the room's events so far; then `recover` must be called once."""

    def __init__(
        self, facts: LessonFacts, epoch: str, limits: RoomLimits, stored: Iterable[StoredEvent] = ()
    ) -> None:
        self._limits = limits
        self._ledger = Ledger(facts, epoch, stored)
        self._attendance = Attendance()
        self._peers = PeerTable()
        self._levels = LevelBoard()
        self._media = MediaDesk(self._ledger, self._attendance, self._peers, self._levels)
        self._enforcement = Enforcement()
        self._recorder_said: tuple[RecordingState, str | None] = (RecordingState.RECORDING, None)
        self._is_storage_full = False
        self._is_closed = False

    @property
    def state(self) -> RoomState:
        """To be read, not changed."""
        return self._ledger.state

    @property
    def epoch(self) -> str:
        return self._ledger.epoch

    @property
    def seq(self) -> int:
        return self._ledger.seq

    def change_epoch(self, epoch: str) -> None:
        """Events that were not stored go out: should they be lost, no client may resume from them."""
        self._ledger.epoch = epoch

    def recover(self, now_ns: int) -> list[Effect]:
        """After a restart: no sockets, no peers, and the seats have `seat_timeout_ns` to return."""
        self._ledger.now_ms = self._at_ms(now_ns)
        state = self.state
        for publication in tuple(state.publications):
            self._ledger.record(PublicationRemoved(publication))
        for seat in tuple(state.seats.values()):
            self._await_return(seat, now_ns)
        if state.lesson.state is LessonState.LIVE:
            self._open_recording()
        self._update_recording_state()
        return self._ledger.take_effects()

    def apply(self, command: Command, now_ns: int) -> list[Effect]:
        """Carry out one command.  Raises Refused or Unavailable; then the room is as it was."""
        self._ledger.now_ms = self._at_ms(now_ns)
        self._dispatch(command, now_ns)
        if _may_change_media(command) or self._ledger.has_effects():
            self._update_recording_state()
            self._ledger.add(*self._enforcement.update(self.state, self._peers))
        if self.state.lesson.state is LessonState.ENDED and not self._is_closed:
            self._close()
        return self._ledger.take_effects()

    def deadline_ns(self) -> int | None:
        """When `TimePassed` is due."""
        deadlines = [self._attendance.deadline_ns(), self._levels.deadline_ns()]
        return min((deadline for deadline in deadlines if deadline is not None), default=None)

    def check_admission(self, claims: SeatClaims) -> None:
        """Raises what `Connect` would: lesson_ended, seat_removed, too_many_participants."""
        state = self.state
        if state.lesson.state is LessonState.ENDED:
            raise Refused("lesson_ended", "The lesson is over.")
        if claims.seat in state.removed:
            raise Refused("seat_removed", "This seat was removed from the lesson.")
        is_full = len(state.seats) >= self._limits.max_participants
        if is_full and claims.seat not in state.seats and claims.role is not Role.MASTER:
            raise Unavailable("too_many_participants", "The lesson is full.")

    def check_viewer(self, claims: SeatClaims) -> None:
        """Besides `check_admission`: the number of WHEP viewers of one seat is limited."""
        self.check_admission(claims)
        if self._peers.viewer_count(claims.seat) >= self._limits.max_viewers_per_seat:
            raise Unavailable("too_many_participants", "This seat has too many viewers.")

    def allowed_sources(self, claims: SeatClaims) -> frozenset[Source]:
        """What the seat may publish now."""
        return publishable_sources(claims.role, is_on_stage=self.state.is_on_stage(claims.seat))

    def check_peer(self, seat: SeatId, peer: PeerId) -> None:
        """Raises Refused("peer_unknown") for a peer that is not this seat's."""
        self._peers.check_owner(seat, peer)

    def viewer_sources(self, source: ViewSource) -> tuple[PublicationId | None, PublicationId | None]:
        """(audio, video) to open a viewer with."""
        return viewer_sources(self.state, source)

    def viewer_count(self) -> int:
        return len(self._peers.viewers)

    def _dispatch(self, command: Command, now_ns: int) -> None:
        match command:
            case Connect():
                self._connect(command)
            case Disconnect(connection=connection):
                seat = self._attendance.seat_of(connection)
                if seat is not None:
                    self._attendance.disconnect(seat)
                    self._check_presence(seat, now_ns)
            case Ask():
                self._ask(command)
            case (
                PublisherOpened()
                | PublisherUpdated()
                | SubscriberOpened()
                | AnswerApplied()
                | ViewerOpened()
                | EndPeer()
                | MediaHappened()
            ):
                self._dispatch_media(command, now_ns)
            case StartLesson():
                self._carry_out(start_lesson(self.state, self._ledger.now_ms))
            case EndLesson():
                self._carry_out(end_lesson(self.state, self._ledger.now_ms))
            case RecorderSaid():
                self._recorder_said = (command.state, command.reason)
            case StorageChanged():
                self._is_storage_full = command.is_full
            case TimePassed():
                self._pass_time(now_ns)
            case _:
                assert_never(command)

    def _dispatch_media(self, command: MediaCommand, now_ns: int) -> None:
        match command:
            case PublisherOpened(claims=claims):
                if command.is_whip:
                    self._join(claims)
                self.state.seat(claims.seat)
                self._media.publisher_opened(command)
                self._check_presence(claims.seat, now_ns)
            case ViewerOpened(claims=claims):
                self._join(claims)
                self._peers.add_viewer(Viewer(command.peer, claims.seat, command.source))
                self._enforcement.viewer_opened(command.peer, (command.audio, command.video))
            case PublisherUpdated():
                self._media.publisher_updated(command)
            case SubscriberOpened():
                self.state.seat(command.seat)
                self._media.subscriber_opened(command)
            case AnswerApplied():
                self._media.answer_applied(command)
            case EndPeer():
                self._end_peer(command)
            case MediaHappened(event=event):
                for seat in self._media.happened(event):
                    self._check_presence(seat, now_ns)
            case _:
                assert_never(command)

    def _connect(self, command: Connect) -> None:
        claims, connection = command.claims, command.connection
        self._join(claims)
        replaced = self._attendance.connect(claims.seat, connection)
        if replaced is not None:
            self._ledger.add(Dismiss(replaced, "seat_replaced"))
        missed = self._ledger.since(command.resume)
        welcome = Welcome(
            seat=claims.seat,
            role=claims.role,
            seq=self._ledger.seq,
            resumed=missed is not None,
            permissions=permissions_of(claims.role),
            server_time_ms=self._ledger.now_ms,
            peers=tuple(self._peers.of_seat(claims.seat)),
            snapshot=None if missed is not None else serialize_snapshot(self.state),
        )
        self._ledger.add(Greet(connection, welcome, missed or ()))
        self._media.repeat_offer(claims.seat)

    def _join(self, claims: SeatClaims) -> None:
        """The seat is present and connected from here on."""
        self.check_admission(claims)
        present = self.state.seats.get(claims.seat)
        if present is None:
            before = self.state.absent.get(claims.seat)
            seat = Seat(
                id=claims.seat,
                role=claims.role,
                name=claims.name[:MAX_NAME_CHARACTERS],
                classroom=claims.classroom,
                connected=True,
                muted=before is not None and before.muted,
                recording_consent=claims.recording_consent if before is None else before.recording_consent,
                hand_at_ms=None,
            )
            self._ledger.record(SeatJoined(seat))
        elif not present.connected:
            self._ledger.record(SeatConnectionChanged(claims.seat, True))
        self._attendance.keep(claims.seat)

    def _ask(self, command: Ask) -> None:
        seat = self._attendance.seat_of(command.connection)
        if seat is None:
            raise Refused("seat_replaced", "This socket does not speak for the seat any more.")
        self._carry_out(decide(self.state, self.state.seat(seat), command.body, self._ledger.now_ms))

    def _carry_out(self, events: list[RoomEvent]) -> None:
        for event in events:
            match event:
                case SeatLeft():
                    self._leave(event)
                case LessonStateChanged(state=LessonState.LIVE):
                    self._ledger.record(event)
                    self._open_recording()
                case _:
                    self._ledger.record(event)

    def _leave(self, event: SeatLeft) -> None:
        """What the seat held is given up by events of its own, so that a client needs no rule of its own."""
        seat = event.seat
        if self.state.is_on_stage(seat):
            self._ledger.record(FloorRevoked(seat))
        if seat in self.state.floor.hands:
            self._ledger.record(FloorWithdrawn(seat))
        connection = self._attendance.disconnect(seat)
        for peer in tuple(self._peers.of_seat(seat)):
            self._media.close_peer(peer, f"seat_{event.reason}")
        self._ledger.record(event)
        if connection is not None:
            self._ledger.add(Dismiss(connection, "seat_removed" if event.reason == "removed" else None))

    def _end_peer(self, command: EndPeer) -> None:
        self._peers.check_owner(command.seat, command.peer)
        self._media.close_peer(command.peer, "ended_by_owner")
        if not self._is_attended(command.seat):
            self._leave(SeatLeft(command.seat, "left"))

    def _is_attended(self, seat: SeatId) -> bool:
        return self._attendance.connection_of(seat) is not None or self._peers.keeps_connected(seat)

    def _check_presence(self, seat_id: SeatId, now_ns: int) -> None:
        """A socket or a peer of this seat is gone: does anything keep it connected?"""
        seat = self.state.seats.get(seat_id)
        if seat is not None and not self._is_attended(seat_id):
            self._await_return(seat, now_ns)

    def _await_return(self, seat: Seat, now_ns: int) -> None:
        if seat.connected:
            self._ledger.record(SeatConnectionChanged(seat.id, False))
        self._attendance.await_return(seat.id, now_ns + self._limits.seat_timeout_ns)

    def _pass_time(self, now_ns: int) -> None:
        for seat in self._attendance.overdue(now_ns):
            self._leave(SeatLeft(seat, "timeout"))
        levels = self._levels.take(now_ns)
        if levels is not None:
            self._ledger.add(TellLevels(levels))

    def _open_recording(self) -> None:
        policy, started_at_ms = self.state.facts.recording_policy, self.state.lesson.started_at_ms
        if policy is not RecordingPolicy.OFF and started_at_ms is not None:
            self._ledger.add(OpenRecording(policy, started_at_ms))

    def _update_recording_state(self) -> None:
        state, policy = self.state, self.state.facts.recording_policy
        said: tuple[RecordingState, str | None] = (RecordingState.OFF, None)
        if state.lesson.state is LessonState.LIVE and policy is not RecordingPolicy.OFF:
            said = self._recorder_said
        if self._is_storage_full and state.lesson.state is not LessonState.ENDED:
            said = (RecordingState.FAILED, "storage_full")
        wanted = RecordingChanged(policy, *said)
        if state.recording != wanted:
            self._ledger.record(wanted)

    def _close(self) -> None:
        """The lesson ended.  Only effects follow: the state stays as it was for the record."""
        self._is_closed = True
        lesson = self.state.lesson
        recorded = self.state.facts.recording_policy is not RecordingPolicy.OFF
        if recorded and lesson.started_at_ms is not None and lesson.ended_at_ms is not None:
            self._ledger.add(SealRecording(lesson.ended_at_ms))
        self._ledger.add(*(ClosePeer(peer, "lesson_ended") for peer in self._peers.take_all()))
        for connection in self._attendance.connections():
            self._ledger.add(Dismiss(connection, "lesson_ended"))
        self._ledger.add(RoomOver())

    def _at_ms(self, now_ns: int) -> int:
        return (now_ns + self._limits.utc_offset_ns) // 1_000_000


def _may_change_media(command: Command) -> bool:
    """Whether a command without effects of its own can still ask for others: the frequent ones cannot."""
    match command:
        case TimePassed() | AnswerApplied() | MediaHappened(event=PublicationLevel() | EncodingsWanted()):
            return False
        case _:
            return True
