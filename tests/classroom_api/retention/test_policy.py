from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_api.retention.policy import DAY_MS, WITHDRAWAL_MS, Due, LessonAge, Policy, what_is_due
from classroom_api.store.lessons import LessonState

DEFAULT = Policy()
_S = LessonState


def due(state: LessonState, day: float, *, raw: bool = False, review_day: float | None = None) -> list[Due]:
    review_ms = None if review_day is None else int(review_day * DAY_MS)
    return what_is_due(DEFAULT, LessonAge(state, 0, raw, review_ms), int(day * DAY_MS))


def test_the_defaults_are_those_of_the_house() -> None:
    assert (DEFAULT.raw_track_days, DEFAULT.resource_days, WITHDRAWAL_MS) == (30, 3 * 365, 72 * 3_600_000)


@pytest.mark.parametrize(
    "state", [_S.ENDED, _S.PROCESSING, _S.REVIEW, _S.PUBLISHED, _S.WITHDRAWN, _S.ARCHIVED]
)
def test_raw_tracks_go_after_thirty_days(state: LessonState) -> None:
    assert due(state, 29.99, raw=True) == []
    assert due(state, 30, raw=True) == [Due.RAW_TRACKS]
    assert due(state, 30, raw=False) == []


@pytest.mark.parametrize("state", [_S.REVIEW, _S.PUBLISHED, _S.WITHDRAWN, _S.ARCHIVED])
def test_resources_come_up_for_review_after_three_years(state: LessonState) -> None:
    assert due(state, 1094.9) == []
    assert due(state, 1095) == [Due.REVIEW]


def test_what_nobody_wants_to_keep_goes_and_what_somebody_keeps_comes_up_again() -> None:
    assert due(_S.REVIEW, 1184.9, review_day=1095) == []
    assert due(_S.REVIEW, 1185, review_day=1095) == [Due.ERASE]
    for kept in (_S.PUBLISHED, _S.ARCHIVED):
        assert due(kept, 2189.9, review_day=1095) == []
        assert due(kept, 2190, review_day=1095) == [Due.REVIEW]


@given(st.sampled_from(LessonState), st.floats(0, 9999), st.booleans(), st.none() | st.floats(0, 9999))
def test_a_lesson_that_runs_or_is_erased_is_let_alone(
    state: LessonState, day: float, raw: bool, review_day: float | None
) -> None:
    found = due(state, day, raw=raw, review_day=review_day)
    if state in (_S.DRAFT, _S.SCHEDULED, _S.LOBBY, _S.LIVE, _S.SUSPENDED, _S.CANCELLED, _S.ERASED):
        assert found == []
    assert (Due.ERASE in found) <= (state is _S.REVIEW and review_day is not None)


@given(st.integers(1, 365), st.integers(30, 3650), st.integers(7, 365))
def test_nothing_is_kept_for_ever(raw_days: int, resource_days: int, review_days: int) -> None:
    """Whatever the policy: a lesson that nobody touches is erased in the end."""
    policy = Policy(raw_days, resource_days, review_days)
    state, review_since_ms, now_ms = _S.PUBLISHED, None, 0
    for _ in range(3):
        now_ms += (resource_days + review_days) * DAY_MS
        found = what_is_due(policy, LessonAge(state, 0, False, review_since_ms), now_ms)
        if Due.ERASE in found:
            return
        assert found == [Due.REVIEW]
        state, review_since_ms = _S.REVIEW, now_ms
    raise AssertionError("kept for ever")
