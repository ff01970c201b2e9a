"""Runs one scenario against a server of its own and prints what it cost.

python -m load_tests.run one_to_hundred
"""

from __future__ import annotations

import argparse
import contextlib
import secrets
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from load_tests import light
from load_tests.keys import KEY_BYTES, Profile, SessionKeys, session_keys
from load_tests.network import Network, network
from load_tests.participant import Participant, connect, keep_consent
from load_tests.peers import janus
from load_tests.process_cost import (
    CpuMeter,
    UdpCounters,
    backlog_drops,
    kernel_drops,
    pss_bytes,
    udp_counters,
)
from load_tests.report import Outcome, report
from load_tests.scenario import Layout, Scenario, SubscriberShape, Target, load_scenario, scenario_names
from load_tests.server_process import LessonLinks, ServerProcess

HANDSHAKES_AT_ONCE = 8
CONSENT_INTERVAL_S = 8.0
LOOPBACK = "127.0.0.1"


def free_port(kind: socket.SocketKind) -> int:
    """A port of 127.0.0.1 that is free now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((LOOPBACK, 0))
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


def placed_server(data_dir: Path, net: Network, command: str | None = None) -> ServerProcess:
    """A server where the network wants it, not started yet. Makes `data_dir`."""
    data_dir.mkdir()
    return ServerProcess(
        data_dir,
        http_port=net.free_port(socket.SOCK_STREAM),
        media_port=net.free_port(socket.SOCK_DGRAM),
        command=command,
        host=net.server_address,
        prefix=net.command_prefix(),
    )


def subscribe_all(
    subscribe: Callable[[], Participant],
    count: int,
    known: list[Participant],
    others: Sequence[Participant] = (),
) -> None:
    """Adds `count` participants to `known`, a few at a time; meanwhile nobody's consent expires."""
    done = threading.Event()

    def keep() -> None:
        while not done.wait(CONSENT_INTERVAL_S):
            keep_consent([*known, *others])

    keeper = threading.Thread(target=keep)
    keeper.start()
    try:
        with ThreadPoolExecutor(HANDSHAKES_AT_ONCE) as pool:
            list(pool.map(lambda _: known.append(subscribe()), range(count)))
    finally:
        done.set()
        keeper.join()
    keep_consent([*known, *others])


def close_all(participants: list[Participant]) -> None:
    """Their sockets."""
    for each in participants:
        each.socket.close()


def connect_publisher(server: ServerProcess, client: httpx.Client, links: LessonLinks) -> Participant:
    """The master, by WHIP."""
    return connect(
        lambda offer: server.post_offer(client, f"/whip/{links.lesson}", links.master, offer),
        publishes=True,
    )


def connect_subscriber(
    server: ServerProcess, client: httpx.Client, links: LessonLinks, profile: Profile = Profile.GCM
) -> Participant:
    """One classroom that only listens, by WHEP."""
    return connect(
        lambda offer: server.post_offer(client, f"/whep/{links.lesson}", links.classroom, offer),
        publishes=False,
        profile=profile,
    )


def connect_all(
    server: ServerProcess, links: LessonLinks, subscribers: int
) -> tuple[Participant, list[Participant]]:
    """The publisher and its subscribers."""
    joined: list[Participant] = []
    with httpx.Client(timeout=30) as client:
        publisher = connect_publisher(server, client, links)
        subscribe_all(lambda: connect_subscriber(server, client, links), subscribers, joined)
    return publisher, joined


@dataclass(slots=True)
class Stage:
    """Everything that a run of the light program needs, and whose cost it is."""

    sender: str
    subscribers: list[str]
    sockets: list[int]
    pid: int | None = None  # None: the ceiling's thread measures itself
    media_port: int | None = None
    server_counters: Callable[[], dict[str, float]] = field(default=dict)


class Window:
    """What the server spends and says of itself while packets count; asking it is not among its CPU."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.meter = None if stage.pid is None else CpuMeter(stage.pid)
        self.counters: dict[str, float] = {}
        self.kernel_drops = 0
        self.pss_bytes = 0

    def open(self) -> None:
        """The first packet that counts is about to leave."""
        self.counters, self.kernel_drops = self._stage.server_counters(), self._kernel_drops()
        if self.meter:
            self.meter.mark()

    def close(self) -> None:
        """The last has left. Counters are now those of the window."""
        if self.meter:
            self.meter.mark()
        before = self.counters
        self.counters = {
            name: value - before.get(name, 0) for name, value in self._stage.server_counters().items()
        }
        self.kernel_drops = self._kernel_drops() - self.kernel_drops
        self.pss_bytes = 0 if self._stage.pid is None else pss_bytes(self._stage.pid)

    def _kernel_drops(self) -> int:
        port = self._stage.media_port
        return kernel_drops(port, self._stage.pid or "self") if port else 0


@contextlib.contextmanager
def tandem_stage(scenario: Scenario, net: Network, folder: Path, command: str | None) -> Iterator[Stage]:
    """The product with one lesson."""
    with (
        contextlib.ExitStack() as sockets,
        placed_server(folder / "data", net, command) as server,
        httpx.Client(timeout=60) as client,
    ):
        links = server.start_lesson()
        publisher = connect_publisher(server, client, links)
        sockets.enter_context(publisher.socket)
        joined: list[Participant] = []
        sockets.callback(close_all, joined)
        subscribe_all(
            lambda: connect_subscriber(server, client, links, scenario.profile),
            scenario.subscribers,
            joined,
            [publisher],
        )
        yield Stage(
            light.publisher_line(publisher),
            [light.subscriber_line(each) for each in joined],
            [each.socket.fileno() for each in (publisher, *joined)],
            server.pid,
            server.media_port,
            server.metrics,
        )


@contextlib.contextmanager
def janus_stage(scenario: Scenario, net: Network, folder: Path) -> Iterator[Stage]:
    """Janus' streaming plugin, fed with plain RTP."""
    with contextlib.ExitStack() as sockets, janus.running(folder / "janus", net) as server:
        feeds = [sockets.enter_context(feed) for feed in server.feeds()]
        joined: list[Participant] = []
        sockets.callback(close_all, joined)
        subscribe_all(lambda: server.subscribe(scenario.profile), scenario.subscribers, joined)
        yield Stage(
            light.plain_publisher_line(*(feed.fileno() for feed in feeds)),
            [light.subscriber_line(each) for each in joined],
            [each.fileno() for each in feeds] + [each.socket.fileno() for each in joined],
            server.pid,
        )


@contextlib.contextmanager
def ceiling_stage(scenario: Scenario, net: Network) -> Iterator[Stage]:
    """No server: one socket in its place, sinks whose keys were dealt out."""
    with contextlib.ExitStack() as sockets:
        sender = sockets.enter_context(net.server_socket())
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        lines, numbers = [], [sender.fileno()]
        for _ in range(scenario.subscribers):
            sink = sockets.enter_context(net.participant_socket())
            sink.connect(sender.getsockname())
            lines.append(light.sink_line(sink.fileno(), random_keys(scenario.profile)))
            numbers.append(sink.fileno())
        yield Stage(light.ceiling_line(sender.fileno(), scenario.engine), lines, numbers)


def random_keys(profile: Profile) -> SessionKeys:
    """Of a session that was never negotiated."""
    return session_keys(secrets.token_bytes(KEY_BYTES), secrets.token_bytes(profile.salt_bytes), profile)


@contextlib.contextmanager
def stage_of(scenario: Scenario, net: Network, folder: Path, command: str | None) -> Iterator[Stage]:
    """Whatever forwards, with everybody connected."""
    match scenario.target:
        case Target.TANDEM:
            with tandem_stage(scenario, net, folder, command) as stage:
                yield stage
        case Target.JANUS:
            with janus_stage(scenario, net, folder) as stage:
                yield stage
        case Target.CEILING:
            with ceiling_stage(scenario, net) as stage:
                yield stage


@contextlib.contextmanager
def null_path(net: Network) -> Iterator[tuple[socket.socket, socket.socket]]:
    """(from, to): the way that packets go, without a server in it."""
    with net.server_socket() as sender, net.participant_socket() as receiver:
        sender.connect(receiver.getsockname())
        receiver.connect(sender.getsockname())
        yield sender, receiver


def run_scenario(
    scenario: Scenario,
    folder: Path,
    *,
    net: Network,
    command: str | None = None,
) -> Outcome:
    """Starts what forwards, connects everybody, measures, and stops it. `folder` exists and is empty."""
    program = light.build()
    is_ceiling = scenario.target is Target.CEILING
    with stage_of(scenario, net, folder, command) as stage, null_path(net) as (null_send, null_receive):
        places = light.Places(
            send_cpu=net.server_cpu if is_ceiling else net.participant_cpu,
            receive_cpu=net.participant_cpu,
            null_send=None if is_ceiling else null_send.fileno(),
            null_receive=None if is_ceiling else null_receive.fileno(),
        )
        plan = light.make_plan(
            stage.sender,
            stage.subscribers,
            trace=scenario.trace,
            subscriber_shape=shape_of(scenario),
            warmup_ms=scenario.warmup_s * 1000,
            duration_ms=scenario.duration_s * 1000,
            places=places,
        )
        window = Window(stage)
        before, sinks_before, backlog_before = server_udp(stage), udp_counters(), backlog_drops()
        result = light.run(
            program,
            plan,
            [*stage.sockets, *places.sockets()],
            on_begin=window.open,
            on_end=window.close,
        )
        return Outcome(
            scenario=scenario,
            result=result,
            cpu_seconds=window.meter.seconds() if window.meter else result.sender_cpu_ns / 1e9,
            server_kernel_drops=window.kernel_drops,
            server_udp=server_udp(stage).since(before),
            sinks_udp=udp_counters().since(sinks_before),
            backlog_drops=backlog_drops() - backlog_before,
            counters=window.counters,
            pss_bytes=window.pss_bytes,
        )


def shape_of(scenario: Scenario) -> SubscriberShape:
    """What subscribers send back to this target: Janus checks for itself, the ceiling reads nothing."""
    match scenario.target:
        case Target.TANDEM:
            return scenario.subscriber
        case Target.JANUS:
            return replace(scenario.subscriber, check_ms=0)
        case Target.CEILING:
            return replace(scenario.subscriber, check_ms=0, report_ms=0, feedback_ms=0, loss_permille=0)


def server_udp(stage: Stage) -> UdpCounters:
    """UDP counters where the server lives."""
    return udp_counters(stage.pid or "self")


def main() -> int:
    """0 when accepted, 1 when not."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.run", description="Runs one load scenario.")
    parser.add_argument("scenario", choices=scenario_names())
    parser.add_argument("--layout", choices=[each.value for each in Layout], default=Layout.LOOPBACK.value)
    parser.add_argument("--command", help="the tandem program, if it is not the environment's own")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="tandem-load-") as folder,
        network(Layout(arguments.layout)) as net,
    ):
        outcome = run_scenario(
            load_scenario(arguments.scenario), Path(folder), net=net, command=arguments.command
        )
    print(report(outcome))
    return 0 if outcome.is_accepted() else 1


if __name__ == "__main__":
    sys.exit(main())
