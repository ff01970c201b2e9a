"""SHELL: Redis hands out jobs, so that no worker keeps asking the database what there is.

The database stays the record and says who does a job; all that Redis holds may be lost at any time. A stream
has an entry for each job whose turn it is. One consumer of its group is given it, holds it by saying so each
second, and puts it away when it is done with the job; what nobody holds any longer is given to another. Every
few seconds one of all workers adds what is due by the database and not in the stream: after a delay, after
Redis was away. An entry too many does no harm: its job cannot be claimed, and it is put away.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, NoReturn

from pydantic import SecretStr
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

log = logging.getLogger(__name__)

STREAM = "tandem:jobs"
FILLED = "tandem:jobs:filled"
LONGEST = 1000
HELD_MS = 17_000
"""Two seconds more than the lease in the database: when Redis gives a job to another, that is over."""
_GROUP = "workers"
_FIELD = "job"
_BLOCK_MS = 1000
_TICK_S = 1.0
_FILL_EVERY_MS = 5000
_RECLAIM_EVERY_S = 2.0
_ANSWER_S = 3.0
_KEEP_S = 10.0
"""The database answers meanwhile; still sooner than what is held goes to others."""
_GONE_MS = 3_600_000

Due = Callable[[], Awaitable[Sequence[str]]]


class Handout:
    """One worker's part of it, in one event loop; `keep` runs beside everything else.

    Invariant: `_held` are the jobs that this worker was given and has not put away, each with its entry.
    """

    def __init__(self, url: str, held_ms: int = HELD_MS, gone_ms: int = _GONE_MS) -> None:
        self._redis = Redis.from_url(
            url,
            decode_responses=True,
            encoding_errors="replace",
            protocol=2,
            # Its own limit of time is `asyncio.wait_for`, which in Python 3.11 can lose a cancellation.
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 1),
        )
        self._name, self._held_ms, self._gone_ms = secrets.token_hex(8), held_ms, gone_ms
        self._held: dict[str, str] = {}
        self._due: deque[str] = deque(maxlen=LONGEST)
        self._told = asyncio.Event()
        self._cursor, self._reclaim_at_s = "0-0", 0.0
        self._state: bool | None = None

    @property
    def is_up(self) -> bool:
        return self._state is True

    async def take(self, limit: int) -> list[str] | None:
        """At most `limit` jobs, waited for up to a second. None: Redis is away, ask the database."""
        if not self.is_up:
            return None
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await self._keep_new(await self._reclaimed(limit) or await self._read(limit))
        except (RedisError, OSError) as error:
            self._lost(error)
            return None

    async def put_away(self, jobs: Iterable[str]) -> None:
        """This worker is done with them, however they ended."""
        entries = [entry for job in jobs if (entry := self._held.pop(job, None)) is not None]
        try:
            async with asyncio.timeout(_ANSWER_S):
                await self._delete(entries)
        except (RedisError, OSError) as error:
            self._lost(error)

    def announce(self, jobs: Iterable[str]) -> None:
        """Their turn has come. Of too many the first are forgotten here, and added from the database."""
        self._due.extend(jobs)
        self._told.set()

    async def keep(self, due: Due) -> NoReturn:
        """Hold what was given, hand out what is announced or `due` (the oldest first), come back to Redis."""
        while True:
            self._told.clear()
            try:
                async with asyncio.timeout(_KEEP_S):
                    await self._keep_once(due)
            except (RedisError, OSError) as error:
                self._lost(error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_S):
                    await self._told.wait()

    async def close(self) -> None:
        """What is still held goes to others when its time is over. Idempotent."""
        if self.is_up:
            with contextlib.suppress(RedisError, OSError):
                async with asyncio.timeout(_ANSWER_S):
                    await self._add_announced()
        self._state = None
        self._held.clear()
        await self._redis.aclose()

    async def _keep_once(self, due: Due) -> None:
        if not self.is_up:
            await self._join()
        if self._held:
            entries: list[Any] = list(self._held.values())
            await self._redis.xclaim(STREAM, _GROUP, self._name, 0, entries, justid=True)
        await self._add_announced()
        if await self._redis.set(FILLED, self._name, nx=True, px=_FILL_EVERY_MS):
            await self._fill(await due())
            await self._forget_the_gone()
        if not self.is_up:
            log.info("Redis hands out the jobs")
        self._state = True

    async def _join(self) -> None:
        try:
            await self._redis.xgroup_create(STREAM, _GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    async def _read(self, limit: int) -> list[Any]:
        found: Any = await self._redis.xreadgroup(
            _GROUP, self._name, {STREAM: ">"}, count=limit, block=_BLOCK_MS
        )
        return list(found[0][1]) if found else []

    async def _reclaimed(self, limit: int) -> list[Any]:
        """What nobody has held for too long, looked for in a part of the stream at a time."""
        now_s = asyncio.get_running_loop().time()
        if now_s < self._reclaim_at_s:
            return []
        self._cursor, entries, *_ = await self._redis.xautoclaim(
            STREAM, _GROUP, self._name, self._held_ms, start_id=self._cursor, count=limit
        )
        if self._cursor == "0-0":
            self._reclaim_at_s = now_s + _RECLAIM_EVERY_S
        return list(entries)

    async def _keep_new(self, entries: Iterable[Any]) -> list[str]:
        """The jobs of `entries` that this worker has not already."""
        new: dict[str, str] = {}
        needless: list[str] = []
        for entry, fields in entries:
            job = str((fields or {}).get(_FIELD, ""))
            if self._held.get(job, new.get(job)) is None:
                new[job] = entry
            elif self._held.get(job) != entry:
                needless.append(entry)
        await self._delete(needless)
        self._held.update(new)  # nothing may come between this and who is told
        return list(new)

    async def _delete(self, entries: Sequence[str]) -> None:
        if entries:
            async with self._redis.pipeline() as pipe:
                pipe.xack(STREAM, _GROUP, *entries)
                pipe.xdel(STREAM, *entries)
                await pipe.execute()

    async def _add_announced(self) -> None:
        await self._add([self._due.popleft() for _ in range(len(self._due))])

    async def _add(self, jobs: Sequence[str]) -> None:
        """As many as there is room for."""
        if jobs:
            room = max(LONGEST - await self._redis.xlen(STREAM), 0)
            async with self._redis.pipeline(transaction=False) as pipe:
                for job in jobs[:room]:
                    pipe.xadd(STREAM, {_FIELD: job})
                await pipe.execute()

    async def _fill(self, due: Iterable[str]) -> None:
        entries: Any = await self._redis.xrange(STREAM, count=2 * LONGEST)
        there = {fields.get(_FIELD) for _, fields in entries}
        await self._add([job for job in due if job not in there])

    async def _forget_the_gone(self) -> None:
        for each in await self._redis.xinfo_consumers(STREAM, _GROUP):
            if each["pending"] == 0 and each["idle"] > self._gone_ms:
                await self._redis.xgroup_delconsumer(STREAM, _GROUP, each["name"])

    def _lost(self, error: Exception) -> None:
        if self._state is not False:
            why = str(error) or "it does not answer"
            log.warning("Redis is away, the database hands out the jobs: %s", why)
        self._state = False


def handout_at(url: SecretStr | None) -> Handout | None:
    return Handout(url.get_secret_value()) if url is not None else None
