"""The part of a room that follows the media server: peers come and go, publications live and end, offers
wait."""

from __future__ import annotations

from typing import assert_never

from signaling.attendance import Attendance
from signaling.audience import is_forbidden, is_shown
from signaling.commands import AnswerApplied, PublisherOpened, PublisherUpdated, SubscriberOpened
from signaling.effects import ClosePeer, Tell
from signaling.events import OfferedMedia, PublicationAdded, PublicationRemoved
from signaling.ledger import Ledger
from signaling.levels import LevelBoard
from signaling.peers import PeerTable, Publisher, Subscriber
from signaling.server_messages import (
    EncodingsWantedMessage,
    OfferSection,
    PeerClosedMessage,
    SubscribeOfferMessage,
)
from streaming.identifiers import PeerId, PublicationId, SeatId
from streaming.session.media import (
    EncodingsWanted,
    MediaEvent,
    PeerClosed,
    PeerConnected,
    Publication,
    PublicationEnded,
    PublicationLevel,
    PublicationLive,
    Source,
    SubscribeOffer,
)


class MediaDesk:
    """Shares the ledger, the attendance and the peers with its Room."""

    def __init__(self, ledger: Ledger, attendance: Attendance, peers: PeerTable, levels: LevelBoard) -> None:
        self._ledger = ledger
        self._attendance = attendance
        self._peers = peers
        self._levels = levels

    def publisher_opened(self, command: PublisherOpened) -> None:
        """The newest publisher of a seat replaces the one before."""
        publications = {publication.id: publication for publication in command.publications}
        publisher = Publisher(command.peer, command.claims.seat, command.is_whip, publications)
        self._replace(self._peers.add_publisher(publisher))

    def publisher_updated(self, command: PublisherUpdated) -> None:
        self._peers.check_owner(command.seat, command.peer)
        for publication in self._peers.replace_publications(command.peer, command.publications):
            self._ended(publication)

    def subscriber_opened(self, command: SubscriberOpened) -> None:
        self._replace(self._peers.add_subscriber(Subscriber(command.peer, command.seat)))

    def answer_applied(self, command: AnswerApplied) -> None:
        subscriber = self._peers.subscribers.get(command.peer)
        if subscriber is None or subscriber.offer is None:
            return
        if subscriber.offer.offer_id == command.offer_id:
            subscriber.offer = None

    def repeat_offer(self, seat: SeatId) -> None:
        """A client is back: what it has not answered is asked again."""
        subscriber = self._peers.subscriber_of(seat)
        if subscriber is not None and subscriber.offer is not None:
            self._tell_offer(seat, subscriber.offer)

    def close_peer(self, peer: PeerId, reason: str) -> None:
        """The room ends a peer."""
        self._forget(peer, reason)
        self._ledger.add(ClosePeer(peer, reason))

    def happened(self, event: MediaEvent) -> tuple[SeatId, ...]:
        """Follow one event of the media server.  Returns the seats that lost a peer by it."""
        match event:
            case PeerClosed(peer=peer, reason=reason):
                seat = self._forget(peer, reason)
                return () if seat is None else (seat,)
            case PublicationLive(publication=publication):
                self._live(publication)
            case PublicationEnded(publication=publication):
                self._peers.remove_publication(publication.id)
                self._ended(publication.id)
            case EncodingsWanted(publication=publication, rids=rids):
                self._tell_wanted(publication, rids)
            case PublicationLevel(publication=publication_id, level_dbov=level_dbov):
                self._hear(publication_id, level_dbov)
            case SubscribeOffer(peer=peer):
                subscriber = self._peers.subscribers.get(peer)
                if subscriber is not None:
                    subscriber.offer = event
                    self._tell_offer(subscriber.seat, event)
            case PeerConnected():
                pass
            case _:
                assert_never(event)
        return ()

    def _tell_wanted(self, publication: Publication, rids: tuple[str, ...]) -> None:
        seat = self._peers.owner(publication.peer)
        connection = None if seat is None else self._attendance.connection_of(seat)
        if connection is not None:
            message = EncodingsWantedMessage(publication.peer, publication.id, publication.mid, rids)
            self._ledger.add(Tell(connection, message))

    def _replace(self, replaced: PeerId | None) -> None:
        if replaced is not None:
            self.close_peer(replaced, "replaced")

    def _forget(self, peer: PeerId, reason: str) -> SeatId | None:
        forgotten = self._peers.remove(peer)
        if forgotten is None:
            return None
        seat, publications = forgotten
        for publication in publications:
            self._ended(publication)
        connection = self._attendance.connection_of(seat)
        if connection is not None:
            self._ledger.add(Tell(connection, PeerClosedMessage(peer, reason)))
        return seat

    def _live(self, publication: Publication) -> None:
        seat = self._peers.seat_of_publication(publication.id)
        state = self._ledger.state
        if seat is None or seat not in state.seats or publication.id in state.publications:
            return
        media = OfferedMedia(
            publication.id, seat, publication.kind, publication.source, publication.codec, True
        )
        self._ledger.record(PublicationAdded(media))

    def _ended(self, publication: PublicationId) -> None:
        self._levels.forget(publication)
        if publication in self._ledger.state.publications:
            self._ledger.record(PublicationRemoved(publication))

    def _hear(self, publication: PublicationId, level_dbov: int) -> None:
        media = self._ledger.state.publications.get(publication)
        if media is None or media.source is Source.WHISPER:  # who whispers is nobody else's business
            return
        state = self._ledger.state
        is_for_all = is_shown(state, state.seats[media.seat], media.source)  # not of a room listened to
        if is_for_all and not is_forbidden(state, media.seat, media.source):
            self._levels.hear(publication, level_dbov)

    def _tell_offer(self, seat: SeatId, offer: SubscribeOffer) -> None:
        connection = self._attendance.connection_of(seat)
        if connection is None:
            return
        sections = []
        for section in offer.sections:
            publication = self._peers.publications.get(section.publication)
            owner = self._peers.seat_of_publication(section.publication)
            if publication is not None and owner is not None:
                sections.append(
                    OfferSection(section.mid, publication.id, owner, publication.source, publication.kind)
                )
        message = SubscribeOfferMessage(offer.peer, offer.offer_id, offer.sdp, tuple(sections))
        self._ledger.add(Tell(connection, message))
