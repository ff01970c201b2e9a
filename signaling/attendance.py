"""Which seat sits on which socket, and when a seat that lost its socket is given up.

Invariant: a seat has at most one connection, and a deadline only while it has none.
"""

from __future__ import annotations

from signaling.commands import ConnectionId
from streaming.identifiers import SeatId


class Attendance:
    """Owned by one Room."""

    def __init__(self) -> None:
        self._connection_of: dict[SeatId, ConnectionId] = {}
        self._seat_of: dict[ConnectionId, SeatId] = {}
        self._deadline_ns: dict[SeatId, int] = {}

    def connect(self, seat: SeatId, connection: ConnectionId) -> ConnectionId | None:
        """Returns the connection that this one replaces."""
        replaced = self.disconnect(seat)
        self._connection_of[seat] = connection
        self._seat_of[connection] = seat
        return replaced

    def disconnect(self, seat: SeatId) -> ConnectionId | None:
        """The seat's connection is over.  Returns it."""
        connection = self._connection_of.pop(seat, None)
        if connection is not None:
            del self._seat_of[connection]
        self._deadline_ns.pop(seat, None)
        return connection

    def keep(self, seat: SeatId) -> None:
        """Something else than a socket keeps the seat connected."""
        self._deadline_ns.pop(seat, None)

    def await_return(self, seat: SeatId, until_ns: int) -> None:
        self._deadline_ns[seat] = until_ns

    def connection_of(self, seat: SeatId) -> ConnectionId | None:
        return self._connection_of.get(seat)

    def seat_of(self, connection: ConnectionId) -> SeatId | None:
        return self._seat_of.get(connection)

    def connections(self) -> tuple[ConnectionId, ...]:
        return tuple(self._seat_of)

    def overdue(self, now_ns: int) -> tuple[SeatId, ...]:
        """The seats whose deadline has passed."""
        return tuple(seat for seat, deadline in self._deadline_ns.items() if deadline <= now_ns)

    def deadline_ns(self) -> int | None:
        return min(self._deadline_ns.values(), default=None)
