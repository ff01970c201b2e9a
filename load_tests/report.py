"""What a scenario cost, as a page for people: machine, commit, packets per CPU-second, loss, delay."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from load_tests.light import Quantiles, Result
from load_tests.process_cost import UdpCounters
from load_tests.scenario import Scenario

NOTHING = UdpCounters(0, 0, 0)
FORESEEN = ("waiting_keyframe", "no_address")  # of who has just joined: it waits for nothing


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run beside what it cost.

    `pss_bytes` is the server's memory at the window's end, 0 where it was not read. `counters` are its own
    samples of /metrics, by how much they grew while packets counted; UDP counters are those of the run.
    """

    scenario: Scenario
    result: Result
    cpu_seconds: float
    server_kernel_drops: int
    server_udp: UdpCounters = NOTHING
    sinks_udp: UdpCounters = NOTHING
    backlog_drops: int = 0
    counters: Mapping[str, float] = field(default_factory=dict)
    pss_bytes: int = 0

    def packets_per_cpu_second(self) -> float:
        """Forwarded packets per CPU-second of the server's process tree."""
        return self.result.forwarded() / self.cpu_seconds if self.cpu_seconds else float("inf")

    def server_cores(self) -> float:
        """The server's CPU as a share of one core."""
        return self.cpu_seconds / self.scenario.duration_s

    def egress_drops(self) -> int:
        """What the server says that it dropped on its way out or could not send."""
        return int(
            sum(
                value
                for name, value in self.counters.items()
                if ("egress_drop" in name or "send_errors" in name)
                and not any(word in name for word in FORESEEN)
            )
        )

    def is_accepted(self) -> bool:
        """Whether the scenario's acceptance holds, if it has one."""
        limits = self.scenario.acceptance
        return limits is None or (
            self.result.lost() <= limits.lost_packets and self.server_cores() < limits.server_cores
        )


def machine() -> str:
    """Processor, cores and kernel."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )
    cores = sum(line.startswith("processor") for line in lines)
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


def delay_rows(result: Result) -> list[tuple[str, str]]:
    """By kind, and to the first and the last subscriber served."""
    rows = []
    for name, delays in (
        ("voice", result.voice),
        ("picture", result.delta),
        ("keyframes", result.keyframe),
        ("all others", result.usual),
    ):
        rows.append((f"  {name}", quantiles_row(delays.all)))
        rows.append(("", f"{quantiles_row(delays.first)} first subscriber served"))
        rows.append(("", f"{quantiles_row(delays.last)} last subscriber served"))
    return rows


def rows(outcome: Outcome) -> list[tuple[str, str]]:
    """(label, text) of each line."""
    result, scenario = outcome.result, outcome.scenario
    lost, forwarded = result.lost(), result.forwarded()
    strange = sum(each.not_authentic + each.renumbered for each in result.deliveries)
    voice_gap, video_gap = (gap / 1000 for gap in result.longest_gap_us())
    audience = (
        f"{scenario.subscribers} subscribers, one packet in {scenario.subscriber.verify_every} "
        "authenticated, no GRO"
    )
    published = f"{result.published_voice} voice and {result.published_video} video packets"
    drops = (
        f"kernel drops: {outcome.server_kernel_drops} at the server, {result.socket_overflows()} at the "
        f"subscribers, {outcome.backlog_drops} between; dropped by the server: {outcome.egress_drops()}"
    )
    found = [
        ("scenario", f"{scenario.name}: {scenario.title}"),
        ("machine", machine()),
        ("commit", commit()),
        (
            "window",
            f"{scenario.duration_s} s after {scenario.warmup_s} s of warm-up; {audience}",
        ),
        (
            "published",
            f"{published} of {scenario.trace}; {result.keyframe_requests} keyframe requests",
        ),
        ("forwarded", f"{forwarded} packets, {forwarded / scenario.duration_s:,.0f} a second"),
        (
            "server",
            f"{outcome.cpu_seconds:.2f} CPU-seconds = {outcome.server_cores():.3f} of a core",
        ),
        ("", f"{outcome.packets_per_cpu_second():,.0f} forwarded packets per CPU-second"),
        (
            "lost",
            f"{lost} of {lost + forwarded} ({drops}; not authentic: {strange})",
        ),
        ("gaps", f"longest between two packets: voice {voice_gap:.1f} ms, picture {video_gap:.1f} ms"),
        ("delay", "to the subscriber's kernel, less the way without a server"),
        *delay_rows(result),
        ("  without", quantiles_row(result.null_path_us) + " from the scheduled time, not contained"),
    ]
    if outcome.pss_bytes:
        found.append(("memory", f"{outcome.pss_bytes / 1e6:.1f} MB (PSS) at the window's end"))
    if limits := scenario.acceptance:
        verdict = "accepted" if outcome.is_accepted() else "REFUSED"
        found.append((verdict, f"at most {limits.lost_packets} lost, under {limits.server_cores} of a core"))
    return found


def report(outcome: Outcome) -> str:
    """The rows as text."""
    return "\n".join(f"{label:<12}{text}" for label, text in rows(outcome))
