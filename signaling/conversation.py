"""What is said in a room besides its numbered events: the pointer, texts that wait for approval, private
texts between teachers.  None of it is stored.

Invariants: at most `MAX_PENDING_TEXTS` texts wait; what waits is told to nobody but those who may decide it;
a private text to its two ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from signaling.attendance import Attendance
from signaling.board_events import Text, TextPosted
from signaling.effects import Tell, TellAll
from signaling.events import Seat
from signaling.ledger import Ledger
from signaling.pace import Pace
from signaling.policy import effective_right, may_act, require
from signaling.roles import Ability, Right, Role
from signaling.server_messages import PointerMessage, TextDecided, TextPending, TextPrivate
from signaling.talk_messages import DecideText, MovePointer, SendPrivateText, SendText, TalkBody
from streaming.errors import Refused
from streaming.identifiers import SeatId

MAX_PENDING_TEXTS: Final = 100
POINTER_INTERVAL_NS: Final = 50_000_000
POINTER_BURST: Final = 5
_TEACHERS: Final = frozenset({Role.MASTER, Role.ASSISTANT})


@dataclass(frozen=True, slots=True)
class _Pending:
    author: Seat
    text: Text


class Conversation:
    """Shares the ledger and the attendance with its Room."""

    def __init__(self, ledger: Ledger, attendance: Attendance) -> None:
        self._ledger = ledger
        self._attendance = attendance
        self._pending: dict[int, _Pending] = {}
        self._newest_pending = 0
        self._pointer_pace = Pace(POINTER_INTERVAL_NS, POINTER_BURST)

    def carry_out(self, seat: Seat, body: TalkBody, now_ns: int) -> None:
        """One request.  Raises Refused."""
        match body:
            case MovePointer(x=x, y=y):
                require(self._ledger.state, seat, Ability.ANNOTATE)
                if x is None or self._pointer_pace.takes(seat.id, now_ns):
                    self._ledger.add(TellAll(PointerMessage(seat.id, x, y)))
            case SendText(text=text):
                self._send(seat, text)
            case DecideText():
                self._decide(seat, body)
            case SendPrivateText():
                self._send_private(seat, body)
            case _:
                assert_never(body)

    def greeted(self, seat: Seat) -> None:
        """A client is (back) in the room: it is told what waits for its decision."""
        for pending in self._pending.values():
            if self._decides(seat, pending.author):
                self._tell(seat.id, pending)

    def forget_seat(self, seat: SeatId) -> None:
        """A seat left: what it wrote and nobody approved goes with it."""
        self._pointer_pace.forget(seat)
        gone = [number for number, pending in self._pending.items() if pending.author.id == seat]
        for number in gone:
            self._end(self._pending.pop(number), is_approved=False)

    def _send(self, seat: Seat, text: str) -> None:
        require(self._ledger.state, seat, Ability.SEND_TEXT)
        if seat.role is not Role.STUDENT:
            self._post(None if seat.role is Role.ADMIN else seat.id, text)
            return
        if len(self._pending) >= MAX_PENDING_TEXTS:
            raise Refused("limit_reached", f"{MAX_PENDING_TEXTS} texts wait for approval.")
        self._newest_pending += 1
        pending = _Pending(seat, Text(self._newest_pending, seat.id, text))
        self._pending[self._newest_pending] = pending
        for other in self._ledger.state.seats.values():
            if self._decides(other, seat):
                self._tell(other.id, pending)

    def _decide(self, seat: Seat, body: DecideText) -> None:
        if effective_right(self._ledger.state, seat, Ability.MODERATE_TEXT) is Right.NEVER:
            raise Refused("not_permitted", f"The role {seat.role} approves no texts.")
        pending = self._pending.get(body.id)
        if pending is None:
            raise Refused("text_unknown", "No such text waits.")
        if not self._decides(seat, pending.author):
            raise Refused("not_permitted", "That text is another room's.")
        del self._pending[body.id]
        if body.approved:
            self._post(pending.author.id, pending.text.text)
        self._end(pending, is_approved=body.approved)

    def _send_private(self, seat: Seat, body: SendPrivateText) -> None:
        require(self._ledger.state, seat, Ability.SEND_PRIVATE_TEXT)
        target = self._ledger.state.seat(body.seat)
        if target.role not in _TEACHERS or target.role is seat.role:
            raise Refused("not_permitted", "A private text goes between master and assistant.")
        connection = self._attendance.connection_of(target.id)
        if connection is None:
            raise Refused("seat_not_connected", "That seat is not connected now.")
        message = TextPrivate(seat.id, target.id, body.text)
        self._ledger.add(Tell(connection, message))
        own = self._attendance.connection_of(seat.id)
        if own is not None:
            self._ledger.add(Tell(own, message))

    def _post(self, author: SeatId | None, text: str) -> None:
        self._ledger.record(TextPosted(Text(self._ledger.state.board.newest_id + 1, author, text)))

    def _decides(self, seat: Seat, author: Seat) -> bool:
        is_teacher = seat.role in _TEACHERS
        return is_teacher and may_act(self._ledger.state, seat, Ability.MODERATE_TEXT, author)

    def _tell(self, seat: SeatId, pending: _Pending) -> None:
        connection = self._attendance.connection_of(seat)
        if connection is not None:
            self._ledger.add(Tell(connection, TextPending(pending.text)))

    def _end(self, pending: _Pending, *, is_approved: bool) -> None:
        for seat in self._ledger.state.seats.values():
            connection = self._attendance.connection_of(seat.id)
            if connection is not None and self._decides(seat, pending.author):
                self._ledger.add(Tell(connection, TextDecided(pending.text.id, is_approved)))
