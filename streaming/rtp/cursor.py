"""Bounds-checked reading of bytes and bits, the twin of the native `cursor.hpp`.

Reading past the end fails the reader for good and gives zeros, so that a parser reads straight through and
asks `is_ok` once: `ByteReader(b"\\x01")`: `u8()` is 1, `u16()` is 0 and `is_ok` False.
"""

from __future__ import annotations

_MAX_LEB128_BYTES = 5
_MAX_EXP_GOLOMB_ZEROS = 31


class ByteReader:
    """Reads big-endian values from the front of `data`. Invariant: 0 <= position <= len(data)."""

    __slots__ = ("_data", "_is_ok", "_position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0
        self._is_ok = True

    @property
    def is_ok(self) -> bool:
        """Whether every read so far was inside the data."""
        return self._is_ok

    @property
    def position(self) -> int:
        return self._position

    @property
    def remaining(self) -> int:
        return len(self._data) - self._position if self._is_ok else 0

    def fail(self) -> None:
        """Make the reader fail: what was read is not what it should be."""
        self._is_ok = False

    def take(self, count: int) -> bytes:
        """The next `count` bytes, b"" if there are fewer."""
        if count > self.remaining:
            self._is_ok = False
            return b""
        start = self._position
        self._position += count
        return self._data[start : start + count]

    def rest(self) -> bytes:
        """All that remains."""
        return self.take(self.remaining)

    def integer(self, count: int) -> int:
        """An unsigned integer of `count` bytes."""
        return int.from_bytes(self.take(count), "big")

    def u8(self) -> int:
        return self.integer(1)

    def u16(self) -> int:
        return self.integer(2)

    def u24(self) -> int:
        return self.integer(3)

    def u32(self) -> int:
        return self.integer(4)

    def u64(self) -> int:
        return self.integer(8)

    def leb128(self) -> int:
        """A little-endian base-128 number of at most five bytes (AV1 4.10.5): `e5 8e 26` is 624485."""
        value = 0
        for index in range(_MAX_LEB128_BYTES):
            byte = self.u8()
            value |= (byte & 0x7F) << (7 * index)
            if not byte & 0x80:
                return value
        self.fail()
        return 0


class BitReader:
    """Reads bits from the most significant on, and the Exp-Golomb codes of H.264 9.1 (`00101` is 4)."""

    __slots__ = ("_bits", "_is_ok", "_left")

    def __init__(self, data: bytes) -> None:
        self._bits = int.from_bytes(data, "big")
        self._left = 8 * len(data)
        self._is_ok = True

    @property
    def is_ok(self) -> bool:
        """Whether every read so far was inside the data."""
        return self._is_ok

    def read(self, count: int) -> int:
        """`count` bits as an unsigned integer."""
        if count > self._left or not self._is_ok:
            self._is_ok = False
            return 0
        self._left -= count
        return (self._bits >> self._left) & ((1 << count) - 1)

    def flag(self) -> bool:
        return self.read(1) == 1

    def fail(self) -> None:
        """Make the reader fail: what was read is not what it should be."""
        self._is_ok = False

    def non_symmetric(self, count: int) -> int:
        """ns(count): one of `count` > 0 values (AV1 4.10.7). Of five, `00 01 10 110 111` are 0 to 4."""
        width = count.bit_length()
        short_values = (1 << width) - count
        value = self.read(width - 1)
        return value if value < short_values else (value << 1) - short_values + self.read(1)

    def unsigned_exp_golomb(self) -> int:
        """ue(v): n zeros, a one, n bits."""
        zeros = 0
        while self._is_ok and not self.flag():
            zeros += 1
            if zeros > _MAX_EXP_GOLOMB_ZEROS:
                self._is_ok = False
        return (1 << zeros) - 1 + self.read(zeros) if self._is_ok else 0

    def signed_exp_golomb(self) -> int:
        """se(v): 0, 1, -1, 2, -2, … for the codes 0, 1, 2, 3, 4, …"""
        code = self.unsigned_exp_golomb()
        return (code + 1) // 2 if code % 2 else -(code // 2)
