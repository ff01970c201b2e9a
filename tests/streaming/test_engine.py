"""What runs: seats for peers, deadlines, order of events, and an end without leftovers."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest

from streaming.config import AdvertisedAddress, MediaConfig
from streaming.engine import Engine, Peer, open_worker
from streaming.errors import Refused, Unavailable
from streaming.identifiers import PeerId
from streaming.sdp.attributes import Fingerprint, host_candidates
from streaming.session.association import Association, LocalFace
from streaming.session.media import MediaEvent, PeerClosed, PublicationEnded, Source
from streaming.session.numbers import Numbers
from streaming.session.publish_peer import PublishPeer
from streaming.session.subscribe_peer import SubscribePeer
from streaming.transport.certificate import generate_certificate
from tests.streaming.session.descriptions import vector
from tests.waiting import until

CONFIG = MediaConfig((AdvertisedAddress("127.0.0.1", "127.0.0.1"),), 0)
NUMBERS = Numbers(secrets.token_bytes)
CERTIFICATE = generate_certificate()


@dataclass
class Room:
    engine: Engine
    events: list[MediaEvent] = field(default_factory=list)

    def subscriber(self, name: str) -> SubscribePeer:
        peer = SubscribePeer(PeerId(name), self.association(), NUMBERS, negotiation_timeout_ns=10**9)
        self.seat(peer)
        return peer

    def publisher(self, name: str, *, now_ns: int = 0, timeout_ns: int = 10**18) -> PublishPeer:
        peer = PublishPeer(PeerId(name), self.association(timeout_ns), NUMBERS)
        sources = {"0": Source.MICROPHONE, "1": Source.CAMERA}
        offer = vector("chromium_publish_simulcast")
        outcome = peer.apply_offer(offer, sources, frozenset(Source), now_ns)
        self.seat(peer)
        self.engine.apply(self.engine.seated(peer.id), outcome.effects)
        return peer

    def seat(self, peer: Peer) -> None:
        self.engine.seat(NUMBERS.next_number(), peer)

    def association(self, timeout_ns: int = 10**18) -> Association:
        return Association(self.engine.face, NUMBERS, cname="tandem", connect_timeout_ns=timeout_ns)


@contextlib.asynccontextmanager
async def room(config: MediaConfig) -> AsyncIterator[Room]:
    digest = CERTIFICATE.fingerprint
    face = LocalFace(Fingerprint(digest.algorithm, digest.digest), host_candidates(["127.0.0.1"], 41301))
    events: list[MediaEvent] = []
    engine = Engine(config, open_worker(config), CERTIFICATE, face, events.append)
    try:
        yield Room(engine, events)
    finally:
        await engine.close()


def run(scenario: Callable[[Room], Awaitable[None]], config: MediaConfig = CONFIG) -> None:
    async def staged() -> None:
        async with room(config) as opened:
            await scenario(opened)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(staged())


def test_a_seated_peer_is_found_until_it_is_removed() -> None:
    async def scenario(at: Room) -> None:
        peer = at.subscriber("peer_a")
        assert at.engine.seated(peer.id).peer is peer
        assert at.engine.counts()["peers"] == 1
        at.engine.remove(peer.id, "done")
        at.engine.remove(peer.id, "done again")
        with pytest.raises(Refused, match="peer_unknown"):
            at.engine.seated(peer.id)
        assert at.events == [], "never from inside a call"
        await asyncio.sleep(0)
        assert at.events == [PeerClosed(peer.id, "done")]

    run(scenario)


def test_seats_are_limited() -> None:
    async def scenario(at: Room) -> None:
        at.engine.check_capacity()
        at.subscriber("peer_a")
        with pytest.raises(Unavailable, match="too_many_participants"):
            at.engine.check_capacity()
        at.engine.remove(PeerId("peer_a"), "done")
        at.engine.check_capacity()

    run(scenario, replace(CONFIG, max_transports=1))


def test_publications_end_before_their_peer_and_are_forgotten() -> None:
    async def scenario(at: Room) -> None:
        peer = at.publisher("peer_p")
        voice, picture = peer.publications
        assert at.engine.switchboard.publication(picture.id) == picture
        at.engine.remove(peer.id, "left")
        await asyncio.sleep(0)
        assert at.events == [PublicationEnded(voice), PublicationEnded(picture), PeerClosed(peer.id, "left")]
        assert at.engine.switchboard.publication(picture.id) is None

    run(scenario)


def test_a_deadline_that_passed_closes_the_peer() -> None:
    async def scenario(at: Room) -> None:
        peer = at.publisher("peer_p", timeout_ns=1)
        await until(lambda: PeerClosed(peer.id, "connect_timeout") in at.events)

    run(scenario)


def test_close_tells_of_every_peer() -> None:
    async def scenario() -> None:
        async with room(CONFIG) as at:
            at.subscriber("peer_a")
            at.publisher("peer_p")
        closed = [event for event in at.events if isinstance(event, PeerClosed)]
        assert {event.reason for event in closed} == {"server_stopping"}
        assert len(closed) == 2

    asyncio.run(scenario())


def test_an_address_that_cannot_be_bound_is_named() -> None:
    config = replace(CONFIG, addresses=(AdvertisedAddress("203.0.113.9", "203.0.113.9"),))
    with pytest.raises(Unavailable, match=r"203\.0\.113\.9.*--public-address"):
        open_worker(config)
