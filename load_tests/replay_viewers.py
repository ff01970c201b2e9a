"""How many replay viewers one `tandem serve` feeds: bare HTTP clients that fetch a segment each few seconds.

    python -m load_tests.replay_viewers --viewers 300 --rate-bps 1000000 --seconds 20

Each viewer has a kept-alive connection, fetches segments in turn at the pace at which they play, and notes
how long each took. A segment that takes longer than it plays would have stopped the picture. The ceiling is a
server that does nothing but write the same bytes, asked by the same clients in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import httpx
import uvloop
from typing_extensions import override

from load_tests.process_cost import thread_times
from load_tests.run import free_port
from load_tests.server_process import ServerProcess

SEGMENT_S = 4.0
SEGMENTS = 20
RESOURCE = "res_aaaaaaaaaaaaaaaaaaaaaaaaaa"
_PIECE_BYTES = 1 << 18
_FLAT_OUT_VIEWERS = 8


@dataclass(frozen=True, slots=True)
class Shape:
    """Who watches what for how long. `pace_s`: from the beginning of one segment to the next; 0: at once."""

    viewers: int
    rate_bps: int
    seconds: float
    pace_s: float = SEGMENT_S

    @property
    def segment_bytes(self) -> int:
        return int(self.rate_bps * SEGMENT_S / 8)


@dataclass(slots=True)
class Fetched:
    """What all viewers got together."""

    bytes: int = 0
    took_s: list[float] = field(default_factory=list)

    def quantile_ms(self, ratio: float) -> float:
        ordered = sorted(self.took_s)
        return 1000 * ordered[min(len(ordered) - 1, int(ratio * len(ordered)))] if ordered else 0.0

    @property
    def late(self) -> int:
        return sum(took > SEGMENT_S for took in self.took_s)


@dataclass(frozen=True, slots=True)
class Observed:
    """One run against one server: what was fetched, in what time, and its processor time."""

    got: Fetched
    passed_s: float
    cpu_s: float

    @property
    def rate_bps(self) -> float:
        return self.got.bytes * 8 / self.passed_s

    @property
    def core_ratio(self) -> float:
        return self.cpu_s / self.passed_s

    def text(self, wanted_bps: float) -> str:
        return (
            f"{self.rate_bps / 1e6:.0f} Mbit/s ({self.rate_bps / wanted_bps:.2f} of what is needed),"
            f" {len(self.got.took_s)} segments, p50 {self.got.quantile_ms(0.5):.0f} ms,"
            f" p99 {self.got.quantile_ms(0.99):.0f} ms, {self.got.late} late;"
            f" server {100 * self.core_ratio:.0f} % of a core"
        )

    def flat_out_text(self) -> str:
        a_core_bps = self.rate_bps / max(self.core_ratio, 0.001)
        return f"{self.rate_bps / 1e6:.0f} Mbit/s, {a_core_bps / 1e9:.1f} Gbit/s a core"


def write_replay(data_dir: Path, url: str, segment_bytes: int) -> str:
    """A resource of `SEGMENTS` segments on a running server; the signed address of its folder."""
    folder = data_dir / "resources" / RESOURCE
    folder.mkdir(parents=True)
    content = bytes(segment_bytes)
    for number in range(SEGMENTS):
        (folder / f"segment-{number}.m4s").write_bytes(content)
    key = json.loads((data_dir / "server.json").read_text())["admin_key"]
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as admin:
        lesson = admin.post("/api/v1/lessons", json={"title": "Watched"}).raise_for_status().json()["id"]
        with sqlite3.connect(data_dir / "tandem.db", timeout=30) as database:
            database.execute(
                "insert into resources (id, lesson_id, kind, state, playlist, duration_ms, created_at_ms)"
                " values (?, ?, 'teacher', 'ready', 'index.m3u8', 80000, 0)",
                (RESOURCE, lesson),
            )
        found = admin.get(f"/api/v1/resources/{RESOURCE}").raise_for_status().json()
    return str(found["hls_url"]).rpartition("/")[0]


async def fetch(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> int:
    """One segment; its size. Raises ConnectionError for any answer but 200."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: replay.test\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    if " 200 " not in status:
        raise ConnectionError(status)
    length = next(int(line.partition(":")[2]) for line in lines if line.lower().startswith("content-length:"))
    left = length
    while left > 0:
        piece = await reader.read(min(left, _PIECE_BYTES))
        if not piece:
            raise ConnectionError("the server closed")
        left -= len(piece)
    return length


async def watch(port: int, prefix: str, number: int, shape: Shape, ends_s: float, got: Fetched) -> None:
    """One viewer, until `ends_s` of the loop's clock. They begin one after the other."""
    loop = asyncio.get_running_loop()
    due_s = loop.time() + shape.pace_s * number / shape.viewers
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    try:
        segment = number
        while max(due_s, loop.time()) < ends_s:
            await asyncio.sleep(max(0.0, due_s - loop.time()))
            begun_s = loop.time()
            size_bytes = await fetch(reader, writer, f"{prefix}/segment-{segment % SEGMENTS}.m4s")
            got.bytes += size_bytes
            got.took_s.append(loop.time() - begun_s)
            segment += 1
            due_s += shape.pace_s
    finally:
        writer.close()


async def watch_all(port: int, prefix: str, shape: Shape) -> Fetched:
    got = Fetched()
    ends_s = asyncio.get_running_loop().time() + shape.seconds
    async with asyncio.TaskGroup() as group:
        for number in range(shape.viewers):
            group.create_task(watch(port, prefix, number, shape, ends_s, got))
    return got


class _Bare(asyncio.Protocol):
    """Answers every request with the same bytes: what any server in Python would have to do at least."""

    def __init__(self, content: bytes) -> None:
        self._answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no instances of it

    @override
    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\r\n\r\n") and self._transport is not None:
            self._transport.write(self._answer)


async def serve_bare(size_bytes: int, say: Callable[[int], None]) -> None:
    """Until cancelled; `say` is told the port."""
    content = bytes(size_bytes)
    server = await asyncio.get_running_loop().create_server(lambda: _Bare(content), "127.0.0.1", 0)
    say(server.sockets[0].getsockname()[1])
    await server.serve_forever()


@contextmanager
def bare_server(size_bytes: int) -> Iterator[tuple[int, int]]:
    """A process of its own: its pid and port."""
    command = [sys.executable, "-m", "load_tests.replay_viewers", "--bare", str(size_bytes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.pid, int(process.stdout.readline())
        finally:
            process.kill()


def observe(pid: int, port: int, prefix: str, shape: Shape) -> Observed:
    """What one server did in one run."""
    before = sum(one.running_ns for one in thread_times(pid).values())
    begun_s = time.monotonic()
    got = asyncio.run(watch_all(port, prefix, shape))
    passed_s = time.monotonic() - begun_s
    after = sum(one.running_ns for one in thread_times(pid).values())
    return Observed(got, passed_s, (after - before) / 1e9)


def measure(data_dir: Path, shape: Shape, command: str | None = None) -> str:
    """Lines for people: this server, a bare one, and the first as a part of the second.

    Both at the viewers' pace, where they differ by what that costs, and flat out, to eight viewers.
    """
    flat_out = replace(shape, viewers=_FLAT_OUT_VIEWERS, seconds=shape.seconds / 3, pace_s=0.0)
    port = free_port(socket.SOCK_STREAM)
    with (
        ServerProcess(
            data_dir, http_port=port, media_port=free_port(socket.SOCK_DGRAM), command=command
        ) as server,
        bare_server(shape.segment_bytes) as (bare_pid, bare_port),
    ):
        prefix = write_replay(data_dir, server.url, shape.segment_bytes)
        ours, our_most = (observe(server.pid, port, prefix, one) for one in (shape, flat_out))
        bare, bare_most = (observe(bare_pid, bare_port, prefix, one) for one in (shape, flat_out))
    wanted_bps = shape.viewers * shape.rate_bps
    return (
        f"{shape.viewers} viewers at {shape.rate_bps / 1e6:g} Mbit/s: {ours.text(wanted_bps)}\n"
        f"  a bare server: {bare.text(wanted_bps)}\n"
        f"  flat out: {our_most.flat_out_text()}; bare {bare_most.flat_out_text()}\n"
        f"  at the viewers' pace {ours.rate_bps / bare.rate_bps:.2f} of the ceiling,"
        f" flat out {our_most.rate_bps / bare_most.rate_bps:.2f} of it"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=300)
    parser.add_argument("--rate-bps", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--command", help="another `tandem`")
    parser.add_argument("--bare", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.bare is not None:
        with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve_bare(given.bare, lambda port: print(port, flush=True)))
        return
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        data_dir.mkdir()
        shape = Shape(given.viewers, given.rate_bps, given.seconds)
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        print(measure(data_dir, shape, given.command))


if __name__ == "__main__":
    main()
