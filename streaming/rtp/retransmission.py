"""RTX (RFC 4588): a packet sent again on its own SSRC, its original sequence number before the payload.

An original of sequence number 0xFFFE with the payload `AA BB CC` becomes, on the RTX stream with its own
sequence numbers, the payload `FF FE AA BB CC`; timestamp, marker, CSRCs and extensions stay.
"""

from __future__ import annotations

from dataclasses import replace

from streaming.rtp.packet import RtpPacket

ORIGINAL_SEQUENCE_NUMBER_BYTES = 2


def wrap_retransmission(original: RtpPacket, ssrc: int, payload_type: int, sequence_number: int) -> RtpPacket:
    """The RTX packet of `original`, without its padding (section 4)."""
    return replace(
        original,
        ssrc=ssrc,
        payload_type=payload_type,
        sequence_number=sequence_number,
        payload=original.sequence_number.to_bytes(2, "big") + original.payload,
        padding_bytes=0,
    )


def unwrap_retransmission(packet: RtpPacket, ssrc: int, payload_type: int) -> RtpPacket | None:
    """The original that an RTX packet carries; None for a probe (no payload) and for a broken one."""
    if len(packet.payload) <= ORIGINAL_SEQUENCE_NUMBER_BYTES:
        return None
    return replace(
        packet,
        ssrc=ssrc,
        payload_type=payload_type,
        sequence_number=int.from_bytes(packet.payload[:ORIGINAL_SEQUENCE_NUMBER_BYTES], "big"),
        payload=packet.payload[ORIGINAL_SEQUENCE_NUMBER_BYTES:],
        padding_bytes=0,
    )
