"""Bodies that are too large, of the wrong kind, or stop coming."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import Request
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message

from classroom_api.routes.uploads import (
    MAXIMUM_JSON_BYTES,
    BodyBound,
    bounded_body,
    bounded_chunks,
    require_content_type,
)
from streaming.errors import Refused, RemoteProtocolError


def request_of(messages: list[Message], **headers: str) -> Request:
    """A request whose body comes in these messages, and then stops."""
    waiting = iter(messages)

    async def receive() -> Message:
        for message in waiting:
            return message
        never: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        return await never

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": named}, receive)


def piece(data: bytes, more: bool = True) -> Message:
    return {"type": "http.request", "body": data, "more_body": more}


def read(request: Request, limit: int = 10, timeout_s: float = 5.0) -> list[bytes]:
    async def collect() -> list[bytes]:
        return [chunk async for chunk in bounded_chunks(request, limit, piece_timeout_s=timeout_s)]

    return asyncio.run(collect())


def test_what_fits_comes_whole() -> None:
    pieces = [piece(b"01234"), piece(b""), piece(b"56789", more=False)]
    assert read(request_of(pieces)) == [b"01234", b"56789"]
    assert asyncio.run(bounded_body(request_of(pieces), 10)) == b"0123456789"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (request_of([piece(b"012345"), piece(b"678901", more=False)]), "message_too_large"),
        (request_of([], content_length="11"), "message_too_large"),
        (request_of([], content_length="9" * 30), "message_too_large"),
        (request_of([piece(b"0"), {"type": "http.disconnect"}]), "bad_message"),
        (request_of([piece(b"0")]), "bad_message"),
    ],
    ids=["as it comes", "as it says", "absurd", "gone", "stopped"],
)
def test_what_does_not(request_: Request, code: str) -> None:
    with pytest.raises(RemoteProtocolError) as broken:
        read(request_, timeout_s=0.05)
    assert broken.value.code == code


def test_a_body_that_drips_ends() -> None:
    async def drip() -> Message:
        await asyncio.sleep(0)
        return piece(b"")

    async def scenario() -> None:
        request = Request({"type": "http", "method": "POST", "path": "/", "headers": []}, drip)
        async for _ in bounded_chunks(request, 10, whole_timeout_s=0.05):
            pytest.fail("nothing came")

    with pytest.raises(RemoteProtocolError, match="bad_message"):
        asyncio.run(scenario())


def test_a_caller_has_its_own_word_for_too_large() -> None:
    with pytest.raises(RemoteProtocolError, match="sdp_too_large"):
        asyncio.run(bounded_body(request_of([piece(b"0123")]), 3, code="sdp_too_large"))


async def _echo(request: Request) -> Response:
    return Response(str(len(await request.body())))


async def _keep(request: Request) -> Response:
    return Response(str(len(await bounded_body(request, 2 * MAXIMUM_JSON_BYTES))))


@pytest.mark.parametrize(
    ("path", "pieces", "status"),
    [("/json", 8, 200), ("/json", 9, 413), ("/upload", 9, 200), ("/upload", 17, 500)],
)
def test_what_no_route_bounds_is_bounded(path: str, pieces: int, status: int) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(pieces):
            yield bytes(1 << 20)

    async def scenario() -> None:
        routes = [Route("/json", _echo, methods=["POST"]), Route("/upload", _keep, methods=["POST"])]
        app = Starlette(routes=routes, middleware=[Middleware(BodyBound)])
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            assert (await client.post(path, content=body())).status_code == status

    asyncio.run(scenario())


def test_only_the_kinds_that_were_asked_for() -> None:
    require_content_type(request_of([], content_type="Application/PDF; x=1"), "application/pdf")
    for headers in ({}, {"content_type": "text/html"}):
        with pytest.raises(Refused, match="content_type_unsupported"):
            require_content_type(request_of([], **headers), "application/pdf", "image/png")
