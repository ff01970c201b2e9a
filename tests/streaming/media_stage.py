"""A running media server with aiortc peers around it, and everything it said."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from aiortc import RTCPeerConnection, RTCSessionDescription

from streaming.config import AdvertisedAddress, MediaConfig
from streaming.identifiers import PeerId, PublicationId
from streaming.server import MediaServer
from streaming.session.media import (
    MediaEvent,
    PeerClosed,
    Publication,
    PublicationLive,
    Source,
    SubscribeOffer,
    WantedTrack,
)
from tests.streaming.aiortc_peers import Receiver, host_address, new_connection, publish_offer

ALL = frozenset(Source)
HOST = host_address()
CONFIG = MediaConfig((AdvertisedAddress(HOST, HOST),), 0)


@dataclass
class Stage:
    """A running server with everything it said so far."""

    server: MediaServer
    events: list[MediaEvent] = field(default_factory=list)
    publishers: list[RTCPeerConnection] = field(default_factory=list)
    receivers: list[Receiver] = field(default_factory=list)
    _said: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, event: MediaEvent) -> None:
        self.events.append(event)
        self._said.set()

    async def until(self, condition: Callable[[MediaEvent], bool], timeout_s: float = 15) -> MediaEvent:
        """The first event so far or to come that fits."""
        seen = 0
        async with asyncio.timeout(timeout_s):
            while True:
                while seen < len(self.events):
                    if condition(self.events[seen]):
                        return self.events[seen]
                    seen += 1
                self._said.clear()
                await self._said.wait()

    async def publish(self, codec: str = "VP8") -> tuple[PeerId, Publication, Publication]:
        """An aiortc publisher: its peer, voice and picture, both live."""
        connection = new_connection()
        self.publishers.append(connection)
        offer = await publish_offer(connection, codec)
        peer, answer, publications = await self.server.open_publisher(
            offer, sources=None, allowed=ALL, stream_name="teacher"
        )
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        voice, picture = publications
        for publication in publications:
            await self.until_live(publication)
        return peer, voice, picture

    async def until_live(self, publication: Publication) -> None:
        await self.until(lambda e: isinstance(e, PublicationLive) and e.publication == publication)

    async def until_closed(self, peer: PeerId, timeout_s: float = 15) -> str:
        """The reason with which `peer` was closed."""
        event = await self.until(lambda e: isinstance(e, PeerClosed) and e.peer == peer, timeout_s)
        assert isinstance(event, PeerClosed)
        return event.reason

    async def next_offer(self, peer: PeerId, after: int = 0) -> SubscribeOffer:
        event = await self.until(
            lambda e: isinstance(e, SubscribeOffer) and e.peer == peer and e.offer_id > after
        )
        assert isinstance(event, SubscribeOffer)
        return event

    async def subscribe(self, *publications: Publication) -> tuple[PeerId, Receiver, SubscribeOffer]:
        """An aiortc subscriber that has answered its first offer."""
        receiver = Receiver()
        self.receivers.append(receiver)
        peer = await self.server.open_subscriber()
        self.server.set_subscriptions(peer, [WantedTrack(p.id, "seat_teacher") for p in publications])
        offer = await self.next_offer(peer)
        await self.server.apply_answer(peer, offer.offer_id, await receiver.answer(offer.sdp))
        return peer, receiver, offer

    async def view(self, audio: PublicationId | None, video: PublicationId | None) -> tuple[PeerId, Receiver]:
        receiver = Receiver()
        self.receivers.append(receiver)
        peer, answer = await self.server.open_viewer(await receiver.view_offer(), audio=audio, video=video)
        await receiver.accept(answer)
        return peer, receiver


@contextlib.asynccontextmanager
async def stage(config: MediaConfig = CONFIG) -> AsyncIterator[Stage]:
    server = MediaServer(config)
    running = Stage(server)
    server.add_listener(running.hear)
    await server.start()
    try:
        yield running
    finally:
        for connection in running.publishers:
            await connection.close()
        for receiver in running.receivers:
            await receiver.close()
        await server.close()


def run(scenario: Callable[[Stage], Awaitable[None]], config: MediaConfig = CONFIG) -> None:
    async def staged() -> None:
        async with stage(config) as running:
            await scenario(running)

    asyncio.run(staged())
