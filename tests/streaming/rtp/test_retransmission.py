"""RTX there and back, and what is no retransmission."""

from __future__ import annotations

from streaming.rtp.packet import ExtensionBlock, RtpPacket, parse_packet, serialize_packet
from streaming.rtp.retransmission import unwrap_retransmission, wrap_retransmission

ORIGINAL = RtpPacket(
    96, 0xFFFE, 4096, 1, b"\xaa\xbb\xcc", True, extension=ExtensionBlock(0xBEDE, b"\x10\x30\x00\x00")
)


def test_wrap_and_unwrap() -> None:
    packet = wrap_retransmission(ORIGINAL, ssrc=2, payload_type=97, sequence_number=5)
    assert (packet.ssrc, packet.payload_type, packet.sequence_number) == (2, 97, 5)
    assert packet.payload == bytes.fromhex("fffeaabbcc")
    assert unwrap_retransmission(packet, ssrc=1, payload_type=96) == ORIGINAL


def test_padding_of_the_original_stays_behind() -> None:
    """checklist 6: padding off before the OSN."""
    padded = parse_packet(serialize_packet(RtpPacket(96, 7, 0, 1, b"x", padding_bytes=9)))
    assert padded is not None
    packet = wrap_retransmission(padded, 2, 97, 5)
    assert (packet.payload, packet.padding_bytes) == (b"\x00\x07x", 0)


def test_probes_carry_nothing() -> None:
    """checklist 7: RTX without payload is a probe."""
    assert unwrap_retransmission(RtpPacket(97, 5, 0, 2, b"", padding_bytes=200), 1, 96) is None
    assert unwrap_retransmission(RtpPacket(97, 5, 0, 2, b"\x00\x07"), 1, 96) is None
    assert unwrap_retransmission(RtpPacket(97, 5, 0, 2, b"\x00"), 1, 96) is None
