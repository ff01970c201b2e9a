"""Who speaks: gathers audio levels and lets them out at most five times a second, changed ones only."""

from __future__ import annotations

from typing import Final

from signaling.server_messages import Levels
from streaming.identifiers import PublicationId

INTERVAL_NS: Final = 200_000_000


class LevelBoard:
    """Decision core.  Invariant: a message holds each publication once, with its newest level."""

    def __init__(self) -> None:
        self._told: dict[PublicationId, int] = {}
        self._changed: dict[PublicationId, int] = {}
        self._next_ns = 0

    def hear(self, publication: PublicationId, level_dbov: int) -> None:
        """A new level, -127 to 0."""
        if self._told.get(publication) == level_dbov:
            self._changed.pop(publication, None)
        else:
            self._changed[publication] = level_dbov

    def forget(self, publication: PublicationId) -> None:
        self._told.pop(publication, None)
        self._changed.pop(publication, None)

    def deadline_ns(self) -> int | None:
        """When `take` has something to say; None while nothing changed."""
        return self._next_ns if self._changed else None

    def take(self, now_ns: int) -> Levels | None:
        """The changed levels, or None when there are none or the last message is too fresh."""
        if not self._changed or now_ns < self._next_ns:
            return None
        self._told.update(self._changed)
        levels = Levels(tuple(self._changed.items()))
        self._changed = {}
        self._next_ns = now_ns + INTERVAL_NS
        return levels
