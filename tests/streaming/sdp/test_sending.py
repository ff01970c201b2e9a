"""The lines of a stream that we send."""

from __future__ import annotations

from streaming.sdp.attributes import Msid, RtpMap
from streaming.sdp.description import MediaDescription
from streaming.sdp.sending import with_stream_lines
from streaming.sdp.view import ViewSource

SOURCE = ViewSource(1, 2, "name", "stream", "track")
VIDEO = MediaDescription("video", 9, "x", ("96", "97"), rtpmaps=(RtpMap(97, "rtx", 90_000),))


def test_stream_with_rtx() -> None:
    media = with_stream_lines(VIDEO, SOURCE)
    assert media.msids == (Msid("stream", "track"),)
    assert [group.serialize() for group in media.ssrc_groups] == ["FID 1 2"]
    assert [line.serialize() for line in media.ssrcs] == [
        "1 cname:name",
        "1 msid:stream track",
        "2 cname:name",
        "2 msid:stream track",
    ]


def test_no_rtx_ssrc_where_no_rtx_is_negotiated() -> None:
    media = with_stream_lines(MediaDescription("audio", 9, "x", ("111",)), SOURCE)
    assert media.ssrc_groups == ()
    assert {line.ssrc for line in media.ssrcs} == {1}
