"""Offers to subscribers: slots that stay, answers of real browsers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.errors import LocalProtocolError, RemoteProtocolError
from streaming.sdp.attributes import Direction, Fingerprint, Setup, host_candidates
from streaming.sdp.capabilities import CodecName, HeaderExtension, MediaKind
from streaming.sdp.description import SessionDescription
from streaming.sdp.negotiation import DtlsRole, LocalTransport
from streaming.sdp.parsing import parse_description
from streaming.sdp.serializing import serialize_description
from streaming.sdp.subscribe import (
    MAX_SLOTS,
    SubscribeState,
    WantedTrack,
    apply_subscribe_answer,
    assign_slots,
    offer_subscribe,
    offered_formats,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "sdp"
LOCAL = LocalTransport(
    "ours", "o" * 24, (Fingerprint("sha-256", bytes(32)),), host_candidates(["192.0.2.9"], 7881), 77
)


def track(key: str, codec: CodecName = CodecName.VP8, profile: str = "42e01f", ssrc: int = 10) -> WantedTrack:
    kind = MediaKind.AUDIO if codec is CodecName.OPUS else MediaKind.VIDEO
    parameters = f"packetization-mode=1;profile-level-id={profile}" if codec is CodecName.H264 else ""
    rtx = None if kind is MediaKind.AUDIO else ssrc + 1
    return WantedTrack(key, kind, codec, parameters, ssrc, rtx, "cname", f"stream-{key}", f"track-{key}")


ALL_CODECS = (
    track("a", CodecName.OPUS),
    track("v", CodecName.H264),
    track("s", CodecName.VP9),
    track("h", CodecName.H264, "640034"),
    track("x", CodecName.AV1),
    track("m", CodecName.H264, "4d0034"),
    track("b", CodecName.H264, "420034"),
)


def read(name: str) -> SessionDescription:
    return parse_description((VECTORS / f"{name}.sdp").read_bytes().decode())


def test_voice_and_picture_of_a_source_share_a_stream_id() -> None:
    """checklist 23: libwebrtc pairs lips by the stream id in msid, not by CNAME."""
    voice, picture = (replace(track(key), stream_id="seat") for key in ("a", "v"))
    _, offer = offer_subscribe(SubscribeState(), (voice, picture, track("screen")), LOCAL)
    assert [media.msids[0].stream_id for media in offer.media] == ["seat", "seat", "stream-screen"]


def test_offer_of_voice_and_picture() -> None:
    state, offer = offer_subscribe(SubscribeState(), (track("a", CodecName.OPUS), track("v")), LOCAL)
    assert parse_description(serialize_description(offer)) == offer
    assert (offer.is_ice_lite, offer.bundle_mids, offer.origin.version) == (True, ("0", "1"), 1)
    audio, video = offer.media
    assert (audio.formats, video.formats) == (("111", "63"), ("96", "97"))
    assert (audio.direction, audio.transport.setup) == (Direction.SENDONLY, Setup.ACTPASS)
    assert [line.serialize() for line in video.ssrcs][:2] == ["10 cname:cname", "10 msid:stream-v track-v"]
    assert (len(audio.candidates), len(video.candidates)) == (1, 0)
    assert [slot.mid for slot in state.slots] == ["0", "1"]


def test_idle_slots_keep_place_and_mid_and_are_used_again() -> None:
    state, _ = offer_subscribe(SubscribeState(), (track("a", CodecName.OPUS), track("v"), track("w")), LOCAL)
    state, offer = offer_subscribe(state, (track("w"),), LOCAL)
    assert [media.direction for media in offer.media] == [
        Direction.INACTIVE,
        Direction.INACTIVE,
        Direction.SENDONLY,
    ]
    assert (offer.media[0].ssrcs, offer.media[0].msids, offer.media[0].port) == ((), (), 9)
    state, offer = offer_subscribe(state, (track("w"), track("n", CodecName.AV1), track("m")), LOCAL)
    assert [(slot.mid, slot.track.key if slot.track else None) for slot in state.slots] == [
        ("0", None),
        ("1", "n"),
        ("2", "w"),
        ("3", "m"),
    ]
    assert offer.media[1].formats == ("45", "46")
    assert state.session_version == 3


def test_h264_profiles_have_their_own_numbers_and_fall_back() -> None:
    assert [row.payload_type for row in offered_formats(CodecName.H264, "profile-level-id=42e01f")] == [102]
    assert [row.payload_type for row in offered_formats(CodecName.H264, "profile-level-id=640034")] == [
        108,
        102,
    ]
    assert [row.payload_type for row in offered_formats(CodecName.H264, "")] == [104, 102]
    assert [row.payload_type for row in offered_formats(CodecName.VP9, "")] == [98]


def test_chromium_answer() -> None:
    state, _ = offer_subscribe(SubscribeState(), ALL_CODECS, LOCAL)
    negotiated = apply_subscribe_answer(state, read("chromium_subscribe_answer_1"))
    assert negotiated.refused == ()
    numbers = {s.track.key: (s.codec.payload_type, s.codec.rtx_payload_type) for s in negotiated.sections}
    assert numbers == {
        "a": (111, None),
        "v": (102, 103),
        "s": (98, 99),
        "h": (102, 103),
        "x": (45, 46),
        "m": (106, 107),
        "b": (104, 105),
    }
    assert negotiated.transport.local_dtls_role is DtlsRole.SERVER
    assert negotiated.allows_mixed_extensions
    assert negotiated.sections[1].extensions[HeaderExtension.DEPENDENCY_DESCRIPTOR] == 8


def test_firefox_without_h264_refuses_those_sections() -> None:
    state, _ = offer_subscribe(SubscribeState(), (*ALL_CODECS, track("8")), LOCAL)
    negotiated = apply_subscribe_answer(state, read("firefox_subscribe_answer"))
    assert [section.track.key for section in negotiated.sections] == ["a", "s", "x", "8"]
    assert [refused.key for refused in negotiated.refused] == ["v", "h", "m", "b"]
    assert negotiated.allows_mixed_extensions


def test_inactive_answer_refuses_and_passive_answer_makes_us_client() -> None:
    state, _ = offer_subscribe(SubscribeState(), ALL_CODECS, LOCAL)
    text = (VECTORS / "chromium_subscribe_answer_1.sdp").read_bytes().decode()
    quiet = parse_description(
        text.replace("a=recvonly", "a=inactive").replace("setup:active", "setup:passive")
    )
    negotiated = apply_subscribe_answer(state, quiet)
    assert negotiated.sections == ()
    assert len(negotiated.refused) == len(ALL_CODECS)
    assert negotiated.transport.local_dtls_role is DtlsRole.CLIENT


@pytest.mark.parametrize("keys", [("v",), ("v", "a"), ("a", "v", "w")])
def test_answers_that_do_not_fit(keys: tuple[str, ...]) -> None:
    wanted = [track(key, CodecName.OPUS if key == "a" else CodecName.VP8) for key in keys]
    state, _ = offer_subscribe(SubscribeState(), wanted, LOCAL)
    with pytest.raises(RemoteProtocolError) as caught:
        apply_subscribe_answer(state, read("chromium_subscribe_answer_0"))
    assert caught.value.code == "sdp_unsupported"


def test_misuse_is_ours() -> None:
    with pytest.raises(LocalProtocolError):
        offer_subscribe(SubscribeState(), (), LOCAL)
    with pytest.raises(LocalProtocolError):
        assign_slots((), (track("a"), track("a")))
    with pytest.raises(LocalProtocolError):
        assign_slots((), [track(str(number)) for number in range(MAX_SLOTS + 1)])


@given(st.lists(st.sets(st.sampled_from("abcdefghABCD"), min_size=1), min_size=1, max_size=12))
def test_slots_never_move_and_hold_what_is_wanted(rounds: list[set[str]]) -> None:
    state = SubscribeState()
    for keys in rounds:
        wanted = [track(key, CodecName.OPUS if key.isupper() else CodecName.VP8) for key in sorted(keys)]
        following, offer = offer_subscribe(state, wanted, LOCAL)
        places = [(slot.mid, slot.kind) for slot in following.slots]
        assert places[: len(state.slots)] == [(slot.mid, slot.kind) for slot in state.slots]
        held = {slot.track.key: slot.mid for slot in following.slots if slot.track is not None}
        kept = {
            slot.track.key: slot.mid
            for slot in state.slots
            if slot.track is not None and slot.track.key in keys
        }
        assert held.keys() == keys
        assert kept.items() <= held.items()
        assert [media.mid for media in offer.media] == [slot.mid for slot in following.slots]
        state = following
