"""Redundant audio data (RFC 2198): earlier payloads, oldest first, then the packet's own.

`EF 0F 00 03 6F` heads three bytes of Opus (payload type 111) of 20 ms (960 ticks) before, then those of now.
"""

from __future__ import annotations

from dataclasses import dataclass

from streaming.rtp.cursor import ByteReader

MAX_REDUNDANT_BLOCKS = 8
_FOLLOWS = 0x80
_PAYLOAD_TYPE = 0x7F
_LENGTH_BITS = 10


@dataclass(frozen=True, slots=True)
class RedBlock:
    """`ticks`: how much earlier than the packet, 0 for its own."""

    payload_type: int
    ticks: int
    payload: bytes


def parse_red(payload: bytes) -> tuple[RedBlock, ...] | None:
    """The blocks of a payload, its own last; None if it is cut or has more than `MAX_REDUNDANT_BLOCKS`."""
    reader = ByteReader(payload)
    heads: list[tuple[int, int, int]] = []
    first = reader.u8()
    while first & _FOLLOWS and reader.is_ok:
        if len(heads) == MAX_REDUNDANT_BLOCKS:
            return None
        rest = reader.integer(3)
        heads.append((first & _PAYLOAD_TYPE, rest >> _LENGTH_BITS, rest & ((1 << _LENGTH_BITS) - 1)))
        first = reader.u8()
    blocks = [RedBlock(payload_type, ticks, reader.take(length)) for payload_type, ticks, length in heads]
    blocks.append(RedBlock(first, 0, reader.rest()))
    return tuple(blocks) if reader.is_ok else None
