"""Media requests of sockets, with the real media server: owners, renegotiation, late refusals, time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiortc import RTCSessionDescription

from signaling.commands import EndLesson
from signaling.media_requests import _in_time
from streaming.errors import Refused, Unavailable
from tests.signaling.room_driver import LESSON, claims
from tests.signaling.stack import Stack, stack
from tests.streaming.aiortc_peers import new_connection, publish_offer
from tests.waiting import until

SOURCES = {"0": "microphone", "1": "camera"}


def run(scenario: Callable[[Stack], Awaitable[None]]) -> None:
    async def staged() -> None:
        async with stack() as running:
            await scenario(running)

    asyncio.run(staged())


def test_publish_renegotiate_unpublish() -> None:
    async def scenario(running: Stack) -> None:
        master, classroom = await running.seat("master"), await running.seat("classroom_a")
        connection = new_connection()
        offer = await publish_offer(connection, "VP8")
        opened = await master.request("publish", sdp=offer, sources=SOURCES)
        await connection.setRemoteDescription(RTCSessionDescription(opened["sdp"], "answer"))
        stolen = await classroom.request("publish", sdp=offer, sources=SOURCES, peer=opened["peer"])
        assert stolen["code"] == "peer_unknown"
        await connection.setLocalDescription(await connection.createOffer())
        again = connection.localDescription.sdp
        updated = await master.request("publish", sdp=again, sources=SOURCES, peer=opened["peer"])
        assert updated["publications"] == opened["publications"]
        assert (await master.request("candidate", peer=opened["peer"], candidate=None))["type"] == "result"
        assert (await master.request("unpublish", peer=opened["peer"]))["type"] == "result"
        assert (await master.request("unpublish", peer=opened["peer"]))["code"] == "peer_unknown"
        await connection.close()

    run(scenario)


def test_an_answer_needs_its_offer() -> None:
    async def scenario(running: Stack) -> None:
        client = await running.seat("classroom_a")
        peer = (await client.request("subscribe"))["peer"]
        answer = await client.request("subscribe_answer", peer=peer, offer_id=9, sdp="v=0")
        assert answer["type"] == "error"
        answer = await client.request("subscribe_answer", peer="peer_x", offer_id=9, sdp="v=0")
        assert answer["code"] == "peer_unknown"
        second = (await client.request("subscribe"))["peer"]
        assert second != peer
        assert (await client.request("subscribe_restart", peer=peer))["code"] == "peer_unknown"

    run(scenario)


def test_a_peer_that_comes_too_late_is_closed_again() -> None:
    """The lesson ends while the media server answers the offer."""

    async def scenario(running: Stack) -> None:
        connection = new_connection()
        offer = await publish_offer(connection, "VP8")
        room = await running.rooms._room(LESSON)
        requests = running.rooms._requests
        room.perform(EndLesson())
        with pytest.raises(Refused, match="lesson_ended"):
            await requests._open_publisher(room, claims("master"), offer, None)
        await until(lambda: not running.rooms._router._room_of_peer)
        await connection.close()

    run(scenario)


def test_waiting_for_media_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.media_requests.MEDIA_TIMEOUT_S", 0.01)

    async def wait() -> None:
        with pytest.raises(Unavailable, match="unavailable"):
            await _in_time(asyncio.Event().wait())

    asyncio.run(wait())
