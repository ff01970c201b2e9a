"""What the media plane can carry: codecs, feedback and header extensions, as data.

Preference orders: a master's video is recorded by cutting, not transcoding, so H264 comes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class MediaKind(StrEnum):
    """The kinds of section that are carried; the value is the word of the `m=` line."""

    AUDIO = "audio"
    VIDEO = "video"


class CodecName(StrEnum):
    """The codecs that are forwarded; the value is the encoding name as browsers write it in any case."""

    OPUS = "opus"
    H264 = "H264"
    VP8 = "VP8"
    VP9 = "VP9"
    AV1 = "AV1"


class HeaderExtension(StrEnum):
    """RTP header extensions that are understood; the value is the URI of the extmap line."""

    MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
    RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
    REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
    AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
    ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
    TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    DEPENDENCY_DESCRIPTOR = (
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
    )
    VIDEO_ORIENTATION = "urn:3gpp:video-orientation"
    ABS_CAPTURE_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
    PLAYOUT_DELAY = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"


@dataclass(frozen=True, slots=True)
class CodecCapability:
    """One codec: what its rtpmap must say and which feedback it may use."""

    name: CodecName
    kind: MediaKind
    clock_rate_hz: int
    channels: int | None
    feedback: frozenset[str]


_AUDIO_FEEDBACK = frozenset({"nack", "transport-cc"})
_VIDEO_FEEDBACK = frozenset({"nack", "nack pli", "ccm fir", "transport-cc"})
"""goog-remb is left out: transport-cc carries the estimate wherever both are on offer."""

CODECS: Mapping[CodecName, CodecCapability] = {
    capability.name: capability
    for capability in (
        CodecCapability(CodecName.OPUS, MediaKind.AUDIO, 48_000, 2, _AUDIO_FEEDBACK),
        CodecCapability(CodecName.H264, MediaKind.VIDEO, 90_000, None, _VIDEO_FEEDBACK),
        CodecCapability(CodecName.VP8, MediaKind.VIDEO, 90_000, None, _VIDEO_FEEDBACK),
        CodecCapability(CodecName.VP9, MediaKind.VIDEO, 90_000, None, _VIDEO_FEEDBACK),
        CodecCapability(CodecName.AV1, MediaKind.VIDEO, 90_000, None, _VIDEO_FEEDBACK),
    )
}

PUBLISH_PREFERENCE: tuple[CodecName, ...] = tuple(CODECS)
"""The order in which a publisher's codec is chosen among those it offers."""

_COMMON_EXTENSIONS = (
    HeaderExtension.MID,
    HeaderExtension.ABS_SEND_TIME,
    HeaderExtension.TRANSPORT_CC,
    HeaderExtension.ABS_CAPTURE_TIME,
)
EXTENSIONS: Mapping[MediaKind, tuple[HeaderExtension, ...]] = {
    MediaKind.AUDIO: (*_COMMON_EXTENSIONS, HeaderExtension.AUDIO_LEVEL),
    MediaKind.VIDEO: (
        *_COMMON_EXTENSIONS,
        HeaderExtension.RID,
        HeaderExtension.REPAIRED_RID,
        HeaderExtension.DEPENDENCY_DESCRIPTOR,
        HeaderExtension.VIDEO_ORIENTATION,
        HeaderExtension.PLAYOUT_DELAY,
    ),
}

SENT_EXTENSIONS: Mapping[MediaKind, tuple[HeaderExtension, ...]] = {
    kind: tuple(
        extension
        for extension in extensions
        if extension not in (HeaderExtension.RID, HeaderExtension.REPAIRED_RID)
    )
    for kind, extensions in EXTENSIONS.items()
}
"""What we send to subscribers: a subscription is one encoding, so it carries no rid."""

OFFERED_EXTENSION_IDS: Mapping[HeaderExtension, int] = {
    HeaderExtension.MID: 1,
    HeaderExtension.ABS_SEND_TIME: 2,
    HeaderExtension.TRANSPORT_CC: 3,
    HeaderExtension.AUDIO_LEVEL: 4,
    HeaderExtension.VIDEO_ORIENTATION: 5,
    HeaderExtension.PLAYOUT_DELAY: 6,
    HeaderExtension.ABS_CAPTURE_TIME: 7,
    HeaderExtension.DEPENDENCY_DESCRIPTOR: 8,
}
"""Our own offers: a URI has one number in every section, as BUNDLE demands (RFC 8843 9.2); all one-byte."""


class H264Profile(StrEnum):
    """The H264 profiles that are carried, best understood by decoders first."""

    CONSTRAINED_BASELINE = "42e0"
    BASELINE = "4200"
    MAIN = "4d00"
    HIGH = "6400"


_PROFILE_INDICATION = {
    0x42: H264Profile.BASELINE,
    0x4D: H264Profile.MAIN,
    0x64: H264Profile.HIGH,
}
_CONSTRAINT_SET_0, _CONSTRAINT_SET_1 = 0x80, 0x40
DEFAULT_PROFILE_LEVEL_ID = "42000a"
"""What an absent profile-level-id means: baseline at level 1 (RFC 6184 section 8.1)."""


def h264_profile(profile_level_id: str) -> H264Profile | None:
    """The profile of a profile-level-id (RFC 6184 section 8.1, table 5), None for one that is not carried.

    `42e01f` and `42c015` are constrained baseline: profile_idc 0x42, and constraint_set1_flag (0x40) is set.
    """
    try:
        value = bytes.fromhex(profile_level_id or DEFAULT_PROFILE_LEVEL_ID)
    except ValueError:
        return None
    if len(value) != 3:
        return None
    indication, constraints, _ = value
    if indication == 0x42 and constraints & _CONSTRAINT_SET_1:
        return H264Profile.CONSTRAINED_BASELINE
    if indication == 0x4D and constraints & _CONSTRAINT_SET_0:
        return H264Profile.CONSTRAINED_BASELINE
    if indication == 0x58:
        both = _CONSTRAINT_SET_0 | _CONSTRAINT_SET_1
        return H264Profile.CONSTRAINED_BASELINE if constraints & both == both else None
    return _PROFILE_INDICATION.get(indication)


@dataclass(frozen=True, slots=True)
class OfferedFormat:
    """A row of the fixed payload-type table of our own offers."""

    payload_type: int
    rtx_payload_type: int | None
    format_parameters: str
    red_payload_type: int | None = None


OPUS_PARAMETERS = "minptime=10;useinbandfec=1"


def _h264_parameters(profile: H264Profile) -> str:
    # Level 3.1 for all: with level-asymmetry-allowed it bounds nothing that we send.
    return f"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile}1f"


OFFERED_FORMATS: Mapping[CodecName, OfferedFormat] = {
    CodecName.OPUS: OfferedFormat(111, None, OPUS_PARAMETERS, red_payload_type=63),
    CodecName.VP8: OfferedFormat(96, 97, ""),
    CodecName.VP9: OfferedFormat(98, 99, "profile-id=0"),
    CodecName.AV1: OfferedFormat(45, 46, ""),
}
OFFERED_H264_FORMATS: Mapping[H264Profile, OfferedFormat] = {
    profile: OfferedFormat(payload_type, payload_type + 1, _h264_parameters(profile))
    for profile, payload_type in zip(H264Profile, (102, 104, 106, 108), strict=True)
}
"""One number per profile: in a BUNDLE a payload type means one configuration (RFC 8843 section 9.1)."""
