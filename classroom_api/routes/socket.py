"""`/ws`: hands an accepted WebSocket to signaling."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from classroom_api.frame_socket import EXTENSION
from classroom_api.service import Service
from signaling.server import serve_socket
from streaming.errors import RemoteProtocolError

SUBPROTOCOL = "tandem.v1"

router = APIRouter()


class StarletteSocket:
    """Signaling's `SocketPort` over Starlette's WebSocket."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._write_frame: Callable[[bytes], bool] | None = websocket.scope["extensions"].get(EXTENSION)

    def send_now(self, wire: bytes) -> bool:
        return self._write_frame is not None and self._write_frame(wire)

    async def receive_text(self) -> str | None:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        text = message.get("text")
        if not isinstance(text, str):
            raise RemoteProtocolError("bad_message", "Text frames only.")
        return text

    async def send_text(self, text: str) -> None:
        try:
            await self._websocket.send_text(text)
        except (WebSocketDisconnect, RuntimeError) as error:
            raise ConnectionError("the socket is gone") from error

    async def close(self, code: int, reason: str) -> None:
        if self._websocket.application_state is WebSocketState.DISCONNECTED:
            return
        try:
            await self._websocket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError):
            return  # the client closed first


@router.websocket("/ws")
async def socket(websocket: WebSocket) -> None:
    """A socket without our subprotocol is accepted and told what is wrong, which a refused one cannot be."""
    service: Service = websocket.app.state.service
    offered = websocket.scope.get("subprotocols", [])
    await websocket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in offered else None)
    connection = StarletteSocket(websocket)
    if SUBPROTOCOL not in offered:
        await connection.close(4400, "bad_message")
        return
    await serve_socket(connection, service.rooms, service.tokens)
