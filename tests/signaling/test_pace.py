"""A burst, then one per interval."""

from __future__ import annotations

from signaling.pace import Pace
from streaming.identifiers import SeatId

A, B = SeatId("a"), SeatId("b")


def test_a_burst_then_one_per_interval() -> None:
    pace = Pace(interval_ns=100, burst=3)
    assert [pace.takes(A, 1000) for _ in range(5)] == [True, True, True, False, False]
    assert pace.takes(B, 1000)
    assert [pace.takes(A, 1100) for _ in range(2)] == [True, False]
    assert sum(pace.takes(A, 1100 + ns) for ns in range(0, 1001, 10)) == 10
    pace.forget(A)
    assert pace.takes(A, 1100)
