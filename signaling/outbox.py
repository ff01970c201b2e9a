"""SHELL: what leaves a room goes out in order, and no event before it is stored.

Commits are grouped by themselves: while one batch is being committed, the next gathers.  When events cannot
be stored the lesson goes on: they are sent all the same, kept, and stored later; the epoch changes at once,
so that no client can resume from an event that a crash would lose.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from signaling.commands import ConnectionId
from signaling.connection import Frame
from signaling.effects import Emit, Outbound
from signaling.ports import EventLog, StoredEvent
from signaling.room import Room
from streaming.errors import Unavailable
from streaming.identifiers import LessonId

logger = logging.getLogger(__name__)

STORE_TIMEOUT_S = 3.0
STORE_RETRY_S = 5.0
MAX_UNSTORED = 100_000
SLICE_S = 0.005


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request; `is_after_events`: after those that it led to, however they are sent."""

    connection: ConnectionId
    frame: Frame
    is_after_events: bool = True


class Outbox:
    """Owned by one LiveRoom.  `deliver` hands one item to the clients and must not block."""

    def __init__(
        self,
        room: Room,
        log: EventLog,
        *,
        deliver: Callable[[Outbound | Reply], None],
        storage_changed: Callable[[bool], None],
        make_epoch: Callable[[], str],
    ) -> None:
        self._room = room
        self._lesson: LessonId = room.state.facts.id
        self._log = log
        self._deliver = deliver
        self._storage_changed = storage_changed
        self._make_epoch = make_epoch
        self._waiting: list[Outbound | Reply] = []
        self._unstored: list[StoredEvent] = []
        self._retry_at_s = 0.0
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def unstored_events(self) -> int:
        return len(self._unstored)

    def put(self, items: Iterable[Outbound | Reply]) -> None:
        before = len(self._waiting)
        self._waiting += items
        if len(self._waiting) > before:
            self._idle.clear()
            self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._wait()
            batch, self._waiting = self._waiting, []
            await self._store([item.event for item in batch if isinstance(item, Emit)])
            await self._deliver_all(batch)
            if not self._waiting and not self._unstored:
                self._idle.set()

    async def drain(self) -> None:
        """Wait until everything is stored and delivered."""
        await self._idle.wait()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(STORE_RETRY_S if self._unstored else None):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    async def _deliver_all(self, batch: list[Outbound | Reply]) -> None:
        slice_end_s = time.monotonic() + SLICE_S
        for item in batch:
            self._deliver(item)
            if time.monotonic() > slice_end_s:
                await asyncio.sleep(0)
                slice_end_s = time.monotonic() + SLICE_S

    async def _store(self, events: list[StoredEvent]) -> None:
        rows = [*self._unstored, *events]
        if not rows:
            return
        if self._unstored and time.monotonic() < self._retry_at_s:
            self._keep(rows)
            return
        had_unstored = bool(self._unstored)
        if await self._append(rows):
            self._unstored = []
            if had_unstored:
                logger.info("%s: events are stored again, %d were late", self._lesson, len(rows))
                self._storage_changed(False)
            return
        self._keep(rows)
        self._retry_at_s = time.monotonic() + STORE_RETRY_S
        if not had_unstored:
            self._room.change_epoch(self._make_epoch())
            self._storage_changed(True)

    async def _append(self, rows: list[StoredEvent]) -> bool:
        try:
            async with asyncio.timeout(STORE_TIMEOUT_S):
                await self._log.append(self._lesson, self._room.epoch, rows)
        except Unavailable as error:
            logger.warning("%s: events are not stored: %s", self._lesson, error)
        except TimeoutError:
            logger.warning("%s: events were not stored within %.0f s", self._lesson, STORE_TIMEOUT_S)
        except Exception:  # whatever the store does, the lesson goes on
            logger.exception("%s: events are not stored", self._lesson)
        else:
            return True
        return False

    def _keep(self, rows: list[StoredEvent]) -> None:
        if len(rows) > MAX_UNSTORED:
            logger.error("%s: %d events could never be stored and are given up", self._lesson, len(rows))
            rows = []
        self._unstored = rows
