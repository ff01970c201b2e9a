"""Many join by WHEP within seconds while a lesson runs: does anybody who is there already notice?

python -m load_tests.join_storm --there 50 --joining 500 --seconds 10
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from load_tests import light
from load_tests.network import Network, loopback
from load_tests.participant import Participant, connect
from load_tests.process_cost import ThreadTime, busiest_threads, thread_times
from load_tests.report import commit, machine, quantiles_row
from load_tests.run import close_all, connect_publisher, connect_subscriber, placed_server, subscribe_all
from load_tests.scenario import SubscriberShape
from load_tests.server_process import LessonLinks, post_offer

TRACE = "chromium_vp8_720p30"
SETTLE_S = 3
THREADS = 16
LONGEST_STALL_US = 50_000
COUNTER = 'tandem_media_total{{counter="{}"}}'
LAPS = {
    COUNTER.format("laps"): "laps of the packet workers",
    COUNTER.format("laps_over_2ms"): "over 2 ms",
    COUNTER.format("laps_over_10ms"): "over 10 ms",
    COUNTER.format("laps_over_50ms"): "over 50 ms",
}
HELD: list[Participant] = []
"""Of the joining process: who has joined stays until it ends."""


@dataclass(frozen=True, slots=True)
class Storm:
    """What happened."""

    there: int
    joined: int
    seconds: float
    failures: tuple[str, ...]
    result: light.Result
    counters: Mapping[str, float]
    threads: tuple[ThreadTime, ...]

    def is_smooth(self) -> bool:
        """Everybody came in, and nobody who was there waited long for the next packet."""
        return not self.failures and max(self.result.longest_stall_us) < LONGEST_STALL_US

    def text(self) -> str:
        """For people."""
        voice, video = (stall / 1000 for stall in self.result.longest_stall_us)
        laps = ", ".join(f"{int(self.counters.get(name, 0))} {words}" for name, words in LAPS.items())
        lines = [
            f"machine    {machine()}; commit {commit()}",
            f"joined     {self.joined} in {self.seconds:.1f} s, {len(self.failures)} failed",
            f"there      {self.there} subscribers",
            f"stalls     voice {voice:.1f} ms, picture {video:.1f} ms (longest gap less the publisher's)",
            f"lost       {self.result.lost()} of {self.result.lost() + self.result.forwarded()}",
            f"voice      {quantiles_row(self.result.voice.all)}",
            f"picture    {quantiles_row(self.result.delta.all)}",
            f"keyframes  {quantiles_row(self.result.keyframe.all)}",
            f"no server  {quantiles_row(self.result.null_path_us)}",
            f"laps       {laps}",
            *(f"thread     {each.text()}" for each in self.threads),
            *(f"failed     {failure}" for failure in sorted(set(self.failures))[:3]),
            "smooth" if self.is_smooth() else "NOT SMOOTH",
        ]
        return "\n".join(lines)


def join_paced(url: str, links: LessonLinks, count: int, seconds: float) -> tuple[float, list[str]]:
    """Joins `count` subscribers, one each `seconds / count`; how long it took, and what went wrong."""
    started = time.monotonic()

    def join(number: int) -> str | None:
        time.sleep(max(0.0, started + number * seconds / count - time.monotonic()))
        try:
            HELD.append(
                connect(
                    lambda offer: post_offer(client, f"{url}/whep/{links.lesson}", links.classroom, offer),
                    publishes=False,
                )
            )
        except (OSError, httpx.HTTPError, ValueError) as error:
            return f"{type(error).__name__}: {error}"
        return None

    with httpx.Client(timeout=30) as client, ThreadPoolExecutor(THREADS) as pool:
        failures = [failure for failure in pool.map(join, range(count)) if failure]
    return time.monotonic() - started, failures


def run_storm(
    net: Network, folder: Path, *, there: int, joining: int, seconds: float, command: str | None
) -> Storm:
    """A lesson with `there` subscribers; `joining` more come while it is measured."""
    program = light.build()
    joined: list[Participant] = []
    spawn = multiprocessing.get_context("spawn")
    with (
        contextlib.ExitStack() as stack,
        placed_server(folder / "data", net, command) as server,
        httpx.Client(timeout=30) as client,
        ProcessPoolExecutor(1, mp_context=spawn) as crowd,
    ):
        links = server.start_lesson()
        publisher = connect_publisher(server, client, links)
        stack.enter_context(publisher.socket)
        stack.callback(close_all, joined)
        subscribe_all(lambda: connect_subscriber(server, client, links), there, joined, [publisher])
        null_send, null_receive = (stack.enter_context(net.participant_socket()) for _ in range(2))
        null_send.connect(null_receive.getsockname())
        places = light.Places(
            send_cpu=net.participant_cpu,
            receive_cpu=net.participant_cpu,
            null_send=null_send.fileno(),
            null_receive=null_receive.fileno(),
        )
        plan = light.make_plan(
            light.publisher_line(publisher),
            [light.subscriber_line(each) for each in joined],
            trace=TRACE,
            subscriber_shape=SubscriberShape(verify_every=16),
            warmup_ms=SETTLE_S * 1000,
            duration_ms=int(seconds + SETTLE_S) * 1000,
            places=places,
        )
        storms: list[Future[tuple[float, list[str]]]] = []
        before, times_before = server.metrics(), thread_times(server.pid)
        result = light.run(
            program,
            plan,
            [each.socket.fileno() for each in (publisher, *joined)] + list(places.sockets()),
            on_begin=lambda: storms.append(crowd.submit(join_paced, server.url, links, joining, seconds)),
            on_end=lambda: None,
        )
        took, failures = storms[0].result()
        counters = {name: value - before.get(name, 0) for name, value in server.metrics().items()}
        threads = busiest_threads(times_before, thread_times(server.pid))
    return Storm(there, joining - len(failures), took, tuple(failures), result, counters, threads)


def main() -> int:
    """0 when all could join and nobody noticed."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.join_storm", description="A join storm.")
    parser.add_argument("--there", type=int, default=50)
    parser.add_argument("--joining", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--command", help="the tandem program, if it is not the environment's own")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tandem-storm-") as folder:
        storm = run_storm(
            replace(loopback(), server_cpu=None, participant_cpu=None),  # handshakes use what they find
            Path(folder),
            there=arguments.there,
            joining=arguments.joining,
            seconds=arguments.seconds,
            command=arguments.command,
        )
    print(storm.text())
    return 0 if storm.is_smooth() else 1


if __name__ == "__main__":
    sys.exit(main())
