"""H.264 payloads and parameter sets; the parameter sets are x264's."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtp.h264 import (
    NAL_IDR,
    NAL_PPS,
    NAL_SPS,
    SequenceParameterSet,
    parse_h264,
    parse_sps,
    without_emulation_prevention,
)

VECTORS = configparser.ConfigParser()
VECTORS.read(Path(__file__).parents[2] / "vectors" / "codecs.hex")
PARAMETER_SETS = [
    ("6742c01fda014016e840000003004000000f23c60ca8", "42c01f", 1280, 720),
    ("6742c028da01e0089f9610000003001000000303c8f1832a", "42c028", 1920, 1080),
    ("6742c01eda0290bf889210000003001000000303c8f162ea", "42c01e", 642, 362),
    ("674d4028f403c0227ee10000030001000003003c9f162ea0", "4d4028", 1920, 1080),
    ("67f4001e919680a02ff89840000003004000000f23c58ba8", "f4001e", 640, 360),
    ("677a000dbcb40a0fd080000003008000001e478a1550", "7a000d", 320, 240),
]


@pytest.mark.parametrize("case", [name for name in VECTORS.sections() if VECTORS[name]["codec"] == "05"])
def test_shared_vectors(case: str) -> None:
    vector = VECTORS[case]
    parsed = parse_h264(bytes.fromhex(vector["payload"]))
    if "is_malformed" in vector:
        assert parsed is None
        return
    assert parsed is not None
    assert parsed.starts_keyframe == (vector["is_keyframe"] == "01")


def test_aggregate_is_taken_apart() -> None:
    parsed = parse_h264(bytes.fromhex("78 0004 6742c01f 0002 68ce 0003 658884"))
    assert parsed is not None
    assert parsed.types == (NAL_SPS, NAL_PPS, NAL_IDR)
    assert parsed.units[1] == bytes.fromhex("68ce")


def test_fragments_give_the_unit_back() -> None:
    pieces = [parse_h264(bytes.fromhex(text)) for text in ("7c85 8884", "7c05 aabb", "7c45 cc")]
    assert b"".join(piece.units[0] for piece in pieces if piece) == bytes.fromhex("658884aabbcc")
    flags = [(piece.starts_nal_unit, piece.ends_nal_unit, piece.types) for piece in pieces if piece]
    assert flags == [(True, False, (NAL_IDR,)), (False, False, ()), (False, True, ())]


@pytest.mark.parametrize("payload", ["", "7c", "78", "79 00", "7d 85 88", "40aa", "7f00"])
def test_malformed_and_foreign_modes(payload: str) -> None:
    assert parse_h264(bytes.fromhex(payload)) is None


@pytest.mark.parametrize(("unit", "profile_level_id", "width", "height"), PARAMETER_SETS)
def test_resolution_of_real_parameter_sets(unit: str, profile_level_id: str, width: int, height: int) -> None:
    assert parse_sps(bytes.fromhex(unit)) == SequenceParameterSet(profile_level_id, width, height)


def test_other_units_and_cut_parameter_sets() -> None:
    whole = bytes.fromhex(PARAMETER_SETS[0][0])
    assert parse_sps(b"\x68" + whole[1:]) is None
    assert [parse_sps(whole[:length]) for length in range(8)] == [None] * 8


def test_impossible_sizes_are_refused() -> None:
    # Five codes of 0 and a flag; a width of 32,768 macroblocks, a height of one; frames; no cropping.
    bits = "111110" + "0" * 15 + "1" + "0" * 15 + "1110"
    data = int(bits.ljust(56, "0"), 2).to_bytes(7, "big")
    assert parse_sps(b"\x67\x42\xc0\x1f" + data) is None


def test_emulation_prevention() -> None:
    assert without_emulation_prevention(bytes.fromhex("0000030000030103")) == bytes.fromhex("000000000103")


@given(st.binary(max_size=60))
def test_any_bytes_never_raise(data: bytes) -> None:
    parse_h264(data)
    parse_h264(b"\x78" + data)
    for head in (b"\x67\x42\xc0\x1f", b"\x67\x64\x00\x1f", b"\x67\xf4\x00\x1f"):
        found = parse_sps(head + data)
        assert found is None or (0 < found.width <= 16_384 and 0 < found.height <= 16_384)
