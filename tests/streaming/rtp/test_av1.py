"""AV1 payloads."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtp.av1 import (
    OBU_FRAME,
    OBU_SEQUENCE_HEADER,
    obu_type,
    parse_av1,
)

VECTORS = configparser.ConfigParser()
VECTORS.read(Path(__file__).parents[2] / "vectors" / "codecs.hex")


@pytest.mark.parametrize("case", [name for name in VECTORS.sections() if VECTORS[name]["codec"] == "04"])
def test_shared_vectors(case: str) -> None:
    vector = VECTORS[case]
    parsed = parse_av1(bytes.fromhex(vector["payload"]))
    if "is_malformed" in vector:
        assert parsed is None
        return
    assert parsed is not None
    assert parsed.starts_keyframe == (vector["is_keyframe"] == "01")


def test_elements() -> None:
    parsed = parse_av1(bytes.fromhex("20020a0b3210"))
    assert parsed is not None
    assert [obu_type(element) for element in parsed.elements] == [OBU_SEQUENCE_HEADER, OBU_FRAME]
    fragment = parse_av1(bytes.fromhex("d0 0a0b"))
    assert fragment is not None
    assert (fragment.continues_obu, fragment.is_continued) == (True, True)
    assert (fragment.elements, fragment.has_sequence_header) == ((b"\x0a\x0b",), False)
    assert parse_av1(b"") is None
    assert parse_av1(b"\x10") is None
    assert obu_type(b"") is None


@given(st.binary(max_size=40))
def test_any_bytes_never_raise(payload: bytes) -> None:
    parsed = parse_av1(payload)
    if parsed is not None:
        assert sum(map(len, parsed.elements)) < len(payload)
