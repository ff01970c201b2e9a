"""Sockets end to end: real WebSockets, a real HTTP server, clients that behave and clients that do not."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import time
from collections.abc import Awaitable, Callable

import pytest
from websockets.exceptions import ConnectionClosed

from signaling.connection import frame_of
from signaling.rooms import RoomsConfig
from signaling.server import HEARTBEAT_S, HEARTBEAT_TIMEOUT_S
from tests.signaling.stack import SocketClient, Stack, stack
from tests.waiting import until


def run(
    scenario: Callable[[Stack], Awaitable[None]],
    config: RoomsConfig | None = None,
    *,
    heartbeat_s: tuple[float, float] = (HEARTBEAT_S, HEARTBEAT_TIMEOUT_S),
) -> None:
    async def staged() -> None:
        async with stack(config=config, heartbeat_s=heartbeat_s) as running:
            await scenario(running)

    asyncio.run(staged())


def test_a_lesson_over_sockets() -> None:
    async def scenario(running: Stack) -> None:
        master, classroom = await running.seat("master"), await running.seat("classroom_a")
        assert (await master.event("seat_joined"))["seat"]["id"] == "classroom_a"
        assert (await classroom.request("floor_request"))["type"] == "result"
        await master.event("floor_requested", seat="classroom_a")
        await master.request("floor_grant", seat="classroom_a")
        await classroom.event("floor_granted", seat="classroom_a")
        refused = await classroom.request("lesson_start")
        assert (refused["type"], refused["code"]) == ("error", "not_permitted")
        assert (await master.request("ping"))["server_time_ms"] > 1_700_000_000_000
        await master.request("lesson_start")
        await master.request("lesson_end")
        assert await classroom.closed() == (4410, None)
        assert await master.closed() == (4410, None)

    run(scenario)


def test_the_answer_comes_after_its_events() -> None:
    async def scenario(running: Stack) -> None:
        master = await running.seat("master")
        await master.request("lesson_start")
        kinds = [m["event"]["type"] if m["type"] == "event" else m["type"] for m in master.messages[1:]]
        assert kinds == ["lesson_state", "recording_state", "result"]

    run(scenario)


def test_resume_over_sockets() -> None:
    async def scenario(running: Stack) -> None:
        master, classroom = await running.seat("master"), await running.seat("classroom_a")
        welcome = classroom.messages[0]
        await classroom.connection.close()
        await master.event("seat_connection", connected=False)
        again = await running.client()
        resume = {"epoch": welcome["epoch"], "seq": welcome["seq"]}
        resumed = await again.hello("classroom_a", resume=resume)
        assert (resumed["resumed"], resumed["snapshot"], resumed["peers"]) == (True, None, [])
        missed = [await again.next("event") for _ in range(resumed["seq"] - welcome["seq"])]
        assert [m["seq"] for m in missed] == list(range(welcome["seq"] + 1, resumed["seq"] + 1))
        assert [m["event"]["connected"] for m in missed] == [False, True]

    run(scenario)


def test_the_other_window_is_closed() -> None:
    async def scenario(running: Stack) -> None:
        first = await running.seat("master")
        await running.seat("master")
        assert await first.closed() == (4409, None)

    run(scenario)


def test_leave_closes_normally() -> None:
    async def scenario(running: Stack) -> None:
        master, classroom = await running.seat("master"), await running.seat("classroom_a")
        await classroom.send({"type": "leave", "id": "1"})
        assert await classroom.closed() == (1000, None)
        await master.event("seat_left", seat="classroom_a", reason="left")

    run(scenario)


HOSTILE: dict[str, tuple[str | bytes, int, str]] = {
    "unknown type": ('{"type":"become_master","id":"1"}', 4400, "bad_message"),
    "wrong shape": ('{"type":"floor_grant","id":"1","seat":{"a":1}}', 4400, "bad_message"),
    "no JSON": ("floor_grant", 4400, "bad_message"),
    "an array": ("[1,2,3]", 4400, "bad_message"),
    "deep": ("[" * 100_000, 4400, "bad_message"),
    "binary": (b"\x00\x01", 4400, "bad_message"),
    "a second hello": ('{"type":"hello","access_token":"master"}', 4400, "bad_message"),
    "10 MB": ('{"type":"ping","id":"' + "x" * 10_000_000 + '"}', 4413, "message_too_large"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_messages_get_a_code_and_a_close(name: str) -> None:
    """The others notice nothing but that the seat lost its socket."""
    text, close_code, code = HOSTILE[name]

    async def scenario(running: Stack) -> None:
        master, hostile = await running.seat("master"), await running.seat("classroom_a")
        await hostile.connection.send(text)
        assert await hostile.closed() == (close_code, code)
        await master.event("seat_connection", seat="classroom_a", connected=False)
        assert (await master.request("ping"))["type"] == "result"

    run(scenario)


def test_a_thousand_messages_a_second_are_too_many() -> None:
    async def scenario(running: Stack) -> None:
        master, hostile = await running.seat("master"), await running.seat("classroom_a")
        slowest_s = 0.0

        async def flood() -> None:
            for number in range(2000):
                await hostile.connection.send(json.dumps({"type": "floor_request", "id": str(number)}))
                await asyncio.sleep(0)

        flooding = asyncio.create_task(flood())
        closed = asyncio.create_task(hostile.closed())
        while not closed.done():
            start_s = time.monotonic()
            await master.request("ping")
            slowest_s = max(slowest_s, time.monotonic() - start_s)
        assert await closed == (4429, "rate_limited")
        with pytest.raises(ConnectionClosed):
            await flooding
        assert slowest_s < 1
        joined = [m["event"]["type"] for m in master.messages if m["type"] == "event"]
        assert joined.count("floor_requested") <= 1

    run(scenario)


@pytest.mark.parametrize(
    ("token", "close_code", "code"),
    [
        ("expired", 4401, "token_expired"),
        ("nobody", 4401, "token_invalid"),
        ("les_unknown/master", 4404, "lesson_unknown"),
    ],
)
def test_a_refused_hello(token: str, close_code: int, code: str) -> None:
    async def scenario(running: Stack) -> None:
        client = await running.client()
        await client.send({"type": "hello", "access_token": token})
        assert await client.closed() == (close_code, code)

    run(scenario)


def test_a_full_room_and_a_full_server() -> None:
    async def scenario(running: Stack) -> None:
        await running.seat("classroom_a")
        second = await running.client()
        await second.send({"type": "hello", "access_token": "classroom_b"})
        assert await second.closed() == (4503, "too_many_participants")
        await running.seat("master")
        third = await running.client()
        assert await third.closed() == (4503, "too_many_participants")

    run(scenario, RoomsConfig(max_participants=1, max_sockets=2))


def test_who_does_not_say_hello_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.server.HELLO_TIMEOUT_NS", 50_000_000)
    monkeypatch.setattr("signaling.connection.HELLO_TIMEOUT_NS", 50_000_000)

    async def scenario(running: Stack) -> None:
        client = await running.client()
        assert await client.closed() == (4408, "hello_timeout")

    run(scenario)


def test_a_client_that_does_not_read_is_cut_off() -> None:
    """Six megabytes for a client whose receive buffer stays full; the others get all of it."""

    async def scenario(running: Stack) -> None:
        master = await running.seat("master")
        deaf = await deaf_client(running)
        await master.event("seat_joined", seat=master_sees("classroom_a"))
        (room,) = running.rooms._rooms.values()
        filler = frame_of(json.dumps({"type": "levels", "levels": [], "filler": "x" * 20_000}))
        for number in range(300):
            room._broadcast(filler)
            if number % 10 == 0:
                await master.request("ping")
        with contextlib.closing(deaf):
            await until(lambda: running.rooms.summaries()[0].connected == 1)
        await master.request("ping")
        events = [m["event"] for m in master.messages if m["type"] == "event"]
        assert events[-1] == {"type": "seat_connection", "seat": "classroom_a", "connected": False}
        assert len([m for m in master.messages if m["type"] == "levels"]) == 300

    run(scenario)


def test_a_vanished_client_is_noticed() -> None:
    """No answer to the server's pings: the socket is closed and the seat disconnected."""

    async def scenario(running: Stack) -> None:
        master = await running.seat("master")
        mute = await deaf_client(running)
        await master.event("seat_connection", seat="classroom_a", connected=False)
        mute.close()

    run(scenario, heartbeat_s=(0.2, 0.5))


def test_a_stopping_server_asks_to_come_back() -> None:
    async def scenario(running: Stack) -> None:
        client = await running.seat("master")
        await running.rooms.close()
        assert await client.closed() == (4503, None)

    run(scenario)


def test_nothing_is_left_over() -> None:
    async def scenario(running: Stack) -> None:
        clients = [await running.seat(f"student_{letter}") for letter in "abcdefgh"]
        await asyncio.gather(*(client.connection.close() for client in clients))
        await until(lambda: running.rooms._sockets == 0)
        (room,) = running.rooms._rooms.values()
        assert not room._attached
        assert not room._greeted

    run(scenario)


def master_sees(seat: str) -> dict[str, object]:
    return {
        "id": seat,
        "role": "classroom",
        "name": f"Name of {seat}",
        "classroom": "a",
        "connected": True,
        "muted": False,
        "recording_consent": False,
        "video_consent": True,
        "voice_consent": True,
        "hand_at_ms": None,
    }


async def deaf_client(running: Stack) -> socket.socket:
    """Says hello over a bare socket with a small buffer, then reads nothing and answers no ping."""
    bare = socket.socket()
    bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    bare.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(bare, ("127.0.0.1", running.port))
    request = (
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: tandem.v1\r\n\r\n"
    )
    await loop.sock_sendall(bare, request.encode())
    assert b"101" in await loop.sock_recv(bare, 1024)
    hello = json.dumps({"type": "hello", "access_token": "classroom_a"}).encode()
    frame = struct.pack("!BB4s", 0x81, 0x80 | len(hello), bytes(4)) + hello
    await loop.sock_sendall(bare, frame)
    return bare


def test_every_socket_hears_every_event() -> None:
    async def scenario(running: Stack) -> None:
        master = await running.seat("master")
        clients: list[SocketClient] = []
        for start in range(0, 50, 25):
            names = [f"student_{number}" for number in range(start, start + 25)]
            clients += await asyncio.gather(*(running.seat(name) for name in names))
        await master.request("lesson_start")
        await asyncio.gather(*(client.event("lesson_state", state="live") for client in clients))

    run(scenario)
