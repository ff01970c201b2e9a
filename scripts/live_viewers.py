"""What viewers of the live tier cost the server: many light HTTP clients, one real server.

`python -m scripts.live_viewers --viewers 300 --seconds 30`

The server is the application as `tandem serve` runs it; what a packager would write is written by a task
beside it (1 Mbit/s in parts of 0.4 s), so that the figures are those of serving alone.  Each viewer does as
hls.js does: over one connection it waits for the playlist with the next part, then fetches that part.  A
part begins with the time at which it was written: its age on arrival is the delay.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvicorn
import uvloop

from classroom_api.app import create_app
from classroom_api.bounded_http import BoundedHttp
from classroom_api.service import Service
from classroom_api.settings import load_settings
from load_tests.process_cost import NS_PER_S, thread_cpu_ns
from recording.live_playlist import PART_TICKS, LivePlaylist, LivePosition, Part
from recording.playlist import TICKS_HZ, Segment
from recording.store import LIVE_DELTA_NAME, LIVE_NAME, swap_file

RESOURCE = "res_load"
PART_S = PART_TICKS / TICKS_HZ
PARTS = 10
BITRATE_BPS = 1_000_000
_STAMP = struct.Struct(">d")


class Writer:
    """Writes what a packager would."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._folder = service.resource_folder / RESOURCE
        self._playlist = LivePlaylist()
        self._count = 0

    async def run(self) -> None:
        self._folder.mkdir(parents=True)
        (self._folder / "init-1.mp4").write_bytes(b"init")
        padding = bytes(int(BITRATE_BPS / 8 * PART_S) - _STAMP.size)
        due_s = time.monotonic()
        while True:
            self._write(padding)
            due_s += PART_S
            await asyncio.sleep(max(0, due_s - time.monotonic()))

    def _write(self, padding: bytes) -> None:
        number = self._playlist.segments + 1
        head = Segment(f"segment-{number}.m4s", "init-1.mp4", 0, False, 0 if number == 1 else None)
        if self._playlist.open_parts == 0:
            self._playlist.open_segment(head)
        self._count += 1
        name = f"part-load-{self._count}.m4s"
        swap_file(self._folder / name, _STAMP.pack(time.time()) + padding)
        self._playlist.add_part(Part(name, PART_TICKS, self._playlist.open_parts == 0))
        if self._playlist.open_parts == PARTS:
            self._playlist.add_segment(
                Segment(head.uri, head.init_uri, PARTS * PART_TICKS, False, head.wall_ms)
            )
        hint = f"part-load-{self._count + 1}.m4s"
        swap_file(self._folder / LIVE_NAME, self._playlist.serialize(hint).encode())
        swap_file(self._folder / LIVE_DELTA_NAME, self._playlist.serialize(hint, is_delta=True).encode())
        position = LivePosition(self._playlist.segments, self._playlist.open_parts, name, hint)
        self._service.live.advanced(RESOURCE, position)


async def serve(data_dir: Path) -> None:
    """Says its port and the address of the live playlist on one line, then serves."""
    app = create_app(load_settings({"data_dir": data_dir, "media_port": 0}))
    service: Service = app.state.service
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, http=BoundedHttp))
    serving = asyncio.create_task(server.serve([listener]))
    writing = asyncio.create_task(Writer(service).run())
    port = listener.getsockname()[1]
    prefix = service.signer.prefix(RESOURCE, int(time.time()) + 3600)
    sys.stdout.write(f"{port} {prefix}\n")
    sys.stdout.flush()
    await asyncio.wait({serving, writing}, return_when=asyncio.FIRST_COMPLETED)


@dataclass
class Viewer:
    """One connection."""

    port: int
    prefix: str
    bytes_received: int = 0
    requests: int = 0
    delays_s: list[float] = field(default_factory=list)

    async def follow(self, until_s: float) -> None:
        """As hls.js in low-latency mode."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        query, seen = "", ""
        while time.monotonic() < until_s:
            text = (await self._get(reader, writer, f"{LIVE_NAME}{query}")).decode()
            segments = text.count("#EXTINF") + sum(map(int, re.findall(r"SKIPPED-SEGMENTS=(\d+)", text)))
            opened = text.rpartition("#EXTINF")[2].count("#EXT-X-PART:")
            query = f"?_HLS_msn={segments}&_HLS_part={opened}&_HLS_skip=YES"
            newest = re.findall(r'#EXT-X-PART:.*URI="([^"]+)"', text)[-1]
            if newest != seen:
                seen = newest
                part = await self._get(reader, writer, newest)
                self.delays_s.append(time.time() - _STAMP.unpack_from(part)[0])
        writer.close()

    async def _get(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str) -> bytes:
        writer.write(f"GET {self.prefix}/{name} HTTP/1.1\r\nHost: load\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        length = int(re.findall(rb"content-length: (\d+)", head)[0])
        body = await reader.readexactly(length)
        self.requests += 1
        self.bytes_received += len(head) + length
        return body


async def watch(viewers: Sequence[Viewer], pid: int, seconds: float) -> tuple[float, float]:
    """How long it took, and what the server's CPU worked in that time."""
    begun_s, cpu_s = time.monotonic(), _cpu_s(pid)
    until_s = begun_s + seconds
    async with asyncio.TaskGroup() as group:
        for viewer in viewers:
            group.create_task(viewer.follow(until_s))
    return time.monotonic() - begun_s, _cpu_s(pid) - cpu_s


def measure(viewers: int, seconds: float) -> str:
    """One row of a table."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "scripts.live_viewers", "--serve", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            port, prefix = server.stdout.readline().split()
            _until_there(int(port), prefix)
            all_viewers = [Viewer(int(port), prefix) for _ in range(viewers)]
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                elapsed_s, cpu_s = runner.run(watch(all_viewers, server.pid, seconds))
            server.terminate()
    delays = sorted(delay for viewer in all_viewers for delay in viewer.delays_s)
    per_viewer_s = sum(viewer.requests for viewer in all_viewers) / elapsed_s
    rate = sum(viewer.bytes_received for viewer in all_viewers) * 8 / elapsed_s / viewers
    slow = max(viewer.requests for viewer in all_viewers) - min(viewer.requests for viewer in all_viewers)
    return (
        f"| {viewers} | {rate / 1e6:.2f} | {per_viewer_s:.0f} | "
        f"{cpu_s / elapsed_s * 100:.0f} % | {statistics.median(delays) * 1000:.0f} | "
        f"{delays[int(len(delays) * 0.99)] * 1000:.0f} | {slow} |"
    )


def _until_there(port: int, prefix: str) -> None:
    """The first part was written."""
    url = f"http://127.0.0.1:{port}{prefix}/{LIVE_NAME}"
    while httpx.get(url, timeout=30).status_code != httpx.codes.OK:
        time.sleep(PART_S)


def _cpu_s(pid: int) -> float:
    return sum(thread_cpu_ns(pid).values()) / NS_PER_S


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts.live_viewers", description=__doc__)
    parser.add_argument("--viewers", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--serve", type=Path)
    arguments = parser.parse_args()
    if arguments.serve is not None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(arguments.serve))
        return
    row = measure(arguments.viewers, arguments.seconds)
    sys.stdout.write(
        f"cores: {os.cpu_count()}, load: {os.getloadavg()[0]:.1f}\n"
        "| viewers | Mbit/s each | requests/s | server CPU | delay p50 ms | p99 ms | spread |\n"
        f"{row}\n"
    )


if __name__ == "__main__":
    main()
