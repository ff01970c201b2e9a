"""The SDP of a light participant: two sections, voice (Opus) and picture (VP8), on one transport."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

VOICE_PAYLOAD_TYPE = 111
VIDEO_PAYLOAD_TYPE = 96
RTX_PAYLOAD_TYPE = 97
MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid"
AUDIO_LEVEL_URI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
TRANSPORT_CC_URI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
OFFERED_EXTENSIONS = {TRANSPORT_CC_URI: 3, MID_URI: 4, AUDIO_LEVEL_URI: 5}


@dataclass(frozen=True, slots=True)
class LocalEnd:
    """What an offer says about its sender."""

    ufrag: str
    pwd: str
    fingerprint: str
    voice_ssrc: int
    video_ssrc: int


@dataclass(frozen=True, slots=True)
class RemoteEnd:
    """What the answer says about the server."""

    ufrag: str
    pwd: str
    fingerprint: str
    host: str
    port: int
    extensions: dict[str, int] = field(default_factory=dict)
    has_rtx: bool = False
    is_controlling: bool = False
    """A full agent that offered: it checks and nominates."""


def make_offer(end: LocalEnd, *, publishes: bool) -> str:
    """An offer that only sends (a publisher) or only receives (a subscriber)."""
    direction = "sendonly" if publishes else "recvonly"
    lines = session_lines(end)
    for mid, section in enumerate(SECTIONS):
        lines += section_lines(end, section, str(mid), direction=direction, setup="actpass")
        lines += [f"a=extmap:{OFFERED_EXTENSIONS[uri]} {uri}" for uri in section.extensions]
        if publishes:
            ssrc = end.voice_ssrc if section.kind == "audio" else end.video_ssrc
            lines += [f"a=msid:light {section.kind}", f"a=ssrc:{ssrc} cname:light"]
    return "\r\n".join(lines) + "\r\n"


def make_receiving_answer(end: LocalEnd, offer: str, address: tuple[str, int]) -> str:
    """Answers a server that offers voice and picture: both are taken, with its header extensions.

    `address` is our candidate: Janus waits for one.
    """
    lines = session_lines(end)
    offered = re.split(r"^m=", offer, flags=re.MULTILINE)[1:]
    for text in offered:
        section = next(each for each in SECTIONS if text.startswith(each.kind))
        mid = re.search(r"^a=mid:(\S+)", text, re.MULTILINE)
        lines += section_lines(end, section, mid[1] if mid else "0", direction="recvonly", setup="active")
        lines += [
            f"a=extmap:{number} {uri}"
            for number, uri in re.findall(r"^a=extmap:(\d+)(?:/\w+)? (\S+)", text, re.MULTILINE)
            if uri in section.extensions
        ]
        lines += [f"a=candidate:1 1 udp 2130706431 {address[0]} {address[1]} typ host", "a=end-of-candidates"]
    return "\r\n".join(lines) + "\r\n"


@dataclass(frozen=True, slots=True)
class Section:
    """A media section of a light participant."""

    kind: str
    payload_type: int
    codec: str
    extensions: tuple[str, ...]
    has_rtx: bool = False


SECTIONS = (
    Section("audio", VOICE_PAYLOAD_TYPE, "opus/48000/2", (TRANSPORT_CC_URI, MID_URI, AUDIO_LEVEL_URI)),
    Section("video", VIDEO_PAYLOAD_TYPE, "VP8/90000", (TRANSPORT_CC_URI, MID_URI), has_rtx=True),
)


def session_lines(end: LocalEnd) -> list[str]:
    """What stands before the first section."""
    return [
        "v=0",
        f"o=- {end.voice_ssrc} 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "a=msid-semantic: WMS *",
    ]


def section_lines(end: LocalEnd, section: Section, mid: str, *, direction: str, setup: str) -> list[str]:
    """One section without its header extensions. Senders offer no RTX, receivers do."""
    payload_type = section.payload_type
    takes_rtx = section.has_rtx and direction == "recvonly"
    lines = [
        f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {payload_type}"
        + (f" {RTX_PAYLOAD_TYPE}" if takes_rtx else ""),
        "c=IN IP4 0.0.0.0",
        f"a=mid:{mid}",
        f"a={direction}",
        "a=rtcp-mux",
        f"a=ice-ufrag:{end.ufrag}",
        f"a=ice-pwd:{end.pwd}",
        f"a=fingerprint:sha-256 {end.fingerprint}",
        f"a=setup:{setup}",
        f"a=rtpmap:{payload_type} {section.codec}",
        f"a=rtcp-fb:{payload_type} transport-cc",
    ]
    if section.kind == "video":
        lines += [f"a=rtcp-fb:{payload_type} nack", f"a=rtcp-fb:{payload_type} nack pli"]
    if takes_rtx:
        lines += [f"a=rtpmap:{RTX_PAYLOAD_TYPE} rtx/90000", f"a=fmtp:{RTX_PAYLOAD_TYPE} apt={payload_type}"]
    return lines


def read_answer(answer: str) -> RemoteEnd:
    """The first of each attribute: all sections share one transport.

    Raises ValueError when something that a light participant needs is missing or a section was refused.
    """

    def first(pattern: str) -> re.Match[str]:
        found = re.search(pattern, answer, re.MULTILINE)
        if found is None:
            raise ValueError(f"the answer has no {pattern!r}:\n{answer}")
        return found

    if re.search(r"^m=\w+ 0 ", answer, re.MULTILINE):
        raise ValueError(f"the answer refuses a section:\n{answer}")
    candidate = first(r"^a=candidate:\S+ 1 (?i:udp) \d+ (?P<host>[\d.]+) (?P<port>\d+) typ host")
    return RemoteEnd(
        ufrag=first(r"^a=ice-ufrag:(\S+)")[1],
        pwd=first(r"^a=ice-pwd:(\S+)")[1],
        fingerprint=first(r"^a=fingerprint:sha-256 (\S+)")[1].upper(),
        host=candidate["host"],
        port=int(candidate["port"]),
        extensions={
            uri: int(number)
            for number, uri in re.findall(r"^a=extmap:(\d+)(?:/\w+)? (\S+)", answer, re.MULTILINE)
        },
        has_rtx=f"a=rtpmap:{RTX_PAYLOAD_TYPE} rtx/90000" in answer,
    )
