"""RTP header extensions (RFC 8285): elements of both forms, and the values of those that are understood.

One-byte form (profile 0xBEDE): `10 30 31 01 02 00 00 00` is id 1 with the one byte `30` (a mid of "0"), id 3
with `01 02` (a transport-cc number of 258), and three bytes of padding. Two-byte form (profile 0x1000): `01
01 30 0C 00` is id 1 with `30` and an empty id 12.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streaming.errors import LocalProtocolError
from streaming.rtp.cursor import ByteReader
from streaming.rtp.packet import ExtensionBlock

ONE_BYTE_PROFILE = 0xBEDE
TWO_BYTE_PROFILE = 0x1000
"""Its lower four bits (appbits) may hold anything."""
MAX_ONE_BYTE_ID = 14
MAX_ONE_BYTE_VALUE_BYTES = 16
_ID_STOP = 15
_NS_PER_SECOND = 1_000_000_000
_ABS_SEND_TIME_FRACTION_BITS = 18
_PLAYOUT_DELAY_STEP_MS = 10


def parse_elements(block: ExtensionBlock) -> dict[int, bytes] | None:
    """The elements by id, the first of equal ids; None if one is cut or the form is unknown."""
    is_one_byte = block.profile == ONE_BYTE_PROFILE
    if not is_one_byte and block.profile & 0xFFF0 != TWO_BYTE_PROFILE:
        return None
    reader = ByteReader(block.data)
    elements: dict[int, bytes] = {}
    while reader.remaining:
        head = reader.u8()
        if head == 0:
            continue
        if is_one_byte:
            number, length = head >> 4, (head & 0x0F) + 1
            # RFC 8285 4.2: 15, and 0 with a length, end the block; what came before counts.
            if number in (0, _ID_STOP):
                break
        else:
            number, length = head, reader.u8()
        value = reader.take(length)
        if not reader.is_ok:
            return None
        elements.setdefault(number, value)
    return elements


def serialize_elements(elements: Mapping[int, bytes]) -> ExtensionBlock:
    """The block of the elements in the order given: the one-byte form if all fit it, else the two-byte form.

    Raises LocalProtocolError for ids outside 1-255 and values over 255 bytes.
    """
    if any(not 1 <= number <= 255 or len(value) > 255 for number, value in elements.items()):
        raise LocalProtocolError("rtp_field_range", "header extension id or value")
    is_one_byte = all(
        number <= MAX_ONE_BYTE_ID and 1 <= len(value) <= MAX_ONE_BYTE_VALUE_BYTES
        for number, value in elements.items()
    )
    data = b"".join(
        (bytes((number << 4 | len(value) - 1,)) if is_one_byte else bytes((number, len(value)))) + value
        for number, value in elements.items()
    )
    profile = ONE_BYTE_PROFILE if is_one_byte else TWO_BYTE_PROFILE
    return ExtensionBlock(profile, data + bytes(-len(data) % 4))


@dataclass(frozen=True, slots=True)
class AudioLevel:
    """RFC 6464: `level_minus_dbov` 0 is loudest, 127 is silence. `85` is voice at -5 dBov."""

    is_voice: bool
    level_minus_dbov: int


def parse_audio_level(value: bytes) -> AudioLevel | None:
    """One byte in the one-byte form; a second one, of padding, may follow in the two-byte form."""
    return AudioLevel(bool(value[0] & 0x80), value[0] & 0x7F) if len(value) in (1, 2) else None


def serialize_audio_level(level: AudioLevel) -> bytes:
    return bytes((level.is_voice << 7 | level.level_minus_dbov & 0x7F,))


def parse_transport_cc(value: bytes) -> int | None:
    """The transport-wide sequence number; version 2 of the extension appends two bytes that are ignored."""
    return int.from_bytes(value[:2], "big") if len(value) in (2, 4) else None


def serialize_transport_cc(sequence_number: int) -> bytes:
    return (sequence_number & 0xFFFF).to_bytes(2, "big")


def parse_abs_send_time(value: bytes) -> int | None:
    """Nanoseconds in [0, 64 s): 24 bits of fixed point seconds, 6.18. `04 00 00` is one second."""
    if len(value) != 3:
        return None
    return int.from_bytes(value, "big") * _NS_PER_SECOND >> _ABS_SEND_TIME_FRACTION_BITS


def serialize_abs_send_time(now_ns: int) -> bytes:
    fixed_point = (now_ns << _ABS_SEND_TIME_FRACTION_BITS) // _NS_PER_SECOND
    return (fixed_point & 0xFF_FFFF).to_bytes(3, "big")


def parse_text(value: bytes) -> str | None:
    """A mid or rid (RFC 7941): non-empty ASCII."""
    return value.decode() if value and value.isascii() else None


def parse_video_rotation(value: bytes) -> int | None:
    """Degrees clockwise (3GPP TS 26.114 7.4.5): the lower two bits in steps of 90."""
    return (value[0] & 0x03) * 90 if len(value) == 1 else None


@dataclass(frozen=True, slots=True)
class PlayoutDelay:
    """The receiver's play-out delay, 12 bits each in steps of 10 ms: `00 A0 64` is 100 ms to 1 s."""

    minimum_ms: int
    maximum_ms: int


def parse_playout_delay(value: bytes) -> PlayoutDelay | None:
    if len(value) != 3:
        return None
    both = int.from_bytes(value, "big")
    return PlayoutDelay((both >> 12) * _PLAYOUT_DELAY_STEP_MS, (both & 0xFFF) * _PLAYOUT_DELAY_STEP_MS)


def serialize_playout_delay(delay: PlayoutDelay) -> bytes:
    minimum, maximum = delay.minimum_ms // _PLAYOUT_DELAY_STEP_MS, delay.maximum_ms // _PLAYOUT_DELAY_STEP_MS
    return ((minimum & 0xFFF) << 12 | maximum & 0xFFF).to_bytes(3, "big")


@dataclass(frozen=True, slots=True)
class AbsCaptureTime:
    """When the frame was captured: NTP time (UQ32.32), and capturer's less sender's clock (Q32.32)."""

    ntp_time: int
    clock_offset: int | None = None


def parse_abs_capture_time(value: bytes) -> AbsCaptureTime | None:
    if len(value) not in (8, 16):
        return None
    offset = int.from_bytes(value[8:], "big", signed=True) if len(value) == 16 else None
    return AbsCaptureTime(int.from_bytes(value[:8], "big"), offset)
