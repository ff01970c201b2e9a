"""Opus packets (RFC 6716 3): how long they last and how many channels they carry.

`FC FF FE`: TOC 0xFC is configuration 31 (CELT, full band, 20 ms), stereo, one frame: 960 ticks of 48 kHz.
"""

from __future__ import annotations

from dataclasses import dataclass

CLOCK_RATE_HZ = 48_000
MAX_PACKET_TICKS = 5_760
"""120 ms (RFC 6716 3.4, R5)."""
_SILK_TICKS = (480, 960, 1920, 2880)
_HYBRID_TICKS = (480, 960)
_CELT_TICKS = (120, 240, 480, 960)


@dataclass(frozen=True, slots=True)
class OpusPacket:
    """`duration_ticks` at 48 kHz; `is_silent`: so small that it is DTX (RFC 6716 2.1.9)."""

    duration_ticks: int
    frame_count: int
    channels: int
    is_silent: bool


def _frame_ticks(configuration: int) -> int:
    """The length of one frame (table 2)."""
    if configuration < 12:
        return _SILK_TICKS[configuration % 4]
    if configuration < 16:
        return _HYBRID_TICKS[configuration % 2]
    return _CELT_TICKS[configuration % 4]


def parse_opus(payload: bytes) -> OpusPacket | None:
    """What the table of contents of a packet says; None for no bytes, no frames or over 120 ms."""
    if not payload:
        return None
    code = payload[0] & 0x03
    if code == 3:
        if len(payload) < 2:
            return None
        frame_count = payload[1] & 0x3F
    else:
        frame_count = 1 if code == 0 else 2
    duration_ticks = frame_count * _frame_ticks(payload[0] >> 3)
    if not 0 < duration_ticks <= MAX_PACKET_TICKS:
        return None
    return OpusPacket(duration_ticks, frame_count, 2 if payload[0] & 0x04 else 1, len(payload) <= 2)
