"""Durations and channels of Opus packets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtp.opus import MAX_PACKET_TICKS, OpusPacket, parse_opus


@pytest.mark.parametrize(
    ("payload", "packet"),
    [
        ("fcfffe", OpusPacket(960, 1, 2, False)),
        ("f8fffe", OpusPacket(960, 1, 1, False)),
        ("0800", OpusPacket(960, 1, 1, True)),  # SILK 20 ms
        ("18aabb", OpusPacket(2880, 1, 1, False)),  # SILK 60 ms
        ("60aabb", OpusPacket(480, 1, 1, False)),  # hybrid 10 ms
        ("80aabb", OpusPacket(120, 1, 1, False)),  # CELT 2.5 ms
        ("f9aabb", OpusPacket(1920, 2, 1, False)),
        ("fb06aa", OpusPacket(5760, 6, 1, False)),
    ],
)
def test_durations(payload: str, packet: OpusPacket) -> None:
    assert parse_opus(bytes.fromhex(payload)) == packet


@pytest.mark.parametrize("payload", ["", "fb", "fb00", "fb07"])
def test_malformed(payload: str) -> None:
    assert parse_opus(bytes.fromhex(payload)) is None


@given(st.binary(min_size=1, max_size=10))
def test_any_bytes_give_a_possible_duration(payload: bytes) -> None:
    packet = parse_opus(payload)
    if packet is not None:
        assert 0 < packet.duration_ticks <= MAX_PACKET_TICKS
        assert packet.duration_ticks % 120 == 0
