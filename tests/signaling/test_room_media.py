"""What the room forbids, and whom a whisper reaches, over the real media server: packets, not intentions."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiortc import RTCPeerConnection, RTCSessionDescription

from signaling.ports import RecordingPolicy
from streaming.dataplane import Tap
from streaming.identifiers import PublicationId
from tests.signaling.room_driver import claims
from tests.signaling.stack import MemoryLog, SocketClient, Stack, stack
from tests.streaming.aiortc_peers import Receiver, new_connection, publish_offer
from tests.waiting import until

GRACE_NS = 300_000_000
DROPPED = 60


async def publish(
    client: SocketClient, offer: str, connection: RTCPeerConnection, *sources: str
) -> dict[str, str]:
    """Publish; the publications by their source."""
    mids = [transceiver.mid for transceiver in connection.getTransceivers()]
    named = dict(zip(mids, sources, strict=True))
    result = await client.request("publish", sdp=offer, sources=named, peer=None)
    await connection.setRemoteDescription(RTCSessionDescription(result["sdp"], "answer"))
    return {each["source"]: each["id"] for each in result["publications"]}


@contextlib.asynccontextmanager
async def camera_and_voice(client: SocketClient) -> AsyncIterator[dict[str, str]]:
    connection = new_connection()
    try:
        offer = await publish_offer(connection, "VP8")
        yield await publish(client, offer, connection, "microphone", "camera")
    finally:
        await connection.close()


def arrivals_ns(tap: Tap) -> list[int]:
    """When each packet came that the tap has got since."""
    records, found, at = tap.take(1 << 20), [], 0
    while at < len(records):
        length, kind, arrival_ns = struct.unpack_from(">IB3xQ", records, at)
        found += [arrival_ns] if kind == 1 else []
        at += 16 + length
    return found


async def until_dropped(running: Stack, count: int) -> None:
    """So many more packets came and were dropped."""
    before = running.media.counters()["drop_forbidden"]
    await until(lambda: running.media.counters()["drop_forbidden"] >= before + count, 30)


def run(scenario: Callable[[Stack], Awaitable[None]], log: MemoryLog | None = None) -> None:
    async def staged() -> None:
        async with stack(log) as running:
            await scenario(running)

    asyncio.run(staged())


def test_forbid_all_drops_packets_at_once_and_after_a_return() -> None:
    async def scenario(running: Stack) -> None:
        master, classroom = await running.seat("master"), await running.seat("classroom_a")
        async with camera_and_voice(master) as shown, camera_and_voice(classroom) as seen:
            for _ in (shown, seen):
                await master.event("publication_added")
                await master.event("publication_added")
            tap = running.media.open_tap(PublicationId(seen["camera"]))
            own = running.media.open_tap(PublicationId(shown["camera"]))
            await until(lambda: len(arrivals_ns(tap)) > 0)
            assert (await master.request("forbid_all", forbidden=True))["type"] == "result"
            forbidden_ns = time.monotonic_ns()
            await until_dropped(running, DROPPED)
            assert time.monotonic_ns() > forbidden_ns + GRACE_NS
            assert all(arrival_ns < forbidden_ns + GRACE_NS for arrival_ns in arrivals_ns(tap))
            await until(lambda: any(arrival_ns > forbidden_ns + GRACE_NS for arrival_ns in arrivals_ns(own)))
        await classroom.connection.close()
        back = await running.seat("classroom_a")
        async with camera_and_voice(back) as seen:
            taps = [running.media.open_tap(PublicationId(id_)) for id_ in seen.values()]
            await until_dropped(running, DROPPED)
            assert [arrivals_ns(tap) for tap in taps] == [[], []]
            await master.request("forbid_all", forbidden=False)
            camera = list(seen).index("camera")
            await until(lambda: len(arrivals_ns(taps[camera])) > 0)

    run(scenario)


async def follow(client: SocketClient, receiver: Receiver, offered: set[str]) -> None:
    """Answer subscribe offers until cancelled; `offered` gathers every publication in them."""
    while True:
        offer: dict[str, Any] = await client.next("subscribe_offer")
        offered.update(section["publication"] for section in offer["sections"])
        answer = await receiver.answer(offer["sdp"])
        members = {"peer": offer["peer"], "offer_id": offer["offer_id"], "sdp": answer}
        await client.send({"type": "subscribe_answer", "id": f"a{offer['offer_id']}", **members})


def test_a_whisper_is_heard_by_the_master_alone_and_recorded_by_nobody() -> None:
    others = ("assistant_b", "classroom_a", "student_a", "observer")

    async def scenario(running: Stack) -> None:
        master, assistant = await running.seat("master"), await running.seat("assistant_a")
        await assistant.request("recording_consent", granted=True)
        await master.request("lesson_start")
        clients = {"master": master} | {seat: await running.seat(seat) for seat in others}
        receivers = {seat: Receiver() for seat in clients}
        offered: dict[str, set[str]] = {seat: set() for seat in clients}
        for client in clients.values():
            assert (await client.request("subscribe"))["type"] == "result"
        following = [
            asyncio.create_task(follow(client, receivers[seat], offered[seat]))
            for seat, client in clients.items()
        ]
        connection = new_connection()
        offer = await publish_offer(connection, "VP8")
        said = await publish(assistant, offer, connection, "whisper", "camera")
        viewer = Receiver()
        _, answer = await running.rooms.whep(claims("observer_2"), await viewer.view_offer())
        await viewer.accept(answer)
        try:
            assert (await receivers["master"].until_decoded("audio", 30)).loudest > 1000
            assert said["whisper"] in offered["master"]
            assert all(said["whisper"] not in offered[seat] for seat in others)
            await assistant.send({"type": "floor_request", "id": "f"})
            await master.send({"type": "floor_grant", "id": "g", "seat": "assistant_a"})
            for seat in others:
                await receivers[seat].until_decoded("video", 5)
                assert offered[seat] == {said["camera"]}
                assert receivers[seat].of_kind("audio") == []
            await until(lambda: "start assistant_a camera" in running.recorder.told)
            assert not [line for line in running.recorder.told if "whisper" in line]
            assert sum(received.frames for received in viewer.of_kind("audio")) == 0
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
            await connection.close()
            for receiver in (viewer, *receivers.values()):
                await receiver.close()

    run(scenario, MemoryLog(RecordingPolicy.STAGE))


def test_listening_to_a_room_reaches_the_master_alone() -> None:
    async def scenario(running: Stack) -> None:
        seats = ("master", "classroom_b", "observer")
        clients = {seat: await running.seat(seat) for seat in seats}
        room = await running.seat("classroom_a")
        receivers = {seat: Receiver() for seat in seats}
        offered: dict[str, set[str]] = {seat: set() for seat in seats}
        for client in clients.values():
            assert (await client.request("subscribe"))["type"] == "result"
        following = [
            asyncio.create_task(follow(client, receivers[seat], offered[seat]))
            for seat, client in clients.items()
        ]
        try:
            async with camera_and_voice(room) as sent:
                await until(lambda: sent["microphone"] in offered["observer"])  # held, and silent
                await clients["master"].send({"type": "listen", "id": "l", "seat": "classroom_a"})
                assert (await receivers["master"].until_decoded("audio", 30)).loudest > 1000
                tap = running.media.open_tap(PublicationId(sent["microphone"]))
                stopped_ns = time.monotonic_ns()
                await clients["master"].send({"type": "listen", "id": "n", "seat": None})
                await until_dropped(running, DROPPED)
                assert all(arrival_ns < stopped_ns + GRACE_NS for arrival_ns in arrivals_ns(tap))
                for seat in ("classroom_b", "observer"):
                    assert sum(received.frames for received in receivers[seat].of_kind("audio")) == 0
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
            for receiver in receivers.values():
                await receiver.close()

    run(scenario)
