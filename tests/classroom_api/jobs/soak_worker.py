"""A worker process of the kill tests: DATABASE_URL [REDIS_URL]. Its clock runs ten times as fast."""

from __future__ import annotations

import asyncio
import sys
import time

from classroom_api.jobs.handout import HELD_MS, Handout
from classroom_api.jobs.worker import JobWorker
from classroom_api.store.database import Database
from tests.classroom_api.jobs.counting import KINDS

SPEED = 10


def fast_ms() -> int:
    return int(time.time() * 1000 * SPEED)


async def main(database_url: str, redis_url: str | None = None) -> None:
    database = Database(database_url)
    await database.open()
    handout = Handout(redis_url, HELD_MS // SPEED) if redis_url is not None else None
    await JobWorker(database, KINDS, 2, fast_ms, tick_s=0.05, handout=handout).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
