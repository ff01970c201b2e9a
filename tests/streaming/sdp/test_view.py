"""Answers to viewers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from streaming.errors import RemoteProtocolError
from streaming.sdp.attributes import Direction, Fingerprint, host_candidates
from streaming.sdp.capabilities import CodecName, HeaderExtension, MediaKind
from streaming.sdp.description import SessionDescription
from streaming.sdp.negotiation import LocalTransport
from streaming.sdp.parsing import parse_description
from streaming.sdp.serializing import serialize_description
from streaming.sdp.view import ViewPlan, ViewSource, answer_view

VECTORS = Path(__file__).parents[2] / "vectors" / "sdp"
LOCAL = LocalTransport(
    "ours", "o" * 24, (Fingerprint("sha-256", bytes(32)),), host_candidates(["192.0.2.9"], 7881), 77
)
AUDIO = ViewSource(1, None, "cname", "stage", "voice")
VIDEO = ViewSource(2, 3, "cname", "stage", "picture")
PLAN = ViewPlan(AUDIO, VIDEO, (CodecName.VP9,))


def offer(name: str) -> SessionDescription:
    return parse_description((VECTORS / f"{name}.sdp").read_bytes().decode())


def test_chromium_keeps_every_codec_in_common() -> None:
    answer, negotiated = answer_view(offer("chromium_view_recvonly"), LOCAL, PLAN)
    assert parse_description(serialize_description(answer)) == answer
    audio, video = negotiated.sections
    assert [codec.name for codec in audio.codecs] == [CodecName.OPUS]
    names = list(dict.fromkeys(codec.name for codec in video.codecs))
    assert names == [CodecName.VP9, CodecName.H264, CodecName.VP8, CodecName.AV1]
    assert all(codec.rtx_payload_type is not None for codec in video.codecs)
    assert HeaderExtension.RID not in video.extensions
    second = answer.media[1]
    assert second.direction is Direction.SENDONLY
    assert second.formats[:2] == ("98", "99")
    assert [group.serialize() for group in second.ssrc_groups] == ["FID 2 3"]
    assert (video.source, video.is_receiving) == (VIDEO, True)


def test_firefox_and_aiortc_with_data_channel() -> None:
    _, firefox = answer_view(offer("firefox_view_recvonly"), LOCAL, PLAN)
    assert [section.kind for section in firefox.sections] == [MediaKind.AUDIO, MediaKind.VIDEO]
    answer, aiortc = answer_view(offer("aiortc_view_datachannel"), LOCAL, PLAN)
    assert [media.port for media in answer.media if media.kind == "application"] == [0]
    assert {codec.name for codec in aiortc.sections[1].codecs} == {CodecName.VP8, CodecName.H264}


def test_one_section_of_a_kind() -> None:
    two = offer("chromium_publish_paused_video_restart")
    receiving = replace(two, media=tuple(replace(media, direction=Direction.RECVONLY) for media in two.media))
    answer, negotiated = answer_view(receiving, LOCAL, PLAN)
    assert [media.port for media in answer.media] == [9, 9, 0]
    assert [section.mid for section in negotiated.sections] == ["0", "1"]


def test_a_kind_without_source_is_refused() -> None:
    answer, negotiated = answer_view(offer("chromium_view_recvonly"), LOCAL, ViewPlan(None, VIDEO))
    assert [media.port for media in answer.media] == [0, 9]
    assert answer.bundle_mids == ("1",)
    assert [section.index for section in negotiated.sections] == [1]


def test_nothing_to_send() -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        answer_view(offer("chromium_view_recvonly"), LOCAL, ViewPlan(None, None))
    assert caught.value.code == "sdp_unsupported"


def test_offer_that_only_sends_is_answered_inactive() -> None:
    answer, negotiated = answer_view(offer("chromium_publish_simulcast"), LOCAL, PLAN)
    assert {media.direction for media in answer.media} == {Direction.INACTIVE}
    assert not any(section.is_receiving for section in negotiated.sections)
    assert answer.media[1].ssrcs == ()


def test_renegotiation_counts_versions() -> None:
    first = offer("chromium_view_recvonly")
    _, one = answer_view(first, LOCAL, PLAN)
    _, two = answer_view(first, LOCAL, PLAN, one)
    assert (two.session_version, two.is_ice_restart) == (2, False)
    with pytest.raises(RemoteProtocolError):
        answer_view(offer("firefox_view_recvonly"), LOCAL, PLAN, replace(one, layout=one.layout * 2))
