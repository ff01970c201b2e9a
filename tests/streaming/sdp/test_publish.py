"""Answers to real publishers, and to offers that ask for too much."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from streaming.errors import RemoteProtocolError
from streaming.sdp.attributes import Direction, Fingerprint, Setup, host_candidates
from streaming.sdp.capabilities import CodecName, HeaderExtension, MediaKind
from streaming.sdp.description import SessionDescription
from streaming.sdp.negotiation import DtlsRole, LocalTransport
from streaming.sdp.parsing import parse_description
from streaming.sdp.publish import (
    DeclaredSsrc,
    NegotiatedPublish,
    PublishPolicy,
    PublishRid,
    accepted_rids,
    answer_publish,
    declared_ssrcs,
    stream_and_track,
)
from streaming.sdp.serializing import serialize_description

VECTORS = Path(__file__).parents[2] / "vectors" / "sdp"
LOCAL = LocalTransport(
    "ours", "o" * 24, (Fingerprint("sha-256", bytes(32)),), host_candidates(["192.0.2.9"], 7881), 77
)
POLICY = PublishPolicy(audio_sections=1, video_sections=2)
MUTATIONS = 3_000


def offer(name: str) -> SessionDescription:
    return parse_description((VECTORS / f"{name}.sdp").read_bytes().decode())


def answer(name: str, policy: PublishPolicy = POLICY) -> tuple[SessionDescription, NegotiatedPublish]:
    description, negotiated = answer_publish(offer(name), LOCAL, policy)
    assert parse_description(serialize_description(description)) == description
    return description, negotiated


def test_chromium_simulcast() -> None:
    """checklist 19: extmap-allow-mixed is answered, so that long descriptors may use two-byte headers."""
    description, negotiated = answer("chromium_publish_simulcast")
    audio, video = negotiated.sections
    assert (audio.kind, audio.mid, audio.codec.name, audio.rids) == (MediaKind.AUDIO, "0", CodecName.OPUS, ())
    assert (video.codec.name, video.codec.payload_type, video.codec.rtx_payload_type) == (
        CodecName.H264,
        108,
        109,
    )
    assert video.rids == (PublishRid("q", False), PublishRid("h", False), PublishRid("f", False))
    assert video.ssrcs == ()
    assert video.extensions[HeaderExtension.RID] == 10
    assert (audio.stream_id, audio.track_id) == (
        "42e6f6a8-f7d7-4ba5-9643-f381951e0da8",
        "afdf2fb1-94c6-421f-912d-7801a9d63070",
    )
    first, second = description.media
    assert second.formats == ("108", "109")
    assert second.simulcast is not None
    assert second.simulcast.serialize() == "recv q;h;f"
    assert (first.transport.setup, second.direction) == (Setup.PASSIVE, Direction.RECVONLY)
    assert description.is_ice_lite
    assert description.is_extmap_allow_mixed
    assert negotiated.transport.local_dtls_role is DtlsRole.SERVER


def test_paused_encodings_are_told() -> None:
    _, negotiated = answer("chromium_publish_all_extensions")
    assert negotiated.sections[0].rids == (PublishRid("q", True), PublishRid("f", False))


def test_data_channels_are_refused_in_their_place() -> None:
    description, negotiated = answer("chromium_publish_datachannel")
    ports = {media.kind: media.port for media in description.media}
    assert ports == {"audio": 9, "video": 9, "application": 0}
    assert description.bundle_mids == tuple(section.mid for section in negotiated.sections)


def test_ffmpeg_wants_to_be_dtls_server() -> None:
    description, negotiated = answer("ffmpeg_whip")
    assert negotiated.transport.local_dtls_role is DtlsRole.CLIENT
    assert description.media[0].transport.setup is Setup.ACTIVE
    video = negotiated.sections[1]
    assert video.ssrcs == (DeclaredSsrc(1_941_379_042, 1_941_379_043, "FFmpeg"),)
    assert (video.extensions, video.codec.has_nack, video.codec.has_pli) == ({}, True, False)


def test_gstreamer_bundle_only_audio_is_taken() -> None:
    description, negotiated = answer("gstreamer_publish_vp8")
    assert [section.codec.name for section in negotiated.sections] == [CodecName.VP8, CodecName.OPUS]
    assert [media.port for media in description.media] == [9, 9]


def test_firefox_and_aiortc() -> None:
    _, firefox = answer("firefox_publish_simulcast_datachannel")
    assert [rid.rid for rid in firefox.sections[1].rids] == ["q", "f"]
    _, aiortc = answer("aiortc_publish")
    assert (aiortc.sections[1].codec.name, aiortc.sections[1].codec.payload_type) == (CodecName.H264, 101)


def with_red_first() -> SessionDescription:
    media = offer("chromium_publish_simulcast")
    audio = media.media[0]
    formats = ("63", *(number for number in audio.formats if number != "63"))
    return replace(media, media=(replace(audio, formats=formats), *media.media[1:]))


def test_red_is_taken_from_who_prefers_it() -> None:
    plain, negotiated = answer("chromium_publish_simulcast")
    assert negotiated.sections[0].codec.red_payload_type is None
    assert plain.media[0].formats == ("111",)
    description, negotiated = answer_publish(with_red_first(), LOCAL, POLICY)
    assert negotiated.sections[0].codec.red_payload_type == 63
    assert description.media[0].formats == ("63", "111")
    assert description.media[0].fmtp_text(63) == "111/111"


def test_longer_voice_packets_are_asked_for_in_audio_alone() -> None:
    asked, _ = answer("chromium_publish_simulcast", replace(POLICY, voice_ptime_ms=60))
    assert serialize_description(asked).count("a=ptime:60\r\n") == 1
    assert [a.serialize() for a in asked.media[0].other] == ["ptime:60"]
    usual, _ = answer("chromium_publish_simulcast")
    assert "ptime" not in serialize_description(usual).replace("minptime", "")


def test_preference_of_the_policy() -> None:
    policy = PublishPolicy(1, 1, (CodecName.AV1, CodecName.VP8))
    _, negotiated = answer("chromium_publish_simulcast", policy)
    assert negotiated.sections[1].codec.payload_type == 45


def test_sections_beyond_the_policy_are_refused() -> None:
    description, negotiated = answer("chromium_publish_paused_video_restart", PublishPolicy(1, 1))
    assert [media.port for media in description.media] == [9, 9, 0]
    assert description.bundle_mids == ("0", "1")
    assert [section.index for section in negotiated.sections] == [0, 1]


def test_sections_that_do_not_send_are_kept_inactive_and_not_counted() -> None:
    description, negotiated = answer("chromium_view_recvonly", PublishPolicy(0, 0))
    assert [section.is_sending for section in negotiated.sections] == [False, False]
    assert {media.direction for media in description.media} == {Direction.INACTIVE}


@pytest.mark.parametrize("name", ["chromium_datachannel_only", "gstreamer_publish_h264_nobundle"])
def test_nothing_to_take(name: str) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        answer(name)
    assert caught.value.code == "sdp_unsupported"


def test_renegotiation_with_restart_and_new_section() -> None:
    _, first = answer("chromium_publish_sendrecv")
    again = offer("chromium_publish_paused_video_restart")
    description, second = answer_publish(again, LOCAL, POLICY, first)
    assert second.is_ice_restart
    assert (second.session_version, description.origin.version) == (2, 2)
    assert len(second.sections) == 3
    _, third = answer_publish(again, LOCAL, POLICY, second)
    assert (third.is_ice_restart, third.session_version) == (False, 3)
    with pytest.raises(RemoteProtocolError, match="disappeared"):
        answer_publish(offer("chromium_publish_sendrecv"), LOCAL, POLICY, second)


def test_stopped_section_stays_in_its_place() -> None:
    description, negotiated = answer("chromium_publish_stopped_section")
    refused = [media.mid for media in description.media if media.port == 0]
    assert refused
    assert not set(refused) & {section.mid for section in negotiated.sections}


def test_ssrc_declared_twice_is_malformed() -> None:
    twice = offer("ffmpeg_whip")
    audio, video = twice.media
    video = replace(video, ssrcs=audio.ssrcs, ssrc_groups=())
    with pytest.raises(RemoteProtocolError) as caught:
        answer_publish(replace(twice, media=(audio, video)), LOCAL, POLICY)
    assert caught.value.code == "sdp_malformed"


def test_section_values() -> None:
    video = offer("ffmpeg_whip").media[1]
    assert declared_ssrcs(video) == (DeclaredSsrc(1_941_379_042, 1_941_379_043, "FFmpeg"),)
    assert stream_and_track(video) == ("FFmpeg", "video")
    assert stream_and_track(replace(video, msids=())) == ("FFmpeg", "video")
    assert stream_and_track(replace(video, msids=(), ssrcs=())) == (None, None)


def test_rids_need_their_extension_and_their_codec() -> None:
    _, negotiated = answer("chromium_publish_simulcast")
    section = negotiated.sections[1]
    media = offer("chromium_publish_simulcast").media[1]
    assert accepted_rids(media, section.codec, {}) == ()
    only_vp8 = replace(media, rids=(replace(media.rids[0], restrictions="pt=96"), *media.rids[1:]))
    assert [rid.rid for rid in accepted_rids(only_vp8, section.codec, section.extensions)] == ["h", "f"]
    no_line = replace(media, simulcast=None)
    assert [rid.rid for rid in accepted_rids(no_line, section.codec, section.extensions)] == ["q", "h", "f"]


def test_mutated_offers_raise_one_kind_of_error_only() -> None:
    chance = random.Random(8829)
    texts = [path.read_bytes().decode().split("\n") for path in sorted(VECTORS.glob("*.sdp"))]
    outcomes = {"answered": 0, "sdp_malformed": 0, "sdp_unsupported": 0}
    for _ in range(MUTATIONS):
        lines = list(chance.choice(texts))
        for _ in range(chance.randint(1, 3)):
            index = chance.randrange(len(lines))
            if chance.random() < 0.5:
                lines[index] = chance.choice(chance.choice(texts))
            else:
                del lines[index]
        try:
            answer_publish(parse_description("\n".join(lines)), LOCAL, POLICY)
        except RemoteProtocolError as error:
            outcomes[error.code] += 1
        else:
            outcomes["answered"] += 1
    assert min(outcomes.values()) > 0
