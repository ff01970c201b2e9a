"""H.264 payloads (RFC 6184): single NAL units, STAP-A, FU-A; and what a sequence parameter set says.

`78 00 04 67 42 C0 1F 00 02 68 CE` is a STAP-A of an SPS of four bytes and a PPS of two; `7C 85 88 84` is the
first fragment (S set) of an IDR slice whose NAL unit begins `65 88 84`.
"""

from __future__ import annotations

from dataclasses import dataclass

from streaming.rtp.cursor import BitReader, ByteReader

NAL_SLICE = 1
NAL_IDR = 5
NAL_SPS = 7
NAL_PPS = 8
_LAST_SINGLE_NAL = 23
_STAP_A = 24
_FU_A = 28
_TYPE_MASK = 0x1F
_HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_MAX_DIMENSION = 16_384


@dataclass(frozen=True, slots=True)
class H264Payload:
    """What a packet holds.

    `units` are whole NAL units or, in a FU-A, one piece: with the rebuilt NAL header in the first fragment,
    bare bytes in later ones.
    """

    units: tuple[bytes, ...]
    is_fragment: bool
    starts_nal_unit: bool
    ends_nal_unit: bool

    @property
    def types(self) -> tuple[int, ...]:
        """The types of the NAL units that begin here."""
        return tuple(unit[0] & _TYPE_MASK for unit in self.units) if self.starts_nal_unit else ()

    @property
    def starts_keyframe(self) -> bool:
        """A keyframe starts at the SPS: PPS and IDR may follow in packets of their own."""
        return NAL_SPS in self.types


def _parse_aggregate(reader: ByteReader) -> H264Payload | None:
    units = []
    while reader.remaining:
        unit = reader.take(reader.u16())
        if not unit:
            return None
        units.append(unit)
    return (
        H264Payload(tuple(units), is_fragment=False, starts_nal_unit=True, ends_nal_unit=True)
        if units
        else None
    )


def _parse_fragment(indicator: int, reader: ByteReader) -> H264Payload | None:
    header = reader.u8()
    body = reader.rest()
    if not reader.is_ok:
        return None
    starts = bool(header & 0x80)
    unit = bytes((indicator & 0xE0 | header & _TYPE_MASK,)) + body if starts else body
    return H264Payload((unit,), is_fragment=True, starts_nal_unit=starts, ends_nal_unit=bool(header & 0x40))


def parse_h264(payload: bytes) -> H264Payload | None:
    """The NAL units of a payload in packetization mode 0 or 1; None if malformed or of another mode."""
    reader = ByteReader(payload)
    indicator = reader.u8()
    kind = indicator & _TYPE_MASK
    if NAL_SLICE <= kind <= _LAST_SINGLE_NAL:
        return H264Payload((payload,), is_fragment=False, starts_nal_unit=True, ends_nal_unit=True)
    if kind == _STAP_A:
        return _parse_aggregate(reader)
    return _parse_fragment(indicator, reader) if kind == _FU_A else None


@dataclass(frozen=True, slots=True)
class SequenceParameterSet:
    """What a container and a playlist need of an SPS; `profile_level_id` is the first three bytes in hex."""

    profile_level_id: str
    width: int
    height: int


def without_emulation_prevention(unit: bytes) -> bytes:
    """A NAL unit's payload: `00 00 03` becomes `00 00` (H.264 7.4.1)."""
    found = bytearray()
    zeros = 0
    for byte in unit:
        if zeros >= 2 and byte == 3:
            zeros = 0
            continue
        zeros = zeros + 1 if byte == 0 else 0
        found.append(byte)
    return bytes(found)


def _skip_scaling_list(bits: BitReader, size: int) -> None:
    """H.264 7.3.2.1.1.1: deltas until the next scale is 0."""
    scale = 8
    for _ in range(size):
        scale = (scale + bits.signed_exp_golomb()) % 256
        if scale == 0 or not bits.is_ok:
            return


def _read_chroma(bits: BitReader) -> tuple[int, bool]:
    """The fields of the high profiles: chroma_format_idc, and whether colour planes are separate."""
    chroma_format = bits.unsigned_exp_golomb()
    is_separate = chroma_format == 3 and bits.flag()
    bits.unsigned_exp_golomb()  # bit_depth_luma_minus8
    bits.unsigned_exp_golomb()  # bit_depth_chroma_minus8
    bits.flag()  # qpprime_y_zero_transform_bypass_flag
    if bits.flag():
        for index in range(12 if chroma_format == 3 else 8):
            if bits.flag():
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma_format, is_separate


def _skip_picture_order(bits: BitReader) -> None:
    """pic_order_cnt_type and what it brings."""
    kind = bits.unsigned_exp_golomb()
    if kind == 0:
        bits.unsigned_exp_golomb()  # log2_max_pic_order_cnt_lsb_minus4
    elif kind == 1:
        bits.flag()
        bits.signed_exp_golomb()
        bits.signed_exp_golomb()
        for _ in range(bits.unsigned_exp_golomb()):
            bits.signed_exp_golomb()
            if not bits.is_ok:
                return


def _read_cropping(bits: BitReader) -> tuple[int, int]:
    """The cropped columns and rows in units of the chroma grid."""
    if not bits.flag():
        return 0, 0
    left, right, top, bottom = (bits.unsigned_exp_golomb() for _ in range(4))
    return left + right, top + bottom


def parse_sps(unit: bytes) -> SequenceParameterSet | None:
    """The SPS in a NAL unit with its header (H.264 7.3.2.1.1); None for another unit or a broken one."""
    if len(unit) < 4 or unit[0] & _TYPE_MASK != NAL_SPS:
        return None
    bits = BitReader(without_emulation_prevention(unit[4:]))
    bits.unsigned_exp_golomb()  # seq_parameter_set_id
    chroma_format, is_separate = _read_chroma(bits) if unit[1] in _HIGH_PROFILES else (1, False)
    bits.unsigned_exp_golomb()  # log2_max_frame_num_minus4
    _skip_picture_order(bits)
    bits.unsigned_exp_golomb()  # max_num_ref_frames
    bits.flag()  # gaps_in_frame_num_value_allowed_flag
    columns, rows = bits.unsigned_exp_golomb() + 1, bits.unsigned_exp_golomb() + 1
    is_frame_only = bits.flag()
    if not is_frame_only:
        bits.flag()  # mb_adaptive_frame_field_flag
    bits.flag()  # direct_8x8_inference_flag
    cropped_columns, cropped_rows = _read_cropping(bits)
    if not bits.is_ok:
        return None
    has_grid = chroma_format in (1, 2) and not is_separate
    column_unit = 2 if has_grid else 1
    row_unit = (2 if has_grid and chroma_format == 1 else 1) * (1 if is_frame_only else 2)
    width = 16 * columns - column_unit * cropped_columns
    height = 16 * rows * (1 if is_frame_only else 2) - row_unit * cropped_rows
    if not (0 < width <= _MAX_DIMENSION and 0 < height <= _MAX_DIMENSION):
        return None
    return SequenceParameterSet(unit[1:4].hex(), width, height)
