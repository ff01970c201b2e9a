"""Serial number arithmetic (RFC 1982) and extended numbers: the only Python that thinks about wrap-around.

`serial_distance(65535, 2, SEQUENCE_BITS)` is 3, and an unwrapper that saw 65535 extends 2 to 65538.
"""

from __future__ import annotations

SEQUENCE_BITS = 16
TIMESTAMP_BITS = 32


def serial_distance(origin: int, target: int, bits: int) -> int:
    """The signed way from `origin` to `target` by the shorter side; half the circle counts as negative."""
    half = 1 << (bits - 1)
    return ((target - origin + half) & ((1 << bits) - 1)) - half


def is_serial_after(number: int, other: int, bits: int) -> bool:
    """Whether `number` comes after `other` on the circle."""
    return serial_distance(other, number, bits) > 0


class Unwrapper:
    """Extends a wrapping counter relative to the highest value seen.

    The first value stands for itself; a late value from before it may be negative (first 0, then 65535: -1).
    Invariant: `highest` never falls.
    """

    __slots__ = ("_bits", "_highest")

    def __init__(self, bits: int = SEQUENCE_BITS, highest: int | None = None) -> None:
        """`highest`: what an earlier one had come to."""
        self._bits = bits
        self._highest = highest

    @property
    def highest(self) -> int | None:
        """The highest extended value so far, None before the first."""
        return self._highest

    def peek(self, value: int) -> int:
        """What `value` would extend to, without remembering it."""
        if self._highest is None:
            return value
        modulus = 1 << self._bits
        return self._highest + serial_distance(self._highest % modulus, value, self._bits)

    def unwrap(self, value: int) -> int:
        """The extended value, remembered if it is the highest."""
        extended = self.peek(value)
        if self._highest is None or extended > self._highest:
            self._highest = extended
        return extended


def roll_over_counter(extended_sequence_number: int) -> int:
    """The roll-over counter (RFC 3711 3.3.1) of an extended sequence number of at least 0."""
    return (extended_sequence_number >> SEQUENCE_BITS) & 0xFFFF_FFFF
