"""What the media server tells its listeners."""

from __future__ import annotations

from dataclasses import dataclass, field

from streaming.identifiers import PeerId, PublicationId
from streaming.session.media import Publication, SectionMap


@dataclass(frozen=True, slots=True)
class PeerConnected:
    """ICE and DTLS are complete; media may flow."""

    peer: PeerId


@dataclass(frozen=True, slots=True)
class PeerClosed:
    """The peer is gone; its publications ended just before this event.

    reason: that given to `close_peer`, or `connect_timeout`, `consent_expired`, `negotiation_timeout`,
    `peer_left` (its DTLS said goodbye), `dtls_failed`, `dtls_timeout`, `dtls_no_srtp`,
    `dtls_fingerprint_mismatch`, `server_stopping`.
    """

    peer: PeerId
    reason: str


@dataclass(frozen=True, slots=True)
class PublicationLive:
    """The first packet of a publication came."""

    publication: Publication


@dataclass(frozen=True, slots=True)
class PublicationEnded:
    """The publication will send no more."""

    publication: Publication


@dataclass(frozen=True, slots=True)
class PublicationLevel:
    """How loud a publication is: -127 (silence) to 0; at most five a second, on changes of at least 3 dB."""

    publication: PublicationId
    level_dbov: int


@dataclass(frozen=True, slots=True)
class SubscribeOffer:
    """A subscriber has to be asked; its answer goes to `apply_answer` with the same `offer_id`."""

    peer: PeerId
    offer_id: int
    sdp: str = field(repr=False)
    sections: tuple[SectionMap, ...]


MediaEvent = (
    PeerConnected | PeerClosed | PublicationLive | PublicationEnded | PublicationLevel | SubscribeOffer
)
