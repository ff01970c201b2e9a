"""Runs one scenario against a server of its own and prints what it cost.

python -m load_tests.run one_to_hundred
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from load_tests import light
from load_tests.participant import Participant, connect
from load_tests.report import Outcome, report
from load_tests.scenario import Scenario, load_scenario, scenario_names
from load_tests.server_process import LessonLinks, ServerProcess, kernel_drops

HANDSHAKES_AT_ONCE = 4


@dataclass(slots=True)
class CpuWindow:
    """The server's CPU seconds while the window was open."""

    read: Callable[[], float]
    marks: list[float] = field(default_factory=list)

    def mark(self) -> None:
        """Reads the clock once; first at the window's begin, then at its end."""
        self.marks.append(self.read())

    def seconds(self) -> float:
        """Between the two marks."""
        begin, end = self.marks
        return end - begin


def free_port(kind: socket.SocketKind) -> int:
    """A port of 127.0.0.1 that is free now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_server(data_dir: Path, command: str | None = None) -> ServerProcess:
    """A server of our own on free ports of 127.0.0.1, not started yet. Makes `data_dir`."""
    data_dir.mkdir()
    return ServerProcess(
        data_dir,
        http_port=free_port(socket.SOCK_STREAM),
        media_port=free_port(socket.SOCK_DGRAM),
        command=command,
    )


def connect_all(
    server: ServerProcess, links: LessonLinks, subscribers: int
) -> tuple[Participant, list[Participant]]:
    """The publisher and its subscribers, a few handshakes at a time."""
    with httpx.Client(timeout=30) as client:

        def subscribe(_: int) -> Participant:
            return connect(
                lambda offer: server.post_offer(client, f"/whep/{links.lesson}", links.classroom, offer),
                publishes=False,
            )

        publisher = connect(
            lambda offer: server.post_offer(client, f"/whip/{links.lesson}", links.master, offer),
            publishes=True,
        )
        with ThreadPoolExecutor(HANDSHAKES_AT_ONCE) as pool:
            return publisher, list(pool.map(subscribe, range(subscribers)))


def run_scenario(scenario: Scenario, data_dir: Path) -> Outcome:
    """Starts a server, connects everybody, measures, and stops it."""
    program = light.build()
    with free_server(data_dir) as server, contextlib.ExitStack() as sockets:
        publisher, subscribers = connect_all(server, server.start_lesson(), scenario.subscribers)
        for participant in (publisher, *subscribers):
            sockets.enter_context(participant.socket)
        plan = light.make_plan(
            publisher,
            subscribers,
            shape=scenario.publisher,
            subscriber_shape=scenario.subscriber,
            warmup_ms=scenario.warmup_s * 1000,
            duration_ms=scenario.duration_s * 1000,
        )
        cpu = CpuWindow(server.cpu_seconds)
        result = light.run(
            program,
            plan,
            [participant.socket.fileno() for participant in (publisher, *subscribers)],
            on_begin=cpu.mark,
            on_end=cpu.mark,
        )
        return Outcome(scenario, result, cpu.seconds(), kernel_drops(server.media_port))


def main() -> int:
    """0 when accepted, 1 when not."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.run", description="Runs one load scenario.")
    parser.add_argument("scenario", choices=scenario_names())
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tandem-load-") as folder:
        outcome = run_scenario(load_scenario(arguments.scenario), Path(folder) / "data")
    print(report(outcome))
    return 0 if outcome.is_accepted() else 1


if __name__ == "__main__":
    sys.exit(main())
