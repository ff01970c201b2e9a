"""One room: `Room.apply(command, now_ns) -> list[Effect]`.  No I/O, no clock, no randomness.

Invariants:
- Every change of the state is an event with the next `seq`; folding a room's events into a new Room gives
  this state.
- A greeted connection has been given, by snapshot or by missed events, exactly the events up to its
  welcome's `seq`.
- A seat has at most one connection; one that nothing keeps leaves at its deadline (see `Presence`).
- After `apply`, prohibitions, subscriptions and recordings fit the state (see `Enforcement`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from signaling.attendance import Attendance
from signaling.audience import viewer_sources
from signaling.board_requests import end_local_phase, follow_decks
from signaling.commands import (
    Administer,
    AnswerApplied,
    Ask,
    Command,
    Connect,
    ConnectionId,
    DecideConsent,
    DecksChanged,
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
    may_change_media,
)
from signaling.consent_desk import ConsentDesk
from signaling.control_events import ClassroomLocal, LessonInterrupted, SeatWaitingEnded
from signaling.control_requests import end_lesson, start_lesson
from signaling.conversation import Conversation
from signaling.effects import (
    ClosePeer,
    Dismiss,
    Effect,
    RoomOver,
    TellLevels,
)
from signaling.enforcement import Enforcement
from signaling.entrance import Entrance
from signaling.events import (
    LessonStateChanged,
    PublicationRemoved,
    RecordingChanged,
    RoomEvent,
    Seat,
    SeatLeft,
)
from signaling.ledger import Ledger
from signaling.levels import LevelBoard
from signaling.media_desk import MediaDesk
from signaling.messages import RoomBody
from signaling.peers import PeerTable, Viewer
from signaling.policy import ADMINISTRATOR, publishable_sources
from signaling.ports import LessonFacts, LessonState, SeatClaims, StoredEvent
from signaling.presence import Presence
from signaling.recording_desk import RecordingDesk
from signaling.request_paces import RequestPaces
from signaling.requests import decide
from signaling.room_state import RoomState
from signaling.shown_photos import follow_photos
from signaling.talk_messages import TalkBody
from streaming.errors import Refused, Unavailable
from streaming.identifiers import PeerId, PublicationId, SeatId
from streaming.session.media import Source


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
        self._consents = ConsentDesk(self._ledger)
        self._entrance = Entrance(
            self._ledger, self._attendance, self._peers, self._consents, limits.max_participants
        )
        self._paces = RequestPaces()
        self._conversation = Conversation(self._ledger, self._attendance)
        self._media = MediaDesk(self._ledger, self._attendance, self._peers, self._levels)
        self._presence = Presence(
            self._ledger, self._attendance, self._peers, self._media, limits.seat_timeout_ns
        )
        self._enforcement = Enforcement()
        self._recording = RecordingDesk(self._ledger)
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
        self._entrance.recover()
        for seat in tuple(state.seats.values()):
            self._presence.await_return(seat, now_ns)
        self._recording.recover()
        self._follow_master()
        self._follow_photos()
        self._recording.update()
        return self._ledger.take_effects()

    def apply(self, command: Command, now_ns: int) -> list[Effect]:
        """Carry out one command.  Raises Refused or Unavailable; then the room is as it was."""
        self._ledger.now_ms = self._at_ms(now_ns)
        self._dispatch(command, now_ns)
        self._follow_master()
        self._follow_photos()
        if may_change_media(command) or self._ledger.has_effects():
            self._recording.update()
            self._ledger.add(*self._enforcement.update(self.state, self._peers))
        if self.state.lesson.state is LessonState.ENDED and not self._is_closed:
            self._close()
        return self._ledger.take_effects()

    def deadline_ns(self) -> int | None:
        """When `TimePassed` is due."""
        deadlines = [self._attendance.deadline_ns(), self._levels.deadline_ns(), self._local_deadline_ns()]
        return min((deadline for deadline in deadlines if deadline is not None), default=None)

    def check_admission(self, claims: SeatClaims) -> None:
        """Raises what keeps a seat without a socket out (see `Entrance`)."""
        self._entrance.check_unattended(claims)

    def check_present(self, seat: SeatId) -> None:
        """Raises Refused("not_admitted") for a seat that waits, Refused("seat_unknown") for others."""
        if seat in self.state.controls.waiting:
            raise Refused("not_admitted", "This seat has to be admitted first.")
        self.state.seat(seat)

    def check_viewer(self, claims: SeatClaims) -> None:
        """Besides `check_admission`: the number of WHEP viewers of one seat is limited."""
        self.check_admission(claims)
        if self._peers.viewer_count(claims.seat) >= self._limits.max_viewers_per_seat:
            raise Unavailable("too_many_participants", "This seat has too many viewers.")

    def allowed_sources(self, claims: SeatClaims) -> frozenset[Source]:
        """What the seat may publish now."""
        return publishable_sources(self.state, claims)

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
                self._disconnect(connection, now_ns)
            case Ask():
                self._ask(command, now_ns)
            case Administer(body=body):
                self._decide(ADMINISTRATOR, body, 0, now_ns)
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
                self._carry_out(end_lesson(self.state, ADMINISTRATOR, self._ledger.now_ms))
            case DecksChanged(decks=decks):
                self._carry_out(follow_decks(self.state, decks))
            case RecorderSaid() | StorageChanged() | DecideConsent():
                self._learn(command)
            case TimePassed():
                self._pass_time(now_ns)
            case _:
                assert_never(command)

    def _learn(self, command: RecorderSaid | StorageChanged | DecideConsent) -> None:
        """What is so outside, whoever asks."""
        match command:
            case RecorderSaid(state=state, reason=reason):
                self._recording.heard(state, reason)
            case StorageChanged(is_full=is_full):
                self._recording.is_storage_full = is_full
            case DecideConsent(seat=seat, decided=decided):
                self._consents.decide(seat, decided)
            case _:
                assert_never(command)

    def _dispatch_media(self, command: MediaCommand, now_ns: int) -> None:
        match command:
            case PublisherOpened(claims=claims):
                self._require_open()
                if command.is_whip:
                    self._entrance.check_unattended(claims)
                    self._entrance.join(claims)
                self.state.seat(claims.seat)
                self._media.publisher_opened(command)
                self._presence.check(claims.seat, now_ns)
            case ViewerOpened(claims=claims):
                self._entrance.check_unattended(claims)
                self._entrance.join(claims)
                self._peers.add_viewer(Viewer(command.peer, claims.seat, command.source))
                self._enforcement.viewer_opened(command.peer, (command.audio, command.video))
            case PublisherUpdated():
                self._media.publisher_updated(command)
            case SubscriberOpened():
                self._require_open()
                self.state.seat(command.seat)
                self._media.subscriber_opened(command)
            case AnswerApplied():
                self._media.answer_applied(command)
            case EndPeer():
                self._end_peer(command)
            case MediaHappened(event=event):
                for seat in self._media.happened(event):
                    self._presence.check(seat, now_ns)
            case _:
                assert_never(command)

    def _connect(self, command: Connect) -> None:
        self._entrance.check(command.claims)
        if self._entrance.must_wait(command.claims):
            self._entrance.wait(command)
        else:
            self._enter(command)

    def _disconnect(self, connection: ConnectionId, now_ns: int) -> None:
        self._entrance.disconnect(connection)
        seat = self._attendance.seat_of(connection)
        if seat is not None:
            self._attendance.disconnect(seat)
            self._presence.check(seat, now_ns)

    def _enter(self, command: Connect) -> None:
        seat = command.claims.seat
        self._entrance.enter(command)
        self._media.repeat_offer(seat)
        self._conversation.greeted(self.state.seats[seat])

    def _ask(self, command: Ask, now_ns: int) -> None:
        seat = self._attendance.seat_of(command.connection)
        if seat is None and self._entrance.is_waiting(command.connection):
            raise Refused("not_admitted", "This seat has to be admitted first.")
        if seat is None:
            raise Refused("seat_replaced", "This socket does not speak for the seat any more.")
        self._decide(self.state.seat(seat), command.body, command.seed, now_ns)

    def _require_open(self) -> None:
        """A request may have been under way when the lesson ended."""
        if self._is_closed:
            raise Refused("lesson_ended", "The lesson is over.")

    def _decide(self, seat: Seat, body: RoomBody, seed: int, now_ns: int) -> None:
        self._require_open()
        if isinstance(body, TalkBody):
            self._conversation.carry_out(seat, body, now_ns)
            return
        events = decide(self.state, seat, body, self._ledger.now_ms, seed)
        self._paces.check(seat.id, body, events, now_ns)
        self._carry_out(events)

    def _carry_out(self, events: list[RoomEvent]) -> None:
        for event in events:
            match event:
                case SeatLeft():
                    self._leave(event)
                case SeatWaitingEnded():
                    admitted = self._entrance.end(event)
                    if admitted is not None:
                        self._enter(admitted)
                case LessonStateChanged(state=LessonState.LIVE):
                    self._ledger.record(event)
                    self._recording.open()
                case LessonInterrupted():
                    self._interrupt(event)
                case RecordingChanged():
                    self._recording.switch(event)
                case _:
                    self._ledger.record(event)

    def _interrupt(self, event: LessonInterrupted) -> None:
        self._recording.interrupted(self.state.lesson.state, event.state)
        self._ledger.record(event)
        if event.state is LessonState.LIVE:
            for classroom in sorted(self.state.controls.local):
                self._ledger.record(ClassroomLocal(classroom, False))

    def _follow_master(self) -> None:
        """A live lesson whose masters are all gone has lost them, until one returns."""
        lesson, state = self.state.lesson.state, self.state
        if lesson not in (LessonState.LIVE, LessonState.MASTER_LOST) or not self._ledger.has_effects():
            return
        is_lost = not state.present_master() and state.has_had_master()
        if is_lost != (lesson is LessonState.MASTER_LOST):
            self._interrupt(LessonInterrupted(LessonState.MASTER_LOST if is_lost else LessonState.LIVE))

    def _follow_photos(self) -> None:
        if self.state.board.photos and self.state.lesson.state is not LessonState.ENDED:
            self._carry_out(follow_photos(self.state))

    def _leave(self, event: SeatLeft) -> None:
        self._paces.forget(event.seat)
        self._conversation.forget_seat(event.seat)
        self._presence.leave(event)

    def _end_peer(self, command: EndPeer) -> None:
        self._peers.check_owner(command.seat, command.peer)
        self._media.close_peer(command.peer, "ended_by_owner")
        if not self._presence.is_attended(command.seat):
            self._leave(SeatLeft(command.seat, "left"))

    def _pass_time(self, now_ns: int) -> None:
        for seat in self._attendance.overdue(now_ns):
            self._leave(SeatLeft(seat, "timeout"))
        self._carry_out(end_local_phase(self.state, self._ledger.now_ms))
        levels = self._levels.take(now_ns)
        if levels is not None:
            self._ledger.add(TellLevels(levels))

    def _close(self) -> None:
        """The lesson ended.  Only effects follow: the state stays as it was for the record."""
        self._is_closed = True
        self._recording.seal()
        self._ledger.add(*(ClosePeer(peer, "lesson_ended") for peer in self._peers.take_all()))
        for connection in self._attendance.connections():
            self._ledger.add(Dismiss(connection, "lesson_ended"))
        self._entrance.dismiss_all("lesson_ended")
        self._ledger.add(RoomOver())

    def _local_deadline_ns(self) -> int | None:
        deadline_ms = self.state.board.local_deadline_ms()
        return None if deadline_ms is None else deadline_ms * 1_000_000 - self._limits.utc_offset_ns

    def _at_ms(self, now_ns: int) -> int:
        return (now_ns + self._limits.utc_offset_ns) // 1_000_000
