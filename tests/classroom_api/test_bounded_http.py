"""Heads without an end, before a body and behind it, on real connections of both event loops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from classroom_api.bounded_http import MAXIMUM_HEAD_BYTES, BoundedHttp
from tests.waiting import until

START = b"POST / HTTP/1.1\r\nHost: test\r\n"
LINE = b"X-Padding: " + b"x" * 1000 + b"\r\n"
MANY_LINES = LINE * (4 * MAXIMUM_HEAD_BYTES // len(LINE))
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _count(request: Request) -> Response:
    return Response(str(len(await request.body())))


@asynccontextmanager
async def connected() -> AsyncIterator[Connection]:
    app = Starlette(routes=[Route("/", _count, methods=["POST"])])
    config = uvicorn.Config(app, port=0, log_level="critical", lifespan="off", http=BoundedHttp)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    reader, writer = await asyncio.open_connection(*server.servers[0].sockets[0].getsockname())
    try:
        yield reader, writer
    finally:
        writer.close()
        server.should_exit = True
        await serving


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, None]], None]:
    def run_it(scenario: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(scenario)

    return run_it


Run = Callable[[Coroutine[Any, Any, None]], None]


async def answer_of(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Status and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return head.split(b" ")[1], await reader.readexactly(int(length.split(b":")[1]))


async def last_words(reader: asyncio.StreamReader) -> bytes:
    """Until the server hangs up; nothing where what was sent after it had hung up took its answer with it."""
    try:
        return await asyncio.wait_for(reader.read(), 30)
    except ConnectionResetError:
        return b""


def test_bodies_do_not_count_and_each_request_begins_anew(run: Run) -> None:
    async def scenario() -> None:
        async with connected() as (reader, writer):
            for _ in range(3):
                body = bytes(8 * MAXIMUM_HEAD_BYTES)
                head = START + LINE * (MAXIMUM_HEAD_BYTES // 2 // len(LINE))
                writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
                assert await answer_of(reader) == (b"200", str(len(body)).encode())

    run(scenario())


def test_a_head_without_end_is_refused(run: Run) -> None:
    async def scenario() -> None:
        async with connected() as (reader, writer):
            writer.write(START + MANY_LINES)
            words = await last_words(reader)
            assert words == b"" or words.startswith(b"HTTP/1.1 400 ")

    run(scenario())


def test_trailers_without_end_end_the_connection(run: Run) -> None:
    async def scenario() -> None:
        async with connected() as (reader, writer):
            writer.write(START + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n" + MANY_LINES)
            assert await last_words(reader) == b"", "the request was never whole"

    run(scenario())


def test_what_is_no_request_is_refused(run: Run) -> None:
    async def scenario() -> None:
        async with connected() as (reader, writer):
            writer.write(b"\x16\x03\x01\x02 hello\r\n\r\n")
            assert (await answer_of(reader))[0] == b"400"
            assert await reader.read() == b""

    run(scenario())
