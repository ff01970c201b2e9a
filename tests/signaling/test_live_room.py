"""One room with its clock and clients, without sockets."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from signaling.commands import Ask, Connect, ConnectionId, Disconnect, EndLesson
from signaling.connection import Frame
from signaling.gathering import GATHER_FROM_SOCKETS
from signaling.live_room import LiveRoom
from signaling.messages import Leave, RecordingConsent
from signaling.room import Room, RoomLimits
from streaming.config import AdvertisedAddress, MediaConfig
from streaming.server import MediaServer
from tests.signaling.room_driver import UTC_OFFSET_NS, claims, facts
from tests.signaling.stack import MemoryLog, Recorder
from tests.waiting import until


class Sink:
    """An Outlet that keeps everything."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.closes: list[str | None] = []

    def send(self, frame: Frame) -> None:
        self.frames.append(frame)

    def dismiss(self, code: str | None) -> None:
        self.closes.append(code)

    def messages(self) -> list[dict[str, Any]]:
        """Gathered events one by one."""
        found = [json.loads(frame.text) for frame in self.frames]
        return [
            each for m in found for each in ([{"type": "event", **e} for e in m.get("events", ())] or [m])
        ]

    def types(self) -> list[str]:
        return [m["event"]["type"] if "event" in m else m["type"] for m in self.messages()]

    def seqs(self) -> list[int]:
        return [m["seq"] for m in self.messages() if "event" in m]

    def welcome_seq(self) -> int:
        return int(json.loads(self.frames[0].text)["seq"])


def run(scenario: Callable[[LiveRoom], Awaitable[None]], seat_timeout_ns: int = 60_000_000_000) -> None:
    async def running() -> None:
        limits = RoomLimits(UTC_OFFSET_NS, seat_timeout_ns=seat_timeout_ns, max_participants=1000)
        media = MediaServer(MediaConfig((AdvertisedAddress("127.0.0.1", "127.0.0.1"),), 0))
        room = Room(facts(), "ep_1", limits)
        live = LiveRoom(room, media, MemoryLog(), Recorder(), make_epoch=lambda: "ep_2")
        live.open(is_recovered=False)
        try:
            async with asyncio.timeout(20):
                await scenario(live)
        finally:
            await live.close()
            await live.close()

    asyncio.run(running())


def join(live: LiveRoom, seat: str, number: int) -> Sink:
    sink = Sink()
    live.attach(ConnectionId(number), sink)
    live.perform(Connect(claims(seat), ConnectionId(number), None))
    return sink


def test_nothing_is_sent_before_the_welcome() -> None:
    async def scenario(live: LiveRoom) -> None:
        master, classroom = join(live, "master", 1), join(live, "classroom_a", 2)
        await live.drain()
        assert master.types() == ["welcome", "seat_joined"]
        assert classroom.types() == ["welcome"]
        assert live.sockets == 2

    run(scenario)


def test_an_answer_comes_before_the_close() -> None:
    async def scenario(live: LiveRoom) -> None:
        sink = join(live, "classroom_a", 1)
        live.perform_and_reply(Ask(ConnectionId(1), Leave()), "1")
        await live.drain()
        assert sink.types() == ["welcome", "seat_left", "result"]
        assert (sink.closes, live.sockets) == ([None], 0)

    run(scenario)


def test_the_room_keeps_its_deadlines() -> None:
    async def scenario(live: LiveRoom) -> None:
        join(live, "classroom_a", 1)
        live.detach(ConnectionId(1))
        live.perform(Disconnect(ConnectionId(1)))
        await until(lambda: not live.room.state.seats)

    run(scenario, seat_timeout_ns=10_000_000)


def test_the_end_is_told_once() -> None:
    async def scenario(live: LiveRoom) -> None:
        sink = join(live, "master", 1)
        live.perform(EndLesson())
        await live.over.wait()
        assert sink.closes == ["lesson_ended"]

    run(scenario)


def test_an_event_for_six_hundred_is_serialized_once_and_sent_quickly() -> None:
    async def scenario(live: LiveRoom) -> None:
        master = join(live, "master", 0)
        sinks = [join(live, f"student_{number}", number) for number in range(1, 600)]
        await live.drain()
        start_s = time.process_time()
        live.perform(Ask(ConnectionId(0), RecordingConsent(granted=True)))
        await live.drain()
        assert time.process_time() - start_s < 0.25  # about 2 ms alone on this machine
        assert len({id(sink.frames[-1]) for sink in (master, *sinks)}) == 1
        assert sinks[0].seqs() == list(range(sinks[0].welcome_seq() + 1, live.room.seq + 1))

    run(scenario)


def test_a_storm_of_joins_is_told_together_and_in_order() -> None:
    """However many join within 200 ms, who is there gets few messages; nobody misses or doubles one."""

    async def scenario(live: LiveRoom) -> None:
        sinks = [join(live, "master", 0)]
        for number in range(1, 201):
            sinks.append(join(live, f"student_{number}", number))
            if number % 50 == 0:
                await live.drain()
        newest = live.room.seq
        await until(lambda: live._gathering.deadline_ns() is None)
        for sink in sinks:
            assert sink.seqs() == list(range(sink.welcome_seq() + 1, newest + 1))
        assert len(sinks[0].frames) < GATHER_FROM_SOCKETS + 100

    run(scenario)


def test_what_was_gathered_goes_out_before_anything_else() -> None:
    async def scenario(live: LiveRoom) -> None:
        master = join(live, "master", 0)
        for number in range(1, 31):
            join(live, f"student_{number}", number)
        live.perform_and_reply(Ask(ConnectionId(0), RecordingConsent(granted=True)), "1")
        await live.drain()
        assert master.types()[-2:] == ["consent_changed", "result"]
        assert master.seqs()[-1] == live.room.seq

    run(scenario)
