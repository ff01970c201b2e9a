"""Half a load for a long time, with joins, leaves, layer switches, loss, garbage: memory and files stay flat,
the counters add up.

python -m load_tests.soak --subscribers 200 --minutes 30
"""

from __future__ import annotations

import argparse
import contextlib
import random
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression, median

import httpx

from load_tests import light
from load_tests.hostile import DROPPED, random_datagrams, send_paced
from load_tests.network import Network, loopback
from load_tests.participant import Participant
from load_tests.process_cost import open_files, pss_bytes
from load_tests.report import commit, machine
from load_tests.run import close_all, connect_publisher, connect_subscriber, placed_server, subscribe_all
from load_tests.scenario import SubscriberShape
from load_tests.server_process import LessonLinks, ServerProcess
from load_tests.simulcast import PHASE_S, Simulcast, connect_simulcast

TRACE = "chromium_vp8_720p30"
SETTLE_S = 30
SAMPLE_S = 5.0
GUESTS = 10
GARBAGE_HZ = 200
FLAT_RATIO = 1.05
SPARE_FILES = 8
LAYER_VIEWERS = 5
PREFIX = 'tandem_media_total{counter="'
WRITTEN = (
    "out_rtp",
    "out_rtx",
    "out_resent",
    "out_filler",
    "out_probe",
    "out_rtcp",
    "out_dtls",
    "stun_responses",
)
GONE = ("out_datagrams", "egress_send_errors", "egress_drop_age")


@dataclass(frozen=True, slots=True)
class Soak:
    """What is left after a long time. `pss_samples_bytes` are evenly spaced, settling left out."""

    seconds: int
    pss_samples_bytes: tuple[int, ...]
    file_samples: tuple[int, ...]
    joined: int
    garbage: int
    layer_switches: int
    counters: Mapping[str, float]
    result: light.Result

    def growth_ratio(self) -> float:
        """Memory of the last third by that of the first."""
        first, last = first_and_last_third(self.pss_samples_bytes)
        return last / first

    def slope_bytes_per_minute(self) -> float:
        """Of a line through the samples of memory."""
        samples = self.pss_samples_bytes
        line = linear_regression(range(len(samples)), samples) if len(samples) > 1 else None
        return line.slope * 60 / SAMPLE_S if line else 0.0

    def files_grown(self) -> float:
        """By how many the open files of the last third exceed those of the first."""
        first, last = first_and_last_third(self.file_samples)
        return last - first

    def unsent(self) -> int:
        """Datagrams that were written and neither left nor were dropped by a named reason."""
        written, gone = (
            sum(self.counters.get(f'{PREFIX}{name}"}}', 0) for name in names) for names in (WRITTEN, GONE)
        )
        return int(written - gone)

    def unaccounted(self) -> int:
        """Datagrams that came in and were neither accepted nor dropped by a named reason."""
        fates = sum(
            value for name, value in self.counters.items() if name.startswith((f"{PREFIX}accepted_", DROPPED))
        )
        return int(self.counters.get(f'{PREFIX}in_datagrams"}}', 0) - fates)

    def is_sound(self) -> bool:
        """Memory and files flat, nothing unaccounted, packets forwarded, layers switched as was forced."""
        is_flat = self.growth_ratio() < FLAT_RATIO and self.files_grown() <= SPARE_FILES
        is_whole = self.unaccounted() == 0 and self.unsent() == 0
        has_switched = self.layer_switches >= self.seconds / PHASE_S / 2
        return is_flat and is_whole and has_switched and self.result.forwarded() > 0

    def text(self) -> str:
        """For people."""
        first, last = self.pss_samples_bytes[0], self.pss_samples_bytes[-1]
        recovered = sum(each.recovered for each in self.result.deliveries)
        grown = f"{self.growth_ratio():.3f} of what it was"
        lines = [
            f"machine   {machine()}; commit {commit()}",
            f"load      {self.joined} joined and left, {self.garbage} garbage datagrams",
            f"layers    {self.layer_switches} switches seen by one viewer",
            f"memory    {first / 1e6:.1f} MB -> {last / 1e6:.1f} MB (PSS), {grown}",
            f"          {self.slope_bytes_per_minute() / 1e3:+.0f} kB a minute",
            f"files     {self.file_samples[0]} -> {self.file_samples[-1]} open",
            f"counters  {self.unaccounted()} datagrams in and {self.unsent()} out unaccounted for",
            f"packets   {self.result.forwarded()} delivered, {recovered} of them after a NACK",
            f"missing   {self.result.lost()}",
            "sound" if self.is_sound() else "NOT SOUND",
        ]
        return "\n".join(lines)


def first_and_last_third(samples: Sequence[float]) -> tuple[float, float]:
    """The medians of both."""
    third = max(1, len(samples) // 3)
    return median(samples[:third]), median(samples[-third:])


@dataclass(slots=True)
class Disturbance:
    """Guests who come and go, garbage, a second lesson whose layers switch, a look at memory and files.

    Each on a thread of its own until `done`.
    """

    server: ServerProcess
    links: LessonLinks
    simulcast: Simulcast
    media_address: tuple[str, int]
    done: threading.Event = field(default_factory=threading.Event)
    joined: int = 0
    garbage: int = 0
    samples: list[int] = field(default_factory=list)
    file_samples: list[int] = field(default_factory=list)

    def join_and_leave(self) -> None:
        """A guest each second; the eleventh's coming is the first one's end."""
        guests: list[Participant] = []
        with httpx.Client(timeout=30) as client:
            while not self.done.wait(1.0):
                guests.append(connect_subscriber(self.server, client, self.links))
                self.joined += 1
                if len(guests) > GUESTS:
                    guests.pop(0).socket.close()
        close_all(guests)

    def throw_garbage(self) -> None:
        """Any bytes from a stranger."""
        datagrams = random_datagrams(random.Random(20261122))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.connect(self.media_address)
            while not self.done.is_set():
                send_paced(stranger, datagrams, GARBAGE_HZ, GARBAGE_HZ)
                self.garbage += GARBAGE_HZ

    def watch(self) -> None:
        """Once guests come and go at the same rate."""
        self.done.wait(SETTLE_S)
        while not self.done.wait(SAMPLE_S):
            self.samples.append(pss_bytes(self.server.pid))
            self.file_samples.append(open_files(self.server.pid))

    @contextlib.contextmanager
    def going_on(self) -> Iterator[None]:
        """All of them while the context lasts."""
        threads = [
            threading.Thread(target=each)
            for each in (
                self.join_and_leave,
                self.throw_garbage,
                self.watch,
                lambda: self.simulcast.go_on(self.done),
            )
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.done.set()
            for thread in threads:
                thread.join()


def settled_metrics(server: ServerProcess) -> Mapping[str, float]:
    """The counters once nothing comes in any more: two equal readings."""
    before: Mapping[str, float] = {}
    name = f'{PREFIX}in_datagrams"}}'
    deadline = time.monotonic() + SETTLE_S
    while time.monotonic() < deadline:
        now = server.metrics()
        if before.get(name) == now.get(name):
            return now
        before = now
        time.sleep(0.5)
    return before


def run_soak(net: Network, folder: Path, *, subscribers: int, seconds: int, command: str | None) -> Soak:
    """One lesson, `subscribers` who stay and lose a packet in a hundred, and everything else that happens."""
    program = light.build()
    joined: list[Participant] = []
    with (
        contextlib.ExitStack() as stack,
        placed_server(folder / "data", net, command) as server,
        httpx.Client(timeout=30) as client,
    ):
        links = server.start_lesson()
        publisher = connect_publisher(server, client, links)
        stack.enter_context(publisher.socket)
        stack.callback(close_all, joined)
        subscribe_all(lambda: connect_subscriber(server, client, links), subscribers, joined, [publisher])
        simulcast = connect_simulcast(server, client, server.start_lesson(), LAYER_VIEWERS)
        stack.callback(close_all, [simulcast.teacher, *simulcast.viewers])
        disturbance = Disturbance(server, links, simulcast, (net.server_address, server.media_port))
        plan = light.make_plan(
            light.publisher_line(publisher),
            [light.subscriber_line(each) for each in joined],
            trace=TRACE,
            subscriber_shape=SubscriberShape(loss_permille=10, verify_every=16),
            warmup_ms=1000,
            duration_ms=seconds * 1000,
        )
        with disturbance.going_on():
            result = light.run(
                program,
                plan,
                [each.socket.fileno() for each in (publisher, *joined)],
                on_begin=lambda: None,
                on_end=lambda: None,
            )
        counters = settled_metrics(server)
    return Soak(
        seconds,
        tuple(disturbance.samples),
        tuple(disturbance.file_samples),
        disturbance.joined,
        disturbance.garbage,
        simulcast.switches,
        counters,
        result,
    )


def main() -> int:
    """0 when sound."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.soak", description="A long lesson.")
    parser.add_argument("--subscribers", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--command", help="the tandem program, if it is not the environment's own")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tandem-soak-") as folder:
        soak = run_soak(
            loopback(),
            Path(folder),
            subscribers=arguments.subscribers,
            seconds=int(arguments.minutes * 60),
            command=arguments.command,
        )
    print(soak.text())
    return 0 if soak.is_sound() else 1


if __name__ == "__main__":
    sys.exit(main())
