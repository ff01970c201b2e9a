"""SHELL: uvicorn's WebSocket with one more way out: a frame that was made once is written to many sockets.

A room tells one event to hundreds. Through ASGI each of them costs a task's turn, half a dozen calls and a
frame of its own; here it costs the write.
"""

from __future__ import annotations

from typing import Any

from typing_extensions import override
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

EXTENSION = "tandem.write_frame"


class FrameSocket(WebSocketsSansIOProtocol):
    """Offers `write_frame` as the ASGI extension `EXTENSION`."""

    @override
    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        scope: dict[str, Any] | None = getattr(self, "scope", None)
        if scope is not None:  # else the handshake was refused
            scope["extensions"][EXTENSION] = self.write_frame

    def write_frame(self, frame: bytes) -> bool:
        """Write one whole, unmasked frame. False where it must wait: the client does not read, or is gone."""
        is_open = self.handshake_complete and not (self.close_sent or self.disconnected)
        if not is_open or not self.writable.is_set() or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True
