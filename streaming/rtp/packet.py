"""RTP packets (RFC 3550 5.1): fixed header, CSRCs, extension block, payload, padding.

    90 E0 FF FF  00 00 10 00  12 34 56 78  BE DE 00 01  10 30 00 00  AA

is V=2, X=1, M=1, payload type 96, sequence number 65535, timestamp 4096, SSRC 0x12345678, an extension block
of the one-byte form (profile 0xBEDE) of one word `10 30 00 00`, and the payload `AA`.
"""

from __future__ import annotations

from dataclasses import dataclass

from streaming.errors import LocalProtocolError
from streaming.rtp.cursor import ByteReader

FIXED_HEADER_BYTES = 12
MAX_CSRCS = 15
MAX_PADDING_BYTES = 255
_VERSION = 2


@dataclass(frozen=True, slots=True)
class ExtensionBlock:
    """The block behind the CSRCs: `profile` tells its form, `data` is a whole number of 32-bit words."""

    profile: int
    data: bytes


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One packet; `payload` is without padding, `padding_bytes` counts the last byte too."""

    payload_type: int
    sequence_number: int
    timestamp: int
    ssrc: int
    payload: bytes = b""
    marker: bool = False
    csrcs: tuple[int, ...] = ()
    extension: ExtensionBlock | None = None
    padding_bytes: int = 0


def parse_packet(data: bytes) -> RtpPacket | None:
    """The packet that `data` holds, None if it is malformed."""
    reader = ByteReader(data)
    first, second = reader.u8(), reader.u8()
    if first >> 6 != _VERSION:
        return None
    sequence_number, timestamp, ssrc = reader.u16(), reader.u32(), reader.u32()
    csrcs = tuple(reader.u32() for _ in range(first & 0x0F))
    extension = None
    if first & 0x10:
        profile = reader.u16()
        extension = ExtensionBlock(profile, reader.take(4 * reader.u16()))
    body = reader.rest()
    if not reader.is_ok:
        return None
    padding_bytes = 0
    if first & 0x20:
        padding_bytes = body[-1] if body else 0
        if not 0 < padding_bytes <= len(body):
            return None
    return RtpPacket(
        payload_type=second & 0x7F,
        sequence_number=sequence_number,
        timestamp=timestamp,
        ssrc=ssrc,
        payload=body[: len(body) - padding_bytes],
        marker=bool(second & 0x80),
        csrcs=csrcs,
        extension=extension,
        padding_bytes=padding_bytes,
    )


def serialize_packet(packet: RtpPacket) -> bytes:
    """The bytes of a packet; padding is zeros and its count.

    Raises LocalProtocolError for fields that do not fit the wire.
    """
    extension = packet.extension
    if len(packet.csrcs) > MAX_CSRCS or not 0 <= packet.padding_bytes <= MAX_PADDING_BYTES:
        raise LocalProtocolError("rtp_field_range", "CSRCs or padding")
    if extension is not None and (len(extension.data) % 4 or len(extension.data) // 4 > 0xFFFF):
        raise LocalProtocolError("rtp_field_range", "extension block is no whole number of words")
    flags = _VERSION << 6 | bool(packet.padding_bytes) << 5 | (extension is not None) << 4 | len(packet.csrcs)
    try:
        parts = [
            bytes((flags, packet.marker << 7 | packet.payload_type & 0x7F)),
            packet.sequence_number.to_bytes(2, "big"),
            packet.timestamp.to_bytes(4, "big"),
            packet.ssrc.to_bytes(4, "big"),
            *(csrc.to_bytes(4, "big") for csrc in packet.csrcs),
        ]
        if extension is not None:
            words = len(extension.data) // 4
            parts += [extension.profile.to_bytes(2, "big"), words.to_bytes(2, "big"), extension.data]
    except OverflowError as error:
        raise LocalProtocolError("rtp_field_range", str(error)) from error
    parts.append(packet.payload)
    if packet.padding_bytes:
        parts.append(bytes(packet.padding_bytes - 1) + bytes((packet.padding_bytes,)))
    return b"".join(parts)
