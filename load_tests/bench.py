"""Measures tables of scenarios, interleaved, and writes them into docs/performance.md.

python -m load_tests.bench --runs 5 loopback veth
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from load_tests.bench_table import Measured, label, notes, ratio_lines, table_lines
from load_tests.cost_plot import Point, cost_plot
from load_tests.network import Network, network
from load_tests.peers import janus
from load_tests.report import Outcome, commit, machine
from load_tests.run import run_scenario
from load_tests.scenario import Scenario, Table, Target, load_table, table_names

DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"
FAILURES = (OSError, RuntimeError, subprocess.SubprocessError)


def rounds(rows: Sequence[Scenario], runs: int) -> Iterator[Scenario]:
    """Forth and back: A B C, C B A, A B C."""
    for number in range(runs):
        yield from rows if number % 2 == 0 else reversed(rows)


def is_possible(scenario: Scenario) -> bool:
    """Whether this machine has what the row measures."""
    return scenario.target is not Target.JANUS or janus.is_installed()


def run_row(scenario: Scenario, net: Network, command: str | None) -> Outcome:
    """One run in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
        return run_scenario(scenario, Path(folder), net=net, command=command)


def measure(
    table: Table, net: Network, runs: int, command: str | None
) -> tuple[list[Measured], dict[str, str]]:
    """All rows of a table, and why some could not be measured."""
    outcomes: dict[str, list[Outcome]] = {row.name: [] for row in table.rows}
    failures = {row.name: "not installed" for row in table.rows if not is_possible(row)}
    for row in rounds([row for row in table.rows if is_possible(row)], runs):
        try:
            outcome = run_row(row, net, command)
        except FAILURES as error:
            failures[row.name] = str(error).splitlines()[0]
            print(f"{row.name:20} failed: {error}", flush=True)
            continue
        outcomes[row.name].append(outcome)
        print(
            f"{row.name:20} {outcome.packets_per_cpu_second():10,.0f} packets per CPU-second, "
            f"{outcome.result.lost()} lost of {outcome.result.lost() + outcome.result.forwarded()}",
            flush=True,
        )
    measured = [Measured(row, tuple(outcomes[row.name])) for row in table.rows if outcomes[row.name]]
    return measured, failures


def plot_series(rows: Sequence[Measured]) -> dict[str, list[Point]]:
    """(subscribers, us of CPU for a packet) of each thing that was measured."""
    series: dict[str, list[Point]] = {}
    for row in rows:
        series.setdefault(label(row.scenario), []).append((row.scenario.subscribers, 1e6 / row.rate()))
    return series


def section(table: Table, rows: Sequence[Measured], runs: int, failures: dict[str, str]) -> str:
    """What stands between a table's markers."""
    lines = [
        f"## {table.title}",
        "",
        f"{machine()}; commit {commit()}.",
        *(f"\n{note}" for note in notes(table, runs, failures)),
        "",
        *table_lines(rows),
        "",
        *ratio_lines(rows),
        "",
        f"![Cost of a packet against subscribers](images/performance-{table.name}.svg)",
    ]
    return "\n".join(lines)


def put_between_markers(document: str, name: str, content: str) -> str:
    """Replaces a table's part; appends it where there is none yet."""
    begin, end = f"<!-- bench {name} begin -->", f"<!-- bench {name} end -->"
    part = f"{begin}\n{content}\n{end}"
    if begin not in document:
        return f"{document.rstrip()}\n\n{part}\n"
    head, rest = document.split(begin, 1)
    return head + part + rest.split(end, 1)[1]


def write(table: Table, rows: Sequence[Measured], text: str) -> None:
    """Document and plot."""
    document = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(put_between_markers(document, table.name, text), encoding="utf-8")
    plot = DOCUMENT.parent / "images" / f"performance-{table.name}.svg"
    plot.write_text(cost_plot(table.title, plot_series(rows)), encoding="utf-8")


def leave_processor(cpu: int | None) -> None:
    """This process and what it starts stay on the participants' processor, where there are two."""
    if cpu is not None:
        os.sched_setaffinity(0, {cpu})


def allow_many_sockets() -> None:
    """One a subscriber."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def run_table(name: str, runs: int, command: str | None, *, writes: bool) -> bool:
    """Whether the table could be measured at all."""
    table = load_table(name)
    available = os.sched_getaffinity(0)
    with contextlib.ExitStack() as stack:
        try:
            net = stack.enter_context(network(table.layout))
        except FAILURES as error:
            print(f"table {name} is left out: {error}")
            return False
        stack.callback(os.sched_setaffinity, 0, available)
        leave_processor(net.participant_cpu)
        rows, failures = measure(table, net, runs, command)
    if not rows:
        return False
    text = section(table, rows, runs, failures)
    print(f"\n{text}\n", flush=True)
    if writes:
        write(table, rows, text)
    return True


def main() -> int:
    """1 when no table could be measured."""
    parser = argparse.ArgumentParser(
        prog="python -m load_tests.bench", description="Measures tables of scenarios."
    )
    parser.add_argument("tables", nargs="*", default=["loopback", "veth"], help=", ".join(table_names()))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--command", help="the tandem program, if it is not the environment's own")
    parser.add_argument("--print-only", action="store_true", help="leave docs/performance.md as it is")
    arguments = parser.parse_args()
    if unknown := set(arguments.tables) - set(table_names()):
        parser.error(f"no such table: {', '.join(sorted(unknown))}")
    allow_many_sockets()
    done = [
        run_table(name, arguments.runs, arguments.command, writes=not arguments.print_only)
        for name in arguments.tables
    ]
    return 0 if any(done) else 1


if __name__ == "__main__":
    sys.exit(main())
