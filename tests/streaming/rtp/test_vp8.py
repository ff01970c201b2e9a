"""VP8 payload descriptors."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtp.vp8 import keyframe_resolution, parse_vp8

VECTORS = configparser.ConfigParser()
VECTORS.read(Path(__file__).parents[2] / "vectors" / "codecs.hex")


@pytest.mark.parametrize("case", [name for name in VECTORS.sections() if VECTORS[name]["codec"] == "02"])
def test_shared_vectors(case: str) -> None:
    vector = VECTORS[case]
    parsed = parse_vp8(bytes.fromhex(vector["payload"]))
    if "is_malformed" in vector:
        assert parsed is None
        return
    assert parsed is not None
    assert parsed.is_keyframe == (vector["is_keyframe"] == "01")
    assert parsed.length == int(vector["descriptor_bytes"], 16)
    for field in ("picture_id", "tl0picidx", "temporal_layer"):
        assert getattr(parsed, field) == (int(vector[field], 16) if field in vector else None)


def test_widths_and_flags() -> None:
    """checklist 15: the width of picture_id is kept apart from its value."""
    parsed = parse_vp8(bytes.fromhex("b1e0 7f fe a0 10"))
    assert parsed is not None
    assert (parsed.picture_id_bits, parsed.is_non_reference, parsed.is_layer_sync) == (7, True, True)
    assert (parsed.starts_partition, parsed.partition_index, parsed.starts_frame) == (True, 1, False)
    wide = parse_vp8(bytes.fromhex("9080ffff"))
    assert wide is not None
    assert (wide.picture_id, wide.picture_id_bits, wide.is_keyframe) == (0x7FFF, 15, False)
    only_key_index = parse_vp8(bytes.fromhex("9010ff10"))
    assert only_key_index is not None
    assert (only_key_index.temporal_layer, only_key_index.is_layer_sync, only_key_index.length) == (
        None,
        False,
        3,
    )


def test_resolution() -> None:
    frame = bytes.fromhex("1002009D012A80026801")
    assert keyframe_resolution(frame) == (640, 360)
    assert keyframe_resolution(frame[:9]) is None
    assert keyframe_resolution(b"\x11" + frame[1:]) is None
    assert keyframe_resolution(bytes(10)) is None


@given(st.binary(max_size=20))
def test_any_bytes_never_raise(payload: bytes) -> None:
    parsed = parse_vp8(payload)
    keyframe_resolution(payload)
    if parsed is not None:
        assert 1 <= parsed.length <= min(6, len(payload))
