"""A worker process of the kill test: DATABASE_URL. Its clock runs ten times as fast: leases are short."""

from __future__ import annotations

import asyncio
import sys
import time

from classroom_api.jobs.worker import JobWorker
from classroom_api.store.database import Database
from tests.classroom_api.jobs.counting import KINDS

SPEED = 10


def fast_ms() -> int:
    return int(time.time() * 1000 * SPEED)


async def main(database_url: str) -> None:
    database = Database(database_url)
    await database.open()
    await JobWorker(database, KINDS, 2, fast_ms, tick_s=0.05).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
