"""Clients as they are on real links: they read late, lose what was on its way, come back as an older page."""

from __future__ import annotations

import copy
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from tests.signaling.room_driver import Client

Truth = dict[tuple[str, int], str]
"""What each numbered event said, by epoch and number: it must say the same to everybody."""


@dataclass
class LateClient(Client):
    """Messages wait in `inbox` until they are read; `saved` is what an older page of the seat knows."""

    truth: Truth = field(default_factory=dict)
    inbox: deque[str] = field(default_factory=deque)
    saved: tuple[str, int, dict[str, Any]] | None = None

    @override
    def receive(self, text: str) -> None:
        self.inbox.append(text)

    @override
    def is_closed(self, code: str | None) -> None:
        self.read_all()
        super().is_closed(code)

    def read_some(self, count: int) -> None:
        while self.inbox and count > 0:
            self.read(self.inbox.popleft())
            count -= 1

    def read_all(self) -> None:
        self.read_some(len(self.inbox))

    def lose_link(self) -> None:
        """What was on its way never arrives."""
        self.inbox.clear()

    def save(self) -> None:
        if self.seq >= 0:
            self.saved = (self.epoch, self.seq, copy.deepcopy(self.room))

    def older_page(self) -> LateClient:
        """A client that knows what was saved, or nothing."""
        older = LateClient(truth=self.truth)
        if self.saved is not None:
            older.epoch, older.seq, older.room = copy.deepcopy(self.saved)
        return older

    @override
    def apply(self, event: dict[str, Any]) -> None:
        body = json.dumps(event["event"], sort_keys=True)
        told = self.truth.setdefault((self.epoch, event["seq"]), body)
        assert told == body, f"event {event['seq']} is another one here"
        super().apply(event)
