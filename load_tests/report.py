"""What a scenario cost, as a page for people: machine, commit, packets per CPU-second, loss, delay."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

from load_tests.light import Quantiles, Result
from load_tests.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run beside what it cost."""

    scenario: Scenario
    result: Result
    cpu_seconds: float
    server_kernel_drops: int

    def packets_per_cpu_second(self) -> float:
        """Forwarded packets per CPU-second of the server's process tree."""
        return self.result.forwarded() / self.cpu_seconds if self.cpu_seconds else float("inf")

    def server_cores(self) -> float:
        """The server's CPU as a share of one core."""
        return self.cpu_seconds / self.scenario.duration_s

    def is_accepted(self) -> bool:
        """Whether the scenario's acceptance holds."""
        limits = self.scenario.acceptance
        return self.result.lost() <= limits.lost_packets and self.server_cores() < limits.server_cores


def machine() -> str:
    """Processor, cores and kernel."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    cores = sum(line.startswith("processor") for line in Path("/proc/cpuinfo").read_text().splitlines())
    return f"{model}, {cores} cores, Linux {platform.release()}"


def commit() -> str:
    """The checkout's commit, `unknown` outside one."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=Path(__file__).parent,
            check=True,
            capture_output=True,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def quantiles_row(quantiles: Quantiles) -> str:
    """Milliseconds."""
    p50, p99, highest = (value / 1000 for value in (quantiles.p50, quantiles.p99, quantiles.max))
    return f"p50 {p50:6.2f} ms   p99 {p99:6.2f} ms   max {highest:6.2f} ms   ({quantiles.count} packets)"


def rows(outcome: Outcome) -> list[tuple[str, str]]:
    """(label, text) of each line."""
    result, scenario = outcome.result, outcome.scenario
    lost, forwarded = result.lost(), result.forwarded()
    overflows = sum(each.socket_overflows for each in result.deliveries)
    strange = sum(each.not_authentic for each in result.deliveries)
    window = f"{scenario.duration_s} s after {scenario.warmup_s} s of warm-up"
    published = f"{result.published_voice} voice and {result.published_video} video packets"
    cost = (
        f"{outcome.cpu_seconds:.2f} CPU-seconds of the process tree = {outcome.server_cores():.3f} of a core"
    )
    drops = f"kernel drops: {outcome.server_kernel_drops} at the server, {overflows} at the subscribers"
    limits = scenario.acceptance
    return [
        ("scenario", f"{scenario.name}: {scenario.title}"),
        ("machine", machine()),
        ("commit", commit()),
        ("window", f"{window}; {scenario.subscribers} subscribers, each packet authenticated, no GRO"),
        ("published", f"{published}; {result.keyframe_requests} keyframe requests"),
        ("forwarded", f"{forwarded} packets, {forwarded / scenario.duration_s:,.0f} a second"),
        ("server", cost),
        ("", f"{outcome.packets_per_cpu_second():,.0f} forwarded packets per CPU-second"),
        ("lost", f"{lost} of {lost + forwarded} ({drops}; not authentic: {strange})"),
        ("delay", "from the scheduled time to the subscriber's kernel"),
        ("  voice", quantiles_row(result.voice_delay_us)),
        ("  picture", quantiles_row(result.delta_delay_us)),
        ("  keyframes", quantiles_row(result.keyframe_delay_us)),
        (
            "  publisher",
            quantiles_row(result.publisher_lateness_us) + " own lateness, contained in the above",
        ),
        (
            "accepted" if outcome.is_accepted() else "REFUSED",
            f"at most {limits.lost_packets} lost, under {limits.server_cores} of a core",
        ),
    ]


def report(outcome: Outcome) -> str:
    """The rows as text."""
    return "\n".join(f"{label:<12}{text}" for label, text in rows(outcome))
