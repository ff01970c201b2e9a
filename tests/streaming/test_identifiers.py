"""Identifiers: 128 bits, base32, a prefix."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.identifiers import format_identifier, is_identifier


@given(st.binary(min_size=16, max_size=16))
def test_each_16_bytes_make_an_identifier(random_bytes: bytes) -> None:
    text = format_identifier("pub", random_bytes)
    assert is_identifier(text, "pub")
    assert not is_identifier(text, "seat")
    assert len(text) == len("pub_") + 26


def test_the_worked_example() -> None:
    assert format_identifier("pub", bytes(16)) == "pub_" + "a" * 26


@pytest.mark.parametrize("size", [0, 15, 17])
def test_other_lengths_are_a_bug(size: int) -> None:
    with pytest.raises(ValueError, match="16 random bytes"):
        format_identifier("pub", bytes(size))


@pytest.mark.parametrize("text", ["", "pub", "pub_", "pub_" + "a" * 25, "pub_" + "A" * 26, "pub_" + "1" * 26])
def test_other_texts_are_none(text: str) -> None:
    assert not is_identifier(text, "pub")
