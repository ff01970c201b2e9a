from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from classroom_api.outbox.schedule import (
    GIVEN_UP_AFTER_MS,
    LONGEST_DELAY_MS,
    DeliveryState,
    Outcome,
    delay_ms,
    judge,
)

CHANCES = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 10_000), CHANCES, st.integers(0, 1 << 50))
def test_delays_grow_and_are_bounded(attempts: int, chance: float, wanted_ms: int) -> None:
    delay = delay_ms(attempts, chance, wanted_ms)
    assert 1000 <= delay <= LONGEST_DELAY_MS
    assert delay >= delay_ms(attempts, 0.0)
    assert delay_ms(attempts + 1, 0.0) >= delay_ms(attempts, 0.0)
    assert delay >= min(wanted_ms, LONGEST_DELAY_MS)


@given(st.lists(CHANCES, min_size=400, max_size=400))
def test_a_destination_that_never_answers_is_tried_for_a_day_and_not_for_ever(chances: list[float]) -> None:
    now_ms = 0
    for attempts, chance in enumerate(chances, 1):
        verdict = judge(Outcome.FAILED, attempts, 0, now_ms, chance)
        if verdict.retry_at_ms is None:
            break
        now_ms = verdict.retry_at_ms
    else:
        raise AssertionError("never given up")
    assert verdict.state is DeliveryState.DEAD
    assert GIVEN_UP_AFTER_MS - LONGEST_DELAY_MS <= now_ms <= GIVEN_UP_AFTER_MS
    assert 20 <= attempts <= 70


def test_what_is_done_is_not_tried_again() -> None:
    assert judge(Outcome.DELIVERED, 1, 0, 5, 0.0).state is DeliveryState.DELIVERED
    rejected = judge(Outcome.REJECTED, 1, 0, 5, 0.0)
    assert (rejected.state, rejected.retry_at_ms) == (DeliveryState.DEAD, None)
