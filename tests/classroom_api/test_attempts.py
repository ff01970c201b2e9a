from __future__ import annotations

import pytest

from classroom_api.attempts import Attempts
from streaming.errors import Unavailable


def test_the_limit_holds_for_the_window_and_then_no_more() -> None:
    attempts = Attempts(3, 1000)
    for now_ms in (0, 10, 20):
        attempts.require("lin", now_ms)
        attempts.failed("lin", now_ms)
    with pytest.raises(Unavailable, match="rate_limited") as refused:
        attempts.require("lin", 30)
    assert refused.value.retry_after_s == 1
    attempts.require("wang", 30)
    attempts.require("lin", 1000)
    attempts.failed("lin", 1000)
    attempts.require("lin", 1001)


def test_success_forgets() -> None:
    attempts = Attempts(1, 1000)
    attempts.failed("lin", 0)
    attempts.succeeded("lin")
    attempts.require("lin", 1)


def test_memory_is_bounded() -> None:
    attempts = Attempts(1, 1000)
    for number in range(10_001):
        attempts.failed(f"name{number}", 0)
    attempts.require("name0", 1)
    with pytest.raises(Unavailable):
        attempts.require("name1", 1)
