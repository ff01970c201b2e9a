"""How many replay viewers one `tandem serve` feeds: bare HTTP clients that fetch a segment each few seconds.

    python -m load_tests.replay_viewers --viewers 300 --rate-bps 1000000 --seconds 20

Each viewer has a kept-alive connection, fetches segments in turn at the pace at which they play, and notes
how long each took. A segment that takes longer than it plays would have stopped the picture.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import sqlite3
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from load_tests.process_cost import thread_times
from load_tests.run import free_port
from load_tests.server_process import ServerProcess

SEGMENT_S = 4.0
SEGMENTS = 20
RESOURCE = "res_aaaaaaaaaaaaaaaaaaaaaaaaaa"
_PIECE_BYTES = 1 << 18


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


def write_replay(data_dir: Path, url: str, rate_bps: int) -> str:
    """A resource of `SEGMENTS` segments on a running server; the signed address of its folder."""
    folder = data_dir / "resources" / RESOURCE
    folder.mkdir(parents=True)
    content = bytes(int(rate_bps * SEGMENT_S / 8))
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


async def watch(port: int, prefix: str, number: int, viewers: int, ends_s: float, got: Fetched) -> None:
    """One viewer, until `ends_s` of the loop's clock. They begin one after the other."""
    loop = asyncio.get_running_loop()
    due_s = loop.time() + SEGMENT_S * number / viewers
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    try:
        segment = number
        while due_s < ends_s:
            await asyncio.sleep(max(0.0, due_s - loop.time()))
            begun_s = loop.time()
            size_bytes = await fetch(reader, writer, f"{prefix}/segment-{segment % SEGMENTS}.m4s")
            got.bytes += size_bytes
            got.took_s.append(loop.time() - begun_s)
            segment += 1
            due_s += SEGMENT_S
    finally:
        writer.close()


async def watch_all(port: int, prefix: str, viewers: int, seconds: float) -> Fetched:
    got = Fetched()
    ends_s = asyncio.get_running_loop().time() + seconds
    async with asyncio.TaskGroup() as group:
        for number in range(viewers):
            group.create_task(watch(port, prefix, number, viewers, ends_s, got))
    return got


def measure(data_dir: Path, viewers: int, rate_bps: int, seconds: float) -> str:
    """One line for people: throughput, waits, and what the server's processor time was."""
    port = free_port(socket.SOCK_STREAM)
    with ServerProcess(data_dir, http_port=port, media_port=free_port(socket.SOCK_DGRAM)) as server:
        prefix = write_replay(data_dir, server.url, rate_bps)
        before = sum(one.running_ns for one in thread_times(server.pid).values())
        begun_s = time.monotonic()
        got = asyncio.run(watch_all(port, prefix, viewers, seconds))
        passed_s = time.monotonic() - begun_s
        after = sum(one.running_ns for one in thread_times(server.pid).values())
    return (
        f"{viewers} viewers at {rate_bps / 1e6:g} Mbit/s: {got.bytes * 8 / passed_s / 1e6:.0f} Mbit/s,"
        f" {len(got.took_s)} segments, p50 {got.quantile_ms(0.5):.0f} ms, p99 {got.quantile_ms(0.99):.0f} ms,"
        f" {got.late} late; server {100 * (after - before) / 1e9 / passed_s:.0f} % of a core"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=300)
    parser.add_argument("--rate-bps", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        data_dir.mkdir()
        print(measure(data_dir, given.viewers, given.rate_bps, given.seconds))


if __name__ == "__main__":
    main()
