"""RFC 2198 payloads."""

from __future__ import annotations

import pytest

from streaming.rtp.red import MAX_REDUNDANT_BLOCKS, RedBlock, parse_red

EXAMPLE = bytes.fromhex("EF0F0003 6F 010203 0405")


def test_the_worked_example() -> None:
    assert parse_red(EXAMPLE) == (RedBlock(111, 960, b"\x01\x02\x03"), RedBlock(111, 0, b"\x04\x05"))


def test_a_packet_may_have_no_redundancy() -> None:
    assert parse_red(b"\x6f\x01") == (RedBlock(111, 0, b"\x01"),)


@pytest.mark.parametrize("length", range(8))
def test_what_is_cut_short_is_refused(length: int) -> None:
    assert parse_red(EXAMPLE[:length]) is None


def test_blocks_are_bounded() -> None:
    block = bytes.fromhex("EF000000")
    parsed = parse_red(block * MAX_REDUNDANT_BLOCKS + b"\x6f")
    assert parsed is not None
    assert len(parsed) == MAX_REDUNDANT_BLOCKS + 1
    assert parse_red(block * (MAX_REDUNDANT_BLOCKS + 1) + b"\x6f") is None
