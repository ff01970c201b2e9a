"""The SDP of a light participant: two sections, voice (Opus) and picture (VP8), on one transport."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

VOICE_PAYLOAD_TYPE = 111
VIDEO_PAYLOAD_TYPE = 96
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


def make_offer(end: LocalEnd, *, publishes: bool) -> str:
    """An offer that only sends (a publisher) or only receives (a subscriber)."""
    direction = "sendonly" if publishes else "recvonly"
    lines = [
        "v=0",
        f"o=- {end.voice_ssrc} 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "a=msid-semantic: WMS *",
    ]
    sections = (
        (
            "audio",
            VOICE_PAYLOAD_TYPE,
            "opus/48000/2",
            end.voice_ssrc,
            (TRANSPORT_CC_URI, MID_URI, AUDIO_LEVEL_URI),
        ),
        ("video", VIDEO_PAYLOAD_TYPE, "VP8/90000", end.video_ssrc, (TRANSPORT_CC_URI, MID_URI)),
    )
    for mid, (kind, payload_type, codec, ssrc, extensions) in enumerate(sections):
        lines += [
            f"m={kind} 9 UDP/TLS/RTP/SAVPF {payload_type}",
            "c=IN IP4 0.0.0.0",
            f"a=mid:{mid}",
            f"a={direction}",
            "a=rtcp-mux",
            f"a=ice-ufrag:{end.ufrag}",
            f"a=ice-pwd:{end.pwd}",
            f"a=fingerprint:sha-256 {end.fingerprint}",
            "a=setup:actpass",
            f"a=rtpmap:{payload_type} {codec}",
            *(f"a=extmap:{OFFERED_EXTENSIONS[uri]} {uri}" for uri in extensions),
        ]
        if publishes:
            lines += [f"a=msid:light {kind}", f"a=ssrc:{ssrc} cname:light"]
        if kind == "video" and publishes:
            lines += [f"a=rtcp-fb:{payload_type} nack pli", f"a=rtcp-fb:{payload_type} transport-cc"]
    return "\r\n".join(lines) + "\r\n"


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
    )
