"""A room of hundreds on its socket: how fast does one event reach all, and what does a join cost the others?

python -m load_tests.room_storm --participants 600 --events 50

The participants are bare: they answer pings and note when a frame came. They share the machine's processors
with the server, so the figures are of both.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from load_tests.network import loopback
from load_tests.report import commit, machine
from load_tests.run import placed_server
from load_tests.server_process import ServerProcess

JOIN_TASKS = 16
PACE_S = 0.2
MARK = '"label":"storm '


@dataclass
class Seat:
    """One participant: frames that came, and when each marker did (ns)."""

    socket: ClientConnection
    frames: int = 0
    bytes: int = 0
    markers_ns: dict[int, int] = field(default_factory=dict)

    async def follow(self) -> None:
        """Until the socket closes."""
        try:
            async for text in self.socket:
                self.frames += 1
                self.bytes += len(text)
                at = str(text).find(MARK)
                if at >= 0:
                    number = int(str(text)[at + len(MARK) :].split('"', 1)[0])
                    self.markers_ns[number] = time.monotonic_ns()
        except ConnectionClosed:
            return


@dataclass(frozen=True, slots=True)
class Storm:
    """What happened. Delays in ms, from the request's sending to the event's arrival, over all seats."""

    participants: int
    join_s: float
    frames_of_first: int
    bytes_of_first: int
    delays_ms: tuple[float, ...]
    missing: int
    resident_before_bytes: int
    resident_after_bytes: int

    def quantile_ms(self, part: float) -> float:
        return self.delays_ms[min(len(self.delays_ms) - 1, int(part * len(self.delays_ms)))]

    def text(self) -> str:
        """For people."""
        grown = (self.resident_after_bytes - self.resident_before_bytes) / self.participants / 1024
        quantiles = ", ".join(f"p{part * 100:g} {self.quantile_ms(part):.1f}" for part in (0.5, 0.99))
        return "\n".join(
            (
                f"machine    {machine()}; commit {commit()}",
                f"joined     {self.participants} in {self.join_s:.1f} s",
                f"roster     {self.frames_of_first} frames, {self.bytes_of_first} bytes to the master",
                f"events     {quantiles}, max {self.delays_ms[-1]:.1f} ms to a seat; {self.missing} missing",
                f"memory     server {self.resident_after_bytes >> 20} MiB, {grown:.0f} KiB a participant",
            )
        )


def resident_bytes(pid: int) -> int:
    """The process's resident memory."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def admin_key(data_dir: Path) -> str:
    """The key that the server left there."""
    return str(json.loads((data_dir / "server.json").read_text())["admin_key"])


async def join(client: httpx.AsyncClient, lesson: str, body: dict[str, str]) -> Seat:
    """A welcomed participant."""
    path = f"/api/v1/lessons/{lesson}"
    invited = (await client.post(f"{path}/invitations", json=body)).raise_for_status().json()
    header = {"Authorization": f"Bearer {invited['invitation']}"}
    joined = (await client.post(f"{path}/join", headers=header)).raise_for_status().json()
    socket = await connect(
        joined["ws_url"], subprotocols=[Subprotocol("tandem.v1")], max_size=None, compression=None
    )
    await socket.send(json.dumps({"type": "hello", "access_token": joined["access_token"]}))
    while json.loads(await socket.recv())["type"] != "welcome":
        pass
    return Seat(socket)


async def storm(server: ServerProcess, key: str, participants: int, events: int) -> Storm:
    """One master, and half classrooms, half assistants."""
    header = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=server.url, headers=header, timeout=60) as client:
        draft = {"title": "Storm", "recording_policy": "off"}
        made = (await client.post("/api/v1/lessons", json=draft)).raise_for_status().json()
        lesson, before = made["id"], resident_bytes(server.pid)
        seats = [await join(client, lesson, {"role": "master", "name": "Storm"})]
        following = [asyncio.create_task(seats[0].follow())]
        places = iter(range(1, participants))
        started_s = time.monotonic()

        async def join_some() -> None:
            for number in places:
                role = "classroom" if number % 2 else "assistant"
                seat = await join(client, lesson, {"role": role, "classroom": f"c{number // 2}"})
                seats.append(seat)
                following.append(asyncio.create_task(seat.follow()))

        await asyncio.gather(*(join_some() for _ in range(JOIN_TASKS)))
        join_s = time.monotonic() - started_s
        await asyncio.sleep(1)
        first_frames, first_bytes = seats[0].frames, seats[0].bytes
        sent_ns = []
        for number in range(events):
            sent_ns.append(time.monotonic_ns())
            request = {"type": "marker", "id": str(number), "label": f"storm {number}"}
            await seats[0].socket.send(json.dumps(request))
            await asyncio.sleep(PACE_S)
        await asyncio.sleep(1)
        after = resident_bytes(server.pid)
        await asyncio.gather(*(seat.socket.close() for seat in seats))
        await asyncio.gather(*following)
    delays = sorted(
        (arrived_ns - sent_ns[number]) / 1e6
        for seat in seats
        for number, arrived_ns in seat.markers_ns.items()
    )
    missing = len(seats) * events - len(delays)
    return Storm(len(seats), join_s, first_frames, first_bytes, tuple(delays), missing, before, after)


def main() -> int:
    """0 when every event reached every seat."""
    parser = argparse.ArgumentParser(
        prog="python -m load_tests.room_storm", description="A room of hundreds."
    )
    parser.add_argument("--participants", type=int, default=600)
    parser.add_argument("--events", type=int, default=50)
    parser.add_argument("--command", help="the tandem program, if it is not the environment's own")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tandem-room-") as folder:
        data = Path(folder) / "data"
        net = replace(loopback(), server_cpu=None)  # it shares what there is with its participants
        with placed_server(data, net, arguments.command) as server:
            key = admin_key(data)
            found = asyncio.run(storm(server, key, arguments.participants, arguments.events))
    print(found.text())
    return 1 if found.missing else 0


if __name__ == "__main__":
    sys.exit(main())
