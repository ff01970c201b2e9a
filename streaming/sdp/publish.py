"""Answer a publisher's offer: one codec per section, simulcast as offered, the rest refused in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from streaming.errors import RemoteProtocolError
from streaming.sdp.attributes import Attribute, Direction, Setup
from streaming.sdp.capabilities import EXTENSIONS, PUBLISH_PREFERENCE, CodecName, HeaderExtension, MediaKind
from streaming.sdp.description import MediaDescription, SessionDescription
from streaming.sdp.formats import (
    Extensions,
    NegotiatedCodec,
    check_bundle_numbers,
    extension_lines,
    kind_of,
    most_preferred,
    shared_extensions,
    supported_codecs,
    with_codec_lines,
    without_transport_cc,
)
from streaming.sdp.negotiation import (
    Layout,
    LocalTransport,
    RemoteTransport,
    allows_mixed_extensions,
    answered_setup,
    bundled_sections,
    check_layout,
    check_section,
    describe_answer,
    has_known_protocol,
    is_ice_restart,
    layout_of,
    remote_transport,
    transport_section,
    unsupported,
)
from streaming.sdp.simulcast import Rid, Simulcast, SimulcastRid

DEFAULT_PTIME_MS = 20
"""What senders of Opus do unasked (RFC 7587 section 6.1)."""
MAX_RIDS = 4
MAX_DECLARED_SSRCS = 8
_MAX_RID_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class PublishPolicy:
    """How many sending sections of each kind a publisher may have; those beyond are refused with port 0.

    voice_ptime_ms: how much sound one packet shall carry (`a=ptime`, RFC 8866 section 6.4).
    """

    audio_sections: int
    video_sections: int
    preference: tuple[CodecName, ...] = PUBLISH_PREFERENCE
    voice_ptime_ms: int = DEFAULT_PTIME_MS

    def limit(self, kind: MediaKind) -> int:
        return self.audio_sections if kind is MediaKind.AUDIO else self.video_sections


@dataclass(frozen=True, slots=True)
class PublishRid:
    """One simulcast encoding, in the order of the simulcast line; `is_paused` is its state at first."""

    rid: str
    is_paused: bool


@dataclass(frozen=True, slots=True)
class DeclaredSsrc:
    """An SSRC that the offer names, with the one that repairs it (FID)."""

    ssrc: int
    rtx_ssrc: int | None
    cname: str | None


@dataclass(frozen=True, slots=True)
class PublishSection:
    """An accepted section. `is_sending` is False while the offer says inactive or recvonly."""

    mid: str
    index: int
    kind: MediaKind
    is_sending: bool
    codec: NegotiatedCodec
    rids: tuple[PublishRid, ...]
    ssrcs: tuple[DeclaredSsrc, ...]
    stream_id: str | None
    track_id: str | None
    extensions: Extensions


@dataclass(frozen=True, slots=True)
class NegotiatedPublish:
    """The outcome of one offer; give it to the next call for the same transport as `previous`."""

    transport: RemoteTransport
    sections: tuple[PublishSection, ...]
    allows_mixed_extensions: bool
    session_version: int
    is_ice_restart: bool
    layout: Layout


def declared_ssrcs(media: MediaDescription) -> tuple[DeclaredSsrc, ...]:
    """The media SSRCs of a section in their order, each with its RTX; at most `MAX_DECLARED_SSRCS`."""
    pairs = [(group.semantics, *group.ssrcs) for group in media.ssrc_groups if len(group.ssrcs) == 2]
    repairs = {first: second for semantics, first, second in pairs if semantics == "FID"}
    secondary = {second for semantics, _, second in pairs if semantics in ("FID", "FEC-FR")}
    primary = dict.fromkeys(line.ssrc for line in media.ssrcs if line.ssrc not in secondary)
    cnames = {line.ssrc: line.value for line in media.ssrcs if line.name == "cname"}
    found = tuple(DeclaredSsrc(ssrc, repairs.get(ssrc), cnames.get(ssrc)) for ssrc in primary)
    return found[:MAX_DECLARED_SSRCS]


def stream_and_track(media: MediaDescription) -> tuple[str | None, str | None]:
    """The msid of a section: from its own line, else from an ssrc line, as older senders write it."""
    if media.msids:
        stream, track = media.msids[0].stream_id, media.msids[0].track_id
    else:
        text = next((line.value for line in media.ssrcs if line.name == "msid" and line.value), "")
        stream, _, track = (text or "").partition(" ")
    return (stream if stream not in ("", "-") else None), track or None


def _restricted_payload_types(rid: Rid) -> frozenset[str]:
    """The payload types that a rid line allows, empty when it allows all (RFC 8851 section 4)."""
    for restriction in rid.restrictions.split(";"):
        name, _, value = restriction.strip().partition("=")
        if name == "pt":
            return frozenset(value.split(","))
    return frozenset()


def accepted_rids(
    media: MediaDescription, codec: NegotiatedCodec, extensions: Extensions
) -> tuple[PublishRid, ...]:
    """The encodings that will arrive under a rid: sent with this codec, and told apart by the extension."""
    if HeaderExtension.RID not in extensions:
        return ()
    sendable = {}
    for rid in media.rids:
        allowed = _restricted_payload_types(rid)
        is_identifier = rid.id.isalnum() and len(rid.id) <= _MAX_RID_CHARACTERS
        if rid.is_send and is_identifier and (not allowed or str(codec.payload_type) in allowed):
            sendable[rid.id] = PublishRid(rid.id, is_paused=False)
    if media.simulcast is None:
        return tuple(sendable.values())[:MAX_RIDS]
    ordered: dict[str, PublishRid] = {}
    for alternatives in media.simulcast.send:
        chosen = next((alternative for alternative in alternatives if alternative.rid in sendable), None)
        if chosen is not None:
            ordered.setdefault(chosen.rid, PublishRid(chosen.rid, chosen.is_paused))
    return tuple(ordered.values())[:MAX_RIDS]


def _accept(
    media: MediaDescription, index: int, policy: PublishPolicy, *, is_mixed_allowed: bool
) -> PublishSection | None:
    """What a section comes to, None when it holds nothing that we carry."""
    kind = kind_of(media)
    codecs = most_preferred(supported_codecs(media), policy.preference)
    if kind is None or not codecs or not has_known_protocol(media):
        return None
    check_section(media)
    extensions = shared_extensions(
        media, EXTENSIONS[kind], remote_sends=True, is_mixed_allowed=is_mixed_allowed
    )
    codec = without_transport_cc(codecs[0], extensions)
    if not codec.is_red_preferred:
        # Redundancy is made here for those who lose packets: the uplink carries the voice once, unless its
        # client knows better.
        codec = replace(codec, red_payload_type=None)
    stream_id, track_id = stream_and_track(media)
    return PublishSection(
        mid=media.mid or "",
        index=index,
        kind=kind,
        is_sending=media.effective_direction.sends,
        codec=codec,
        rids=accepted_rids(media, codec, extensions) if kind is MediaKind.VIDEO else (),
        ssrcs=declared_ssrcs(media),
        stream_id=stream_id,
        track_id=track_id,
        extensions=extensions,
    )


def _accept_all(offer: SessionDescription, policy: PublishPolicy) -> tuple[PublishSection, ...]:
    """The accepted sections in the offer's order."""
    bundled = {id(media) for media in bundled_sections(offer)}
    is_mixed_allowed = allows_mixed_extensions(offer)
    sending = dict.fromkeys(MediaKind, 0)
    accepted = []
    for index, media in enumerate(offer.media):
        if id(media) not in bundled:
            continue
        section = _accept(media, index, policy, is_mixed_allowed=is_mixed_allowed)
        if section is None:
            continue
        if section.is_sending:
            sending[section.kind] += 1
            if sending[section.kind] > policy.limit(section.kind):
                continue
        accepted.append(section)
    return tuple(accepted)


def _check_ssrcs(sections: Sequence[PublishSection]) -> None:
    """An SSRC is declared once in a transport (RFC 8843 section 9.2)."""
    seen: set[int] = set()
    for section in sections:
        for declared in section.ssrcs:
            numbers = {declared.ssrc} | ({declared.rtx_ssrc} if declared.rtx_ssrc is not None else set())
            if seen & numbers:
                raise RemoteProtocolError("sdp_malformed", f"ssrc {declared.ssrc} is declared twice")
            seen |= numbers


def _answer_section(
    offered: MediaDescription,
    section: PublishSection,
    local: LocalTransport,
    setup: Setup,
    voice_ptime_ms: int,
) -> MediaDescription:
    is_asked = section.kind is MediaKind.AUDIO and voice_ptime_ms != DEFAULT_PTIME_MS
    media = transport_section(offered.kind, offered.protocol, offered.mid, local, setup)
    media = with_codec_lines(media, (section.codec,))
    streams = tuple((SimulcastRid(rid.rid, rid.is_paused),) for rid in section.rids)
    return replace(
        media,
        direction=Direction.RECVONLY if section.is_sending else Direction.INACTIVE,
        extmaps=extension_lines(section.extensions),
        rids=tuple(Rid(rid.rid, is_send=False) for rid in section.rids),
        simulcast=Simulcast(recv=streams) if streams and offered.simulcast is not None else None,
        other=(*media.other, Attribute("ptime", str(voice_ptime_ms))) if is_asked else media.other,
    )


def answer_publish(
    offer: SessionDescription,
    local: LocalTransport,
    policy: PublishPolicy,
    previous: NegotiatedPublish | None = None,
) -> tuple[SessionDescription, NegotiatedPublish]:
    """The answer to a publisher's offer, and what was agreed.

    For a re-offer give `previous`; when `is_ice_restart(offer, previous.transport)` the caller hands in a
    `local` with new credentials. Raises RemoteProtocolError: `sdp_unsupported`, `sdp_malformed`.
    """
    transport = remote_transport(offer, is_answer=False)
    if previous is not None:
        check_layout(offer, previous.layout)
    sections = _accept_all(offer, policy)
    if not sections:
        raise unsupported("no section in common")
    check_bundle_numbers([((section.codec,), section.extensions) for section in sections])
    _check_ssrcs(sections)
    setup = answered_setup(transport)
    ptime_ms = policy.voice_ptime_ms
    answered = {s.index: _answer_section(offer.media[s.index], s, local, setup, ptime_ms) for s in sections}
    version = 1 if previous is None else previous.session_version + 1
    answer = describe_answer(offer, answered, local, version)
    negotiated = NegotiatedPublish(
        transport=transport,
        sections=sections,
        allows_mixed_extensions=answer.is_extmap_allow_mixed,
        session_version=version,
        is_ice_restart=previous is not None and is_ice_restart(offer, previous.transport),
        layout=layout_of(answer),
    )
    return answer, negotiated
