"""SHELL: takes jobs from the queue and has them done, as many at once as it may.

Any number of workers share a database. One that is closed gives its jobs back at once; of one that dies they
are taken up when their leases end, and go on behind what was finished. Where Redis hands out the jobs, nobody
asks the database which there are but for those that Redis names; while it is away, all do so once a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Session

from classroom_api.housekeeping import keep_house
from classroom_api.jobs.handout import LONGEST, Handout
from classroom_api.jobs.lines import Progress
from classroom_api.jobs.model import Job, JobFigures, JobKinds, JobState
from classroom_api.jobs.runner import Attempt, Pulse, run_child
from classroom_api.jobs.schedule import Ending
from classroom_api.store import jobs
from classroom_api.store.database import Database
from classroom_api.store.jobs import Hold
from streaming.errors import Refused, TandemError, Unavailable

T = TypeVar("T")

log = logging.getLogger(__name__)

LEASED_MS = 15_000
_TICK_S = 1.0
_POLL_TICKS = 5
_CHANCE = random.SystemRandom()


class JobWorker:
    """`run` until cancelled; `figures` may be read from any thread. `limit`: jobs at once.

    `handout` None: the database is asked.
    """

    def __init__(
        self,
        database: Database,
        kinds: JobKinds,
        limit: int,
        clock_ms: Callable[[], int],
        leased_ms: int = LEASED_MS,
        tick_s: float = _TICK_S,
        handout: Handout | None = None,
    ) -> None:
        self._database, self._kinds, self._limit = database, kinds, limit
        self._clock_ms, self._leased_ms, self._tick_s = clock_ms, leased_ms, tick_s
        self._handout = handout
        self._running: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self._poll_s = _POLL_TICKS * tick_s
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._found = JobFigures()

    def work_due(self, jobs: Iterable[str]) -> None:
        """The turn of these has come: they begin at once, here or elsewhere. In the worker's loop."""
        if self._handout is not None:
            self._handout.announce(jobs)
        self._woken.set()

    async def run(self) -> None:
        """Do jobs for ever."""
        try:
            async with asyncio.TaskGroup() as tasks:
                house = keep_house(
                    self._database, self._clock_ms, "the jobs", jobs.figures, jobs.purge, self._keep_figures
                )
                tasks.create_task(house, name="jobs-house")
                if self._handout is not None:
                    tasks.create_task(self._handout.keep(self._due), name="jobs-handout")
                while True:
                    self._woken.clear()
                    given = await self._given()
                    if given == []:
                        continue
                    begun = await self._begin(tasks, given)
                    if given is None and not begun:
                        await self._rest()
        finally:
            if self._handout is not None:
                await self._handout.close()

    async def run_until_idle(self) -> int:
        """Do what can be done now, and what follows from it; how many attempts that were."""
        count = 0
        async with asyncio.TaskGroup() as tasks:
            while True:
                begun = await self._begin(tasks)
                count += begun
                if not begun and not self._running:
                    return count
                if not begun:
                    await asyncio.wait(set(self._running), return_when=asyncio.FIRST_COMPLETED)

    async def _given(self) -> list[str] | None:
        """What Redis hands out, which may take it a second. None: there is no room, or no Redis."""
        free = self._limit - len(self._running)
        return await self._handout.take(free) if self._handout is not None and free > 0 else None

    async def _begin(self, tasks: asyncio.TaskGroup, given: Collection[str] | None = None) -> int:
        claimed = await self._claimed(given)
        for job in claimed:
            task = tasks.create_task(self._carry(job), name=f"job {job.key}")
            self._running.add(task)
            task.add_done_callback(self._ended)
        return len(claimed)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._woken.set()

    async def _rest(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._poll_s):
                await self._woken.wait()

    async def _claimed(self, given: Collection[str] | None) -> list[Job]:
        free = self._limit - len(self._running)
        if free <= 0 or not self._kinds:
            return []
        work = partial(
            jobs.claim,
            kinds=self._kinds,
            now_ms=self._clock_ms(),
            leased_ms=self._leased_ms,
            limit=free,
            only=given,
        )
        try:
            claimed = await self._database.transaction(work)
        except TandemError as error:
            log.warning("jobs cannot be read: %s", error)
            if given is not None:  # they are handed out again when the database says that they are due
                await self._put_away(given)
                await asyncio.sleep(self._tick_s)
            return []
        await self._put_away(set(given or ()) - {job.id for job in claimed})
        return claimed

    async def _put_away(self, given: Iterable[str]) -> None:
        if self._handout is not None:
            await self._handout.put_away(given)

    async def _due(self) -> Sequence[str]:
        now_ms = self._clock_ms()
        work = partial(jobs.due, kinds=self._kinds, now_ms=now_ms, leased_ms=self._leased_ms, limit=LONGEST)
        try:
            return await self._database.transaction(work)
        except TandemError as error:
            log.warning("jobs cannot be read: %s", error)
            return []

    async def _carry(self, job: Job) -> None:
        """One attempt, whatever comes; a bug in one job ends no other."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        try:
            attempt = await self._attempt(job)
            await self._settle(job, attempt)
        except asyncio.CancelledError:
            await self._give_back(job, Attempt(Ending.STOPPED))
            raise
        except TandemError as error:
            log.warning("%s is begun again when its lease ends: %s", job.key, error)
        except Exception:
            log.exception("%s: a bug", job.key)
            await self._give_back(job, Attempt(Ending.DIED, "internal_error"))
        finally:
            self._seconds[job.kind] += loop.time() - began_s
            await self._put_away([job.id])

    async def _attempt(self, job: Job) -> Attempt | None:
        """None: the lease was lost."""
        if job.is_cancelled:
            return Attempt(Ending.CANCELLED)
        kind = self._kinds[job.kind]
        try:
            command = await self._lasting(lambda session: kind.command(session, job))
        except Refused as refused:
            return Attempt(Ending.REFUSED, refused.code)
        heard: list[Progress] = []
        pulse = Pulse(self._leased_ms / 1000 - self._tick_s)
        hear = partial(_keep_last, heard)
        run = asyncio.create_task(run_child(job.key, command, hear, pulse=pulse))
        try:
            hold = await self._hold(job, run, heard, pulse)
        finally:
            if not run.done():
                run.cancel()
                await asyncio.wait({run})
        if hold is Hold.HELD:
            return run.result()
        log.info("%s is %s", job.key, hold)
        return Attempt(Ending.CANCELLED) if hold is Hold.CANCELLED else None

    async def _hold(self, job: Job, run: asyncio.Task[Attempt], heard: list[Progress], pulse: Pulse) -> Hold:
        """Renew the lease while `run` runs; what ended that."""
        loop = asyncio.get_running_loop()
        held_until_s = loop.time() + self._leased_ms / 1000
        while True:
            await asyncio.wait({run}, timeout=self._tick_s)
            if run.done():
                return Hold.HELD
            said = heard.pop() if heard else None
            work = partial(
                jobs.renew,
                job=job,
                now_ms=self._clock_ms(),
                leased_ms=self._leased_ms,
                progress=said.ratio if said is not None else None,
                step=said.step if said is not None else "",
            )
            began_s = loop.time()
            try:
                hold = await self._database.transaction(work)
            except TandemError as error:
                log.warning("the lease of %s could not be renewed: %s", job.key, error)
                if loop.time() > held_until_s:
                    return Hold.LOST
                continue
            if hold is not Hold.HELD:
                return hold
            held_until_s = began_s + self._leased_ms / 1000
            pulse.beat()

    async def _settle(self, job: Job, attempt: Attempt | None) -> None:
        if attempt is None:
            return
        if attempt.ending is Ending.DONE:
            finish = partial(
                jobs.finish, job=job, result=attempt.result, now_ms=self._clock_ms(), kinds=self._kinds
            )
            try:
                is_done = await self._lasting(finish)
                self._poll_s = _POLL_TICKS * self._tick_s
            except Refused as refused:
                attempt = Attempt(Ending.REFUSED, refused.code)
            else:
                log.info("%s is done", job.key) if is_done else log.warning("%s was lost", job.key)
                return
        put_back = partial(
            jobs.put_back,
            job=job,
            ending=attempt.ending,
            code=attempt.code,
            now_ms=self._clock_ms(),
            chance=_CHANCE.random(),
            kinds=self._kinds,
        )
        state = await self._lasting(put_back)
        self._poll_s = self._tick_s
        if state is not None and state is not JobState.CANCELLED:
            log.info("%s: %s %s, now %s", job.key, attempt.ending, attempt.code, state)

    async def _give_back(self, job: Job, attempt: Attempt) -> None:
        """Where even that fails, the lease ends by itself."""
        try:
            await self._settle(job, attempt)
        except Exception:
            log.exception("%s cannot be given back", job.key)

    async def _lasting(self, work: Callable[[Session], T]) -> T:
        """A transaction, tried for as long as a lease lasts."""
        give_up_s = asyncio.get_running_loop().time() + self._leased_ms / 1000
        while True:
            try:
                return await self._database.transaction(work)
            except Unavailable:
                if asyncio.get_running_loop().time() > give_up_s:
                    raise
            await asyncio.sleep(self._tick_s)

    def _keep_figures(self, found: JobFigures) -> None:
        self._found = found

    @property
    def figures(self) -> JobFigures:
        """From any thread."""
        is_up = self._handout.is_up if self._handout is not None else None
        return replace(self._found, seconds=dict(self._seconds), is_redis_up=is_up)


def _keep_last(heard: list[Progress], said: Progress) -> None:
    heard[:] = [said]


def figures_by_state(counts: Mapping[tuple[str, str], int]) -> list[tuple[str, str, int]]:
    """(kind, state, count), for `/metrics`."""
    return [(kind, state, count) for (kind, state), count in sorted(counts.items())]
