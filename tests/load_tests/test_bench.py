"""Order of the rows, the document's markers, and one short table from end to end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from load_tests import bench
from load_tests.bench_table import Measured
from load_tests.network import loopback
from load_tests.report import Outcome
from load_tests.scenario import Scenario, Target, load_table
from tests.load_tests.made_up import make_outcome


def test_rounds_go_forth_and_back() -> None:
    rows = [make_outcome(subscribers=number).scenario for number in (1, 2, 3)]
    assert [row.subscribers for row in bench.rounds(rows, 3)] == [1, 2, 3, 3, 2, 1, 1, 2, 3]


def test_a_part_is_appended_and_then_replaced() -> None:
    once = bench.put_between_markers("# Head\n", "loopback", "old")
    assert once == "# Head\n\n<!-- bench loopback begin -->\nold\n<!-- bench loopback end -->\n"
    twice = bench.put_between_markers(once + "\ntail\n", "loopback", "new")
    assert twice == once.replace("old", "new") + "\ntail\n"


def test_a_table_is_written_with_its_plot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = tmp_path / "performance.md"
    document.write_text("# Performance\n")
    (tmp_path / "images").mkdir()
    monkeypatch.setattr(bench, "DOCUMENT", document)
    outcome = make_outcome()
    rows = [Measured(outcome.scenario, (outcome,))]
    bench.write(load_table("quick"), rows, "measured")
    assert "<!-- bench quick begin -->\nmeasured\n" in document.read_text()
    assert (tmp_path / "images" / "performance-quick.svg").read_text().startswith("<svg")


def test_a_row_that_fails_is_told_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    table = load_table("quick")

    def run_row(scenario: Scenario, *_: object) -> Outcome:
        if scenario.target is Target.TANDEM:
            raise RuntimeError("no server\nat all")
        return replace(make_outcome(), scenario=scenario)

    monkeypatch.setattr(bench, "run_row", run_row)
    rows, failures = bench.measure(table, loopback(), 2, None)
    assert [row.scenario.target for row in rows] == [Target.CEILING]
    assert len(rows[0].outcomes) == 2
    assert failures == {"tandem-20": "no server"}
    assert "tandem-20: no server" in bench.section(table, rows, 2, failures)


def test_the_ceiling_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    table = load_table("quick")
    short = replace(next(row for row in table.rows if row.target is Target.CEILING), warmup_s=0, duration_s=1)
    outcome = bench.run_row(short, loopback(), None)
    assert outcome.result.forwarded() > 1000
    assert outcome.cpu_seconds > 0
