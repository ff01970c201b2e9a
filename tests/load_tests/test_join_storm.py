"""What a storm amounts to."""

from __future__ import annotations

from dataclasses import replace

from load_tests.join_storm import LONGEST_STALL_US, Storm
from load_tests.process_cost import ThreadTime
from tests.load_tests.made_up import make_outcome

RESULT = make_outcome().result
STORM = Storm(
    there=50,
    joined=500,
    seconds=10.2,
    failures=(),
    result=RESULT,
    counters={'tandem_media_total{counter="laps_over_10ms"}': 7.0},
    threads=(ThreadTime("tandem-packets", 2_000_000_000, 500_000_000),),
)


def test_a_storm_is_smooth_when_nobody_waited_and_nobody_was_left_out() -> None:
    assert STORM.is_smooth()
    assert not replace(STORM, failures=("HTTPStatusError: full",)).is_smooth()
    assert not replace(STORM, result=replace(RESULT, longest_stall_us=(0, LONGEST_STALL_US))).is_smooth()


def test_a_storm_tells_stalls_laps_and_threads() -> None:
    text = replace(STORM, joined=499, failures=("HTTPStatusError: full",)).text()
    assert "499 in 10.2 s, 1 failed" in text
    assert "HTTPStatusError: full" in text
    assert "voice 1.0 ms, picture 2.0 ms" in text
    assert "7 over 10 ms" in text
    assert "2.00 s running  0.50 s waiting" in text
