"""Seats without browser and media: sockets that ask and listen, for tests of one page among many."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.e2e.conftest import House

WAIT_S = 30


class BareSeat:
    """One seat's socket. A thread of its own reads it, so that the server's pings are answered."""

    def __init__(self, connection: ClientConnection, seat: str) -> None:
        self.seat = seat
        self.messages: list[dict[str, Any]] = []
        self._connection = connection
        self._news = threading.Condition()
        self._ids = 0
        threading.Thread(target=self._read, daemon=True).start()

    def ask(self, kind: str, **members: object) -> dict[str, Any]:
        """The answer to a request, result or error."""
        self._ids += 1
        id_ = str(self._ids)
        self._connection.send(json.dumps({"type": kind, "id": id_, **members}))
        return self.until(lambda message: message.get("id") == id_, f"the answer to {kind}")

    def event(self, kind: str, **members: object) -> dict[str, Any]:
        """The body of an event of this kind and with these members, told before or from now on."""

        def fits(body: dict[str, Any]) -> bool:
            return body["type"] == kind and all(body.get(name) == value for name, value in members.items())

        def find(message: dict[str, Any]) -> bool:
            return any(fits(each["event"]) for each in message.get("events", [message]) if "event" in each)

        message = self.until(find, f"{kind} {members}")
        return next(e["event"] for e in message.get("events", [message]) if fits(e["event"]))

    def until(self, fits: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        deadline = time.monotonic() + WAIT_S
        with self._news:
            while True:
                found = next((message for message in self.messages if fits(message)), None)
                if found is not None:
                    return found
                assert self._news.wait(deadline - time.monotonic()), f"waited {WAIT_S} s for {what}"

    def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                message = json.loads(self._connection.recv())
                with self._news:
                    self.messages.append(message)
                    self._news.notify_all()


@contextlib.contextmanager
def take_seat(
    house: House, lesson: str, role: str, name: str, classroom: str | None = None
) -> Iterator[BareSeat]:
    """Joins and says hello; what the server answers is the seat's first message."""
    headers = {"Authorization": f"Bearer {house.token(lesson, role, name, classroom)}"}
    answer = httpx.post(f"{house.server.url}/api/v1/lessons/{lesson}/join", headers=headers, timeout=WAIT_S)
    joined = answer.raise_for_status().json()
    with connect(joined["ws_url"], subprotocols=[Subprotocol("tandem.v1")]) as connection:
        connection.send(json.dumps({"type": "hello", "access_token": joined["access_token"]}))
        seat = BareSeat(connection, joined["seat"]["id"])
        seat.until(lambda message: message["type"] in ("welcome", "waiting"), "the answer to hello")
        yield seat


@contextlib.contextmanager
def seated(house: House, lesson: str, *people: tuple[str, str, str | None]) -> Iterator[list[BareSeat]]:
    """Several seats at once: (role, name, classroom)."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(take_seat(house, lesson, *who)) for who in people]
