"""Rooms on their sockets: how fast does an event reach all, what does a join cost, what does a room weigh?

python -m load_tests.room_storm            one room of 300 classrooms and 300 assistants; then 50 rooms of 1:3

The participants are bare (`load_tests.bare_socket`): they answer pings and note when a frame came. They share
the machine's processors with the server, so the delays are of both; the server's CPU is its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from load_tests.bare_socket import BareSocket, open_bare_socket
from load_tests.network import loopback
from load_tests.process_cost import thread_cpu_ns
from load_tests.report import commit, machine
from load_tests.run import placed_server
from load_tests.server_process import ServerProcess

JOIN_TIMEOUT_S = 60
JOIN_TASKS = 16
SETTLE_S = 1.0
MARK = b'"label":"storm '


@dataclass(frozen=True, slots=True)
class Shape:
    """`rooms` lessons at once, each of a master, classrooms, and an assistant in each classroom; in each room
    an event every `pace_s`."""

    rooms: int
    classrooms: int
    pace_s: float

    def places(self) -> Iterator[dict[str, str]]:
        """The seats of one room but the master's."""
        for number in range(self.classrooms):
            for role in ("classroom", "assistant"):
                yield {"role": role, "classroom": f"c{number}"}

    def text(self) -> str:
        seats = 2 * self.classrooms + 1
        return f"{self.rooms} room{'s' * (self.rooms > 1)} of {seats}"


BIG = Shape(rooms=1, classrooms=300, pace_s=0.2)
MANY = Shape(rooms=50, classrooms=3, pace_s=1.0)


@dataclass
class Seat:
    """One participant: frames that came, and when each marker did (ns)."""

    socket: BareSocket | None = None
    frames: int = 0
    size_bytes: int = 0
    welcomed: asyncio.Event = field(default_factory=asyncio.Event)
    markers_ns: dict[int, int] = field(default_factory=dict)

    def hear(self, text: bytes) -> None:
        if not self.welcomed.is_set():
            if b'"welcome"' in text[:64]:
                self.welcomed.set()
            return
        self.frames += 1
        self.size_bytes += len(text)
        at = text.find(MARK)
        if at >= 0:
            number = int(text[at + len(MARK) :].split(b'"', 1)[0])
            self.markers_ns[number] = time.monotonic_ns()

    def send(self, message: dict[str, object]) -> None:
        if self.socket is not None:
            self.socket.send(json.dumps(message))


@dataclass
class StormRoom:
    """One lesson; `seats` begins with the master, `sent_ns` tells when each marker was asked for."""

    lesson: str
    seats: list[Seat] = field(default_factory=list)
    sent_ns: list[int] = field(default_factory=list)

    async def teach(self, events: int, pace_s: float, offset_s: float) -> None:
        await asyncio.sleep(offset_s)
        for number in range(events):
            self.sent_ns.append(time.monotonic_ns())
            self.seats[0].send({"type": "marker", "id": str(number), "label": f"storm {number}"})
            await asyncio.sleep(pace_s)

    def delays_ms(self) -> Iterator[float]:
        for seat in self.seats:
            for number, arrived_ns in seat.markers_ns.items():
                yield (arrived_ns - self.sent_ns[number]) / 1e6


@dataclass(frozen=True, slots=True)
class Storm:
    """What happened. Delays in ms, from the request's sending to the event's arrival, over all seats.

    `cpu_ms`: the server's, for one event; what it takes without any is taken off.
    """

    shape: str
    participants: int
    rooms: int
    join_s: float
    frames_of_first: int
    bytes_of_first: int
    delays_ms: tuple[float, ...]
    missing: int
    cpu_ms: float
    resident_before_bytes: int
    resident_after_bytes: int

    def quantile_ms(self, part: float) -> float:
        return self.delays_ms[min(len(self.delays_ms) - 1, int(part * len(self.delays_ms)))]

    def text(self) -> str:
        """For people."""
        grown = (self.resident_after_bytes - self.resident_before_bytes) / 1024
        p50, p99, most = self.quantile_ms(0.5), self.quantile_ms(0.99), self.delays_ms[-1]
        a_join = self.frames_of_first * self.rooms / self.participants
        lines = (
            (
                "joined",
                f"{self.participants} in {self.join_s:.1f} s; {a_join:.2f} frames a join to each seat",
            ),
            ("roster", f"{self.frames_of_first} frames, {self.bytes_of_first} bytes to the first master"),
            ("events", f"p50 {p50:.1f}, p99 {p99:.1f}, max {most:.1f} ms to a seat; {self.missing} missing"),
            ("server", f"{self.cpu_ms:.2f} ms of CPU an event"),
            ("memory", f"{grown / self.participants:.0f} KiB a participant, {grown / self.rooms:.0f} a room"),
        )
        return "\n".join([self.shape, *(f"  {name}   {line}" for name, line in lines)])


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
    seat = Seat()
    seat.socket = await open_bare_socket(joined["ws_url"], "tandem.v1", seat.hear)
    seat.send({"type": "hello", "access_token": joined["access_token"]})
    async with asyncio.timeout(JOIN_TIMEOUT_S):
        await seat.welcomed.wait()
    return seat


async def fill(client: httpx.AsyncClient, shape: Shape) -> list[StormRoom]:
    """Every room with its master first, then all others, `JOIN_TASKS` at a time."""
    rooms = []
    for _ in range(shape.rooms):
        draft = {"title": "Storm", "recording_policy": "off"}
        made = (await client.post("/api/v1/lessons", json=draft)).raise_for_status().json()
        rooms.append(StormRoom(made["id"]))
    waiting = iter([(room, {"role": "master", "name": "Storm"}) for room in rooms])

    async def join_some(places: Iterator[tuple[StormRoom, dict[str, str]]]) -> None:
        for room, body in places:
            room.seats.append(await join(client, room.lesson, body))

    await asyncio.gather(*(join_some(waiting) for _ in range(JOIN_TASKS)))
    others = iter([(room, body) for body in shape.places() for room in rooms])
    await asyncio.gather(*(join_some(others) for _ in range(JOIN_TASKS)))
    return rooms


async def storm(server: ServerProcess, key: str, shape: Shape, events: int) -> Storm:
    """Everybody comes, then every master teaches."""
    header = {"Authorization": f"Bearer {key}"}
    chance = random.Random(0)
    async with httpx.AsyncClient(base_url=server.url, headers=header, timeout=60) as client:
        before = resident_bytes(server.pid)
        started_s = time.monotonic()
        rooms = await fill(client, shape)
        join_s = time.monotonic() - started_s
        await asyncio.sleep(SETTLE_S)
        first = rooms[0].seats[0]
        roster = first.frames, first.size_bytes
        idle_from = await cpu_and_time(server.pid)
        await asyncio.sleep(SETTLE_S * 3)
        taught_from = await cpu_and_time(server.pid)
        teaching = [room.teach(events, shape.pace_s, chance.uniform(0, shape.pace_s)) for room in rooms]
        await asyncio.gather(*teaching)
        await asyncio.sleep(SETTLE_S)
        taught_to = await cpu_and_time(server.pid)
        after = resident_bytes(server.pid)
        await close_all([seat for room in rooms for seat in room.seats])
        for room in rooms:
            (await client.post(f"/api/v1/lessons/{room.lesson}/end")).raise_for_status()
    idle = (taught_from[0] - idle_from[0]) / (taught_from[1] - idle_from[1])
    busy_ns = taught_to[0] - taught_from[0] - idle * (taught_to[1] - taught_from[1])
    delays = sorted(delay for room in rooms for delay in room.delays_ms())
    seats = sum(len(room.seats) for room in rooms)
    cpu_ms = busy_ns / 1e6 / (events * len(rooms))
    return Storm(
        shape.text(),
        seats,
        len(rooms),
        join_s,
        *roster,
        tuple(delays),
        seats * events - len(delays),
        cpu_ms,
        before,
        after,
    )


async def cpu_and_time(pid: int) -> tuple[int, int]:
    """(the server's time on processors, the time), in ns; read beside the event loop."""
    return await asyncio.to_thread(lambda: (sum(thread_cpu_ns(pid).values()), time.monotonic_ns()))


async def close_all(seats: Sequence[Seat]) -> None:
    """Every socket is closed, by the server at last."""
    sockets = [seat.socket for seat in seats if seat.socket is not None]
    for socket in sockets:
        socket.close()
    await asyncio.gather(*(socket.closed for socket in sockets))


def main() -> int:
    """0 when every event reached every seat."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.room_storm", description="Rooms of hundreds.")
    parser.add_argument("--classrooms", type=int, default=BIG.classrooms, help="of the big room")
    parser.add_argument("--rooms", type=int, default=MANY.rooms, help="of 1:3, after the big one; 0: none")
    parser.add_argument("--events", type=int, default=50)
    parser.add_argument("--command", help="the tandem program, if it is not the environment's own")
    arguments = parser.parse_args()
    shapes = [replace(BIG, classrooms=arguments.classrooms)]
    if arguments.rooms:
        shapes.append(replace(MANY, rooms=arguments.rooms))
    print(f"{machine()}; commit {commit()}")
    missing = 0
    for shape in shapes:
        with tempfile.TemporaryDirectory(prefix="tandem-room-") as folder:
            data = Path(folder) / "data"
            net = replace(loopback(), server_cpu=None)  # it shares what there is with its participants
            with placed_server(data, net, arguments.command) as server:
                found = asyncio.run(storm(server, admin_key(data), shape, arguments.events))
        print(found.text())
        missing += found.missing
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
