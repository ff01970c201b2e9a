"""Codecs and header extensions of one section: what it shares with `capabilities`, as values and lines.

Of `a=rtpmap:96 VP8/90000`, `a=rtcp-fb:96 nack`, `a=rtpmap:97 rtx/90000`, `a=fmtp:97 apt=96` comes
`NegotiatedCodec(CodecName.VP8, 96, 90000, None, "", 97, frozenset({"nack"}))`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from streaming.errors import RemoteProtocolError
from streaming.sdp.attributes import Direction, ExtMap, Fmtp, RtcpFeedback, RtpMap, format_parameters
from streaming.sdp.capabilities import (
    CODECS,
    OPUS_PARAMETERS,
    CodecCapability,
    CodecName,
    H264Profile,
    HeaderExtension,
    MediaKind,
    h264_profile,
)
from streaming.sdp.description import MediaDescription

Extensions = Mapping[HeaderExtension, int]
"""Header extensions in use and their numbers."""

_CAPABILITY_BY_NAME = {name.lower(): capability for name, capability in CODECS.items()}
_EXTENSION_BY_URI = {extension.value: extension for extension in HeaderExtension}
_MAX_ONE_BYTE_ID = 14
_MAX_TWO_BYTE_ID = 255
_RESERVED_ONE_BYTE_ID = 15
_SENDER_PARAMETERS = frozenset({"sprop-parameter-sets", "sprop-stereo", "sprop-maxcapturerate"})
"""Parameters that describe the stream of whoever wrote them: an answer does not echo them."""


@dataclass(frozen=True, slots=True)
class NegotiatedCodec:
    """A codec with one section's payload types and feedback; `format_parameters` is the remote's fmtp.

    red_payload_type: under which it may come with earlier packets as redundancy (RFC 2198); Opus alone.
    is_red_preferred: RED stands before the codec itself in the list.
    """

    name: CodecName
    payload_type: int
    clock_rate_hz: int
    channels: int | None
    format_parameters: str
    rtx_payload_type: int | None
    feedback: frozenset[str]
    red_payload_type: int | None = None
    is_red_preferred: bool = False

    @property
    def has_nack(self) -> bool:
        return "nack" in self.feedback

    @property
    def has_pli(self) -> bool:
        return "nack pli" in self.feedback

    @property
    def has_fir(self) -> bool:
        return "ccm fir" in self.feedback

    @property
    def has_transport_cc(self) -> bool:
        return "transport-cc" in self.feedback

    @property
    def h264_profile(self) -> H264Profile | None:
        """The profile of an H264 codec, None for other codecs."""
        if self.name is not CodecName.H264:
            return None
        return h264_profile(format_parameters(self.format_parameters).get("profile-level-id", ""))


def _is_carried(capability: CodecCapability, rtpmap: RtpMap, parameters: Mapping[str, str]) -> bool:
    """Whether this configuration of a codec is one that we carry."""
    channels = rtpmap.channels or 1
    if (rtpmap.clock_rate_hz, channels) != (capability.clock_rate_hz, capability.channels or 1):
        return False
    match capability.name:
        case CodecName.H264:
            is_mode_1 = parameters.get("packetization-mode") == "1"
            return is_mode_1 and h264_profile(parameters.get("profile-level-id", "")) is not None
        case CodecName.VP9:
            return parameters.get("profile-id", "0") == "0"
        case CodecName.AV1:
            return parameters.get("profile", "0") == "0"
        case CodecName.VP8 | CodecName.OPUS:
            return True


def _listed_rtpmaps(media: MediaDescription) -> dict[str, RtpMap]:
    """The first rtpmap of each payload type that the `m=` line lists, in the order of that line."""
    rtpmaps: dict[str, RtpMap] = {}
    for rtpmap in media.rtpmaps:
        rtpmaps.setdefault(str(rtpmap.payload_type), rtpmap)
    return {number: rtpmaps[number] for number in dict.fromkeys(media.formats) if number in rtpmaps}


def _rtx_payload_types(media: MediaDescription, rtpmaps: Iterable[RtpMap]) -> dict[int, int]:
    """Which RTX payload type repairs which payload type (`apt`, RFC 4588 section 8.6)."""
    found: dict[int, int] = {}
    for rtpmap in rtpmaps:
        if rtpmap.name.lower() != "rtx":
            continue
        repaired = media.fmtp_parameters(rtpmap.payload_type).get("apt", "")
        if repaired.isascii() and repaired.isdigit() and len(repaired) <= 3:
            found.setdefault(int(repaired), rtpmap.payload_type)
    return found


def _red_payload_types(media: MediaDescription, rtpmaps: Iterable[RtpMap]) -> dict[int, int]:
    """Which RED payload type carries which payload type, by `a=fmtp:63 111/111` (RFC 2198 section 5)."""
    found: dict[int, int] = {}
    for rtpmap in rtpmaps:
        blocks = media.fmtp_text(rtpmap.payload_type).split("/")
        is_repeated = len(blocks) > 1 and len(set(blocks)) == 1
        first = blocks[0]
        if (
            rtpmap.name.lower() == "red"
            and is_repeated
            and first.isascii()
            and first.isdigit()
            and len(first) <= 3
        ):
            found.setdefault(int(first), rtpmap.payload_type)
    return found


def supported_codecs(media: MediaDescription) -> tuple[NegotiatedCodec, ...]:
    """The codecs of a section that we carry, in the order of its `m=` line."""
    rtpmaps = _listed_rtpmaps(media)
    order = [int(number) for number in rtpmaps]
    repairs = _rtx_payload_types(media, rtpmaps.values())
    redundant = _red_payload_types(media, rtpmaps.values())
    found = []
    for candidate in rtpmaps.values():
        capability = _CAPABILITY_BY_NAME.get(candidate.name.lower())
        if capability is None or capability.kind != media.kind:
            continue
        payload_type = candidate.payload_type
        if not _is_carried(capability, candidate, media.fmtp_parameters(payload_type)):
            continue
        offered = {line.kind for line in media.feedback if line.payload_type in (payload_type, None)}
        red = redundant.get(payload_type) if capability.name is CodecName.OPUS else None
        found.append(
            NegotiatedCodec(
                capability.name,
                payload_type,
                capability.clock_rate_hz,
                candidate.channels,
                media.fmtp_text(payload_type),
                repairs.get(payload_type) if "nack" in offered else None,
                capability.feedback & offered,
                red,
                red is not None and order.index(red) < order.index(payload_type),
            )
        )
    return tuple(found)


def most_preferred(
    codecs: Iterable[NegotiatedCodec], preference: Sequence[CodecName]
) -> tuple[NegotiatedCodec, ...]:
    """The codecs, most preferred first; H264 of one name by profile, equal ones in the order they came in."""
    profiles = tuple(H264Profile)
    names = [*preference, *(name for name in CodecName if name not in preference)]

    def rank(codec: NegotiatedCodec) -> tuple[int, int]:
        profile = codec.h264_profile
        return names.index(codec.name), 0 if profile is None else profiles.index(profile)

    return tuple(sorted(codecs, key=rank))


def shared_extensions(
    media: MediaDescription,
    wanted: Sequence[HeaderExtension],
    *,
    remote_sends: bool,
    is_mixed_allowed: bool,
) -> dict[HeaderExtension, int]:
    """The wanted extensions that a section offers in the direction needed, with the offer's numbers.

    Numbers above 14 need two-byte headers, hence `a=extmap-allow-mixed` (RFC 8285 section 6).
    """
    highest = _MAX_TWO_BYTE_ID if is_mixed_allowed else _MAX_ONE_BYTE_ID
    found: dict[HeaderExtension, int] = {}
    for line in media.extmaps:
        extension = _EXTENSION_BY_URI.get(line.uri)
        direction = line.direction or Direction.SENDRECV
        is_usable = direction.sends if remote_sends else direction.receives
        if extension is None or extension not in wanted or extension in found or not is_usable:
            continue
        if line.id <= highest and line.id != _RESERVED_ONE_BYTE_ID and line.id not in found.values():
            found[extension] = line.id
    return found


def without_transport_cc(codec: NegotiatedCodec, extensions: Extensions) -> NegotiatedCodec:
    """The codec with transport-cc feedback only where packets carry the numbers that it reports on."""
    if HeaderExtension.TRANSPORT_CC in extensions:
        return codec
    return replace(codec, feedback=codec.feedback - {"transport-cc"})


def _answer_parameters(codec: NegotiatedCodec) -> str:
    """The fmtp text that answers a codec: opus by our own wishes, the others by the offer's configuration."""
    parameters = format_parameters(codec.format_parameters)
    if codec.name is CodecName.OPUS:
        # stereo=1 asks the other end for two channels: only where it says that it has them.
        return f"{OPUS_PARAMETERS};stereo=1" if parameters.get("sprop-stereo") == "1" else OPUS_PARAMETERS
    return ";".join(
        f"{name}={value}" if value else name
        for name, value in parameters.items()
        if name not in _SENDER_PARAMETERS
    )


def with_codec_lines(media: MediaDescription, codecs: Sequence[NegotiatedCodec]) -> MediaDescription:
    """The section with its formats, rtpmap, rtcp-fb and fmtp lines for `codecs`, in their order."""
    rtpmaps: list[RtpMap] = []
    fmtps: list[Fmtp] = []
    feedback: list[RtcpFeedback] = []
    for codec in codecs:
        own = len(rtpmaps)
        rtpmaps.append(RtpMap(codec.payload_type, codec.name.value, codec.clock_rate_hz, codec.channels))
        feedback += [RtcpFeedback(codec.payload_type, kind) for kind in sorted(codec.feedback)]
        parameters = _answer_parameters(codec)
        if parameters:
            fmtps.append(Fmtp(codec.payload_type, parameters))
        if codec.rtx_payload_type is not None:
            rtpmaps.append(RtpMap(codec.rtx_payload_type, "rtx", codec.clock_rate_hz))
            fmtps.append(Fmtp(codec.rtx_payload_type, f"apt={codec.payload_type}"))
        if codec.red_payload_type is not None:
            red = RtpMap(codec.red_payload_type, "red", codec.clock_rate_hz, codec.channels)
            rtpmaps.insert(own if codec.is_red_preferred else len(rtpmaps), red)
            fmtps.append(Fmtp(codec.red_payload_type, f"{codec.payload_type}/{codec.payload_type}"))
    return replace(
        media,
        formats=tuple(str(rtpmap.payload_type) for rtpmap in rtpmaps),
        rtpmaps=tuple(rtpmaps),
        fmtps=tuple(fmtps),
        feedback=tuple(feedback),
    )


def extension_lines(extensions: Extensions) -> tuple[ExtMap, ...]:
    """The extmap lines, by number."""
    by_number = sorted((number, extension.value) for extension, number in extensions.items())
    return tuple(ExtMap(number, uri) for number, uri in by_number)


def check_bundle_numbers(sections: Sequence[tuple[Sequence[NegotiatedCodec], Extensions]]) -> None:
    """Refuse sections of one BUNDLE that use a number for two things (RFC 8843 sections 9.1 and 9.2).

    Raises RemoteProtocolError("sdp_malformed").
    """
    payload_types: dict[int, tuple[CodecName, str]] = {}
    extension_ids: dict[HeaderExtension, int] = {}
    extension_names: dict[int, HeaderExtension] = {}
    for codecs, extensions in sections:
        for codec in codecs:
            numbers = [(codec.payload_type, "media")]
            if codec.rtx_payload_type is not None:
                numbers.append((codec.rtx_payload_type, "rtx"))
            if codec.red_payload_type is not None:
                numbers.append((codec.red_payload_type, "red"))
            for number, role in numbers:
                if payload_types.setdefault(number, (codec.name, role)) != (codec.name, role):
                    raise RemoteProtocolError("sdp_malformed", f"payload type {number} means two things")
        for extension, number in extensions.items():
            is_same_number = extension_ids.setdefault(extension, number) == number
            if not is_same_number or extension_names.setdefault(number, extension) is not extension:
                raise RemoteProtocolError("sdp_malformed", f"extension number {number} means two things")


def kind_of(media: MediaDescription) -> MediaKind | None:
    """Audio or video, None for a section of another kind."""
    return next((kind for kind in MediaKind if kind.value == media.kind), None)
