"""Dependency descriptors, as Chromium sends them and as nobody should."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtp.dependency_descriptor import (
    DependencyStructure,
    Indication,
    LayerId,
    parse_dependency_descriptor,
)

VECTORS = configparser.ConfigParser()
VECTORS.read(Path(__file__).parents[2] / "vectors" / "dependency_descriptor.hex")
FLAT_KEYFRAME = bytes.fromhex(VECTORS["l1t3_keyframe"]["value"])


def structure_of(keyframe: bytes) -> DependencyStructure:
    parsed = parse_dependency_descriptor(keyframe)
    assert parsed is not None
    assert parsed.structure is not None
    return parsed.structure


@pytest.mark.parametrize("case", VECTORS.sections())
def test_shared_vectors(case: str) -> None:
    vector = VECTORS[case]
    known = structure_of(bytes.fromhex(vector["structure"])) if "structure" in vector else None
    parsed = parse_dependency_descriptor(bytes.fromhex(vector["value"]), known)
    if "is_malformed" in vector:
        assert parsed is None
        return
    assert parsed is not None
    assert parsed.frame_number == int(vector["frame_number"], 16)
    assert parsed.frame.layer == LayerId(int(vector["spatial_layer"], 16), int(vector["temporal_layer"], 16))
    assert (parsed.structure is not None) == ("templates" in vector)
    if parsed.structure is not None:
        assert len(parsed.structure.templates) == int(vector["templates"], 16)
        assert len(parsed.structure.targets) == int(vector["targets"], 16)


def test_a_frame_is_what_its_template_says() -> None:
    structure = structure_of(FLAT_KEYFRAME)
    assert structure.targets == (LayerId(0, 0), LayerId(0, 1), LayerId(0, 2))
    base = parse_dependency_descriptor(bytes.fromhex("c10006"), structure)
    assert base is not None
    assert (base.starts_frame, base.ends_frame, base.template_id) == (True, True, 1)
    assert base.frame.indications == (Indication.SWITCH,) * 3
    assert base.frame.references == (4,)
    assert (base.has_active_targets, base.active_targets) == (False, 0b111)


def test_every_truncation_is_refused() -> None:
    for size in range(len(FLAT_KEYFRAME) - 1):
        assert parse_dependency_descriptor(FLAT_KEYFRAME[:size]) is None


@given(st.binary(max_size=60), st.booleans())
def test_any_bytes_never_raise(value: bytes, has_structure: bool) -> None:
    parse_dependency_descriptor(value, structure_of(FLAT_KEYFRAME) if has_structure else None)
