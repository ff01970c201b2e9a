"""In a large room, who comes and who goes is told every 200 ms, not at each coming and going.

Six hundred who join within seconds would else be six hundred messages to each of six hundred.  Invariants:
the numbers stay in order, because any other event sends off first what was gathered; nothing is held longer
than `GATHER_NS`; what is held is at most `MAX_GATHERED` events.
"""

from __future__ import annotations

from typing import Final

from signaling.ports import StoredEvent

GATHER_NS: Final = 200_000_000
GATHER_FROM_SOCKETS: Final = 20
MAX_GATHERED: Final = 100
GATHERED_KINDS: Final = frozenset({"seat_joined", "seat_connection"})


class Gathering:
    """Decision core of one room's broadcasts."""

    def __init__(self) -> None:
        self._held: list[StoredEvent] = []
        self._due_ns: int | None = None

    def take(self, event: StoredEvent, sockets: int, now_ns: int) -> tuple[tuple[StoredEvent, ...], ...]:
        """An event is stored: the batches to be sent now, in order.  One that is not held goes alone, so that
        all get the same message however little they had of the batch before it."""
        if event.kind not in GATHERED_KINDS or sockets <= GATHER_FROM_SOCKETS:
            return tuple(batch for batch in (self.take_all(), (event,)) if batch)
        self._held.append(event)
        if len(self._held) >= MAX_GATHERED:
            return (self.take_all(),)
        if self._due_ns is None:
            self._due_ns = now_ns + GATHER_NS
        return ()

    def take_all(self) -> tuple[StoredEvent, ...]:
        """Everything that is held."""
        held, self._held, self._due_ns = tuple(self._held), [], None
        return held

    def deadline_ns(self) -> int | None:
        """When `take_all` is due; None while nothing is held."""
        return self._due_ns
