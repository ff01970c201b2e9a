"""What storage does to files: every kind says which of the old bytes still lie there, and where."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

Span = tuple[int, int]
Damaged = tuple[bytes, list[Span]]
"""The new bytes, and the spans of the old ones that are still whole, in any order."""


def torn_tail(data: bytes, chance: random.Random) -> Damaged:
    """The last write was not finished: some of its bytes are missing, or were never filled."""
    cut = len(data) - chance.randrange(1, 5000)
    return data[:cut] + bytes(chance.choice((0, 3000))), [(0, cut)]


def truncated(data: bytes, chance: random.Random) -> Damaged:
    cut = chance.randrange(len(data))
    return data[:cut], [(0, cut)]


def flipped_bits(data: bytes, chance: random.Random) -> Damaged:
    changed = bytearray(data)
    places = sorted({chance.randrange(len(data)) for _ in range(chance.randrange(1, 12))})
    for place in places:
        changed[place] ^= 1 << chance.randrange(8)
    borders = [-1, *places, len(data)]
    return bytes(changed), [(before + 1, behind) for before, behind in itertools.pairwise(borders)]


def zeroed_sectors(data: bytes, chance: random.Random) -> Damaged:
    sector = chance.choice((512, 4096))
    begin = chance.randrange(len(data)) // sector * sector
    end = min(len(data), begin + sector * chance.randrange(1, 9))
    return data[:begin] + bytes(end - begin) + data[end:], [(0, begin), (end, len(data))]


def inserted_garbage(data: bytes, chance: random.Random) -> Damaged:
    """Random bytes, with the marker of a record among them."""
    place = chance.randrange(len(data))
    garbage = chance.randbytes(chance.randrange(1, 9000))
    if chance.random() < 0.5:
        garbage += b"\xabRT\xba" + chance.randbytes(chance.randrange(30))
    return data[:place] + garbage + data[place:], [(0, place), (place, len(data))]


def swapped_chunks(data: bytes, chance: random.Random) -> Damaged:
    size = chance.choice((512, 4096))
    first, second = sorted(chance.sample(range(len(data) // size), 2))
    one, other = (first * size, (first + 1) * size), (second * size, (second + 1) * size)
    changed = bytearray(data)
    changed[slice(*one)], changed[slice(*other)] = data[slice(*other)], data[slice(*one)]
    return bytes(changed), [(0, one[0]), one, (one[1], other[0]), other, (other[1], len(data))]


KINDS: tuple[Callable[[bytes, random.Random], Damaged], ...] = (
    torn_tail,
    truncated,
    flipped_bits,
    zeroed_sectors,
    inserted_garbage,
    swapped_chunks,
)
