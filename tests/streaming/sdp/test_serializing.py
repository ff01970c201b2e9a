"""Serializing: one description written out in full."""

from __future__ import annotations

from streaming.sdp.attributes import (
    Attribute,
    Direction,
    Fingerprint,
    Fmtp,
    Group,
    Msid,
    RtcpFeedback,
    RtpMap,
    Setup,
    SsrcAttribute,
    SsrcGroup,
    host_candidates,
)
from streaming.sdp.description import MediaDescription, Origin, SessionDescription, TransportAttributes
from streaming.sdp.parsing import parse_description
from streaming.sdp.serializing import serialize_description, transport_lines

TRANSPORT = TransportAttributes(
    "ufrg", "p" * 22, ("ice2",), (Fingerprint("sha-1", bytes(20)),), Setup.PASSIVE
)
DESCRIPTION = SessionDescription(
    Origin(7, 2),
    (
        MediaDescription(
            "video",
            9,
            "UDP/TLS/RTP/SAVPF",
            ("96", "97"),
            connection="IN IP4 0.0.0.0",
            mid="0",
            direction=Direction.SENDONLY,
            candidates=host_candidates(["192.0.2.1"], 7881),
            is_end_of_candidates=True,
            is_rtcp_mux=True,
            rtpmaps=(RtpMap(96, "VP8", 90_000), RtpMap(97, "rtx", 90_000)),
            fmtps=(Fmtp(97, "apt=96"), Fmtp(3, "unmapped")),
            feedback=(RtcpFeedback(96, "nack"), RtcpFeedback(None, "transport-cc"), RtcpFeedback(8, "nack")),
            msids=(Msid("s", "t"),),
            ssrc_groups=(SsrcGroup("FID", (1, 2)),),
            ssrcs=(SsrcAttribute(1, "cname", "c"),),
            other=(Attribute("framerate", "30"), Attribute("flag")),
        ),
    ),
    groups=(Group("BUNDLE", ("0",)),),
    is_ice_lite=True,
    transport=TRANSPORT,
)
LINES = """v=0
o=- 7 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=ice-lite
a=ice-ufrag:ufrg
a=ice-pwd:pppppppppppppppppppppp
a=ice-options:ice2
a=fingerprint:sha-1 00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00
a=setup:passive
m=video 9 UDP/TLS/RTP/SAVPF 96 97
c=IN IP4 0.0.0.0
a=candidate:1 1 udp 2130706431 192.0.2.1 7881 typ host
a=end-of-candidates
a=mid:0
a=sendonly
a=msid:s t
a=rtcp-mux
a=rtcp-fb:* transport-cc
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtcp-fb:8 nack
a=fmtp:3 unmapped
a=ssrc-group:FID 1 2
a=ssrc:1 cname:c
a=framerate:30
a=flag
"""


def test_whole_text() -> None:
    assert serialize_description(DESCRIPTION) == LINES.replace("\n", "\r\n")


def test_what_is_written_is_read_again() -> None:
    again = parse_description(LINES)
    assert serialize_description(again) == serialize_description(DESCRIPTION)


def test_absent_transport_values_write_nothing() -> None:
    assert list(transport_lines(TransportAttributes())) == []
