"""The bare client against a real server: what it hears, that it answers pings, that a refusal is an error."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from load_tests.bare_socket import BareSocket, client_frame, open_bare_socket

TEXTS = ["short", "x" * 126, "二" * 30_000]


def test_a_frame_of_a_client_is_masked() -> None:
    assert client_frame(1, b"hi") == b"\x81\x82\x00\x00\x00\x00hi"


def test_frames_of_every_size_come_and_go() -> None:
    heard: list[str] = []

    async def serve_one(connection: ServerConnection) -> None:
        assert connection.subprotocol == "tandem.v1"
        async for text in connection:
            await (await connection.ping())
            await connection.send(text)

    async def run() -> None:
        tandem = Subprotocol("tandem.v1")
        async with serve(serve_one, "127.0.0.1", 0, subprotocols=[tandem], compression=None) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            done = asyncio.Event()

            def hear(payload: bytes) -> None:
                heard.append(payload.decode())
                if len(heard) == len(TEXTS):
                    done.set()

            client: BareSocket = await open_bare_socket(f"ws://127.0.0.1:{port}/ws", "tandem.v1", hear)
            for text in TEXTS:
                client.send(text)
            await asyncio.wait_for(done.wait(), 20)
            client.close()
            await asyncio.wait_for(client.closed, 20)

    asyncio.run(run())
    assert heard == TEXTS


def test_a_refused_handshake_is_an_error() -> None:
    def refuse(connection: ServerConnection, _: Request) -> Response:
        return connection.respond(HTTPStatus.FORBIDDEN, "no")

    async def never(connection: ServerConnection) -> None:
        raise AssertionError(connection)

    async def run() -> None:
        async with serve(never, "127.0.0.1", 0, process_request=refuse) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            with pytest.raises(ConnectionError):
                await open_bare_socket(f"ws://127.0.0.1:{port}/ws", "tandem.v1", lambda _: None)

    asyncio.run(run())
