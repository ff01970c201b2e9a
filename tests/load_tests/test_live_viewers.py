"""A few viewers of a real server: each gets every part, in time, and a replay's segments."""

from __future__ import annotations

import pytest

from load_tests.live_viewers import measure

pytestmark = pytest.mark.alone


@pytest.mark.parametrize("is_replay", [False, True])
def test_a_row_says_what_viewers_got(is_replay: bool) -> None:
    row = [cell.strip() for cell in measure(3, 3.0, is_replay=is_replay).strip("| ").split("|")]
    kind, viewers, rate, requests, cpu, median_ms, late_ms, _ = row
    assert (kind, viewers) == ("replay" if is_replay else "live", "3")
    assert float(rate) > 0.5
    assert int(requests) >= 1
    assert cpu.endswith("%")
    assert 0 <= int(median_ms) <= int(late_ms)
