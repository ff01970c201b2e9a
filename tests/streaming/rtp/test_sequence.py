"""Wrap-around: each test starts near it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtp.sequence import (
    SEQUENCE_BITS,
    TIMESTAMP_BITS,
    Unwrapper,
    is_serial_after,
    roll_over_counter,
    serial_distance,
)


@pytest.mark.parametrize(
    ("origin", "target", "bits", "distance"),
    [
        (65_535, 2, SEQUENCE_BITS, 3),
        (2, 65_535, SEQUENCE_BITS, -3),
        (0, 32_767, SEQUENCE_BITS, 32_767),
        (0, 32_768, SEQUENCE_BITS, -32_768),
        (32_768, 0, SEQUENCE_BITS, -32_768),
        ((1 << 32) - 1, 0, TIMESTAMP_BITS, 1),
    ],
)
def test_distance(origin: int, target: int, bits: int, distance: int) -> None:
    assert serial_distance(origin, target, bits) == distance


def test_after() -> None:
    assert is_serial_after(1, 65_534, SEQUENCE_BITS)
    assert not is_serial_after(65_534, 1, SEQUENCE_BITS)
    assert not is_serial_after(7, 7, SEQUENCE_BITS)


def test_unwrapping_across_the_wrap_with_late_values() -> None:
    assert Unwrapper().highest is None
    unwrapper = Unwrapper()
    values = [65_534, 65_535, 1, 0, 65_533, 2]
    assert [unwrapper.unwrap(value) for value in values] == [65_534, 65_535, 65_537, 65_536, 65_533, 65_538]
    assert unwrapper.highest == 65_538
    assert unwrapper.peek(3) == 65_539
    assert unwrapper.highest == 65_538


def test_late_before_the_first_is_negative() -> None:
    unwrapper = Unwrapper()
    assert [unwrapper.unwrap(value) for value in (0, 65_535, 0, 1)] == [0, -1, 0, 1]


def test_timestamps() -> None:
    unwrapper = Unwrapper(TIMESTAMP_BITS)
    assert [unwrapper.unwrap(value) for value in ((1 << 32) - 90, 10)] == [(1 << 32) - 90, (1 << 32) + 10]


@given(st.integers(0, 1 << 40), st.lists(st.integers(-30_000, 30_000), max_size=50))
def test_unwrapping_gives_back_the_truth(start: int, steps: list[int]) -> None:
    """Whatever stays within half the circle of the highest so far is extended exactly."""
    unwrapper = Unwrapper()
    offset = unwrapper.unwrap(start & 0xFFFF) - start
    highest = start
    for step in steps:
        truth = highest + step
        assert unwrapper.unwrap(truth & 0xFFFF) == truth + offset
        highest = max(highest, truth)


def test_roll_over_counter() -> None:
    assert [roll_over_counter(number) for number in (0, 65_535, 65_536, 1 << 48)] == [0, 0, 1, 0]


def test_unwrapping_goes_on_where_an_earlier_one_was() -> None:
    before = Unwrapper()
    for number in (65_534, 65_535, 0, 1):
        before.unwrap(number)
    after = Unwrapper(highest=before.highest)
    assert [after.unwrap(number) for number in (65_535, 2)] == [65_535, 65_538]
