"""How often a seat may ask for what costs everybody: strokes of ink, and changes of what is received."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from signaling.board_messages import DrawInk
from signaling.events import RoomEvent
from signaling.link_messages import SetReceive
from signaling.messages import RoomBody
from signaling.pace import Pace
from streaming.errors import Refused
from streaming.identifiers import SeatId

INK_INTERVAL_NS: Final = 100_000_000
INK_BURST: Final = 20
RECEIVE_INTERVAL_NS: Final = 1_000_000_000
RECEIVE_BURST: Final = 20
"""An assistant may set all seats of its room at once."""


class RequestPaces:
    """Owned by one Room."""

    def __init__(self) -> None:
        self._ink = Pace(INK_INTERVAL_NS, INK_BURST)
        self._receive = Pace(RECEIVE_INTERVAL_NS, RECEIVE_BURST)

    def check(self, seat: SeatId, body: RoomBody, events: Sequence[RoomEvent], now_ns: int) -> None:
        """Raises Refused("rate_limited").  `events`: what the request leads to; nothing costs nothing."""
        if isinstance(body, DrawInk) and not self._ink.takes(seat, now_ns):
            raise Refused("rate_limited", "At most 10 strokes a second.")
        if isinstance(body, SetReceive) and events and not self._receive.takes(seat, now_ns):
            raise Refused("rate_limited", "At most one change a second.")

    def forget(self, seat: SeatId) -> None:
        self._ink.forget(seat)
        self._receive.forget(seat)
