"""A table of measured rows as Markdown: medians, their spread, ratios to the ceiling and to a peer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from load_tests.light import Delays, Quantiles
from load_tests.report import Outcome
from load_tests.scenario import Engine, Scenario, Table, Target

COLUMNS = (
    "row",
    "subscribers",
    "packets per CPU-second (spread)",
    "us each",
    "cores",
    "lost by",
    "voice",
    "delta",
    "both",
    "keyframe",
    "KiB each",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One row and its runs, of which there is at least one."""

    scenario: Scenario
    outcomes: tuple[Outcome, ...]

    def rates(self) -> list[float]:
        """Forwarded packets per CPU-second, run by run."""
        return [outcome.packets_per_cpu_second() for outcome in self.outcomes]

    def rate(self) -> float:
        """Their median."""
        return median(self.rates())

    def middle(self, value: Callable[[Outcome], float]) -> float:
        """The median of anything else."""
        return median(value(outcome) for outcome in self.outcomes)


def label(scenario: Scenario) -> str:
    """What is measured, in words."""
    return f"{scenario.title}, {scenario.profile.name.upper()}"


def delay_cell(measured: Measured, kind: Callable[[Outcome], Delays]) -> str:
    """p50/p99 of the first subscriber served, of all, and of the last, in ms."""

    def pair(part: Callable[[Delays], Quantiles]) -> str:
        p50 = measured.middle(lambda outcome: part(kind(outcome)).p50) / 1000
        p99 = measured.middle(lambda outcome: part(kind(outcome)).p99) / 1000
        return f"{p50:.2f}/{p99:.1f}"

    first, last = pair(lambda delays: delays.first), pair(lambda delays: delays.last)
    return f"{first} … {pair(lambda delays: delays.all)} … {last}"


def loss_cell(measured: Measured) -> str:
    """Whole numbers over all runs: what did not arrive, and who says that it lost something."""
    lost = sum(outcome.result.lost() for outcome in measured.outcomes)
    at_sinks = sum(outcome.result.socket_overflows() for outcome in measured.outcomes)
    dropped = sum(outcome.egress_drops() + outcome.server_kernel_drops for outcome in measured.outcomes)
    between = sum(outcome.backlog_drops for outcome in measured.outcomes)
    known = f"sinks {at_sinks}, server {dropped}, between {between}"
    return f"{lost} ({known})" if lost + at_sinks + dropped + between else "0"


def smallest_of(measured: Measured, rows: Sequence[Measured]) -> Measured:
    """The row of the same thing with the fewest subscribers."""
    same = [row for row in rows if label(row.scenario) == label(measured.scenario)]
    return min(same, key=lambda row: row.scenario.subscribers)


def memory_cell(measured: Measured, rows: Sequence[Measured]) -> str:
    """The slope of the server's PSS after media has flowed, against the smallest row of the same thing."""
    base = smallest_of(measured, rows)
    more = measured.scenario.subscribers - base.scenario.subscribers
    if more == 0 or any(not outcome.pss_bytes for row in (measured, base) for outcome in row.outcomes):
        return ""
    grown = measured.middle(lambda outcome: outcome.pss_bytes) - base.middle(
        lambda outcome: outcome.pss_bytes
    )
    return f"{grown / more / 1024:.0f}"


def row_cells(measured: Measured, rows: Sequence[Measured]) -> list[str]:
    """One line of the table."""
    rates = measured.rates()
    rate = measured.rate()
    return [
        label(measured.scenario),
        str(measured.scenario.subscribers),
        f"**{rate:,.0f}** ({min(rates):,.0f}-{max(rates):,.0f})",
        f"{1e6 / rate:.2f}",
        f"{measured.middle(Outcome.server_cores):.3f}",
        loss_cell(measured),
        delay_cell(measured, lambda outcome: outcome.result.voice),
        delay_cell(measured, lambda outcome: outcome.result.delta),
        delay_cell(measured, lambda outcome: outcome.result.usual),
        delay_cell(measured, lambda outcome: outcome.result.keyframe),
        memory_cell(measured, rows),
    ]


def table_lines(rows: Sequence[Measured]) -> list[str]:
    """Head, rule and rows, sorted by what is measured and by size."""
    ordered = sorted(
        rows, key=lambda row: (row.scenario.subscribers, row.scenario.target, label(row.scenario))
    )
    lines = [COLUMNS, ("---",) + ("---:",) * (len(COLUMNS) - 1), *(row_cells(row, rows) for row in ordered)]
    return ["| " + " | ".join(cells) + " |" for cells in lines]


def is_comparable(own: Scenario, other: Scenario) -> bool:
    """The same work by something else."""
    same_work = (own.subscribers, own.profile) == (other.subscribers, other.profile)
    return same_work and other.target is not Target.TANDEM


def ratio_lines(rows: Sequence[Measured]) -> list[str]:
    """The product against each ceiling and each peer of the same size; against its own smallest row."""
    found = []
    own = [row for row in rows if row.scenario.target is Target.TANDEM]
    for row in own:
        found += [ratio_line(row, other) for other in rows if is_comparable(row.scenario, other.scenario)]
    for row in own:
        smallest = min(
            (each for each in own if each.scenario.profile is row.scenario.profile),
            key=lambda each: each.scenario.subscribers,
        )
        if smallest is not row:
            found.append(ratio_line(row, smallest))
    return found


def ratio_line(row: Measured, other: Measured) -> str:
    """One division of medians; with two runs or more also of each run by the other's of the same round."""
    pairs = [own / theirs for own, theirs in zip(row.rates(), other.rates(), strict=False)]
    return (
        f"- {label(row.scenario)}, {row.scenario.subscribers} subscribers / {label(other.scenario)}, "
        f"{other.scenario.subscribers} subscribers: **{row.rate() / other.rate():.2f}** "
        f"(round by round {min(pairs):.2f}-{max(pairs):.2f})"
    )


def notes(table: Table, runs: int, failures: Mapping[str, str]) -> list[str]:
    """How the table came about, and what could not be measured."""
    sample = table.rows[0]
    order = f"{runs} interleaved round{'s' if runs != 1 else ''} (A B … B A)"
    lines = [
        (
            f"{order}, {sample.duration_s} s each after {sample.warmup_s} s; medians, in brackets the lowest "
            f"and the highest run. Trace `{sample.trace}`, voice included. CPU is that of the whole process "
            "tree, Python included."
        ),
        (
            "Delays in ms, p50/p99 of the first subscriber served … of all … of the last, less the way "
            "without a server (the ceiling's: from the scheduled time; it waits for a frame's last packet). "
            "Subscribers are plain sockets without GRO; they answer with checks, a report a second and "
            f"transport-cc feedback each {sample.subscriber.feedback_ms} ms."
        ),
    ]
    if any(row.engine is Engine.IPSEC_MB for row in table.rows):
        lines.append(
            "Bare loop: header, encryption and one segmented message a subscriber and frame, no more."
        )
    lines += [f"Not measured: {name}: {reason}" for name, reason in failures.items()]
    return lines
