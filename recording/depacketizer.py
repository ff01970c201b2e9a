"""RTP packets of one track -> whole access units, in order (RFC 6184, 7741, 9628, 7587; AV1: AOM RTP
specification).

`ReorderBuffer` waits for packets that were repaired late; behind it a `Depacketizer` puts the pieces of
each picture together.  A picture with a missing piece is not given out, and the next one that is carries
`follows_loss`: what predicts from a missing picture has to wait for a keyframe.  Malformed payloads count
as lost.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol, Self

from streaming.rtp.av1 import OBU_TEMPORAL_DELIMITER, obu_type, parse_av1
from streaming.rtp.h264 import NAL_IDR, NAL_PPS, NAL_SLICE, NAL_SPS, parse_h264
from streaming.rtp.vp8 import Vp8Descriptor, parse_vp8
from streaming.rtp.vp9 import Vp9Descriptor, parse_vp9

REORDER_WAIT_NS = 1_000_000_000
REORDER_LIMIT_PACKETS = 4096
_START_WAIT_NS = 100_000_000
"""The first packet that comes need not be the first that was sent, and a keyframe begins with that one."""
MAX_ACCESS_UNIT_BYTES = 8 << 20

START_CODE = b"\x00\x00\x00\x01"
_NAL_TYPE = 0x1F
_AV1_DELIMITER = b"\x12\x00"


@dataclass(frozen=True, slots=True)
class MediaPacket:
    """One RTP packet; sequence number and timestamp unwrapped, padding and extensions taken off."""

    sequence_number: int
    ticks: int
    is_marked: bool
    payload: bytes
    arrival_ns: int


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One picture (or one voice frame) as its decoder wants it; H264 in Annex B form."""

    ticks: int
    data: bytes
    is_keyframe: bool
    follows_loss: bool


@dataclass(slots=True)
class ReorderBuffer:
    """Gives packets in sequence; a missing one is waited for one second of arrival time, then passed over.

    Invariants: what it gave out grows in sequence number; it holds at most 4,096 packets.
    """

    _waiting: dict[int, MediaPacket] = field(default_factory=dict)
    _next: int | None = None
    _held_before: set[int] = field(default_factory=set)
    """An earlier buffer had them behind a hole: they have come, and are given out no more."""
    lost_packets: int = 0

    def state(self) -> tuple[int | None, tuple[int, ...]]:
        """The number that is waited for, and those that have come behind it."""
        return self._next, tuple(sorted(self._held_before | self._waiting.keys()))

    @classmethod
    def restored(cls, awaited: int | None, held: Iterable[int]) -> Self:
        """Goes on where another was; what that held is not lost, but is not there either."""
        return cls(_next=awaited, _held_before=set(held) if awaited is not None else set())

    def push(self, packet: MediaPacket) -> None:
        """Take a packet; one that comes twice, or after its turn, is dropped."""
        if self._next is None or packet.sequence_number >= self._next:
            self._waiting.setdefault(packet.sequence_number, packet)

    def pop(self, now_ns: int) -> Iterator[tuple[MediaPacket, bool]]:
        """What may go on now, each with whether packets are missing right before it. Drain it."""
        is_behind_loss = False
        if self._next is None and self._waiting:
            first = next(iter(self._waiting.values()))
            if now_ns - first.arrival_ns < _START_WAIT_NS and len(self._waiting) <= REORDER_LIMIT_PACKETS:
                return
            self._begin(first.sequence_number)
        while self._waiting and self._next is not None:
            packet = self._waiting.pop(self._next, None)
            if packet is not None:
                self._next += 1
                yield packet, is_behind_loss
                is_behind_loss = False
                continue
            if self._next in self._held_before:
                self._held_before.remove(self._next)
                self._next += 1
                continue
            oldest_ns = min(waiting.arrival_ns for waiting in self._waiting.values())
            if now_ns - oldest_ns < REORDER_WAIT_NS and len(self._waiting) <= REORDER_LIMIT_PACKETS:
                return
            following = min(chain(self._waiting, self._held_before))
            self.lost_packets += following - self._next
            self._next = following
            is_behind_loss = True

    def _begin(self, first: int) -> None:
        """Before the packet that came first, but not with one that was sent again from long before."""
        while first - 1 in self._waiting:
            first -= 1
        self._next = first
        self._waiting = {number: packet for number, packet in self._waiting.items() if number >= first}


class PayloadFormat(Protocol):
    """How a codec lies in RTP payloads."""

    def begins(self, payload: bytes) -> bool:
        """Whether a picture can begin with this payload."""

    def assemble(self, payloads: list[bytes]) -> tuple[bytes, bool] | None:
        """The access unit of all payloads of one picture and whether it is a keyframe; None if malformed."""


class Depacketizer:
    """Packets in order in, access units out. Its first unit follows a loss: what was before is not known.

    Invariants: `_payloads` belong to one timestamp without a hole; it is empty while the present picture
    is broken.
    """

    __slots__ = ("_bytes", "_follows_loss", "_format", "_is_broken", "_last", "_payloads", "_ticks")

    def __init__(self, payload_format: PayloadFormat) -> None:
        self._format = payload_format
        self._payloads: list[bytes] = []
        self._bytes = 0
        self._last: int | None = None
        self._ticks: int | None = None
        self._is_broken = False
        self._follows_loss = True

    def push(self, packet: MediaPacket) -> Iterator[AccessUnit]:
        """Take the next packet; gives a picture when its last packet, or the first of the next one, came."""
        is_behind_hole = self._last is None or packet.sequence_number != self._last + 1
        self._last = packet.sequence_number
        if is_behind_hole:
            self._break()
        if not packet.payload:
            return
        if self._ticks is None or packet.ticks != self._ticks:
            yield from self._finish()
            self._ticks = packet.ticks
            self._is_broken = not self._format.begins(packet.payload)
            self._follows_loss = self._follows_loss or self._is_broken
        elif is_behind_hole:
            self._is_broken = True
        self._bytes += len(packet.payload)
        if self._bytes > MAX_ACCESS_UNIT_BYTES:
            self._break()
        if not self._is_broken:
            self._payloads.append(packet.payload)
        if packet.is_marked:
            yield from self._finish()

    def _break(self) -> None:
        self._payloads.clear()
        self._bytes = 0
        self._is_broken = True
        self._follows_loss = True

    def _finish(self) -> Iterator[AccessUnit]:
        payloads, ticks = self._payloads, self._ticks
        self._payloads, self._ticks, self._bytes = [], None, 0
        was_broken, self._is_broken = self._is_broken, False
        if not payloads or ticks is None or was_broken:
            return
        assembled = self._format.assemble(payloads)
        if assembled is None:
            self._follows_loss = True
            return
        data, is_keyframe = assembled
        yield AccessUnit(ticks, data, is_keyframe, self._follows_loss)
        self._follows_loss = False


class OpusFormat:
    """RFC 7587: one Opus packet a payload."""

    def begins(self, payload: bytes) -> bool:
        """Always, unless it is empty."""
        return bool(payload)

    def assemble(self, payloads: list[bytes]) -> tuple[bytes, bool] | None:
        """The payload itself."""
        return payloads[-1], True


class H264Format:
    """RFC 6184: single NAL units, STAP-A and FU-A (packetization modes 0 and 1)."""

    def begins(self, payload: bytes) -> bool:
        """Not with a later fragment."""
        parsed = parse_h264(payload)
        return parsed is not None and parsed.starts_nal_unit

    def assemble(self, payloads: list[bytes]) -> tuple[bytes, bool] | None:
        """Annex B; a keyframe is a picture of IDR slices."""
        units: list[bytes] = []
        fragments: list[bytes] = []
        for payload in payloads:
            parsed = parse_h264(payload)
            if parsed is None or bool(fragments) == parsed.starts_nal_unit:
                return None
            if not parsed.is_fragment:
                units.extend(parsed.units)
                continue
            fragments.extend(parsed.units)
            if parsed.ends_nal_unit:
                units.append(b"".join(fragments))
                fragments = []
        slices = [unit for unit in units if NAL_SLICE <= unit[0] & _NAL_TYPE <= NAL_IDR]
        if fragments or not slices or len(slices[0]) < 2 or not slices[0][1] & 0x80:
            return None  # the first slice begins with first_mb_in_slice = 0, coded as a set bit (H.264 7.3.3)
        data = b"".join(START_CODE + unit for unit in units)
        return data, slices[0][0] & _NAL_TYPE == NAL_IDR


class Vp8Format:
    """RFC 7741."""

    def begins(self, payload: bytes) -> bool:
        """With the first partition."""
        descriptor = parse_vp8(payload)
        return descriptor is not None and descriptor.starts_frame

    def assemble(self, payloads: list[bytes]) -> tuple[bytes, bool] | None:
        """The partitions behind the descriptors."""
        first = parse_vp8(payloads[0])
        data = _without_descriptors(payloads, parse_vp8)
        return (data, first.is_keyframe) if first and data is not None else None


class Vp9Format:
    """RFC 9628, one spatial layer."""

    def begins(self, payload: bytes) -> bool:
        """With the beginning of a frame."""
        descriptor = parse_vp9(payload)
        return descriptor is not None and descriptor.starts_frame

    def assemble(self, payloads: list[bytes]) -> tuple[bytes, bool] | None:
        """The frame behind the descriptors; a keyframe depends on no other picture."""
        first = parse_vp9(payloads[0])
        data = _without_descriptors(payloads, parse_vp9)
        return (data, first.starts_keyframe) if first and data is not None else None


def _without_descriptors(
    payloads: list[bytes], parse: Callable[[bytes], Vp8Descriptor | Vp9Descriptor | None]
) -> bytes | None:
    """What lies behind the descriptors of one picture's payloads; None where one of them is malformed."""
    parts: list[bytes] = []
    for payload in payloads:
        descriptor = parse(payload)
        if descriptor is None:
            return None
        parts.append(payload[descriptor.length :])
    return b"".join(parts)


class Av1Format:
    """AOM RTP specification: OBU elements behind an aggregation header."""

    def begins(self, payload: bytes) -> bool:
        """Not with the rest of an OBU."""
        parsed = parse_av1(payload)
        return parsed is not None and not parsed.continues_obu

    def assemble(self, payloads: list[bytes]) -> tuple[bytes, bool] | None:
        """A temporal unit in the low-overhead format (AV1 5.2), its delimiter put back."""
        elements: list[bytes] = []
        is_keyframe = False
        for index, payload in enumerate(payloads):
            parsed = parse_av1(payload)
            if parsed is None:
                return None
            is_keyframe = is_keyframe or (index == 0 and parsed.starts_keyframe)
            pieces = list(parsed.elements)
            if parsed.continues_obu and elements and pieces:
                elements[-1] += pieces.pop(0)
            elements.extend(pieces)
        units = [
            _av1_with_size(unit) for unit in elements if unit and obu_type(unit) != OBU_TEMPORAL_DELIMITER
        ]
        return (_AV1_DELIMITER + b"".join(units), is_keyframe) if units else None


def _av1_with_size(unit: bytes) -> bytes:
    """An OBU with its size field (AV1 5.3.1), which RTP leaves out."""
    if unit[0] & 0x02:
        return unit
    head = 2 if unit[0] & 0x04 else 1
    size, length = bytearray(), max(0, len(unit) - head)
    while length > 0x7F:
        size.append(length & 0x7F | 0x80)
        length >>= 7
    size.append(length)
    return bytes((unit[0] | 0x02,)) + unit[1:head] + bytes(size) + unit[head:]


def parameter_sets(data: bytes) -> bytes:
    """The SPS and PPS of an H264 access unit, in Annex B form; b"" where it has none."""
    units = data.split(START_CODE)[1:]
    return b"".join(START_CODE + unit for unit in units if unit and unit[0] & _NAL_TYPE in {NAL_SPS, NAL_PPS})


def has_whole_parameters(data: bytes) -> bool:
    """Whether an H264 access unit brings both SPS and PPS."""
    types = {unit[0] & _NAL_TYPE for unit in data.split(START_CODE)[1:] if unit}
    return {NAL_SPS, NAL_PPS} <= types


def sprop_parameter_sets(format_parameters: str) -> bytes:
    """The SPS and PPS that stand in a session description (RFC 6184 8.1), in Annex B form; b"" if none do."""
    for parameter in format_parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "sprop-parameter-sets":
            try:
                units = [base64.b64decode(unit, validate=True) for unit in value.split(",")]
            except binascii.Error:
                return b""
            return b"".join(START_CODE + unit for unit in units if unit)
    return b""


FORMATS: dict[str, type[PayloadFormat]] = {
    "opus": OpusFormat,
    "H264": H264Format,
    "VP8": Vp8Format,
    "VP9": Vp9Format,
    "AV1": Av1Format,
}
"""By codec name as in SDP."""
