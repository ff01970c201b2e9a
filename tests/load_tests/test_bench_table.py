"""Medians, spread and ratios as Markdown."""

from __future__ import annotations

from dataclasses import replace

from load_tests.bench_table import Measured, notes, ratio_lines, table_lines
from load_tests.light import Quantiles
from load_tests.scenario import Layout, Table, Target
from tests.load_tests.made_up import DELAYS, make_outcome


def measured(target: Target, *cpu_seconds: float, subscribers: int = 100, title: str = "tandem") -> Measured:
    outcomes = tuple(
        make_outcome(target, cpu_seconds=each, subscribers=subscribers, title=title) for each in cpu_seconds
    )
    return Measured(outcomes[0].scenario, outcomes)


def test_a_row_has_median_and_spread() -> None:
    lines = table_lines([measured(Target.TANDEM, 0.5, 1.0, 2.0)])
    assert len(lines) == 3
    assert "| **298** (149-596) |" in lines[2]
    assert "6 (sinks 0, server 0, between 0)" in lines[2]


def test_a_row_has_delays_of_the_first_subscriber_of_all_and_of_the_last() -> None:
    row = measured(Target.TANDEM, 1.0)
    late = Quantiles(count=100, p50=1500, p99=9000, max=9900)
    result = replace(row.outcomes[0].result, voice=replace(DELAYS, last=late))
    text = table_lines([replace(row, outcomes=(replace(row.outcomes[0], result=result),))])[2]
    assert "| 0.50/2.0 … 0.50/2.0 … 1.50/9.0 | 0.50/2.0 … 0.50/2.0 … 0.50/2.0 |" in text


def test_memory_is_the_slope_from_the_smallest_row() -> None:
    few, many = (
        replace(row, outcomes=(replace(row.outcomes[0], pss_bytes=pss_bytes),))
        for row, pss_bytes in (
            (measured(Target.TANDEM, 1.0), 100_000_000),
            (measured(Target.TANDEM, 1.0, subscribers=1000), 100_000_000 + 900 * 102_400),
        )
    )
    assert table_lines([many, few])[3].endswith("| 100 |")
    assert table_lines([many, few])[2].endswith("|  |")
    unread = replace(few, outcomes=(replace(few.outcomes[0], pss_bytes=0),))
    assert table_lines([many, unread])[3].endswith("|  |")


def test_ratios_are_taken_of_the_same_size_and_profile() -> None:
    rows = [
        measured(Target.TANDEM, 1.0),
        measured(Target.TANDEM, 1.25, subscribers=1000),
        measured(Target.CEILING, 0.5, title="bare loop"),
        measured(Target.JANUS, 4.0, title="Janus"),
    ]
    lines = ratio_lines(rows)
    assert len(lines) == 3
    assert "bare loop, GCM, 100 subscribers: **0.50**" in lines[0]
    assert "Janus, GCM, 100 subscribers: **4.00**" in lines[1]
    assert "1000 subscribers / tandem, GCM, 100 subscribers: **0.80**" in lines[2]


def test_notes_say_what_could_not_be_measured() -> None:
    table = Table("made-up", "made up", Layout.LOOPBACK, (make_outcome().scenario,))
    assert notes(table, 5, {"janus-100": "not installed"})[-1] == "Not measured: janus-100: not installed"
