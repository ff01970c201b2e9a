"""Offer a subscriber its tracks: one section per subscription, never removed, set inactive and used again.

States of a slot:

    absent --a track is wanted, no idle slot of its kind--> bound (a new section at the end)
    bound  --its track is no longer wanted--> idle (a=inactive, same place, same mid)
    idle   --a track of the same kind is wanted--> bound (the same mid with other ssrc, msid and codec)

A mid never changes: browsers refuse another mid in the place of a section that was not refused with port 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from streaming.errors import LocalProtocolError
from streaming.sdp.attributes import (
    Direction,
    Fmtp,
    Group,
    RtcpFeedback,
    RtpMap,
    Setup,
    format_parameters,
)
from streaming.sdp.capabilities import (
    CODECS,
    OFFERED_EXTENSION_IDS,
    OFFERED_FORMATS,
    OFFERED_H264_FORMATS,
    SENT_EXTENSIONS,
    CodecName,
    H264Profile,
    MediaKind,
    OfferedFormat,
    h264_profile,
)
from streaming.sdp.description import BUNDLE, MediaDescription, Origin, SessionDescription
from streaming.sdp.formats import (
    Extensions,
    NegotiatedCodec,
    extension_lines,
    shared_extensions,
    supported_codecs,
    without_transport_cc,
)
from streaming.sdp.negotiation import (
    PROTOCOL,
    LocalTransport,
    RemoteTransport,
    allows_mixed_extensions,
    bundled_sections,
    check_section,
    remote_transport,
    transport_section,
    unsupported,
)
from streaming.sdp.sending import with_stream_lines

MAX_SLOTS = 64
"""As many media sections as a description may have."""


@dataclass(frozen=True, slots=True)
class WantedTrack:
    """A track that a subscriber shall get. `key` is the caller's name for it; equal keys keep their slot.

    `format_parameters` is the publication's fmtp text, which names its H264 profile. `stream_id` groups voice
    and picture of one source: libwebrtc pairs lips by it, not by CNAME.
    """

    key: str
    kind: MediaKind
    codec: CodecName
    format_parameters: str
    ssrc: int
    rtx_ssrc: int | None
    cname: str
    stream_id: str
    track_id: str


@dataclass(frozen=True, slots=True)
class Slot:
    """One media section of the subscriber; `track` is None while it is idle."""

    mid: str
    kind: MediaKind
    track: WantedTrack | None


@dataclass(frozen=True, slots=True)
class SubscribeState:
    """The sections so far, and the version of the last offer. Slots only grow in number."""

    slots: tuple[Slot, ...] = ()
    session_version: int = 0


@dataclass(frozen=True, slots=True)
class SubscribeSection:
    """A section that the subscriber accepted."""

    mid: str
    index: int
    track: WantedTrack
    codec: NegotiatedCodec
    extensions: Extensions


@dataclass(frozen=True, slots=True)
class NegotiatedSubscribe:
    """The outcome of an answer. `refused` are the tracks whose section the subscriber did not take."""

    transport: RemoteTransport
    sections: tuple[SubscribeSection, ...]
    refused: tuple[WantedTrack, ...]
    allows_mixed_extensions: bool


def offered_formats(codec: CodecName, parameters: str) -> tuple[OfferedFormat, ...]:
    """The rows of the fixed payload-type table for a codec and the fmtp text of its publication.

    An H264 profile is followed by constrained baseline: browsers that list no High decode it.
    """
    if codec is not CodecName.H264:
        return (OFFERED_FORMATS[codec],)
    profile = h264_profile(format_parameters(parameters).get("profile-level-id", ""))
    rows = (profile or H264Profile.CONSTRAINED_BASELINE, H264Profile.CONSTRAINED_BASELINE)
    return tuple(OFFERED_H264_FORMATS[row] for row in dict.fromkeys(rows))


def assign_slots(slots: Sequence[Slot], wanted: Sequence[WantedTrack]) -> tuple[Slot, ...]:
    """The slots after a change: kept tracks stay, idle slots are used before new ones are added.

    Raises LocalProtocolError when a key is wanted twice or more than `MAX_SLOTS` would be needed.
    """
    by_key = {track.key: track for track in wanted}
    if len(by_key) != len(wanted):
        raise LocalProtocolError("subscribe_key_repeated", "a track is wanted twice")
    assigned = []
    for slot in slots:
        kept = by_key.get(slot.track.key) if slot.track is not None else None
        if kept is not None and kept.kind is not slot.kind:
            kept = None
        if kept is not None:
            del by_key[kept.key]
        assigned.append(replace(slot, track=kept))
    for track in by_key.values():
        idle = (i for i, slot in enumerate(assigned) if slot.track is None and slot.kind is track.kind)
        index = next(idle, None)
        if index is not None:
            assigned[index] = replace(assigned[index], track=track)
        else:
            assigned.append(Slot(str(len(assigned)), track.kind, track))
    if len(assigned) > MAX_SLOTS:
        raise LocalProtocolError("subscribe_slots_exhausted", f"{len(assigned)} sections")
    return tuple(assigned)


def _with_offered_codec(
    media: MediaDescription, kind: MediaKind, track: WantedTrack | None
) -> MediaDescription:
    """The section with the codec of its track, or one of its kind while it is idle."""
    default = CodecName.OPUS if kind is MediaKind.AUDIO else CodecName.VP8
    name = default if track is None else track.codec
    capability = CODECS[name]
    rtpmaps: list[RtpMap] = []
    fmtps: list[Fmtp] = []
    feedback: list[RtcpFeedback] = []
    for row in offered_formats(name, "" if track is None else track.format_parameters):
        rtpmaps.append(RtpMap(row.payload_type, name.value, capability.clock_rate_hz, capability.channels))
        feedback += [RtcpFeedback(row.payload_type, line) for line in sorted(capability.feedback)]
        if row.format_parameters:
            fmtps.append(Fmtp(row.payload_type, row.format_parameters))
        if row.rtx_payload_type is not None and (track is None or track.rtx_ssrc is not None):
            rtpmaps.append(RtpMap(row.rtx_payload_type, "rtx", capability.clock_rate_hz))
            fmtps.append(Fmtp(row.rtx_payload_type, f"apt={row.payload_type}"))
        if row.red_payload_type is not None:
            red = row.red_payload_type
            rtpmaps.append(RtpMap(red, "red", capability.clock_rate_hz, capability.channels))
            fmtps.append(Fmtp(red, f"{row.payload_type}/{row.payload_type}"))
    return replace(
        media,
        formats=tuple(str(rtpmap.payload_type) for rtpmap in rtpmaps),
        rtpmaps=tuple(rtpmaps),
        fmtps=tuple(fmtps),
        feedback=tuple(feedback),
    )


def _offer_section(slot: Slot, local: LocalTransport, *, is_first: bool) -> MediaDescription:
    media = transport_section(slot.kind.value, PROTOCOL, slot.mid, local, Setup.ACTPASS)
    media = _with_offered_codec(media, slot.kind, slot.track)
    extensions = {extension: OFFERED_EXTENSION_IDS[extension] for extension in SENT_EXTENSIONS[slot.kind]}
    media = replace(
        media,
        direction=Direction.INACTIVE if slot.track is None else Direction.SENDONLY,
        extmaps=extension_lines(extensions),
        candidates=local.candidates if is_first else (),
        is_end_of_candidates=is_first,
    )
    return media if slot.track is None else with_stream_lines(media, slot.track)


def offer_subscribe(
    state: SubscribeState, wanted: Sequence[WantedTrack], local: LocalTransport
) -> tuple[SubscribeState, SessionDescription]:
    """The state and the offer that give a subscriber exactly the `wanted` tracks.

    `local` with new credentials makes it an ICE restart. Raises LocalProtocolError (see `assign_slots`), also
    for an offer without any section.
    """
    slots = assign_slots(state.slots, wanted)
    if not slots:
        raise LocalProtocolError("subscribe_nothing", "an offer needs a section")
    following = SubscribeState(slots, state.session_version + 1)
    offer = SessionDescription(
        origin=Origin(local.session_id, following.session_version),
        media=tuple(_offer_section(slot, local, is_first=index == 0) for index, slot in enumerate(slots)),
        groups=(Group(BUNDLE, tuple(slot.mid for slot in slots)),),
        is_ice_lite=True,
        is_extmap_allow_mixed=True,
    )
    return following, offer


def _answered_codec(track: WantedTrack, media: MediaDescription) -> NegotiatedCodec | None:
    """The first format of the offer that the answer keeps, with its RTX where both ends have it."""
    answered = {codec.payload_type: codec for codec in supported_codecs(media) if codec.name is track.codec}
    for row in offered_formats(track.codec, track.format_parameters):
        codec = answered.get(row.payload_type)
        if codec is not None:
            has_rtx = track.rtx_ssrc is not None and codec.rtx_payload_type == row.rtx_payload_type
            has_red = codec.red_payload_type == row.red_payload_type
            return replace(
                codec,
                rtx_payload_type=codec.rtx_payload_type if has_rtx else None,
                red_payload_type=codec.red_payload_type if has_red else None,
            )
    return None


def _accepted(slot: Slot, index: int, media: MediaDescription, *, is_mixed: bool) -> SubscribeSection | None:
    """What the answer makes of a bound slot, None when it does not take the track."""
    if slot.track is None or not media.effective_direction.receives:
        return None
    codec = _answered_codec(slot.track, media)
    if codec is None:
        return None
    check_section(media)
    numbers = shared_extensions(
        media, SENT_EXTENSIONS[slot.kind], remote_sends=False, is_mixed_allowed=is_mixed
    )
    extensions = {name: number for name, number in numbers.items() if OFFERED_EXTENSION_IDS[name] == number}
    return SubscribeSection(slot.mid, index, slot.track, without_transport_cc(codec, extensions), extensions)


def apply_subscribe_answer(state: SubscribeState, answer: SessionDescription) -> NegotiatedSubscribe:
    """What the answer to the last offer of `state` accepts.

    Raises RemoteProtocolError("sdp_unsupported") when the answer does not fit the offer or has no transport.
    """
    if len(answer.media) != len(state.slots):
        raise unsupported("the answer has another number of sections")
    for slot, media in zip(state.slots, answer.media, strict=True):
        if media.kind != slot.kind.value or media.mid not in (slot.mid, None):
            raise unsupported(f"section {slot.mid!r} is answered by another")
    transport = remote_transport(answer, is_answer=True)
    bundled = {id(media) for media in bundled_sections(answer)}
    is_mixed = allows_mixed_extensions(answer)
    accepted = []
    refused = []
    for index, (slot, media) in enumerate(zip(state.slots, answer.media, strict=True)):
        is_live = id(media) in bundled
        section = _accepted(slot, index, media, is_mixed=is_mixed) if is_live else None
        if section is not None:
            accepted.append(section)
        elif slot.track is not None:
            refused.append(slot.track)
    return NegotiatedSubscribe(transport, tuple(accepted), tuple(refused), is_mixed)
