from __future__ import annotations

import asyncio
import json

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

TANDEM = Subprotocol("tandem.v1")
LESSONS = "/api/v1/lessons"


def _join(admin: httpx.Client, anyone: httpx.Client, lesson: str) -> dict[str, str]:
    token = admin.post(f"{LESSONS}/{lesson}/invitations", json={"role": "student"}).json()["invitation"]
    answer = anyone.post(f"{LESSONS}/{lesson}/join", headers={"Authorization": f"Bearer {token}"})
    content: dict[str, str] = answer.raise_for_status().json()
    return content


def test_a_socket_says_hello_and_is_welcomed(admin: httpx.Client, anyone: httpx.Client, lesson: str) -> None:
    joined = _join(admin, anyone, lesson)

    async def hello() -> None:
        async with connect(joined["ws_url"], subprotocols=[TANDEM], proxy=None) as socket:
            await socket.send(json.dumps({"type": "hello", "access_token": joined["access_token"]}))
            welcome = json.loads(await asyncio.wait_for(socket.recv(), 5))
            assert welcome["type"] == "welcome"
            assert welcome["snapshot"]["lesson"]["id"] == lesson

    asyncio.run(hello())


def test_another_subprotocol_and_binary_frames_are_refused(
    admin: httpx.Client, anyone: httpx.Client, lesson: str
) -> None:
    url = _join(admin, anyone, lesson)["ws_url"]

    async def close_code(subprotocols: list[Subprotocol] | None, message: bytes) -> int | None:
        async with connect(url, subprotocols=subprotocols, proxy=None) as socket:
            try:
                await socket.send(message)
                while True:
                    await asyncio.wait_for(socket.recv(), 5)
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else None

    assert asyncio.run(close_code(None, b"x")) == 4400
    assert asyncio.run(close_code([TANDEM], b"\x00\x01")) == 4400
