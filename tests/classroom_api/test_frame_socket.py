"""Prepared frames over a real socket: in order with what ASGI sends, and never past a client that does not
read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from classroom_api.frame_socket import EXTENSION, FrameSocket
from signaling.connection import frame_of
from tests.waiting import until

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
LARGE = frame_of("x" * 60_000).wire


class Scenario:
    """One ASGI application that sends both ways, then leaves `write_frame` to the test."""

    def __init__(self) -> None:
        self.write_frame: Any = None
        self.may_end = asyncio.Event()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        self.write_frame = scope["extensions"][EXTENSION]
        assert not self.write_frame(frame_of("too early").wire)
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "one"})
        assert self.write_frame(frame_of("二").wire)
        await send({"type": "websocket.send", "text": "three"})
        await self.may_end.wait()


async def with_server(scenario: Scenario, client: Callable[[ClientConnection], Awaitable[None]]) -> None:
    config = uvicorn.Config(scenario, port=0, log_level="warning", lifespan="off", ws=FrameSocket)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with connect(f"ws://127.0.0.1:{port}/", proxy=None, max_queue=1) as connection:
        await client(connection)
        scenario.may_end.set()
    server.should_exit = True
    await serving


def test_prepared_frames_keep_their_place() -> None:
    async def client(connection: ClientConnection) -> None:
        assert [await connection.recv() for _ in range(3)] == ["one", "二", "three"]

    async def run() -> None:
        scenario = Scenario()
        await with_server(scenario, client)
        await until(lambda: not scenario.write_frame(frame_of("too late").wire))

    asyncio.run(run())


def test_a_client_that_does_not_read_is_written_to_no_more() -> None:
    async def run() -> None:
        scenario = Scenario()

        async def client(connection: ClientConnection) -> None:
            assert await connection.recv() == "one"
            written = 0
            while scenario.write_frame(LARGE):
                written += 1
                assert written < 1000
            for text in ("二", "three"):
                assert await connection.recv() == text
            for _ in range(written):
                assert len(await connection.recv()) == 60_000
            await until(lambda: bool(scenario.write_frame(LARGE)))

        await with_server(scenario, client)

    asyncio.run(run())
