"""The VP8 payload descriptor (RFC 7741 4.2) and the first bytes of a frame.

`90 80 81 23 10 …`: X and S set, partition 0; I set; a 15-bit picture_id of 0x0123; then the frame, whose
first byte has bit 0 clear: a keyframe.
"""

from __future__ import annotations

from dataclasses import dataclass

from streaming.rtp.cursor import ByteReader

_START_CODE = b"\x9d\x01\x2a"


@dataclass(frozen=True, slots=True)
class Vp8Descriptor:
    """`length` is where the frame's bytes begin. `is_keyframe` is known where a frame starts only."""

    length: int
    is_non_reference: bool
    starts_partition: bool
    partition_index: int
    picture_id: int | None
    picture_id_bits: int
    tl0picidx: int | None
    temporal_layer: int | None
    is_layer_sync: bool
    is_keyframe: bool

    @property
    def starts_frame(self) -> bool:
        return self.starts_partition and self.partition_index == 0


def _read_picture_id(reader: ByteReader) -> tuple[int, int]:
    """The number and its width in bits: 7, or 15 when the M bit says so."""
    high = reader.u8()
    if high & 0x80:
        return (high & 0x7F) << 8 | reader.u8(), 15
    return high, 7


def parse_vp8(payload: bytes) -> Vp8Descriptor | None:
    """The descriptor at the front of a payload, None if it is cut."""
    reader = ByteReader(payload)
    first = reader.u8()
    present = reader.u8() if first & 0x80 else 0
    picture_id, picture_id_bits = _read_picture_id(reader) if present & 0x80 else (None, 0)
    tl0picidx = reader.u8() if present & 0x40 else None
    layer = reader.u8() if present & 0x30 else 0  # T or K: one byte holds both
    if not reader.is_ok:
        return None
    length = reader.position
    starts_frame = bool(first & 0x10) and first & 0x07 == 0
    has_layer = bool(present & 0x20)
    return Vp8Descriptor(
        length=length,
        is_non_reference=bool(first & 0x20),
        starts_partition=bool(first & 0x10),
        partition_index=first & 0x07,
        picture_id=picture_id,
        picture_id_bits=picture_id_bits,
        tl0picidx=tl0picidx,
        temporal_layer=layer >> 6 if has_layer else None,
        is_layer_sync=has_layer and bool(layer & 0x20),
        # RFC 7741 4.3: P (bit 0 of the payload header) is 0 for a keyframe.
        is_keyframe=starts_frame and len(payload) > length and not payload[length] & 0x01,
    )


def keyframe_resolution(frame: bytes) -> tuple[int, int] | None:
    """Width and height of a keyframe (RFC 6386 9.1), None for another frame.

    `10 02 00 9D 01 2A 80 02 68 01`: behind the three-byte tag and the start code 640 x 360, little-endian, 14
    bits.
    """
    if len(frame) < 10 or frame[0] & 0x01 or frame[3:6] != _START_CODE:
        return None
    return int.from_bytes(frame[6:8], "little") & 0x3FFF, int.from_bytes(frame[8:10], "little") & 0x3FFF
