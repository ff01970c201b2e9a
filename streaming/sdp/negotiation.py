"""What publish, subscribe and view have in common: one BUNDLE, one transport, sections that never move.

The order of an offer's sections is part of the association (RFC 8829 section 5.2.2): a section keeps its
place and its mid until it is refused by port 0. `Layout` remembers that between two offers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from streaming.errors import RemoteProtocolError
from streaming.sdp.attributes import Candidate, Direction, Fingerprint, Group, Setup
from streaming.sdp.description import (
    BUNDLE,
    MediaDescription,
    Origin,
    SessionDescription,
    TransportAttributes,
)

PROTOCOL = "UDP/TLS/RTP/SAVPF"
_PROTOCOLS = frozenset({PROTOCOL, "UDP/TLS/RTP/SAVP", "TCP/DTLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF", "RTP/SAVPF"})
"""RFC 8829 section 5.1.2: UDP or TCP, as the default candidate is; older offerers leave TLS out."""
_FINGERPRINT_ALGORITHMS = frozenset({"sha-256", "sha-384", "sha-512"})
_MIN_UFRAG_CHARACTERS = 4
_MIN_PWD_CHARACTERS = 22
_ANY_ADDRESS = "IN IP4 0.0.0.0"
_DISCARD_PORT = 9


class DtlsRole(StrEnum):
    """Our own role in the DTLS handshake."""

    SERVER = "server"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class LocalTransport:
    """Our end: credentials, the certificate's hashes, all candidates, the number of the SDP session."""

    ice_ufrag: str
    ice_pwd: str
    fingerprints: tuple[Fingerprint, ...]
    candidates: tuple[Candidate, ...]
    session_id: int


@dataclass(frozen=True, slots=True)
class RemoteTransport:
    """What the remote end says about its own; `fingerprints` holds only hashes that are safe to trust."""

    ice_ufrag: str
    ice_pwd: str
    fingerprints: tuple[Fingerprint, ...]
    candidates: tuple[Candidate, ...]
    is_end_of_candidates: bool
    supports_ice2: bool
    local_dtls_role: DtlsRole


@dataclass(frozen=True, slots=True)
class SectionPlace:
    """A section's place in the layout; a refused one may be used for something else by a later offer."""

    mid: str
    kind: str
    is_refused: bool


Layout = tuple[SectionPlace, ...]


def unsupported(detail: str) -> RemoteProtocolError:
    """The error for a description that is well formed and asks for what we do not do."""
    return RemoteProtocolError("sdp_unsupported", detail)


def offered_setup_role(setup: Setup | None) -> DtlsRole:
    """Our role after an offer: server where we may choose (RFC 8842 5.3), client for `passive` (FFmpeg)."""
    match setup:
        case Setup.ACTPASS | Setup.ACTIVE | None:
            return DtlsRole.SERVER
        case Setup.PASSIVE:
            return DtlsRole.CLIENT
        case Setup.HOLDCONN:
            raise unsupported("setup:holdconn")


def answered_setup_role(setup: Setup | None) -> DtlsRole:
    """Our role after an answer to our `actpass`."""
    match setup:
        case Setup.ACTIVE | None:
            return DtlsRole.SERVER
        case Setup.PASSIVE:
            return DtlsRole.CLIENT
        case Setup.ACTPASS | Setup.HOLDCONN:
            raise unsupported(f"setup:{setup} in an answer")


def bundled_sections(description: SessionDescription) -> tuple[MediaDescription, ...]:
    """The sections that share the transport, the tagged one first.

    Without a BUNDLE group one live section may stand alone. Raises RemoteProtocolError("sdp_unsupported").
    """
    mids = description.bundle_mids
    live = [media for media in description.media if not media.is_rejected]
    if mids is None:
        if len(live) > 1:
            raise unsupported("several sections without BUNDLE: offer them with the bundle policy max-bundle")
        return tuple(live)
    by_mid = {media.mid: media for media in live}
    return tuple(by_mid[mid] for mid in dict.fromkeys(mids) if mid in by_mid)


def _tagged_transport(description: SessionDescription) -> tuple[TransportAttributes, MediaDescription]:
    """The transport lines of the BUNDLE: those of the tagged section (RFC 8843 section 7.2)."""
    bundled = bundled_sections(description)
    if not bundled:
        raise unsupported("no live section")
    tagged = next((media for media in bundled if description.transport_of(media).ice_ufrag), bundled[0])
    return description.transport_of(tagged), tagged


def remote_transport(description: SessionDescription, *, is_answer: bool) -> RemoteTransport:
    """The remote end of the transport. Raises RemoteProtocolError("sdp_unsupported")."""
    lines, tagged = _tagged_transport(description)
    ufrag, pwd = lines.ice_ufrag or "", lines.ice_pwd or ""
    if len(ufrag) < _MIN_UFRAG_CHARACTERS or len(pwd) < _MIN_PWD_CHARACTERS:
        raise unsupported("no usable ICE credentials")
    if description.is_ice_lite:
        raise unsupported("ICE-lite on both ends")
    fingerprints = tuple(line for line in lines.fingerprints if line.algorithm in _FINGERPRINT_ALGORITHMS)
    if not fingerprints:
        raise unsupported("no sha-256, sha-384 or sha-512 fingerprint")
    return RemoteTransport(
        ufrag,
        pwd,
        fingerprints,
        tagged.candidates,
        tagged.is_end_of_candidates,
        "ice2" in lines.ice_options,
        answered_setup_role(lines.setup) if is_answer else offered_setup_role(lines.setup),
    )


def is_ice_restart(description: SessionDescription, previous: RemoteTransport) -> bool:
    """Whether a new description changes the ICE credentials, so that ours must change too (RFC 8839 4.4)."""
    lines, _ = _tagged_transport(description)
    return (lines.ice_ufrag, lines.ice_pwd) != (previous.ice_ufrag, previous.ice_pwd)


def check_section(media: MediaDescription) -> None:
    """Refuse an RTP section of the BUNDLE that does not multiplex RTCP (RFC 8843 section 9.3)."""
    if not (media.is_rtcp_mux or media.is_rtcp_mux_only):
        raise unsupported(f"section {media.mid!r} without rtcp-mux")


def has_known_protocol(media: MediaDescription) -> bool:
    return media.protocol in _PROTOCOLS


def layout_of(answer: SessionDescription) -> Layout:
    """The places of an answer's sections."""
    return tuple(SectionPlace(media.mid or "", media.kind, media.port == 0) for media in answer.media)


def check_layout(offer: SessionDescription, previous: Layout) -> None:
    """Check that a re-offer keeps its sections in place. Raises RemoteProtocolError("sdp_unsupported")."""
    if len(offer.media) < len(previous):
        raise unsupported("a section disappeared")
    for media, place in zip(offer.media, previous, strict=False):
        is_same = (media.mid or "", media.kind) == (place.mid, place.kind)
        if not (is_same or place.is_refused or media.is_rejected):
            raise unsupported(f"section {place.mid!r} moved")


def refused_section(offered: MediaDescription) -> MediaDescription:
    """Port 0 in answer to a section that we do not take (RFC 3264 section 6)."""
    return MediaDescription(
        offered.kind,
        0,
        offered.protocol,
        offered.formats,
        connection=_ANY_ADDRESS,
        mid=offered.mid,
        direction=Direction.INACTIVE,
    )


def transport_section(
    kind: str, protocol: str, mid: str | None, local: LocalTransport, setup: Setup
) -> MediaDescription:
    """A live section with the transport lines of our end and no codecs yet."""
    return MediaDescription(
        kind,
        _DISCARD_PORT,
        protocol,
        (),
        connection=_ANY_ADDRESS,
        mid=mid,
        transport=TransportAttributes(
            local.ice_ufrag, local.ice_pwd, ("ice2", "trickle"), local.fingerprints, setup
        ),
        is_rtcp_mux=True,
        is_rtcp_reduced_size=True,
    )


def describe_answer(
    offer: SessionDescription,
    accepted: Mapping[int, MediaDescription],
    local: LocalTransport,
    version: int,
) -> SessionDescription:
    """The answer: sections in the offer's order, those not in `accepted` (by index) refused in their place.

    The accepted ones are bundled and the candidates stand on the first of them, the answer's tagged section.
    `accepted` is not empty.
    """
    bundled = [media.mid for media in bundled_sections(offer)]
    accepted_mids = {media.mid for media in accepted.values()}
    bundled_mids = [mid for mid in bundled if mid in accepted_mids]
    sections = [accepted.get(index, refused_section(media)) for index, media in enumerate(offer.media)]
    media = tuple(
        replace(section, candidates=local.candidates, is_end_of_candidates=True)
        if section.port != 0 and section.mid == bundled_mids[0]
        else section
        for section in sections
    )
    group = Group(BUNDLE, tuple(mid for mid in bundled_mids if mid is not None))
    return SessionDescription(
        origin=Origin(local.session_id, version),
        media=media,
        groups=() if offer.bundle_mids is None else (group,),
        is_ice_lite=True,
        is_extmap_allow_mixed=allows_mixed_extensions(offer),
    )


def answered_setup(transport: RemoteTransport) -> Setup:
    """The setup line of our answer."""
    return Setup.PASSIVE if transport.local_dtls_role is DtlsRole.SERVER else Setup.ACTIVE


def allows_mixed_extensions(description: SessionDescription) -> bool:
    """Whether one- and two-byte headers may be mixed: said by the session or by every live section."""
    live = [media for media in description.media if not media.is_rejected and "RTP" in media.protocol]
    return description.is_extmap_allow_mixed or (
        bool(live) and all(media.is_extmap_allow_mixed for media in live)
    )
