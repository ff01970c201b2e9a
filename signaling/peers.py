"""The peer connections of a room: whose they are and what they publish.  Not stored: a restart ends them all.

Invariants: at most one publisher and one subscriber per seat; every publication belongs to one of the
publishers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from signaling.commands import ViewSource
from streaming.errors import Refused
from streaming.identifiers import PeerId, PublicationId, SeatId
from streaming.session.media import Publication, SubscribeOffer


@dataclass(slots=True)
class Publisher:
    """`publications`: negotiated, whether or not their media has come."""

    peer: PeerId
    seat: SeatId
    is_whip: bool
    publications: dict[PublicationId, Publication]


@dataclass(slots=True)
class Subscriber:
    """`offer`: the one that waits for an answer; told again to a client that reconnects."""

    peer: PeerId
    seat: SeatId
    offer: SubscribeOffer | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    peer: PeerId
    seat: SeatId
    source: ViewSource


@dataclass(slots=True)
class PeerTable:
    """Owned by one Room."""

    publishers: dict[PeerId, Publisher] = field(default_factory=dict)
    subscribers: dict[PeerId, Subscriber] = field(default_factory=dict)
    viewers: dict[PeerId, Viewer] = field(default_factory=dict)
    publications: dict[PublicationId, Publication] = field(default_factory=dict)
    _publisher_of: dict[SeatId, PeerId] = field(default_factory=dict)
    _subscriber_of: dict[SeatId, PeerId] = field(default_factory=dict)
    _viewers_of: dict[SeatId, set[PeerId]] = field(default_factory=dict)

    def add_publisher(self, publisher: Publisher) -> PeerId | None:
        """Returns the peer that it replaces, which is still in the table."""
        replaced = self._publisher_of.get(publisher.seat)
        self.publishers[publisher.peer] = publisher
        self._publisher_of[publisher.seat] = publisher.peer
        self.publications.update(publisher.publications)
        return replaced

    def add_subscriber(self, subscriber: Subscriber) -> PeerId | None:
        """Returns the peer that it replaces, which is still in the table."""
        replaced = self._subscriber_of.get(subscriber.seat)
        self.subscribers[subscriber.peer] = subscriber
        self._subscriber_of[subscriber.seat] = subscriber.peer
        return replaced

    def add_viewer(self, viewer: Viewer) -> None:
        self.viewers[viewer.peer] = viewer
        self._viewers_of.setdefault(viewer.seat, set()).add(viewer.peer)

    def replace_publications(
        self, peer: PeerId, publications: tuple[Publication, ...]
    ) -> tuple[PublicationId, ...]:
        """A renegotiation: returns those that are gone."""
        publisher = self.publishers[peer]
        present = {publication.id: publication for publication in publications}
        gone = tuple(id_ for id_ in publisher.publications if id_ not in present)
        for id_ in gone:
            self.publications.pop(id_, None)
        publisher.publications = present
        self.publications.update(present)
        return gone

    def remove_publication(self, publication: PublicationId) -> None:
        found = self.publications.pop(publication, None)
        if found is not None and found.peer in self.publishers:
            self.publishers[found.peer].publications.pop(publication, None)

    def remove(self, peer: PeerId) -> tuple[SeatId, tuple[PublicationId, ...]] | None:
        """Forget a peer.  Returns its seat and its publications; None for an unknown one."""
        publisher = self.publishers.pop(peer, None)
        if publisher is not None:
            _drop(self._publisher_of, publisher.seat, peer)
            for id_ in publisher.publications:
                self.publications.pop(id_, None)
            return publisher.seat, tuple(publisher.publications)
        subscriber = self.subscribers.pop(peer, None)
        if subscriber is not None:
            _drop(self._subscriber_of, subscriber.seat, peer)
            return subscriber.seat, ()
        viewer = self.viewers.pop(peer, None)
        if viewer is None:
            return None
        of_seat = self._viewers_of[viewer.seat]
        of_seat.discard(peer)
        if not of_seat:
            del self._viewers_of[viewer.seat]
        return viewer.seat, ()

    def take_all(self) -> tuple[PeerId, ...]:
        """Forget and return every peer."""
        peers = (*self.publishers, *self.subscribers, *self.viewers)
        for peer in peers:
            self.remove(peer)
        return peers

    def of_seat(self, seat: SeatId) -> Iterator[PeerId]:
        """The live peers of a seat."""
        for table in (self._publisher_of, self._subscriber_of):
            peer = table.get(seat)
            if peer is not None:
                yield peer
        yield from self._viewers_of.get(seat, ())

    def viewer_count(self, seat: SeatId) -> int:
        return len(self._viewers_of.get(seat, ()))

    def subscriber_of(self, seat: SeatId) -> Subscriber | None:
        peer = self._subscriber_of.get(seat)
        return None if peer is None else self.subscribers[peer]

    def owner(self, peer: PeerId) -> SeatId | None:
        found = self.publishers.get(peer) or self.subscribers.get(peer) or self.viewers.get(peer)
        return None if found is None else found.seat

    def seat_of_publication(self, publication: PublicationId) -> SeatId | None:
        found = self.publications.get(publication)
        return None if found is None else self.owner(found.peer)

    def keeps_connected(self, seat: SeatId) -> bool:
        """Whether a WHIP or WHEP peer stands for the seat without a socket."""
        peer = self._publisher_of.get(seat)
        return seat in self._viewers_of or (peer is not None and self.publishers[peer].is_whip)

    def check_owner(self, seat: SeatId, peer: PeerId) -> None:
        """Raises Refused("peer_unknown") for a peer that is not this seat's."""
        if self.owner(peer) != seat:
            raise Refused("peer_unknown", "The server has no such peer connection: make a new one.")


def _drop(table: dict[SeatId, PeerId], seat: SeatId, peer: PeerId) -> None:
    if table.get(seat) == peer:
        del table[seat]
