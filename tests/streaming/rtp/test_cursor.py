"""Reading stays inside the data, and a failed reader stays failed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtp.cursor import BitReader, ByteReader


def test_integers_of_every_width() -> None:
    reader = ByteReader(bytes(range(1, 19)))
    assert (reader.u8(), reader.u16(), reader.u24(), reader.u32()) == (0x01, 0x0203, 0x040506, 0x0708090A)
    assert reader.u64() == 0x0B0C0D0E0F101112
    assert (reader.is_ok, reader.remaining, reader.position) == (True, 0, 18)


def test_reading_past_the_end_fails_for_good() -> None:
    reader = ByteReader(b"\x01\x02")
    assert reader.u24() == 0
    assert (reader.is_ok, reader.remaining) == (False, 0)
    assert (reader.u8(), reader.rest(), reader.position) == (0, b"", 0)


def test_rest_and_fail() -> None:
    reader = ByteReader(b"abc")
    assert (reader.take(1), reader.rest(), reader.is_ok) == (b"a", b"bc", True)
    reader.fail()
    assert not reader.is_ok


@pytest.mark.parametrize(
    ("data", "value", "is_ok"),
    [
        ("e58e26", 624_485, True),
        ("00", 0, True),
        ("ffffffff7f", (1 << 35) - 1, True),
        ("8080808080", 0, False),
    ],
)
def test_leb128(data: str, value: int, is_ok: bool) -> None:
    reader = ByteReader(bytes.fromhex(data))
    assert (reader.leb128(), reader.is_ok) == (value, is_ok)


def test_exp_golomb_codes() -> None:
    # 1 010 011 00100 00101: 0 1 2 3 4
    bits = BitReader(bytes.fromhex("a6428000"))
    assert [bits.unsigned_exp_golomb() for _ in range(5)] == [0, 1, 2, 3, 4]
    bits = BitReader(bytes.fromhex("a6428000"))
    assert [bits.signed_exp_golomb() for _ in range(5)] == [0, 1, -1, 2, -2]


def test_exp_golomb_without_a_one_fails() -> None:
    for data in (b"", b"\x00", bytes(16)):
        bits = BitReader(data)
        assert bits.unsigned_exp_golomb() == 0
        assert not bits.is_ok
        assert bits.read(1) == 0


@given(st.binary(max_size=20), st.lists(st.integers(0, 24), max_size=20))
def test_bits_are_those_of_the_integer(data: bytes, counts: list[int]) -> None:
    bits = BitReader(data)
    text = "".join(f"{byte:08b}" for byte in data)
    for count in counts:
        expected, text = text[:count], text[count:]
        value = bits.read(count)
        if len(expected) < count:
            assert (value, bits.is_ok) == (0, False)
            return
        assert value == int(expected or "0", 2)
