"""The VP9 payload descriptor (RFC 9628 4.2).

`8C 81 23 …`: I, B and E set, a 15-bit picture_id of 0x0123; P is clear: a whole keyframe in one packet.
"""

from __future__ import annotations

from dataclasses import dataclass

from streaming.rtp.cursor import ByteReader

_MAX_REFERENCES = 3


@dataclass(frozen=True, slots=True)
class Vp9Structure:
    """The scalability structure (4.2.1): the size of each spatial layer, () where sizes are left out."""

    spatial_layer_count: int
    resolutions: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Vp9Descriptor:
    """`length` is where the frame's bytes begin; layers are 0 where the packet has no layer indices."""

    length: int
    is_inter_picture: bool
    is_flexible: bool
    starts_frame: bool
    ends_frame: bool
    is_not_reference_for_upper: bool
    picture_id: int | None
    picture_id_bits: int
    has_layer_indices: bool
    temporal_layer: int
    is_switching_point: bool
    spatial_layer: int
    uses_inter_layer_prediction: bool
    tl0picidx: int | None
    structure: Vp9Structure | None

    @property
    def starts_keyframe(self) -> bool:
        """Whether this is the first packet of a picture that depends on no other."""
        is_base = self.spatial_layer == 0 and not self.uses_inter_layer_prediction
        return self.starts_frame and is_base and not self.is_inter_picture


def _read_structure(reader: ByteReader) -> Vp9Structure:
    """N_S, Y, G; resolutions; the picture group, which is skipped."""
    head = reader.u8()
    count = (head >> 5) + 1
    resolutions = tuple((reader.u16(), reader.u16()) for _ in range(count)) if head & 0x10 else ()
    if head & 0x08:
        for _ in range(reader.u8()):
            reader.take(reader.u8() >> 2 & 3)
    return Vp9Structure(count, resolutions)


def _skip_references(reader: ByteReader) -> None:
    """Up to three P_DIFF bytes, each but the last with bit N set."""
    for _ in range(_MAX_REFERENCES):
        if not reader.u8() & 0x01:
            return
    reader.fail()


def parse_vp9(payload: bytes) -> Vp9Descriptor | None:
    """The descriptor at the front of a payload, None if it is cut or has too many references."""
    reader = ByteReader(payload)
    flags = reader.u8()
    is_flexible, is_inter_picture = bool(flags & 0x10), bool(flags & 0x40)
    picture_id, picture_id_bits = None, 0
    if flags & 0x80:
        picture_id, picture_id_bits = reader.u8(), 7
        if picture_id & 0x80:
            picture_id, picture_id_bits = (picture_id & 0x7F) << 8 | reader.u8(), 15
    has_layer_indices = bool(flags & 0x20)
    layers = reader.u8() if has_layer_indices else 0
    tl0picidx = reader.u8() if has_layer_indices and not is_flexible else None
    if is_flexible and is_inter_picture:
        _skip_references(reader)
    structure = _read_structure(reader) if flags & 0x02 else None
    if not reader.is_ok:
        return None
    return Vp9Descriptor(
        length=reader.position,
        is_inter_picture=is_inter_picture,
        is_flexible=is_flexible,
        starts_frame=bool(flags & 0x08),
        ends_frame=bool(flags & 0x04),
        is_not_reference_for_upper=bool(flags & 0x01),
        picture_id=picture_id,
        picture_id_bits=picture_id_bits,
        has_layer_indices=has_layer_indices,
        temporal_layer=layers >> 5,
        is_switching_point=bool(layers & 0x10),
        spatial_layer=layers >> 1 & 7,
        uses_inter_layer_prediction=bool(layers & 0x01),
        tl0picidx=tl0picidx,
        structure=structure,
    )
