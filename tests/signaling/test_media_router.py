"""Events of the media server find their room."""

from __future__ import annotations

import asyncio

from signaling.media_router import MediaRouter
from signaling.ports import SeatClaims
from streaming.identifiers import LessonId, PeerId
from streaming.session.media import (
    EncodingsWanted,
    PeerClosed,
    PublicationEnded,
    PublicationLevel,
    PublicationLive,
    Source,
)
from tests.signaling.room_driver import LESSON, claims, publication
from tests.signaling.stack import MemoryLog, Stack, stack
from tests.streaming.aiortc_peers import new_connection, publish_offer

MASTER: SeatClaims = claims("master")
CAMERA = publication("peer_x", Source.CAMERA)


def test_events_of_unclaimed_peers_are_nobodys() -> None:
    router = MediaRouter()
    for event in (
        PublicationLive(CAMERA),
        PublicationLevel(CAMERA.id, -3),
        EncodingsWanted(CAMERA, ()),
        PublicationEnded(CAMERA),
    ):
        router.route(event)
    router.route(PeerClosed(PeerId("peer_x"), "peer_left"))
    assert not router._room_of_peer
    assert not router._room_of_publication


def test_a_claimed_peer_is_forgotten_with_its_end() -> None:
    async def scenario(running: Stack) -> None:
        connection = new_connection()
        peer, _ = await running.rooms.whip(MASTER, await publish_offer(connection, "VP8"))
        room, router = await running.rooms._room(LessonId(LESSON)), running.rooms._router
        (camera,) = (p for p in room.room._peers.publications.values() if p.source is Source.CAMERA)
        router.route(PublicationLive(camera))
        assert camera.id in room.room.state.publications
        router.route(PublicationEnded(camera))
        assert camera.id not in room.room.state.publications
        await running.rooms.end_resource(MASTER, peer)
        await room.drain()
        assert not router._room_of_peer
        assert not router._room_of_publication
        await connection.close()

    async def staged() -> None:
        async with stack(MemoryLog()) as running:
            await scenario(running)

    asyncio.run(staged())
