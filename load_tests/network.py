"""Where server and participants live: on one network stack, or on two that a veth pair joins (needs root)."""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from load_tests.scenario import Layout

NAMESPACE = "tandem-load"
SERVER_LINK = "tandemload1"
PARTICIPANT_LINK = "tandemload0"
SERVER_ADDRESS = "198.18.7.2"  # RFC 2544: for benchmarks
PARTICIPANT_ADDRESS = "198.18.7.1"
BACKLOG = Path("/proc/sys/net/core/netdev_max_backlog")
BACKLOG_PACKETS = 100_000
CLONE_NEWNET = 0x40000000
# Nothing goes there: asking for the way there tells which address a packet would carry.
PUBLIC_ADDRESS = (
    "192.0.2.1",
    9,
)


@dataclass(frozen=True, slots=True)
class Network:
    """`command_prefix` starts a process where the server lives; no processors where there is but one."""

    layout: Layout
    server_address: str
    participant_address: str
    namespace: str | None = None
    server_cpu: int | None = None
    participant_cpu: int | None = None

    def command_prefix(self) -> list[str]:
        """In front of the server's command."""
        inside = [] if self.namespace is None else ["ip", "netns", "exec", self.namespace]
        pinned = [] if self.server_cpu is None else ["taskset", "--cpu-list", str(self.server_cpu)]
        return inside + pinned

    def server_socket(self) -> socket.socket:
        """A UDP socket where the server lives, bound to its address."""
        with entered(self.namespace):
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            made.bind((self.server_address, 0))
            return made

    def participant_socket(self) -> socket.socket:
        """A UDP socket where the participants live."""
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((self.participant_address, 0))
        return made

    def free_port(self, kind: socket.SocketKind) -> int:
        """A port that is free where the server lives."""
        with entered(self.namespace), socket.socket(socket.AF_INET, kind) as probe:
            probe.bind((self.server_address, 0))
            port: int = probe.getsockname()[1]
            return port


@contextlib.contextmanager
def entered(namespace: str | None) -> Iterator[None]:
    """This thread inside a network namespace. Raises OSError when it may not go there."""
    if namespace is None:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/thread-self/ns/net").open() as own, Path(f"/run/netns/{namespace}").open() as other:
        if libc.setns(other.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter the network namespace {namespace}")
        try:
            yield
        finally:
            libc.setns(own.fileno(), CLONE_NEWNET)


def own_address() -> str:
    """An address of this machine that is no loopback address: Janus uses no other.

    Raises OSError when there is none.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(PUBLIC_ADDRESS)
        address: str = probe.getsockname()[0]
        return address


def processors() -> tuple[int | None, int | None]:
    """(the server's, the participants'): apart where there are two."""
    available = sorted(os.sched_getaffinity(0))
    return (available[0], available[1]) if len(available) > 1 else (None, None)


def ip(*arguments: str) -> None:
    """ip(8). Raises CalledProcessError."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def loopback() -> Network:
    """One stack; an address that Janus accepts too, so that all rows go the same way."""
    server_cpu, participant_cpu = processors()
    address = own_address()
    return Network(Layout.LOOPBACK, address, address, server_cpu=server_cpu, participant_cpu=participant_cpu)


def steer(device: str, cpu: int | None, prefix: list[str]) -> None:
    """Receive packet steering: the work on what arrives at `device` is done on `cpu`."""
    if cpu is not None:
        script = f"echo {1 << cpu:x} > /sys/class/net/{device}/queues/rx-0/rps_cpus"
        subprocess.run([*prefix, "sh", "-c", script], check=True)


@contextlib.contextmanager
def long_backlog() -> Iterator[None]:
    """What waits for the other processor may queue, as in a network card; 1,000 packets are one frame."""
    before = BACKLOG.read_text()
    BACKLOG.write_text(str(BACKLOG_PACKETS))
    try:
        yield
    finally:
        BACKLOG.write_text(before)


@contextlib.contextmanager
def veth() -> Iterator[Network]:
    """The server in a namespace of its own; what the participants receive is worked on at their processor.

    Raises OSError or CalledProcessError without root.
    """
    server_cpu, participant_cpu = processors()
    inside = ["ip", "netns", "exec", NAMESPACE]
    subprocess.run(["ip", "netns", "delete", NAMESPACE], check=False, capture_output=True)
    ip("netns", "add", NAMESPACE)
    try:
        ip("link", "add", PARTICIPANT_LINK, "type", "veth", "peer", "name", SERVER_LINK, "netns", NAMESPACE)
        ip("address", "add", f"{PARTICIPANT_ADDRESS}/30", "dev", PARTICIPANT_LINK)
        ip("link", "set", PARTICIPANT_LINK, "up")
        ip("-n", NAMESPACE, "address", "add", f"{SERVER_ADDRESS}/30", "dev", SERVER_LINK)
        ip("-n", NAMESPACE, "link", "set", SERVER_LINK, "up")
        ip("-n", NAMESPACE, "link", "set", "lo", "up")
        steer(PARTICIPANT_LINK, participant_cpu, [])
        steer(SERVER_LINK, server_cpu, inside)
        with long_backlog():
            yield Network(
                Layout.VETH,
                SERVER_ADDRESS,
                PARTICIPANT_ADDRESS,
                namespace=NAMESPACE,
                server_cpu=server_cpu,
                participant_cpu=participant_cpu,
            )
    finally:
        subprocess.run(["ip", "netns", "delete", NAMESPACE], check=False, capture_output=True)


@contextlib.contextmanager
def network(layout: Layout) -> Iterator[Network]:
    """The network of a layout while the context lasts."""
    match layout:
        case Layout.LOOPBACK:
            yield loopback()
        case Layout.VETH:
            with veth() as made:
                yield made
