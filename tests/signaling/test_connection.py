"""One client's socket in virtual time."""

from __future__ import annotations

import json

import pytest
from websockets.frames import Frame as LibraryFrame
from websockets.frames import Opcode

from signaling.connection import (
    CLOSE_CODES,
    HELLO_TIMEOUT_NS,
    MAX_WAITING_BYTES,
    MAX_WAITING_MESSAGES,
    Close,
    Connection,
    Frame,
    frame_of,
)
from signaling.messages import Hello, Request

HELLO = '{"type": "hello", "access_token": "t"}'
PING = '{"type": "ping", "id": "1"}'
START_NS = 2**63 - 1
SECOND_NS = 1_000_000_000


@pytest.fixture
def connection() -> Connection:
    return Connection(START_NS)


def greeted() -> Connection:
    connection = Connection(START_NS)
    assert isinstance(connection.handle_text(HELLO, START_NS), Hello)
    return connection


def outputs(connection: Connection) -> list[str | tuple[int, str]]:
    found: list[str | tuple[int, str]] = []
    while (output := connection.take_output()) is not None:
        if isinstance(output, Close):
            found.append((output.code, output.reason))
        else:
            message = json.loads(output.text)
            found.append(message.get("code", message["type"]))
    return found


def test_hello_then_requests() -> None:
    connection = greeted()
    assert isinstance(connection.handle_text(PING, START_NS), Request)
    assert connection.deadline_ns() is None
    assert outputs(connection) == []


def test_hello_comes_first_and_once(connection: Connection) -> None:
    assert connection.handle_text(PING, START_NS) is None
    assert outputs(connection) == ["bad_message", (4400, "bad_message")]
    again = greeted()
    assert again.handle_text(HELLO, START_NS) is None
    assert outputs(again) == ["bad_message", (4400, "bad_message")]


def test_hello_has_a_deadline(connection: Connection) -> None:
    assert connection.deadline_ns() == START_NS + HELLO_TIMEOUT_NS
    connection.handle_time(START_NS + HELLO_TIMEOUT_NS - 1)
    assert not connection.is_closing
    connection.handle_time(START_NS + HELLO_TIMEOUT_NS)
    assert outputs(connection) == ["hello_timeout", (4408, "hello_timeout")]


def test_a_closing_connection_takes_and_gives_nothing_more() -> None:
    connection = greeted()
    connection.handle_text("nonsense", START_NS)
    assert connection.handle_text(PING, START_NS) is None
    connection.send(frame_of('{"type": "late"}'))
    connection.fail("bad_message", "again")
    connection.dismiss("lesson_ended")
    assert outputs(connection) == ["bad_message", (4400, "bad_message")]
    assert outputs(connection) == []


def test_two_hundred_at_once_then_fifty_a_second() -> None:
    connection = greeted()
    for _ in range(199):
        assert connection.handle_text(PING, START_NS) is not None
    for turn in range(1, 101):  # fifty a second can go on for ever
        assert connection.handle_text(PING, START_NS + turn * SECOND_NS // 50) is not None
    assert connection.handle_text(PING, START_NS + 2 * SECOND_NS) is None
    assert outputs(connection) == ["rate_limited", (4429, "rate_limited")]


def test_what_waits_is_bounded_in_messages() -> None:
    connection = greeted()
    frame = frame_of('{"type": "event"}')
    for _ in range(MAX_WAITING_MESSAGES):
        connection.send(frame)
    assert not connection.is_closing
    connection.send(frame)
    assert outputs(connection) == [(4508, "too_slow")]


def test_what_waits_is_bounded_in_bytes() -> None:
    connection = greeted()
    for _ in range(3):  # what was taken does not count
        connection.send(Frame('{"type": "event"}', bytes(MAX_WAITING_BYTES)))
        assert outputs(connection) == ["event"]
    connection.send(Frame('{"type": "event"}', bytes(MAX_WAITING_BYTES)))
    connection.send(Frame('{"type": "event"}', bytes(1)))
    assert outputs(connection) == [(4508, "too_slow")]


def test_a_dismissal_follows_what_was_sent() -> None:
    connection = greeted()
    connection.send(frame_of('{"type": "event"}'))
    connection.dismiss("seat_replaced")
    assert outputs(connection) == ["event", (4409, "seat_replaced")]
    wished = greeted()
    wished.dismiss(None)
    assert outputs(wished) == [(1000, "")]


def test_close_codes_are_those_of_the_document() -> None:
    assert min(CLOSE_CODES.values()) >= 4000
    assert max(CLOSE_CODES.values()) < 5000


@pytest.mark.parametrize("size_bytes", [0, 125, 126, 65_535, 65_536, 70_000])
def test_a_frame_is_what_a_websocket_library_makes(size_bytes: int) -> None:
    text = "x" * size_bytes
    frame = frame_of(text)
    assert frame.wire == LibraryFrame(Opcode.TEXT, text.encode()).serialize(mask=False)
    assert frame.size_bytes == len(frame.wire)


def test_a_frame_overtakes_nothing() -> None:
    connection = Connection(0)
    assert connection.may_overtake()
    connection.send(frame_of("first"))
    assert not connection.may_overtake()
    connection.take_output()
    connection.dismiss("seat_replaced")
    assert not connection.may_overtake()
