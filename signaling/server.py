"""SHELL: one accepted WebSocket of subprotocol `tandem.v1`, from hello to close (docs/protocol.md, section
2)."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Final, assert_never

from signaling.connection import CLOSE_CODES, HELLO_TIMEOUT_NS, Close, Connection, Frame
from signaling.live_room import HEARTBEAT_S
from signaling.messages import Hello, Request
from signaling.ports import Authenticator, SeatClaims, SocketPort
from signaling.rooms import Rooms, Ticket
from signaling.server_messages import serialize_error
from streaming.errors import RemoteProtocolError, TandemError

__all__ = ["HEARTBEAT_S", "HEARTBEAT_TIMEOUT_S", "serve_socket"]

logger = logging.getLogger(__name__)

HEARTBEAT_TIMEOUT_S: Final = 7
"""A ping every HEARTBEAT_S that nothing answers within this time ends a socket: 12 s of silence.

Both belong into the settings of the HTTP server, which sends WebSocket pings by itself.
"""
CLOSE_TIMEOUT_S: Final = 2.0
SEND_TIMEOUT_S: Final = 12.0


async def serve_socket(socket: SocketPort, rooms: Rooms, authenticate: Authenticator) -> None:
    """Serve one client until its socket is closed.  Never raises because of what the client does."""
    client = _Client(socket, rooms, authenticate)
    try:
        rooms.open_socket()
    except TandemError as error:
        await socket.send_text(serialize_error(None, error.code, error.detail))
        await socket.close(CLOSE_CODES[error.code], error.code)
        return
    try:
        await client.serve()
    finally:
        rooms.close_socket()


class _Client:
    """An Outlet of its room: `send` and `dismiss` queue, one task writes, one reads and answers."""

    def __init__(self, socket: SocketPort, rooms: Rooms, authenticate: Authenticator) -> None:
        self._socket = socket
        self._rooms = rooms
        self._authenticate = authenticate
        self._connection = Connection(time.monotonic_ns())
        self._has_output = asyncio.Event()
        self._is_writing = False
        self._ticket: Ticket | None = None
        self._writer: asyncio.Task[None] | None = None
        self._answering: asyncio.Task[None] | None = None

    def send(self, frame: Frame) -> None:
        """At once, if nothing is before it and the client reads; else the writer's turn comes."""
        if not self._is_writing and self._connection.may_overtake() and self._socket.send_now(frame.wire):
            return
        was_closing = self._connection.is_closing
        self._connection.send(frame)
        self._has_output.set()
        if self._connection.is_closing and not was_closing and self._writer is not None:
            self._writer.cancel()  # too slow: it hangs in a send that the client does not take

    def dismiss(self, code: str | None) -> None:
        self._connection.dismiss(code)
        self._has_output.set()

    async def serve(self) -> None:
        """The reader ends when the socket is gone, the writer when it has closed it or cannot write."""
        loop = asyncio.get_running_loop()
        self._writer = loop.create_task(self._write())
        reader = loop.create_task(self._read())
        hello_timer = loop.call_later(HELLO_TIMEOUT_NS / 1e9, self._check_hello)
        try:
            await asyncio.wait((self._writer, reader), return_when=asyncio.FIRST_COMPLETED)
        finally:
            hello_timer.cancel()
            if self._ticket is not None:
                self._rooms.leave(self._ticket)
            for task in (self._writer, reader):
                task.cancel()
            for outcome in await asyncio.gather(self._writer, reader, return_exceptions=True):
                if isinstance(outcome, Exception):
                    logger.error("a socket ended by a fault", exc_info=outcome)
        await self._finish()

    async def _finish(self) -> None:
        """A close that the writer had no time for; a request under way is seen to its end, or its peer
        would leak."""
        output = self._connection.take_output()
        while isinstance(output, Frame):
            output = self._connection.take_output()
        if output is not None:
            await self._close(output)
        if self._answering is not None:
            await asyncio.wait((self._answering,))

    def _check_hello(self) -> None:
        self._connection.handle_time(time.monotonic_ns())
        self._has_output.set()

    async def _write(self) -> None:
        while True:
            output = self._connection.take_output()
            match output:
                case None:
                    self._has_output.clear()
                    await self._has_output.wait()
                case Frame(text=text):
                    self._is_writing = True
                    try:
                        async with asyncio.timeout(SEND_TIMEOUT_S):
                            await self._socket.send_text(text)
                    except (ConnectionError, TimeoutError):
                        return
                    self._is_writing = False
                case Close():
                    await self._close(output)
                    return
                case _:
                    assert_never(output)

    async def _close(self, close: Close) -> None:
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._socket.close(close.code, close.reason)
        except TimeoutError:
            logger.info("a client did not take its close %d %s", close.code, close.reason)

    async def _read(self) -> None:
        while not self._connection.is_closing:
            try:
                text = await self._socket.receive_text()
            except RemoteProtocolError as error:
                self._fail(error)
                break
            if text is None:
                return
            message = self._connection.handle_text(text, time.monotonic_ns())
            self._has_output.set()
            match message:
                case Hello():
                    await self._enter(message)
                case Request():
                    self._answering = asyncio.get_running_loop().create_task(self._answer(message))
                    await asyncio.shield(self._answering)
                case None:
                    pass
                case _:
                    assert_never(message)
        await asyncio.Event().wait()  # nothing is read any more; the writer ends the socket

    async def _enter(self, hello: Hello) -> None:
        try:
            claims = self._claims(hello)
            self._ticket = await self._rooms.enter(claims, self, hello.resume)
        except TandemError as error:
            self._fail(error)

    def _claims(self, hello: Hello) -> SeatClaims:
        if hello.access_token is not None:
            return self._authenticate.access_token(hello.access_token)
        return self._authenticate.resume_key(hello.resume_key or "")

    async def _answer(self, request: Request) -> None:
        ticket = self._ticket
        if ticket is None:
            return
        try:
            await self._rooms.request(ticket, request)
        except TandemError as error:
            answer = serialize_error(request.id, error.code, error.detail)
            ticket.room.reply(ticket.connection, answer)
        except Exception:
            logger.exception("%s: a request failed", ticket.claims.lesson)
            answer = serialize_error(request.id, "internal_error", "The server has a fault.")
            ticket.room.reply(ticket.connection, answer)

    def _fail(self, error: TandemError) -> None:
        self._connection.fail(error.code, error.detail)
        self._has_output.set()
