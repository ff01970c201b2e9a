"""How often a seat may do something: one every `interval_ns`, and `burst` at once (GCRA, ITU-T I.371)."""

from __future__ import annotations

from streaming.identifiers import SeatId


class Pace:
    """Invariant: over any time t a seat takes at most `burst` + t / `interval_ns`."""

    def __init__(self, interval_ns: int, burst: int) -> None:
        self._interval_ns = interval_ns
        self._burst_ns = interval_ns * burst
        self._due_ns: dict[SeatId, int] = {}

    def takes(self, seat: SeatId, now_ns: int) -> bool:
        """Whether the seat may now; a refused try costs it nothing."""
        due_ns = max(self._due_ns.get(seat, now_ns), now_ns) + self._interval_ns
        if due_ns - now_ns > self._burst_ns:
            return False
        self._due_ns[seat] = due_ns
        return True

    def forget(self, seat: SeatId) -> None:
        self._due_ns.pop(seat, None)
