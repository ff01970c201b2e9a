"""SHELL: takes what the outbox holds to where it goes: eight streams at once, never all of one destination.

It runs beside the lessons in an event loop of its own (`classroom_api.background`) and shares with them the
database alone. A lease outlasts the longest try, so that two couriers never tell the same at the same time; a
courier that dies leaves its streams to whoever comes when their leases are over.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import NoReturn

from sqlalchemy.orm import Session

from classroom_api.housekeeping import keep_house
from classroom_api.outbox.carriers import Carrier
from classroom_api.outbox.schedule import Outcome
from classroom_api.store import outbox
from classroom_api.store.database import Database
from classroom_api.store.outbox import LRS, Figures, Result, Stream
from streaming.errors import TandemError

log = logging.getLogger(__name__)

_STREAMS_AT_ONCE = 8
_OF_ONE_DESTINATION = 4
_GATHERED_S = 0.5
_POLL_S = 10.0
_POLL_FAILED_S = 2.0
_CHANCE = random.SystemRandom()


class Courier:
    """One per process. `run` until cancelled; `figures` may be read from any thread."""

    def __init__(
        self,
        database: Database,
        webhooks: Carrier,
        statements: Carrier | None,
        timeout_s: float,
        clock_ms: Callable[[], int],
    ) -> None:
        self._database, self._clock_ms = database, clock_ms
        self._webhooks, self._statements = webhooks, statements
        self._leased_ms = int(timeout_s * 2000) + 1000
        self._lease = secrets.token_urlsafe(16)
        self._in_flight: Counter[str] = Counter()
        self._woken = asyncio.Event()
        self._poll_s = _POLL_FAILED_S
        self._outcomes: Counter[str] = Counter()
        self.figures = Figures()

    async def run(self) -> None:
        """Deliver for ever. What waits for a record store that is no longer set is given up."""
        if self._statements is None:
            await self._database.transaction(
                partial(outbox.give_up, destination=LRS, now_ms=self._clock_ms())
            )
        with self._database.watching(self._woken.set, _GATHERED_S):
            await self._deliver()

    async def _deliver(self) -> NoReturn:
        async with asyncio.TaskGroup() as tasks:
            house = keep_house(
                self._database, self._clock_ms, "the outbox", outbox.figures, outbox.purge, self._keep_figures
            )
            tasks.create_task(house, name="outbox-house")
            while True:
                self._woken.clear()
                claimed = await self._claimed()
                for stream in claimed:
                    self._in_flight[stream.destination] += 1
                    tasks.create_task(self._carry(stream), name="outbox-delivery")
                if not claimed:
                    await self._rest()

    async def _rest(self) -> None:
        """Until there may be something to do. What this process does not write (retries, another process)
        is looked for now and then, more and more seldom while there is nothing: beside a lesson a look costs
        more than all else that is done for nothing.
        """
        try:
            async with asyncio.timeout(self._poll_s):
                await self._woken.wait()
        except TimeoutError:
            self._poll_s = min(2 * self._poll_s, _POLL_S)

    async def _claimed(self) -> list[Stream]:
        free = _STREAMS_AT_ONCE - self._in_flight.total()
        if free <= 0:
            return []
        busy = [name for name, count in self._in_flight.items() if count >= _OF_ONE_DESTINATION]
        limit = min(free, _OF_ONE_DESTINATION)
        if self._statements is None:
            busy.append(LRS)

        def work(session: Session) -> list[Stream]:
            return outbox.claim(session, self._clock_ms(), self._lease, self._leased_ms, limit, busy)

        try:
            return await self._database.transaction(work)
        except TandemError as error:
            log.warning("the outbox cannot be read: %s", error)
            return []

    async def _carry(self, stream: Stream) -> None:
        try:
            await self._settle(stream, await self._tried(stream))
        except TandemError as error:
            log.warning("%s: what was told is told again: %s", stream.destination, error)
        except Exception:  # one stream's bug must not end the others; its lease ends by itself
            log.exception("%s: what was told is told again", stream.destination)
        finally:
            self._in_flight[stream.destination] -= 1
            self._in_flight += Counter()
            self._woken.set()

    async def _tried(self, stream: Stream) -> list[Result]:
        carrier = self._statements if stream.destination == LRS else self._webhooks
        try:
            return await carrier.carry(stream) if carrier is not None else []
        except TandemError:
            raise
        except Exception:
            log.exception("%s: a bug: its first delivery has failed", stream.destination)
            return [Result(stream.deliveries[0].sequence, Outcome.FAILED, "internal_error")]

    async def _settle(self, stream: Stream, results: list[Result]) -> None:
        def work(session: Session) -> bool:
            return outbox.settle(session, stream, results, self._clock_ms(), _CHANCE.random())

        if await self._database.transaction(work):
            kind = LRS if stream.destination == LRS else "webhook"
            self._outcomes.update(f"{kind} {result.outcome}" for result in results)
            failed = [result for result in results if result.outcome is not Outcome.DELIVERED]
            if failed:
                self._poll_s = _POLL_FAILED_S
                log.info("%s: %d not delivered: %s", stream.destination, len(failed), failed[0].answer)

    def _keep_figures(self, found: Figures) -> None:
        self.figures = replace(found, outcomes=dict(self._outcomes))


def outcomes_by_label(outcomes: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """(kind of destination, outcome, count), for `/metrics`."""
    parts = [(name.partition(" "), count) for name, count in sorted(outcomes.items())]
    return [(kind, outcome, count) for (kind, _, outcome), count in parts]
