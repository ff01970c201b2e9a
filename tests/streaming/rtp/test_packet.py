"""RTP packets: the shared vectors, round trips, refusals."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.errors import LocalProtocolError
from streaming.rtp.packet import ExtensionBlock, RtpPacket, parse_packet, serialize_packet

VECTORS = configparser.ConfigParser()
VECTORS.read(Path(__file__).parents[2] / "vectors" / "rtp.hex")
CASES = [name for name in VECTORS.sections() if "packet" in VECTORS[name]]

extension_blocks = st.builds(
    ExtensionBlock,
    st.integers(0, 0xFFFF),
    st.binary(max_size=40).map(lambda data: data[: len(data) // 4 * 4]),
)
packets = st.builds(
    RtpPacket,
    payload_type=st.integers(0, 127),
    sequence_number=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFF_FFFF),
    ssrc=st.integers(0, 0xFFFF_FFFF),
    payload=st.binary(max_size=50),
    marker=st.booleans(),
    csrcs=st.lists(st.integers(0, 0xFFFF_FFFF), max_size=15).map(tuple),
    extension=st.none() | extension_blocks,
    padding_bytes=st.integers(0, 255),
)


@pytest.mark.parametrize("case", CASES)
def test_shared_vectors(case: str) -> None:
    vector = VECTORS[case]
    data = bytes.fromhex(vector["packet"])
    packet = parse_packet(data)
    assert packet is not None
    for field in ("payload_type", "sequence_number", "timestamp", "ssrc", "padding_bytes"):
        assert getattr(packet, field) == int(vector[field], 16)
    assert packet.marker == (vector["marker"] == "01")
    assert packet.payload == bytes.fromhex(vector["payload"])
    if "extension" in vector:
        expected = ExtensionBlock(int(vector["extension_profile"], 16), bytes.fromhex(vector["extension"]))
        assert packet.extension == expected
    else:
        assert packet.extension is None
    assert serialize_packet(packet) == data


@pytest.mark.parametrize("key", [key for key in VECTORS["malformed"] if key.startswith("packet")])
def test_shared_malformed_vectors(key: str) -> None:
    assert parse_packet(bytes.fromhex(VECTORS["malformed"][key])) is None


def test_docstring_example() -> None:
    data = bytes.fromhex("90E0FFFF 00001000 12345678 BEDE0001 10300000 AA")
    assert parse_packet(data) == RtpPacket(
        96,
        65_535,
        4096,
        0x12345678,
        b"\xaa",
        True,
        extension=ExtensionBlock(0xBEDE, bytes.fromhex("10300000")),
    )


@given(packets)
def test_round_trip(packet: RtpPacket) -> None:
    assert parse_packet(serialize_packet(packet)) == packet


@given(packets, st.data())
def test_truncation_never_raises(packet: RtpPacket, data: st.DataObject) -> None:
    whole = serialize_packet(packet)
    parse_packet(whole[: data.draw(st.integers(0, len(whole)))])


@given(st.binary(max_size=100))
def test_any_bytes_never_raise(data: bytes) -> None:
    packet = parse_packet(data)
    if packet is not None:
        assert parse_packet(serialize_packet(packet)) == packet


@pytest.mark.parametrize(
    "packet",
    [
        RtpPacket(96, 70_000, 0, 0),
        RtpPacket(96, 0, -1, 0),
        RtpPacket(96, 0, 0, 0, csrcs=(0,) * 16),
        RtpPacket(96, 0, 0, 0, padding_bytes=256),
        RtpPacket(96, 0, 0, 0, extension=ExtensionBlock(0xBEDE, b"abc")),
    ],
)
def test_fields_that_do_not_fit_are_our_bug(packet: RtpPacket) -> None:
    with pytest.raises(LocalProtocolError):
        serialize_packet(packet)
