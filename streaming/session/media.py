"""The values of the media plane that other parts see: publications, wishes, statistics, and the events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from streaming.forwarding.layers import EVERY_LAYER, LayerLimit
from streaming.identifiers import PeerId, PublicationId
from streaming.sdp.capabilities import CodecName as Codec
from streaming.sdp.capabilities import MediaKind

__all__ = [
    "Codec",
    "EncodingsWanted",
    "LayerLimit",
    "MediaEvent",
    "MediaKind",
    "PeerClosed",
    "PeerConnected",
    "PeerStatistics",
    "Publication",
    "PublicationEnded",
    "PublicationLevel",
    "PublicationLive",
    "SectionMap",
    "Source",
    "SubscribeOffer",
    "WantedTrack",
    "kind_of",
]


class Source(StrEnum):
    """What a publication shows or sounds."""

    CAMERA = "camera"
    MICROPHONE = "microphone"
    SCREEN = "screen"
    SCREEN_AUDIO = "screen_audio"
    WHISPER = "whisper"
    """A voice for one ear: who receives it is named one by one, and it is never recorded."""


def kind_of(source: Source) -> MediaKind:
    """The kind of media section a source belongs in."""
    return MediaKind.VIDEO if source in (Source.CAMERA, Source.SCREEN) else MediaKind.AUDIO


@dataclass(frozen=True, slots=True)
class Publication:
    """One source of one peer.

    fmtp: the negotiated format parameters, which for H264 name the profile.
    rids: the simulcast encodings in the order of the offer; empty where there is but one.
    """

    id: PublicationId
    peer: PeerId
    kind: MediaKind
    source: Source
    mid: str
    codec: Codec
    clock_rate_hz: int
    channels: int
    fmtp: str
    rids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WantedTrack:
    """One publication that a subscriber shall receive.

    stream_id: groups voice and picture for lip synchronisation (msid).
    low_layer: the lowest simulcast encoding instead of the highest.
    layers: bounds within which the highest that comes is taken.
    is_held: negotiated, but nothing flows yet; to let it flow takes no further offer.
    """

    publication: PublicationId
    stream_id: str
    low_layer: bool = False
    is_held: bool = False
    layers: LayerLimit = EVERY_LAYER


@dataclass(frozen=True, slots=True)
class SectionMap:
    """Which publication a media section of a subscribe offer carries."""

    mid: str
    publication: PublicationId


@dataclass(frozen=True, slots=True)
class PeerStatistics:
    """Counts of one peer, as the native worker names them (docs/dataplane.md).

    publications: per publication and rid (empty without simulcast).
    refused: publications that the subscriber's answer rejected; they are not offered again.
    """

    state: str
    transport: Mapping[str, int]
    publications: Mapping[PublicationId, Mapping[str, Mapping[str, int]]] = field(default_factory=dict)
    subscriptions: Mapping[PublicationId, Mapping[str, int]] = field(default_factory=dict)
    refused: tuple[PublicationId, ...] = ()


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
class EncodingsWanted:
    """Of a simulcast publication only these rids are wanted for now: its client may stop the others."""

    publication: Publication
    rids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubscribeOffer:
    """A subscriber has to be asked; its answer goes to `apply_answer` with the same `offer_id`."""

    peer: PeerId
    offer_id: int
    sdp: str = field(repr=False)
    sections: tuple[SectionMap, ...]


MediaEvent = (
    PeerConnected
    | PeerClosed
    | PublicationLive
    | PublicationEnded
    | PublicationLevel
    | EncodingsWanted
    | SubscribeOffer
)
