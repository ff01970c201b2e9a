"""The values of a session description (RFC 8866 with the lines of RFC 8829, JSEP).

`parsing.parse_description` makes them from text, `serializing.serialize_description` turns them back; what
has no field here is kept in `other`, so that no line is lost; codec lines come out grouped by payload type.
"""

from __future__ import annotations

from dataclasses import dataclass

from streaming.sdp.attributes import (
    Attribute,
    Candidate,
    Direction,
    ExtMap,
    Fingerprint,
    Fmtp,
    Group,
    Msid,
    RtcpFeedback,
    RtpMap,
    Setup,
    SsrcAttribute,
    SsrcGroup,
    format_parameters,
)
from streaming.sdp.simulcast import Rid, Simulcast

BUNDLE = "BUNDLE"


@dataclass(frozen=True, slots=True)
class Origin:
    """`o=- 4611731400430051336 2 IN IP4 127.0.0.1`; `version` grows with each description of a session."""

    session_id: int
    version: int
    username: str = "-"
    address: str = "IN IP4 127.0.0.1"


@dataclass(frozen=True, slots=True)
class TransportAttributes:
    """ICE and DTLS lines, at the session or at a media section; None or () means not there."""

    ice_ufrag: str | None = None
    ice_pwd: str | None = None
    ice_options: tuple[str, ...] = ()
    fingerprints: tuple[Fingerprint, ...] = ()
    setup: Setup | None = None

    def over(self, session: TransportAttributes) -> TransportAttributes:
        """These values, with the session's where they are absent; ufrag and pwd go together (RFC 8839)."""
        has_credentials = self.ice_ufrag is not None or self.ice_pwd is not None
        return TransportAttributes(
            self.ice_ufrag if has_credentials else session.ice_ufrag,
            self.ice_pwd if has_credentials else session.ice_pwd,
            self.ice_options or session.ice_options,
            self.fingerprints or session.fingerprints,
            self.setup or session.setup,
        )


@dataclass(frozen=True, slots=True)
class MediaDescription:
    """One `m=` section. `direction` is None where neither section nor session gives one (then sendrecv)."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    connection: str | None = None
    mid: str | None = None
    direction: Direction | None = None
    transport: TransportAttributes = TransportAttributes()
    candidates: tuple[Candidate, ...] = ()
    is_end_of_candidates: bool = False
    is_rtcp_mux: bool = False
    is_rtcp_mux_only: bool = False
    is_rtcp_reduced_size: bool = False
    is_bundle_only: bool = False
    is_extmap_allow_mixed: bool = False
    rtpmaps: tuple[RtpMap, ...] = ()
    fmtps: tuple[Fmtp, ...] = ()
    feedback: tuple[RtcpFeedback, ...] = ()
    extmaps: tuple[ExtMap, ...] = ()
    msids: tuple[Msid, ...] = ()
    ssrc_groups: tuple[SsrcGroup, ...] = ()
    ssrcs: tuple[SsrcAttribute, ...] = ()
    rids: tuple[Rid, ...] = ()
    simulcast: Simulcast | None = None
    other: tuple[Attribute, ...] = ()

    @property
    def effective_direction(self) -> Direction:
        """The direction, sendrecv when no line says otherwise (RFC 8866 section 6.7)."""
        return self.direction or Direction.SENDRECV

    @property
    def is_rejected(self) -> bool:
        """Port 0 rejects a section, but for `a=bundle-only` (RFC 8843 section 6)."""
        return self.port == 0 and not self.is_bundle_only

    def fmtp_text(self, payload_type: int) -> str:
        """The format parameters of a payload type as one text, "" when there are none."""
        return ";".join(fmtp.text for fmtp in self.fmtps if fmtp.payload_type == payload_type)

    def fmtp_parameters(self, payload_type: int) -> dict[str, str]:
        """The format parameters of a payload type by lower-case name."""
        return format_parameters(self.fmtp_text(payload_type))


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """A whole description: the session's own lines and the media sections in their order."""

    origin: Origin
    media: tuple[MediaDescription, ...] = ()
    name: str = "-"
    timing: str = "0 0"
    connection: str | None = None
    groups: tuple[Group, ...] = ()
    is_ice_lite: bool = False
    is_extmap_allow_mixed: bool = False
    direction: Direction | None = None
    transport: TransportAttributes = TransportAttributes()
    other: tuple[Attribute, ...] = ()

    def transport_of(self, media: MediaDescription) -> TransportAttributes:
        """A section's ICE and DTLS values with the session's as fall-back."""
        return media.transport.over(self.transport)

    @property
    def bundle_mids(self) -> tuple[str, ...] | None:
        """The mids of the first BUNDLE group, None when there is none."""
        return next((group.mids for group in self.groups if group.semantics == BUNDLE), None)
