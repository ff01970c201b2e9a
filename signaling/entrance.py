"""Who comes into a room: limits, locks, bans, and the waiting room.

Invariant: a seat waits in the state exactly while this knows its socket; after a restart nobody waits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from signaling.attendance import Attendance
from signaling.commands import Connect, ConnectionId
from signaling.consent_desk import ConsentDesk
from signaling.control_events import Admission, SeatWaiting, SeatWaitingEnded, WaitingSeat
from signaling.effects import Dismiss, Greet, Tell
from signaling.events import SeatConnectionChanged, SeatJoined
from signaling.ledger import Ledger
from signaling.peers import PeerTable
from signaling.policy import seat_of_claims
from signaling.ports import LessonState, SeatClaims
from signaling.roles import Role, permissions_of
from signaling.server_messages import WaitingMessage, Welcome
from signaling.snapshot import serialize_snapshot
from streaming.errors import Refused, Unavailable
from streaming.identifiers import SeatId

MAX_WAITING_SEATS: Final = 100
MAX_NAME_CHARACTERS: Final = 80
_NEVER_WAIT: Final = frozenset({Role.MASTER, Role.ASSISTANT})


class Entrance:
    """Shares ledger, attendance, peers and consents with its Room."""

    def __init__(
        self,
        ledger: Ledger,
        attendance: Attendance,
        peers: PeerTable,
        consents: ConsentDesk,
        max_participants: int,
    ) -> None:
        self._ledger = ledger
        self._consents = consents
        self._attendance = attendance
        self._peers = peers
        self._max_participants = max_participants
        self._waiting: dict[SeatId, Connect] = {}

    def check(self, claims: SeatClaims) -> None:
        """Raises what keeps the seat out; a seat that must wait is not kept out."""
        state, controls = self._ledger.state, self._ledger.state.controls
        if state.lesson.state is LessonState.ENDED:
            raise Refused("lesson_ended", "The lesson is over.")
        if claims.role is Role.ADMIN:
            raise Refused("not_permitted", "An administrator has no seat.")
        if controls.ban_of(claims.seat, claims.role, claims.classroom) is not None:
            raise Refused("seat_banned", "This seat, or its classroom, is banned from the lesson.")
        if claims.seat in state.removed:
            raise Refused("seat_removed", "This seat was removed from the lesson.")
        if controls.is_shut_down(claims.role, claims.classroom):
            raise Refused("classroom_shut_down", "The classroom was shut down.")
        if controls.admission is Admission.LOCKED and self._is_new(claims):
            raise Refused("room_locked", "The room is locked.")
        is_full = len(state.seats) >= self._max_participants
        if is_full and claims.seat not in state.seats and claims.role is not Role.MASTER:
            raise Unavailable("too_many_participants", "The lesson is full.")

    def check_unattended(self, claims: SeatClaims) -> None:
        """Besides `check`: who has no socket to wait on cannot wait."""
        self.check(claims)
        if self.must_wait(claims):
            raise Refused("not_admitted", "This seat has to be admitted first.")

    def must_wait(self, claims: SeatClaims) -> bool:
        return self._ledger.state.controls.admission is Admission.WAITING and self._is_new(claims)

    def wait(self, command: Connect) -> None:
        """The seat's newest socket waits.  Raises Unavailable("too_many_participants")."""
        claims = command.claims
        before = self._waiting.get(claims.seat)
        if before is not None:
            self._ledger.add(Dismiss(before.connection, "seat_replaced"))
        elif len(self._waiting) >= MAX_WAITING_SEATS:
            raise Unavailable("too_many_participants", f"{MAX_WAITING_SEATS} seats wait already.")
        else:
            name = claims.name[:MAX_NAME_CHARACTERS]
            waiting = WaitingSeat(claims.seat, claims.role, name, claims.classroom)
            self._ledger.record(SeatWaiting(waiting))
        self._waiting[claims.seat] = command
        self._ledger.add(Tell(command.connection, WaitingMessage()))

    def enter(self, command: Connect) -> None:
        """The socket is the seat's from here on, and is told what it missed."""
        claims = command.claims
        self.join(claims)
        replaced = self._attendance.connect(claims.seat, command.connection)
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
            snapshot=None if missed is not None else serialize_snapshot(self._ledger.state),
        )
        self._ledger.add(Greet(command.connection, welcome, missed or ()))

    def join(self, claims: SeatClaims) -> None:
        """The seat is present and connected from here on."""
        self._consents.joining(claims)
        present = self._ledger.state.seats.get(claims.seat)
        if present is None:
            before = self._ledger.state.absent.get(claims.seat)
            seat = seat_of_claims(replace(claims, name=claims.name[:MAX_NAME_CHARACTERS]))
            if before is not None:
                seat = replace(
                    seat,
                    muted=before.muted,
                    recording_consent=before.recording_consent,
                    video_consent=before.video_consent,
                    voice_consent=before.voice_consent,
                )
            self._ledger.record(SeatJoined(self._consents.held(seat)))
        elif not present.connected:
            self._ledger.record(SeatConnectionChanged(claims.seat, True))
        self._attendance.keep(claims.seat)

    def is_waiting(self, connection: ConnectionId) -> bool:
        return any(command.connection == connection for command in self._waiting.values())

    def disconnect(self, connection: ConnectionId) -> None:
        """A socket is gone; if it waited, its seat waits no longer."""
        for seat, command in tuple(self._waiting.items()):
            if command.connection == connection:
                del self._waiting[seat]
                self._ledger.record(SeatWaitingEnded(seat, "left"))

    def end(self, event: SeatWaitingEnded) -> Connect | None:
        """The seat waits no longer.  Returns what it asked for when it was admitted."""
        command = self._waiting.pop(event.seat, None)
        self._ledger.record(event)
        if command is None or event.reason == "admitted":
            return command
        self._ledger.add(Dismiss(command.connection, "not_admitted"))
        return None

    def recover(self) -> None:
        """After a restart every socket is gone."""
        for seat in tuple(self._ledger.state.controls.waiting):
            self._ledger.record(SeatWaitingEnded(seat, "left"))

    def dismiss_all(self, code: str) -> None:
        for command in self._waiting.values():
            self._ledger.add(Dismiss(command.connection, code))
        self._waiting.clear()

    def _is_new(self, claims: SeatClaims) -> bool:
        return claims.role not in _NEVER_WAIT and not self._ledger.state.is_known(claims.seat)
