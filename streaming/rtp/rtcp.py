"""RTCP (RFC 3550 6): compound packets, sender and receiver reports, source descriptions, byes.

    81 CB 00 01  11 11 11 11

is V=2, no padding, count 1, type 203 (BYE), one more 32-bit word: the SSRC 0x11111111. Feedback messages are
in `feedback` and `transport_cc`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from streaming.errors import LocalProtocolError
from streaming.rtp.cursor import ByteReader

MAX_COUNT = 31
_VERSION = 2
_HEADER_BYTES = 4
_REPORT_BLOCK_BYTES = 24
_MAX_TEXT_BYTES = 255
_CNAME_ITEM = 1


class RtcpType(IntEnum):
    """Packet types that are read or written."""

    SENDER_REPORT = 200
    RECEIVER_REPORT = 201
    SOURCE_DESCRIPTION = 202
    BYE = 203
    APPLICATION = 204
    TRANSPORT_FEEDBACK = 205
    PAYLOAD_FEEDBACK = 206
    EXTENDED_REPORT = 207


@dataclass(frozen=True, slots=True)
class RtcpPacket:
    """One packet of a compound: `count` is RC, SC or FMT, `body` what follows the header, without padding."""

    type: int
    count: int
    body: bytes


def parse_compound(data: bytes) -> tuple[RtcpPacket, ...] | None:
    """The packets of a compound (or reduced-size, RFC 5506) packet, None if any of them is malformed.

    RFC 3550 6.4.1 allows padding in the last one only and in whole words; libwebrtc pads each transport-cc
    feedback by 1 to 3 bytes, so any packet may have it, of any length up to its body's.
    """
    reader = ByteReader(data)
    packets = []
    while reader.remaining:
        first, kind, words = reader.u8(), reader.u8(), reader.u16()
        body = reader.take(4 * words)
        if not reader.is_ok or first >> 6 != _VERSION:
            return None
        if first & 0x20:
            padding_bytes = body[-1] if body else 0
            if not 0 < padding_bytes <= len(body):
                return None
            body = body[:-padding_bytes]
        packets.append(RtcpPacket(kind, first & 0x1F, body))
    return tuple(packets) or None


def serialize_rtcp(packet: RtcpPacket) -> bytes:
    """The bytes of one packet. Raises LocalProtocolError for a count or a length that does not fit."""
    if not 0 <= packet.count <= MAX_COUNT or len(packet.body) % 4 or len(packet.body) // 4 > 0xFFFF:
        raise LocalProtocolError("rtcp_field_range", f"count {packet.count}, {len(packet.body)} bytes")
    head = bytes((_VERSION << 6 | packet.count, packet.type))
    return head + (len(packet.body) // 4).to_bytes(2, "big") + packet.body


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """How one source is received (RFC 3550 6.4.1). `fraction_lost` is of 256, the delay in 1/65536 s."""

    ssrc: int
    fraction_lost: int
    cumulative_lost: int
    highest_sequence_number: int
    jitter_ticks: int
    last_sender_report: int
    delay_since_last_sr: int


@dataclass(frozen=True, slots=True)
class SenderReport:
    """When and how much a source sent: `ntp_time` (UQ32.32) and `rtp_timestamp` are the same instant."""

    ssrc: int
    ntp_time: int
    rtp_timestamp: int
    packet_count: int
    octet_count: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    """The report blocks of an end that sends nothing."""

    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """The CNAME of a source: the one item that is mandatory (RFC 3550 6.5.1)."""

    ssrc: int
    cname: str


@dataclass(frozen=True, slots=True)
class Bye:
    """Sources that leave."""

    ssrcs: tuple[int, ...]


def _parse_blocks(reader: ByteReader, count: int) -> tuple[ReportBlock, ...]:
    blocks = []
    for _ in range(count):
        ssrc, fraction_lost = reader.u32(), reader.u8()
        cumulative_lost = int.from_bytes(reader.take(3), "big", signed=True)
        rest = (reader.u32(), reader.u32(), reader.u32(), reader.u32())
        blocks.append(ReportBlock(ssrc, fraction_lost, cumulative_lost, *rest))
    return tuple(blocks)


def _serialize_block(block: ReportBlock) -> bytes:
    # 24 bits, signed: what does not fit is clamped, not wrapped (RFC 3550 6.4.1).
    lost = max(-0x80_0000, min(0x7F_FFFF, block.cumulative_lost))
    words = (
        block.highest_sequence_number,
        block.jitter_ticks,
        block.last_sender_report,
        block.delay_since_last_sr,
    )
    head = (
        block.ssrc.to_bytes(4, "big") + bytes((block.fraction_lost,)) + lost.to_bytes(3, "big", signed=True)
    )
    return head + b"".join(word.to_bytes(4, "big") for word in words)


def parse_sender_report(packet: RtcpPacket) -> SenderReport | None:
    """The sender report in a packet; None for another type or a truncated one."""
    if packet.type != RtcpType.SENDER_REPORT:
        return None
    reader = ByteReader(packet.body)
    head = (reader.u32(), reader.u64(), reader.u32(), reader.u32(), reader.u32())
    blocks = _parse_blocks(reader, packet.count)
    return SenderReport(*head, blocks) if reader.is_ok else None


def serialize_sender_report(report: SenderReport) -> bytes:
    words = (report.rtp_timestamp, report.packet_count, report.octet_count)
    body = report.ssrc.to_bytes(4, "big") + report.ntp_time.to_bytes(8, "big")
    body += b"".join((word & 0xFFFF_FFFF).to_bytes(4, "big") for word in words)
    body += b"".join(map(_serialize_block, report.blocks))
    return serialize_rtcp(RtcpPacket(RtcpType.SENDER_REPORT, len(report.blocks), body))


def parse_receiver_report(packet: RtcpPacket) -> ReceiverReport | None:
    """The receiver report in a packet; None for another type or a truncated one."""
    if packet.type != RtcpType.RECEIVER_REPORT:
        return None
    reader = ByteReader(packet.body)
    ssrc = reader.u32()
    blocks = _parse_blocks(reader, packet.count)
    return ReceiverReport(ssrc, blocks) if reader.is_ok else None


def serialize_receiver_report(report: ReceiverReport) -> bytes:
    body = report.ssrc.to_bytes(4, "big") + b"".join(map(_serialize_block, report.blocks))
    return serialize_rtcp(RtcpPacket(RtcpType.RECEIVER_REPORT, len(report.blocks), body))


def parse_source_description(packet: RtcpPacket) -> SourceDescription | None:
    """The first chunk that has a CNAME; None without one, for another type and for a malformed packet."""
    if packet.type != RtcpType.SOURCE_DESCRIPTION:
        return None
    reader = ByteReader(packet.body)
    for _ in range(packet.count):
        ssrc = reader.u32()
        while (item := reader.u8()) != 0:
            text = reader.take(reader.u8())
            if not reader.is_ok:
                return None
            if item == _CNAME_ITEM:
                return SourceDescription(ssrc, text.decode("utf-8", "replace"))
        # A chunk ends with one to four zeros, on a 32-bit boundary (RFC 3550 6.5).
        reader.take(-reader.position % 4)
    return None


def serialize_source_description(description: SourceDescription) -> bytes:
    """Raises LocalProtocolError for a CNAME over 255 bytes."""
    text = description.cname.encode()
    if len(text) > _MAX_TEXT_BYTES:
        raise LocalProtocolError("rtcp_field_range", "cname")
    body = description.ssrc.to_bytes(4, "big") + bytes((_CNAME_ITEM, len(text))) + text
    body += bytes(4 - len(body) % 4)
    return serialize_rtcp(RtcpPacket(RtcpType.SOURCE_DESCRIPTION, 1, body))


def parse_bye(packet: RtcpPacket) -> Bye | None:
    """The bye in a packet, its reason ignored; None for another type or a truncated one."""
    if packet.type != RtcpType.BYE:
        return None
    reader = ByteReader(packet.body)
    ssrcs = tuple(reader.u32() for _ in range(packet.count))
    return Bye(ssrcs) if reader.is_ok else None


def serialize_bye(ssrcs: Sequence[int]) -> bytes:
    body = b"".join(ssrc.to_bytes(4, "big") for ssrc in ssrcs)
    return serialize_rtcp(RtcpPacket(RtcpType.BYE, len(ssrcs), body))
