"""A master teacher without a page: a socket that asks, and remembers all that it is told."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

Message = dict[str, Any]


@dataclass
class BareMaster:
    """`told`: every numbered event's body and every other message, in order."""

    socket: ClientConnection
    snapshot: Message
    told: list[Message] = field(default_factory=list)
    _asked: int = 0

    def ask(self, kind: str, **members: object) -> Message:
        """One request, and its result.  AssertionError for a refusal."""
        self._asked += 1
        name = str(self._asked)
        self.socket.send(json.dumps({"type": kind, "id": name, **members}))
        answer = self.wait_for(lambda message: message.get("id") == name, 15, f"the answer to {kind}")
        assert answer["type"] == "result", answer
        return answer

    def event(self, kind: str, timeout_s: float = 20, **members: object) -> Message:
        """The first event of that kind, told already or to come, with these members."""
        return self.wait_for(
            lambda told: told.get("type") == kind and members.items() <= told.items(), timeout_s, kind
        )

    def wait_for(self, is_it: Callable[[Message], bool], timeout_s: float, what: str) -> Message:
        deadline = time.monotonic() + timeout_s
        seen = 0
        while True:
            for message in self.told[seen:]:
                if is_it(message):
                    return message
            seen = len(self.told)
            left_s = deadline - time.monotonic()
            assert left_s > 0, f"waited {timeout_s} s for {what}"
            with contextlib.suppress(TimeoutError):
                self._take(json.loads(self.socket.recv(timeout=left_s)))

    def _take(self, message: Message) -> None:
        bodies = [message] if message["type"] == "event" else message.get("events", [])
        self.told.extend([body["event"] for body in bodies] or [message])


@contextlib.contextmanager
def bare_master(url: str, lesson: str, invitation: str) -> Iterator[BareMaster]:
    """Joins with the invitation and says hello."""
    joined = httpx.post(
        f"{url}/api/v1/lessons/{lesson}/join", headers={"Authorization": f"Bearer {invitation}"}, timeout=30
    ).raise_for_status()
    with connect(joined.json()["ws_url"], subprotocols=[Subprotocol("tandem.v1")], max_size=None) as socket:
        socket.send(json.dumps({"type": "hello", "access_token": joined.json()["access_token"]}))
        welcome = json.loads(socket.recv(timeout=15))
        yield BareMaster(socket, welcome["snapshot"])
