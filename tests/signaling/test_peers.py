"""The table of peers."""

from __future__ import annotations

import pytest

from signaling.commands import ViewSource
from signaling.peers import PeerTable, Publisher, Subscriber, Viewer
from streaming.errors import Refused
from streaming.identifiers import PeerId, PublicationId, SeatId
from streaming.session.media import Source
from tests.signaling.room_driver import publication

A, B = SeatId("a"), SeatId("b")
PUB, SUB, VIEW = PeerId("pub"), PeerId("sub"), PeerId("view")
CAMERA, VOICE = publication(PUB, Source.CAMERA), publication(PUB, Source.MICROPHONE)


@pytest.fixture
def peers() -> PeerTable:
    table = PeerTable()
    assert table.add_publisher(Publisher(PUB, A, False, {CAMERA.id: CAMERA, VOICE.id: VOICE})) is None
    assert table.add_subscriber(Subscriber(SUB, A)) is None
    table.add_viewer(Viewer(VIEW, B, ViewSource.MASTER))
    return table


def test_owners(peers: PeerTable) -> None:
    assert [peers.owner(peer) for peer in (PUB, SUB, VIEW, PeerId("no"))] == [A, A, B, None]
    assert set(peers.of_seat(A)) == {PUB, SUB}
    assert peers.seat_of_publication(CAMERA.id) == A
    assert peers.seat_of_publication(PublicationId("no")) is None
    peers.check_owner(A, PUB)
    with pytest.raises(Refused, match="peer_unknown"):
        peers.check_owner(B, PUB)


def test_what_keeps_a_seat_connected(peers: PeerTable) -> None:
    assert (peers.keeps_connected(A), peers.keeps_connected(B)) == (False, True)
    peers.remove(VIEW)
    assert not peers.keeps_connected(B)
    peers.add_publisher(Publisher(PeerId("whip"), B, True, {}))
    assert peers.keeps_connected(B)


def test_a_replaced_peer_does_not_take_its_successor_along(peers: PeerTable) -> None:
    assert peers.add_subscriber(Subscriber(PeerId("sub_2"), A)) == SUB
    assert peers.remove(SUB) == (A, ())
    subscriber = peers.subscriber_of(A)
    assert subscriber is not None
    assert subscriber.peer == "sub_2"


def test_publications_come_and_go(peers: PeerTable) -> None:
    screen = publication(PUB, Source.SCREEN)
    assert peers.replace_publications(PUB, (CAMERA, screen)) == (VOICE.id,)
    assert peers.publications.keys() == {CAMERA.id, screen.id}
    peers.remove_publication(screen.id)
    peers.remove_publication(screen.id)
    assert peers.remove(PUB) == (A, (CAMERA.id,))
    assert peers.remove(PUB) is None
    assert peers.publications == {}


def test_nothing_is_left(peers: PeerTable) -> None:
    assert set(peers.take_all()) == {PUB, SUB, VIEW}
    assert peers == PeerTable()
