"""A worker process of the kill test: DATABASE_URL. Its clock runs ten times as fast: leases are short.

With LEASED_MS behind that its clock is everybody's, and its leases last so long.
"""

from __future__ import annotations

import asyncio
import sys
import time

from classroom_api.jobs.worker import LEASED_MS, JobWorker
from classroom_api.store.database import Database
from tests.classroom_api.jobs.counting import KINDS, now_ms

SPEED = 10


def fast_ms() -> int:
    return int(time.time() * 1000 * SPEED)


async def main(database_url: str, leased_ms: int | None = None) -> None:
    database = Database(database_url)
    await database.open()
    clock_ms = fast_ms if leased_ms is None else now_ms
    await JobWorker(database, KINDS, 2, clock_ms, leased_ms or LEASED_MS, tick_s=0.05).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))
