"""What a peer asks its shell to do.  Numbers are the worker's; the shell knows which transport they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from streaming.forwarding.layers import EVERY_LAYER, LayerLimit
from streaming.forwarding.router import Encoding
from streaming.identifiers import PublicationId
from streaming.sdp.capabilities import HeaderExtension
from streaming.sdp.formats import NegotiatedCodec
from streaming.session.media import MediaKind, Publication, SectionMap
from streaming.transport.fingerprint import CertificateDigest
from streaming.transport.ice_lite import CredentialPair
from streaming.transport.srtp_keys import SrtpKeys


@dataclass(frozen=True, slots=True)
class SetTransport:
    """The transport as the worker shall know it from now on.

    credentials: newest first.  keys: None until DTLS is complete.  extensions: the same numbers both ways.
    """

    credentials: tuple[CredentialPair, ...]
    keys: SrtpKeys | None
    extensions: Mapping[HeaderExtension, int]
    allows_mixed_extensions: bool
    cname: str
    has_transport_cc: bool


@dataclass(frozen=True, slots=True)
class StartDtls:
    """The peer's description is known: its handshake may run."""

    is_server: bool
    fingerprints: tuple[CertificateDigest, ...]


@dataclass(frozen=True, slots=True)
class SetTrack:
    """One encoding that the peer sends.  `ssrc` and `rtx_ssrc` are 0 where the offer does not name them."""

    id: int
    publication: PublicationId
    clock_source: int
    kind: MediaKind
    codec: NegotiatedCodec
    mid: str
    rid: str
    ssrc: int
    rtx_ssrc: int


@dataclass(frozen=True, slots=True)
class RemoveTrack:
    """The peer no longer sends this encoding."""

    id: int


@dataclass(frozen=True, slots=True)
class SetPublication:
    """A publication exists, or changed its encodings."""

    publication: Publication
    encodings: tuple[Encoding, ...]


@dataclass(frozen=True, slots=True)
class EndPublication:
    """A publication is over."""

    publication: Publication


@dataclass(frozen=True, slots=True)
class SetSubscription:
    """One SSRC that we send to the peer.

    formats: the codecs that the peer takes in this section.  publication: None sends nothing for now.
    """

    id: int
    kind: MediaKind
    ssrc: int
    rtx_ssrc: int
    mid: str
    formats: tuple[NegotiatedCodec, ...]
    cname: str
    publication: PublicationId | None
    low_layer: bool = False
    is_paused: bool = False
    layers: LayerLimit = EVERY_LAYER


@dataclass(frozen=True, slots=True)
class RemoveSubscription:
    """We no longer send this SSRC."""

    id: int


@dataclass(frozen=True, slots=True)
class SendOffer:
    """The peer has to be asked."""

    offer_id: int
    sdp: str = field(repr=False)
    sections: tuple[SectionMap, ...]


@dataclass(frozen=True, slots=True)
class Connected:
    """ICE and DTLS are complete."""


@dataclass(frozen=True, slots=True)
class ClosePeer:
    """The peer is lost; the shell removes it."""

    reason: str


Effect = (
    SetTransport
    | StartDtls
    | SetTrack
    | RemoveTrack
    | SetPublication
    | EndPublication
    | SetSubscription
    | RemoveSubscription
    | SendOffer
    | Connected
    | ClosePeer
)
