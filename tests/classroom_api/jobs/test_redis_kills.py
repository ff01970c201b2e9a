"""A worker is killed, then Redis, which comes back empty: each job is done once, and nothing of it twice."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from classroom_api.jobs.handout import STREAM
from classroom_api.store.database import Database
from classroom_api.store.resource_schema import JobRow
from tests.classroom_api.jobs.counting import add_lesson, ask, endings
from tests.classroom_api.redis_server import RedisServer, redis_server
from tests.waiting import until

JOBS = 9
STEPS = 4


def start(database_url: str, redis_url: str) -> subprocess.Popen[bytes]:
    program = "tests.classroom_api.jobs.soak_worker"
    return subprocess.Popen([sys.executable, "-m", program, database_url, f"--redis={redis_url}"])


async def are_done(database: Database, count: int) -> bool:
    query = select(func.count()).where(JobRow.state == "done")
    return await database.transaction(lambda session: (session.scalar(query) or 0) >= count)


async def is_running(database: Database) -> bool:
    query = select(func.count()).where(JobRow.state == "running", JobRow.progress > 0)
    return await database.transaction(lambda session: (session.scalar(query) or 0) > 0)


async def is_empty(redis: RedisServer) -> bool:
    with redis.client() as client:
        return bool(client.exists(STREAM)) and not client.xlen(STREAM)


@pytest.mark.timeout(180)
def test_each_job_is_done_once_whoever_dies(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'queue.db'}"

    async def run() -> None:
        database = Database(url)
        await database.open()
        await database.transaction(add_lesson)
        for number in range(JOBS):
            await ask(database, f"{number:02}", tmp_path / f"{number:02}.txt", until=STEPS)
        with redis_server() as redis:
            workers = [start(url, redis.url), start(url, redis.url)]
            try:
                await until(lambda: are_done(database, 1))
                await until(lambda: is_running(database))
                workers[0].kill()
                workers[0].wait()
                workers[0] = start(url, redis.url)
                await until(lambda: are_done(database, 3))
                redis.kill()
                await until(lambda: are_done(database, 5))
                redis.start()
                await until(lambda: are_done(database, JOBS))
                await until(lambda: is_empty(redis))
            finally:
                for worker in workers:
                    worker.kill()
                    worker.wait()
        assert await endings(database) == [(f"{number:02}", f"{STEPS}") for number in range(JOBS)]
        await database.close()

    asyncio.run(run())
    for number in range(JOBS):
        counted = (tmp_path / f"{number:02}.txt").read_text().split("\n")
        assert counted == [*map(str, range(STEPS)), ""]
