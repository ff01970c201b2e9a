"""RTCP feedback: generic NACK and PLI (RFC 4585), FIR (RFC 5104), REMB (draft-alvestrand-rmcat-remb).

    81 CD 00 04  11 11 11 11  22 22 22 22  FF FE 80 03  00 64 00 00

is a NACK of sender 0x11111111 about media 0x22222222: 65534 with the bit mask 0x8003 (65535, 0 and 14), and
100.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streaming.rtp.cursor import ByteReader
from streaming.rtp.rtcp import RtcpPacket, RtcpType, serialize_rtcp
from streaming.rtp.sequence import SEQUENCE_BITS, serial_distance

FORMAT_NACK = 1
FORMAT_TRANSPORT_CC = 15
FORMAT_PLI = 1
FORMAT_FIR = 4
FORMAT_APPLICATION = 15
_REMB_NAME = b"REMB"
_REMB_MANTISSA_BITS = 18
_MASK_BITS = 16


@dataclass(frozen=True, slots=True)
class Feedback:
    """The common part of a feedback packet: `control` is the feedback control information."""

    type: int
    format: int
    sender_ssrc: int
    media_ssrc: int
    control: bytes


def parse_feedback(packet: RtcpPacket) -> Feedback | None:
    """The feedback in a packet; None for another type or a truncated one."""
    if packet.type not in (RtcpType.TRANSPORT_FEEDBACK, RtcpType.PAYLOAD_FEEDBACK):
        return None
    reader = ByteReader(packet.body)
    sender_ssrc, media_ssrc = reader.u32(), reader.u32()
    return (
        Feedback(packet.type, packet.count, sender_ssrc, media_ssrc, reader.rest()) if reader.is_ok else None
    )


def serialize_feedback(feedback: Feedback) -> bytes:
    body = feedback.sender_ssrc.to_bytes(4, "big") + feedback.media_ssrc.to_bytes(4, "big") + feedback.control
    return serialize_rtcp(RtcpPacket(feedback.type, feedback.format, body))


def parse_nack(feedback: Feedback) -> tuple[int, ...] | None:
    """The missing sequence numbers, each PID before its mask; None if this is no NACK or cut in a pair."""
    if (feedback.type, feedback.format) != (RtcpType.TRANSPORT_FEEDBACK, FORMAT_NACK):
        return None
    reader = ByteReader(feedback.control)
    numbers: list[int] = []
    while reader.remaining:
        packet_id, mask = reader.u16(), reader.u16()
        if not reader.is_ok:
            return None
        numbers.append(packet_id)
        numbers += [(packet_id + 1 + bit) & 0xFFFF for bit in range(_MASK_BITS) if mask >> bit & 1]
    return tuple(numbers)


def serialize_nack(sender_ssrc: int, media_ssrc: int, sequence_numbers: Sequence[int]) -> bytes:
    """A NACK of `sequence_numbers`, which are in serial order, in as few pairs as that allows."""
    pairs: list[list[int]] = []
    for number in sequence_numbers:
        distance = serial_distance(pairs[-1][0], number, SEQUENCE_BITS) if pairs else 0
        if pairs and 1 <= distance <= _MASK_BITS:
            pairs[-1][1] |= 1 << (distance - 1)
        else:
            pairs.append([number, 0])
    control = b"".join(packet_id.to_bytes(2, "big") + mask.to_bytes(2, "big") for packet_id, mask in pairs)
    kind, form = RtcpType.TRANSPORT_FEEDBACK, FORMAT_NACK
    return serialize_feedback(Feedback(kind, form, sender_ssrc, media_ssrc, control))


def is_pli(feedback: Feedback) -> bool:
    """Whether this asks for a keyframe of `media_ssrc` (RFC 4585 6.3.1)."""
    return (feedback.type, feedback.format) == (RtcpType.PAYLOAD_FEEDBACK, FORMAT_PLI)


def serialize_pli(sender_ssrc: int, media_ssrc: int) -> bytes:
    kind, form = RtcpType.PAYLOAD_FEEDBACK, FORMAT_PLI
    return serialize_feedback(Feedback(kind, form, sender_ssrc, media_ssrc, b""))


@dataclass(frozen=True, slots=True)
class FirEntry:
    """A source that shall send a keyframe; equal command sequence numbers are repetitions of one request."""

    ssrc: int
    command_sequence_number: int


def parse_fir(feedback: Feedback) -> tuple[FirEntry, ...] | None:
    """The entries (RFC 5104 4.3.1); None if this is no FIR or cut in an entry."""
    if (feedback.type, feedback.format) != (RtcpType.PAYLOAD_FEEDBACK, FORMAT_FIR):
        return None
    reader = ByteReader(feedback.control)
    entries = []
    while reader.remaining:
        entries.append(FirEntry(reader.u32(), reader.u8()))
        reader.take(3)
    return tuple(entries) if reader.is_ok else None


def serialize_fir(sender_ssrc: int, entries: Sequence[FirEntry]) -> bytes:
    """A FIR; its media source is 0, the entries name theirs."""
    control = b"".join(
        entry.ssrc.to_bytes(4, "big") + bytes((entry.command_sequence_number & 0xFF, 0, 0, 0))
        for entry in entries
    )
    return serialize_feedback(Feedback(RtcpType.PAYLOAD_FEEDBACK, FORMAT_FIR, sender_ssrc, 0, control))


@dataclass(frozen=True, slots=True)
class Remb:
    """A receiver's estimate for the sum of `ssrcs`."""

    bitrate_bps: int
    ssrcs: tuple[int, ...]


def parse_remb(feedback: Feedback) -> Remb | None:
    """The estimate: six bits of exponent, 18 of mantissa; None for other application feedback."""
    if (feedback.type, feedback.format) != (RtcpType.PAYLOAD_FEEDBACK, FORMAT_APPLICATION):
        return None
    reader = ByteReader(feedback.control)
    name, count, estimate = reader.take(4), reader.u8(), reader.u24()
    ssrcs = tuple(reader.u32() for _ in range(count))
    if not reader.is_ok or name != _REMB_NAME:
        return None
    mantissa = estimate & ((1 << _REMB_MANTISSA_BITS) - 1)
    return Remb(mantissa << (estimate >> _REMB_MANTISSA_BITS), ssrcs)


def serialize_remb(sender_ssrc: int, remb: Remb) -> bytes:
    """A REMB; the bitrate loses what does not fit 18 bits of mantissa."""
    exponent = max(0, remb.bitrate_bps.bit_length() - _REMB_MANTISSA_BITS)
    estimate = exponent << _REMB_MANTISSA_BITS | remb.bitrate_bps >> exponent
    control = _REMB_NAME + bytes((len(remb.ssrcs),)) + estimate.to_bytes(3, "big")
    control += b"".join(ssrc.to_bytes(4, "big") for ssrc in remb.ssrcs)
    kind, form = RtcpType.PAYLOAD_FEEDBACK, FORMAT_APPLICATION
    return serialize_feedback(Feedback(kind, form, sender_ssrc, 0, control))
