"""Seats that are a socket of `tandem.v1` and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.e2e.conftest import House

ANSWER_S = 20
DRAWN_S = 60


class Seat:
    """One socket of `tandem.v1`: asks, and waits for what it is told."""

    def __init__(self, socket: ClientConnection, seat: str) -> None:
        self._socket = socket
        self._numbers = count(1)
        self.seat = seat

    async def ask(self, kind: str, **members: object) -> dict[str, Any]:
        number = str(next(self._numbers))
        await self._socket.send(json.dumps({"type": kind, "id": number, **members}))
        while True:
            said = await self._hear()
            if said.get("id") == number:
                assert said["type"] == "result", said
                return said

    async def told(self, kind: str) -> None:
        """Until the room has told of an event of this kind; what comes before is passed over."""
        while True:
            said = await self._hear(DRAWN_S)
            events = said["events"] if said["type"] == "events" else [said]
            if any(one["event"]["type"] == kind for one in events if "event" in one):
                return

    async def _hear(self, timeout_s: float = ANSWER_S) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(await asyncio.wait_for(self._socket.recv(), timeout_s))
        return said


@contextlib.asynccontextmanager
async def seated(house: House, lesson: str, invitation: str) -> AsyncIterator[Seat]:
    bearer = {"Authorization": f"Bearer {invitation}"}
    answer = httpx.post(f"{house.server.url}/api/v1/lessons/{lesson}/join", headers=bearer, timeout=30).json()
    async with connect(answer["ws_url"], subprotocols=[Subprotocol("tandem.v1")], proxy=None) as socket:
        await socket.send(json.dumps({"type": "hello", "access_token": answer["access_token"]}))
        welcome = json.loads(await asyncio.wait_for(socket.recv(), ANSWER_S))
        yield Seat(socket, welcome["seat"])
