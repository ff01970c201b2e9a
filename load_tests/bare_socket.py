"""A WebSocket client that costs next to nothing: a storm of hundreds is to measure the server, not itself.

It reads the frames of a server (unmasked, whole) and answers pings. It masks with zeros, which are a key like
any other to RFC 6455 and leave the text as it is.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from typing_extensions import override

_TEXT: Final = 0x1
_CLOSE: Final = 0x8
_PING: Final = 0x9
_PONG: Final = 0xA
_ZERO_MASK: Final = bytes(4)


def client_frame(opcode: int, payload: bytes) -> bytes:
    """A final frame, masked with zeros.

    >>> client_frame(1, b"hi")
    b'\\x81\\x82\\x00\\x00\\x00\\x00hi'
    """
    size_bytes = len(payload)
    if size_bytes < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size_bytes)
    elif size_bytes < 1 << 16:
        head = struct.pack("!BBH", 0x80 | opcode, 0xFE, size_bytes)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0xFF, size_bytes)
    return head + _ZERO_MASK + payload


class BareSocket(asyncio.Protocol):
    """`heard` gets each text frame's payload. `opened` is done after the handshake, `closed` at the end."""

    def __init__(self, request: bytes, heard: Callable[[bytes], None]) -> None:
        self._request = request
        self._heard = heard
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()

    def send(self, text: str) -> None:
        if self._transport is not None:
            self._transport.write(client_frame(_TEXT, text.encode()))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.write(client_frame(_CLOSE, struct.pack("!H", 1000)))

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        for future in (self.opened, self.closed):
            if not future.done():
                future.set_result(None)

    @override
    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.opened.done():
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self._buffer.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(ConnectionError(self._buffer[:end].decode(errors="replace")))
                return
            del self._buffer[: end + 4]
            self.opened.set_result(None)
        while (frame := self._take_frame()) is not None:
            self._answer(*frame)

    def _take_frame(self) -> tuple[int, bytes] | None:
        """(opcode, payload) of the next whole frame."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size_bytes, start = buffer[1], 2
        if size_bytes == 126 and len(buffer) >= 4:
            size_bytes, start = int.from_bytes(buffer[2:4], "big"), 4
        elif size_bytes == 127 and len(buffer) >= 10:
            size_bytes, start = int.from_bytes(buffer[2:10], "big"), 10
        elif size_bytes >= 126:
            return None
        if len(buffer) < start + size_bytes:
            return None
        opcode, payload = buffer[0] & 0xF, bytes(buffer[start : start + size_bytes])
        del buffer[: start + size_bytes]
        return opcode, payload

    def _answer(self, opcode: int, payload: bytes) -> None:
        if opcode == _TEXT:
            self._heard(payload)
        elif opcode == _PING and self._transport is not None:
            self._transport.write(client_frame(_PONG, payload))
        elif opcode == _CLOSE and self._transport is not None:
            self._transport.close()


async def open_bare_socket(url: str, subprotocol: str, heard: Callable[[bytes], None]) -> BareSocket:
    """Raises ConnectionError when the server does not switch protocols."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    request = (
        f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: {subprotocol}\r\n\r\n"
    )
    loop = asyncio.get_running_loop()
    _, protocol = await loop.create_connection(lambda: BareSocket(request.encode(), heard), host, port)
    await protocol.opened
    if protocol.closed.done():
        raise ConnectionError("the server closed the connection")
    return protocol
