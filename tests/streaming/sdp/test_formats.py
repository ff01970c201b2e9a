"""Codec and extension matching of one section."""

from __future__ import annotations

from pathlib import Path

import pytest

from streaming.errors import RemoteProtocolError
from streaming.sdp.attributes import ExtMap
from streaming.sdp.capabilities import (
    EXTENSIONS,
    PUBLISH_PREFERENCE,
    CodecName,
    H264Profile,
    HeaderExtension,
    MediaKind,
)
from streaming.sdp.description import MediaDescription
from streaming.sdp.formats import (
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
from streaming.sdp.parsing import parse_description

VECTORS = Path(__file__).parents[2] / "vectors" / "sdp"
HEAD = "v=0\no=- 1 1 IN IP4 x\ns=-\nt=0 0\n"
VP8 = NegotiatedCodec(CodecName.VP8, 96, 90_000, None, "", 97, frozenset({"nack", "transport-cc"}))


def section(lines: str) -> MediaDescription:
    return parse_description(HEAD + lines).media[0]


def chromium(index: int) -> MediaDescription:
    text = (VECTORS / "chromium_publish_simulcast.sdp").read_bytes().decode()
    return parse_description(text).media[index]


def test_chromium_codecs_in_its_order() -> None:
    codecs = supported_codecs(chromium(1))
    assert [(codec.name, codec.payload_type, codec.rtx_payload_type) for codec in codecs] == [
        (CodecName.VP8, 96, 97),
        (CodecName.H264, 102, 103),
        (CodecName.H264, 108, 109),
        (CodecName.H264, 116, 117),
        (CodecName.AV1, 45, 46),
        (CodecName.VP9, 98, 99),
    ]
    assert codecs[2].h264_profile is H264Profile.CONSTRAINED_BASELINE
    assert codecs[0].h264_profile is None
    assert all((c.has_nack, c.has_pli, c.has_fir, c.has_transport_cc) == (True,) * 4 for c in codecs)
    (opus,) = supported_codecs(chromium(0))
    assert (opus.name, opus.payload_type, opus.channels, opus.has_nack) == (CodecName.OPUS, 111, 2, False)
    assert opus.red_payload_type == 63


@pytest.mark.parametrize(
    ("fmtp", "red"),
    [("63 111/111", 63), ("63 111", None), ("63 111/0", None), ("63 x/x", None), ("64 111/111", None)],
)
def test_redundancy_names_the_codec_that_it_repeats(fmtp: str, red: int | None) -> None:
    media = section(
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 63\na=rtpmap:111 opus/48000/2\n"
        f"a=rtpmap:63 red/48000/2\na=fmtp:{fmtp}\n"
    )
    (opus,) = supported_codecs(media)
    assert opus.red_payload_type == red
    assert not opus.is_red_preferred
    lines = with_codec_lines(media, (opus,))
    assert lines.formats == (("111",) if red is None else ("111", "63"))
    if red is not None:
        assert lines.fmtp_text(red) == "111/111"


@pytest.mark.parametrize(
    "lines",
    [
        "m=video 9 RTP/SAVPF 96\na=rtpmap:97 VP8/90000\n",
        "m=video 9 RTP/SAVPF 96\na=rtpmap:96 VP8/48000\n",
        "m=video 9 RTP/SAVPF 96\na=rtpmap:96 VP9/90000\na=fmtp:96 profile-id=2\n",
        "m=video 9 RTP/SAVPF 96\na=rtpmap:96 AV1/90000\na=fmtp:96 profile=1\n",
        "m=video 9 RTP/SAVPF 96\na=rtpmap:96 H264/90000\na=fmtp:96 profile-level-id=42e01f\n",
        "m=video 9 RTP/SAVPF 96\na=rtpmap:96 opus/48000/2\n",
        "m=audio 9 RTP/SAVPF 96\na=rtpmap:96 opus/48000\n",
        "m=audio 9 RTP/SAVPF 0\n",
    ],
)
def test_what_is_not_carried(lines: str) -> None:
    assert supported_codecs(section(lines)) == ()


def test_rtx_needs_nack_and_a_listed_payload_type() -> None:
    lines = "m=video 9 RTP/SAVPF 96 {}\na=rtpmap:96 vp8/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\n{}"
    (codec,) = supported_codecs(section(lines.format("97", "a=rtcp-fb:* nack\n")))
    assert (codec.rtx_payload_type, codec.feedback) == (97, frozenset({"nack"}))
    assert supported_codecs(section(lines.format("97", "")))[0].rtx_payload_type is None
    assert supported_codecs(section(lines.format("98", "a=rtcp-fb:96 nack\n")))[0].rtx_payload_type is None


def test_preference_by_name_then_profile() -> None:
    ordered = most_preferred(supported_codecs(chromium(1)), PUBLISH_PREFERENCE)
    assert [codec.payload_type for codec in ordered] == [108, 102, 116, 96, 98, 45]
    assert most_preferred(ordered, (CodecName.AV1,))[0].payload_type == 45


def test_extensions_by_direction_and_number() -> None:
    wanted = EXTENSIONS[MediaKind.VIDEO]
    uris = [HeaderExtension.MID.value, HeaderExtension.RID.value, HeaderExtension.TRANSPORT_CC.value]
    lines = [f"1/sendonly {uris[0]}", f"16 {uris[1]}", f"15 {uris[2]}", f"2 {uris[2]}", "3 uri:unknown"]
    media = MediaDescription("video", 9, "x", ("96",), extmaps=tuple(ExtMap.parse(line) for line in lines))
    mid, rid, transport_cc = HeaderExtension.MID, HeaderExtension.RID, HeaderExtension.TRANSPORT_CC
    found = shared_extensions(media, wanted, remote_sends=True, is_mixed_allowed=False)
    assert found == {mid: 1, transport_cc: 2}
    found = shared_extensions(media, wanted, remote_sends=True, is_mixed_allowed=True)
    assert found == {mid: 1, rid: 16, transport_cc: 2}
    assert mid not in shared_extensions(media, wanted, remote_sends=False, is_mixed_allowed=True)
    assert [line.id for line in extension_lines(found)] == [1, 2, 16]


def test_transport_cc_needs_its_extension() -> None:
    assert not without_transport_cc(VP8, {}).has_transport_cc
    assert without_transport_cc(VP8, {HeaderExtension.TRANSPORT_CC: 3}) is VP8


def test_codec_lines_leave_out_what_describes_the_sender() -> None:
    parameters = "packetization-mode=1;sprop-parameter-sets=Z0LA,aMs=;profile-level-id=42c015"
    h264 = NegotiatedCodec(CodecName.H264, 102, 90_000, None, parameters, None, frozenset())
    opus = NegotiatedCodec(CodecName.OPUS, 97, 48_000, 2, "sprop-stereo=1;stereo=0", None, frozenset())
    media = with_codec_lines(MediaDescription("video", 9, "x", ()), (h264, opus, VP8))
    assert media.formats == ("102", "97", "96", "97")
    assert media.fmtp_text(102) == "packetization-mode=1;profile-level-id=42c015"
    assert "useinbandfec=1;stereo=1" in media.fmtp_text(97)
    assert [line.kind for line in media.feedback] == ["nack", "transport-cc"]


@pytest.mark.parametrize(
    "second",
    [
        ((NegotiatedCodec(CodecName.VP9, 96, 90_000, None, "", None, frozenset()),), {}),
        ((NegotiatedCodec(CodecName.VP8, 97, 90_000, None, "", None, frozenset()),), {}),
        ((), {HeaderExtension.MID: 2}),
        ((), {HeaderExtension.RID: 1}),
    ],
)
def test_a_number_means_one_thing_in_a_bundle(
    second: tuple[tuple[NegotiatedCodec, ...], dict[HeaderExtension, int]],
) -> None:
    first = ((VP8,), {HeaderExtension.MID: 1})
    check_bundle_numbers([first, first])
    with pytest.raises(RemoteProtocolError) as caught:
        check_bundle_numbers([first, second])
    assert caught.value.code == "sdp_malformed"


def test_kind() -> None:
    assert kind_of(MediaDescription("audio", 9, "x", ())) is MediaKind.AUDIO
    assert kind_of(MediaDescription("application", 9, "x", ())) is None
