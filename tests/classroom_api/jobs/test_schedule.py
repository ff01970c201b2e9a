from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_api.jobs import schedule
from classroom_api.jobs.schedule import (
    ATTEMPTS_LIMIT,
    LONGEST_DELAY_MS,
    Ending,
    delay_ms,
    judge,
)


def test_the_examples_hold() -> None:
    assert doctest.testmod(schedule).failed == 0


@given(st.integers(1, 100), st.floats(0, 1, exclude_max=True))
def test_delays_grow_and_end_at_the_longest(attempts: int, chance: float) -> None:
    assert 0 < delay_ms(attempts, chance) <= LONGEST_DELAY_MS
    assert delay_ms(attempts, chance) <= delay_ms(attempts + 1, chance)


def test_what_dies_is_tried_a_few_times() -> None:
    for attempt in range(1, ATTEMPTS_LIMIT):
        verdict = judge(Ending.DIED, attempt, 1000, 0.5)
        assert verdict.counts
        assert verdict.retry_at_ms == 1000 + delay_ms(attempt, 0.5)
    assert judge(Ending.DIED, ATTEMPTS_LIMIT, 1000, 0.5).retry_at_ms is None


def test_what_waits_for_the_world_waits_as_long_as_that_takes() -> None:
    for attempt in (1, ATTEMPTS_LIMIT, 1000):
        verdict = judge(Ending.WAITS, attempt, 1000, 0.5)
        assert not verdict.counts
        assert verdict.retry_at_ms is not None
        assert 1000 < verdict.retry_at_ms <= 61_000


def test_a_worker_that_ends_leaves_its_jobs_to_another_at_once() -> None:
    verdict = judge(Ending.STOPPED, ATTEMPTS_LIMIT, 1000, 0.5)
    assert verdict.retry_at_ms == 1000
    assert not verdict.counts


@pytest.mark.parametrize("ending", [Ending.REFUSED, Ending.CANCELLED])
def test_what_can_never_be_done_is_not_tried_again(ending: Ending) -> None:
    assert judge(ending, 1, 1000, 0.5).retry_at_ms is None
