"""How long a seat stays in the room: kept by a socket or a peer, waited for without one, and let go with all
that it held.

Invariant: a present seat that neither a socket nor a peer keeps is `connected: false` and has a deadline.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from signaling.attendance import Attendance
from signaling.effects import Dismiss
from signaling.events import FloorRevoked, FloorWithdrawn, Seat, SeatConnectionChanged, SeatLeft
from signaling.ledger import Ledger
from signaling.media_desk import MediaDesk
from signaling.peers import PeerTable
from streaming.identifiers import SeatId

_FAREWELLS: Final = MappingProxyType(
    {
        "removed": "seat_removed",
        "banned": "seat_banned",
        "shut_down": "classroom_shut_down",
        "ended_locally": "lesson_ended",
    }
)
"""What the socket of a seat that leaves is closed with; no code: as it wished."""


class Presence:
    """Shares ledger, attendance, peers and media with its Room."""

    def __init__(
        self, ledger: Ledger, attendance: Attendance, peers: PeerTable, media: MediaDesk, timeout_ns: int
    ) -> None:
        self._ledger = ledger
        self._attendance = attendance
        self._peers = peers
        self._media = media
        self._timeout_ns = timeout_ns

    def is_attended(self, seat: SeatId) -> bool:
        return self._attendance.connection_of(seat) is not None or self._peers.keeps_connected(seat)

    def check(self, seat_id: SeatId, now_ns: int) -> None:
        """A socket or a peer of this seat is gone: does anything keep it connected?"""
        seat = self._ledger.state.seats.get(seat_id)
        if seat is not None and not self.is_attended(seat_id):
            self.await_return(seat, now_ns)

    def await_return(self, seat: Seat, now_ns: int) -> None:
        if seat.connected:
            self._ledger.record(SeatConnectionChanged(seat.id, False))
        self._attendance.await_return(seat.id, now_ns + self._timeout_ns)

    def leave(self, event: SeatLeft) -> None:
        """What the seat held is given up by events of its own, so that a client needs no rule of its own."""
        seat, state = event.seat, self._ledger.state
        if state.is_on_stage(seat):
            self._ledger.record(FloorRevoked(seat))
        if seat in state.floor.hands:
            self._ledger.record(FloorWithdrawn(seat))
        connection = self._attendance.disconnect(seat)
        for peer in tuple(self._peers.of_seat(seat)):
            self._media.close_peer(peer, f"seat_{event.reason}")
        self._ledger.record(event)
        if connection is not None:
            self._ledger.add(Dismiss(connection, _FAREWELLS.get(event.reason)))
