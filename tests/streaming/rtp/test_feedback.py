"""Feedback messages: the shared vectors and round trips."""

from __future__ import annotations

import configparser
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from streaming.rtp.feedback import (
    Feedback,
    FirEntry,
    Remb,
    is_pli,
    parse_feedback,
    parse_fir,
    parse_nack,
    parse_remb,
    serialize_feedback,
    serialize_fir,
    serialize_nack,
    serialize_pli,
    serialize_remb,
)
from streaming.rtp.rtcp import RtcpPacket, RtcpType, parse_compound

VECTORS = configparser.ConfigParser()
VECTORS.read(Path(__file__).parents[2] / "vectors" / "rtcp.hex")
SENDER, MEDIA = 0x11111111, 0x22222222


def raw(case: str) -> bytes:
    return bytes.fromhex(VECTORS[case]["packet"])


def feedback_in(data: bytes) -> Feedback:
    packets = parse_compound(data)
    assert packets is not None
    feedback = parse_feedback(packets[0])
    assert feedback is not None
    return feedback


def test_nack() -> None:
    numbers = (0xFFFE, 0xFFFF, 0, 14, 100)
    feedback = feedback_in(raw("nack"))
    assert (feedback.sender_ssrc, feedback.media_ssrc) == (SENDER, MEDIA)
    assert parse_nack(feedback) == numbers
    assert serialize_nack(SENDER, MEDIA, numbers) == raw("nack")


def test_pli() -> None:
    assert is_pli(feedback_in(raw("pli")))
    assert not is_pli(feedback_in(raw("fir")))
    assert serialize_pli(SENDER, MEDIA) == raw("pli")


def test_fir() -> None:
    entries = (FirEntry(MEDIA, 7),)
    assert parse_fir(feedback_in(raw("fir"))) == entries
    assert serialize_fir(SENDER, entries) == raw("fir")


def test_remb() -> None:
    remb = Remb(1_500_000, (MEDIA,))
    assert parse_remb(feedback_in(raw("remb"))) == remb
    assert serialize_remb(SENDER, remb) == raw("remb")


@given(st.integers(0, 0xFFFF), st.lists(st.integers(1, 500), max_size=60))
def test_nack_round_trip_across_the_wrap(start: int, steps: list[int]) -> None:
    numbers = [start]
    for step in steps:
        numbers.append((numbers[-1] + step) & 0xFFFF)
    assert parse_nack(feedback_in(serialize_nack(1, 2, numbers))) == tuple(numbers)


@given(st.integers(0, (1 << 60) - 1), st.lists(st.integers(0, 0xFFFF_FFFF), max_size=5))
def test_remb_keeps_eighteen_bits(bitrate_bps: int, ssrcs: list[int]) -> None:
    parsed = parse_remb(feedback_in(serialize_remb(1, Remb(bitrate_bps, tuple(ssrcs)))))
    assert parsed is not None
    assert parsed.ssrcs == tuple(ssrcs)
    assert 0 <= bitrate_bps - parsed.bitrate_bps <= bitrate_bps >> 17


@given(st.binary(max_size=60))
def test_any_control_information_never_raises(control: bytes) -> None:
    for kind in (RtcpType.TRANSPORT_FEEDBACK, RtcpType.PAYLOAD_FEEDBACK):
        for form in (1, 4, 15):
            for prefix in (b"", b"REMB"):
                feedback = Feedback(kind, form, 1, 2, prefix + control)
                parse_nack(feedback)
                parse_fir(feedback)
                parse_remb(feedback)


def test_cut_and_foreign_feedback() -> None:
    assert parse_feedback(RtcpPacket(RtcpType.TRANSPORT_FEEDBACK, 1, bytes(4))) is None
    assert parse_feedback(RtcpPacket(RtcpType.BYE, 1, bytes(8))) is None
    assert parse_nack(Feedback(RtcpType.TRANSPORT_FEEDBACK, 1, 1, 2, b"\x00\x01")) is None
    assert parse_fir(Feedback(RtcpType.PAYLOAD_FEEDBACK, 4, 1, 2, bytes(6))) is None
    assert parse_remb(Feedback(RtcpType.PAYLOAD_FEEDBACK, 15, 1, 2, b"XXXX\x00\x00\x00\x00")) is None
    assert parse_remb(Feedback(RtcpType.PAYLOAD_FEEDBACK, 15, 1, 2, b"REMB\x01\x00\x00\x00")) is None


def test_serialized_feedback_is_read_again() -> None:
    feedback = Feedback(RtcpType.PAYLOAD_FEEDBACK, 15, 1, 2, b"abcd")
    assert feedback_in(serialize_feedback(feedback)) == feedback
