"""RTCP: the shared vectors, round trips, refusals."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.errors import LocalProtocolError
from streaming.rtp.rtcp import (
    Bye,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    RtcpType,
    SenderReport,
    SourceDescription,
    parse_bye,
    parse_compound,
    parse_receiver_report,
    parse_sender_report,
    parse_source_description,
    serialize_bye,
    serialize_receiver_report,
    serialize_rtcp,
    serialize_sender_report,
    serialize_source_description,
)

VECTORS = configparser.ConfigParser()
VECTORS.read(Path(__file__).parents[2] / "vectors" / "rtcp.hex")
BLOCK = ReportBlock(0x22222222, 0x80, -2, 0x10005, 16, 0xA1C28000, 0x10000)

words = st.integers(0, 0xFFFF_FFFF)
blocks = st.lists(
    st.builds(
        ReportBlock,
        words,
        st.integers(0, 255),
        st.integers(-0x80_0000, 0x7F_FFFF),
        words,
        words,
        words,
        words,
    ),
    max_size=31,
).map(tuple)


def packets_of(case: str) -> tuple[RtcpPacket, ...]:
    packets = parse_compound(bytes.fromhex(VECTORS[case]["packet"]))
    assert packets is not None
    return packets


def test_sender_report() -> None:
    (packet,) = packets_of("sender_report")
    report = parse_sender_report(packet)
    assert report == SenderReport(0x11111111, 0xE2B7A1C280000000, 90_000, 100, 10_000, (BLOCK,))
    assert serialize_sender_report(report) == bytes.fromhex(VECTORS["sender_report"]["packet"])


def test_receiver_report() -> None:
    (packet,) = packets_of("receiver_report")
    assert parse_receiver_report(packet) == ReceiverReport(0x11111111)
    assert serialize_receiver_report(ReceiverReport(0x11111111)) == serialize_rtcp(packet)


def test_source_description() -> None:
    (packet,) = packets_of("source_description")
    description = SourceDescription(0x11111111, "tandem")
    assert parse_source_description(packet) == description
    assert serialize_source_description(description) == bytes.fromhex(VECTORS["source_description"]["packet"])


def test_cname_behind_other_items_and_chunks() -> None:
    # Chunk 1: NOTE "x" and its end; chunk 2: NAME "" then CNAME "c".
    body = bytes.fromhex("00000001 0701 78 00 00000002 0200 0101 63 00 0000")
    packet = RtcpPacket(RtcpType.SOURCE_DESCRIPTION, 2, body)
    assert parse_source_description(packet) == SourceDescription(2, "c")
    assert parse_source_description(RtcpPacket(RtcpType.SOURCE_DESCRIPTION, 1, body)) is None
    assert parse_source_description(RtcpPacket(RtcpType.SOURCE_DESCRIPTION, 1, b"\0\0\0\1\1\xffab")) is None


def test_bye() -> None:
    (packet,) = packets_of("bye")
    assert parse_bye(packet) == Bye((0x11111111, 0x22222222))
    assert serialize_bye((0x11111111,)) == bytes.fromhex("81cb000111111111")


def test_compound_in_order() -> None:
    assert bytes(packet.type for packet in packets_of("compound")) == bytes.fromhex(
        VECTORS["compound"]["types"]
    )


@pytest.mark.parametrize("key", list(VECTORS["malformed"]))
def test_shared_malformed_vectors(key: str) -> None:
    assert parse_compound(bytes.fromhex(VECTORS["malformed"][key])) is None


def test_padding_of_the_last_packet_is_taken_off() -> None:
    packets = parse_compound(bytes.fromhex("a0c90002 11111111 00000004"))
    assert packets == (RtcpPacket(RtcpType.RECEIVER_REPORT, 0, b"\x11" * 4),)


@given(words, st.integers(0, (1 << 64) - 1), words, words, words, blocks)
def test_reports_round_trip(
    ssrc: int, ntp: int, timestamp: int, packets: int, octets: int, reports: tuple[ReportBlock, ...]
) -> None:
    sender = SenderReport(ssrc, ntp, timestamp, packets, octets, reports)
    receiver = ReceiverReport(ssrc, reports)
    compound = parse_compound(serialize_sender_report(sender) + serialize_receiver_report(receiver))
    assert compound is not None
    assert parse_sender_report(compound[0]) == sender
    assert parse_receiver_report(compound[1]) == receiver


@given(words, st.text(max_size=60))
def test_cname_round_trip(ssrc: int, cname: str) -> None:
    compound = parse_compound(serialize_source_description(SourceDescription(ssrc, cname)))
    assert compound is not None
    assert parse_source_description(compound[0]) == SourceDescription(ssrc, cname)


@given(st.binary(max_size=200))
def test_any_bytes_never_raise(data: bytes) -> None:
    for head in (b"", b"\x81\xc8", b"\x82\xca\x00\x03", b"\x81\xcb\x00\x02"):
        for packet in parse_compound(head + data) or ():
            parse_sender_report(packet)
            parse_receiver_report(packet)
            parse_source_description(packet)
            parse_bye(packet)


def test_a_parser_refuses_other_types_and_cut_bodies() -> None:
    other = RtcpPacket(RtcpType.APPLICATION, 1, bytes(40))
    parsers = (parse_sender_report, parse_receiver_report, parse_source_description, parse_bye)
    assert [parse(other) for parse in parsers] == [None] * 4
    assert parse_sender_report(RtcpPacket(RtcpType.SENDER_REPORT, 1, bytes(40))) is None
    assert parse_receiver_report(RtcpPacket(RtcpType.RECEIVER_REPORT, 1, bytes(24))) is None
    assert parse_bye(RtcpPacket(RtcpType.BYE, 2, bytes(4))) is None


def test_lost_packets_are_clamped_to_24_bits() -> None:
    huge = ReportBlock(1, 0, 1 << 30, 0, 0, 0, 0)
    compound = parse_compound(serialize_receiver_report(ReceiverReport(9, (huge,))))
    assert compound is not None
    report = parse_receiver_report(compound[0])
    assert report is not None
    assert report.blocks[0].cumulative_lost == 0x7F_FFFF


def test_what_does_not_fit_is_our_bug() -> None:
    with pytest.raises(LocalProtocolError):
        serialize_bye((1,) * 32)
    with pytest.raises(LocalProtocolError):
        serialize_rtcp(RtcpPacket(200, 0, b"abc"))
    with pytest.raises(LocalProtocolError):
        serialize_source_description(SourceDescription(1, "x" * 256))
