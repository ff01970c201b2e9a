"""Transfers by which a seat's device check measures its rates: bounded in size, number and time."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from classroom_api.attempts import Attempts
from streaming.errors import Unavailable

MAXIMUM_BYTES: Final = 1024 * 1024
TIMEOUT_S: Final = 20.0
_PIECE_BYTES: Final = 16 * 1024
_AT_A_TIME: Final = 8
_IN_WINDOW: Final = 16
_WINDOW_MS: Final = 30_000


class Probes:
    """Invariant: no more than `_AT_A_TIME` transfers run, whoever asks."""

    def __init__(self) -> None:
        self._taken = Attempts(_IN_WINDOW, _WINDOW_MS)
        self._running = 0

    @contextmanager
    def transfer(self, name: str, now_ms: int) -> Iterator[None]:
        """One transfer of `name` lasts as long as the context.  Raises Unavailable("rate_limited")."""
        self._taken.require(name, now_ms)
        if self._running >= _AT_A_TIME:
            raise Unavailable("rate_limited", "Others measure just now: try again.", retry_after_s=1)
        self._taken.failed(name, now_ms)
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1


@dataclass(slots=True)
class Arrival:
    """What came, and when its first and last pieces did.

    The rate is that of what came after the first piece: how long that one took is not known.
    """

    bytes: int = 0
    timed_bytes: int = 0
    first_ns: int | None = None
    last_ns: int = 0

    def handle_piece(self, size: int, now_ns: int) -> None:
        self.bytes += size
        if self.first_ns is None:
            self.first_ns = now_ns
        else:
            self.timed_bytes += size
        self.last_ns = now_ns

    @property
    def duration_ms(self) -> int:
        return 0 if self.first_ns is None else (self.last_ns - self.first_ns) // 1_000_000


async def random_pieces(count: int) -> AsyncIterator[bytes]:
    """`count` bytes that no proxy on the way can compress."""
    piece = os.urandom(_PIECE_BYTES)
    for start in range(0, count, _PIECE_BYTES):
        yield piece[: count - start]
