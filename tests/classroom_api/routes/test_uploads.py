"""Bodies that are too large, of the wrong kind, or stop coming."""

from __future__ import annotations

import asyncio

import pytest
from fastapi import Request
from starlette.types import Message

from classroom_api.routes.uploads import bounded_chunks, require_content_type
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


def read(request: Request, limit: int = 10, timeout_s: float = 5.0) -> bytes:
    async def collect() -> bytes:
        return b"".join([chunk async for chunk in bounded_chunks(request, limit, timeout_s)])

    return asyncio.run(collect())


def test_what_fits_comes_whole() -> None:
    assert read(request_of([piece(b"01234"), piece(b"56789", more=False)])) == b"0123456789"


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


def test_only_the_kinds_that_were_asked_for() -> None:
    require_content_type(request_of([], content_type="Application/PDF; x=1"), "application/pdf")
    for headers in ({}, {"content_type": "text/html"}):
        with pytest.raises(Refused, match="content_type_unsupported"):
            require_content_type(request_of([], **headers), "application/pdf", "image/png")
