"""Who sits on which socket."""

from __future__ import annotations

from signaling.attendance import Attendance
from signaling.commands import ConnectionId
from streaming.identifiers import SeatId

A, B = SeatId("a"), SeatId("b")
ONE, TWO = ConnectionId(1), ConnectionId(2)


def test_a_seat_has_one_connection() -> None:
    attendance = Attendance()
    assert attendance.connect(A, ONE) is None
    assert attendance.connect(A, TWO) == ONE
    assert (attendance.seat_of(ONE), attendance.seat_of(TWO)) == (None, A)
    assert attendance.connections() == (TWO,)
    assert attendance.disconnect(A) == TWO
    assert attendance.connection_of(A) is None


def test_deadlines() -> None:
    attendance = Attendance()
    attendance.await_return(A, 20)
    attendance.await_return(B, 10)
    assert attendance.deadline_ns() == 10
    assert attendance.overdue(9) == ()
    assert attendance.overdue(10) == (B,)
    attendance.connect(B, ONE)
    attendance.keep(A)
    assert attendance.deadline_ns() is None
