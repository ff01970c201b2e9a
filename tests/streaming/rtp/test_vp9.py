"""VP9 payload descriptors."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtp.vp9 import Vp9Structure, parse_vp9

VECTORS = configparser.ConfigParser()
VECTORS.read(Path(__file__).parents[2] / "vectors" / "codecs.hex")


@pytest.mark.parametrize("case", [name for name in VECTORS.sections() if VECTORS[name]["codec"] == "03"])
def test_shared_vectors(case: str) -> None:
    vector = VECTORS[case]
    parsed = parse_vp9(bytes.fromhex(vector["payload"]))
    if "is_malformed" in vector:
        assert parsed is None
        return
    assert parsed is not None
    assert parsed.starts_keyframe == (vector["is_keyframe"] == "01")
    assert parsed.spatial_layer == int(vector["spatial_layer"], 16)


def test_structure_tells_the_sizes() -> None:
    parsed = parse_vp9(bytes.fromhex(VECTORS["vp9_keyframe"]["payload"]))
    assert parsed is not None
    assert parsed.structure == Vp9Structure(2, ((320, 180), (640, 360)))
    assert (parsed.picture_id, parsed.picture_id_bits, parsed.tl0picidx) == (1, 15, 5)


def test_picture_group_is_skipped() -> None:
    # V: one layer, no sizes, G: two pictures of one and two references.
    parsed = parse_vp9(bytes.fromhex("02 08 02 04 01 08 01 02 aa"))
    assert parsed is not None
    assert (parsed.length, parsed.structure) == (8, Vp9Structure(1, ()))


def test_bare_docstring_example() -> None:
    parsed = parse_vp9(bytes.fromhex("8c8123aa"))
    assert parsed is not None
    assert (parsed.picture_id, parsed.starts_frame, parsed.ends_frame, parsed.starts_keyframe) == (
        0x123,
        True,
        True,
        True,
    )


def test_at_most_three_references() -> None:
    assert parse_vp9(bytes.fromhex("50 03 03 02")) is not None
    assert parse_vp9(bytes.fromhex("50 03 03 03 02")) is None


@given(st.binary(max_size=40))
def test_any_bytes_never_raise(payload: bytes) -> None:
    parsed = parse_vp9(payload)
    if parsed is not None:
        assert 1 <= parsed.length <= len(payload)
