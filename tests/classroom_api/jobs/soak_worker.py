"""A worker process of the kill tests: DATABASE_URL. Its clock runs ten times as fast: leases are short.

With --leased-ms its clock is everybody's, and its leases last so long.
"""

from __future__ import annotations

import argparse
import asyncio
import time

from classroom_api.jobs.handout import HELD_MS, Handout
from classroom_api.jobs.worker import LEASED_MS, JobWorker
from classroom_api.store.database import Database
from tests.classroom_api.jobs.counting import KINDS, now_ms

SPEED = 10


def fast_ms() -> int:
    return int(time.time() * 1000 * SPEED)


async def main(database_url: str, leased_ms: int | None, redis_url: str | None) -> None:
    database = Database(database_url)
    await database.open()
    clock_ms = fast_ms if leased_ms is None else now_ms
    handout = Handout(redis_url, HELD_MS // SPEED) if redis_url is not None else None
    worker = JobWorker(database, KINDS, 2, clock_ms, leased_ms or LEASED_MS, tick_s=0.05, handout=handout)
    await worker.run()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("database_url")
    parser.add_argument("--leased-ms", type=int)
    parser.add_argument("--redis")
    told = parser.parse_args()
    asyncio.run(main(told.database_url, told.leased_ms, told.redis))
