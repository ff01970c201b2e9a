from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from redis import Redis
from sqlalchemy.orm import Session
from typing_extensions import override

from classroom_api.jobs.handout import FILLED, STREAM, Handout
from classroom_api.jobs.model import Job, JobState
from classroom_api.jobs.schedule import ATTEMPTS_LIMIT
from classroom_api.jobs.worker import LEASED_MS, JobWorker, figures_by_state
from classroom_api.store import jobs
from classroom_api.store.database import Database
from classroom_api.store.jobs import DUE
from classroom_api.store.resource_schema import JobRow
from streaming.errors import Unavailable
from tests.classroom_api.jobs.counting import (
    KINDS,
    WAIT_S,
    Counting,
    add_lesson,
    ask,
    endings,
    now_ms,
    open_jobs,
    row_of,
)
from tests.classroom_api.redis_server import RedisServer, redis_server
from tests.waiting import until

T = TypeVar("T")


def with_workers(
    database_url: str,
    work: Callable[[Database, list[JobWorker]], Awaitable[None]],
    *,
    count: int = 1,
    limit: int = 1,
    redis_url: str | None = None,
) -> None:
    """`work` beside workers that run, each with a connection of its own as if in a process of its own."""

    def worker_on(database: Database) -> JobWorker:
        handout = Handout(redis_url) if redis_url is not None else None
        worker = JobWorker(database, KINDS, limit, now_ms, tick_s=0.05, handout=handout)
        loop = asyncio.get_running_loop()

        def committed(noted: Mapping[Any, Any]) -> None:
            loop.call_soon_threadsafe(worker.work_due, noted[DUE])

        database.committed = committed
        return worker

    async def run() -> None:
        databases = [Database(database_url) for _ in range(count + 1)]
        for database in databases:
            await database.open()
        await databases[0].transaction(add_lesson)
        workers = [worker_on(each) for each in databases[1:]]
        tasks = [asyncio.create_task(worker.run()) for worker in workers]
        try:
            await work(databases[0], workers)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for database in databases:
                await database.close()

    asyncio.run(run())


def test_two_workers_do_each_job_once(database_url: str, tmp_path: Path) -> None:
    async def work(database: Database, workers: list[JobWorker]) -> None:
        for number in range(6):
            await ask(database, f"{number}", tmp_path / f"{number}", until=3)
        await until(lambda: is_idle(database))
        assert await endings(database) == [(f"{number}", "3") for number in range(6)]
        for number in range(6):
            assert (tmp_path / f"{number}").read_text().split() == ["0", "1", "2"]

    with_workers(database_url, work, count=2, limit=2)


async def is_idle(database: Database) -> bool:
    return await open_jobs(database) == 0


def test_progress_can_be_seen_and_a_running_job_cancelled(database_url: str, tmp_path: Path) -> None:
    async def work(database: Database, workers: list[JobWorker]) -> None:
        job = await ask(database, "a", tmp_path / "n", until=4, mode="hang")

        async def is_begun() -> bool:
            return (await row_of(database, job)).progress == 0.25

        await until(is_begun)
        row = await row_of(database, job)
        assert (row.state, row.step) == (JobState.RUNNING, "counting")
        await database.transaction(
            lambda session: jobs.cancel(session, session.get_one(JobRow, job), now_ms(), KINDS)
        )
        await until(lambda: is_idle(database))
        assert (await row_of(database, job)).state == JobState.CANCELLED
        assert await endings(database) == [("a", "cancelled")]

    with_workers(database_url, work)


def test_no_more_jobs_than_the_limit_run_at_once(tmp_path: Path) -> None:
    async def work(database: Database, workers: list[JobWorker]) -> None:
        for number in range(3):
            await ask(database, f"{number}", tmp_path / f"{number}", mode="hang")

        async def are_begun() -> bool:
            return len(list(tmp_path.glob("[0-9]"))) == 2

        await until(are_begun)
        rows = await database.transaction(
            lambda session: jobs.list_jobs(session, jobs.Query(state=JobState.RUNNING), 9)
        )
        assert len(rows) == 2

    with_workers(f"sqlite:///{tmp_path / 'queue.db'}", work, limit=2)


def test_a_worker_that_is_closed_gives_its_job_back_at_once(database_url: str, tmp_path: Path) -> None:
    async def run() -> None:
        database = Database(database_url)
        await database.open()
        await database.transaction(add_lesson)
        job = await ask(database, "a", tmp_path / "n", mode="hang")
        task = asyncio.create_task(JobWorker(database, KINDS, 1, now_ms, tick_s=0.05).run())

        async def is_begun() -> bool:
            return (await row_of(database, job)).progress > 0

        await until(is_begun)
        task.cancel()
        await asyncio.wait({task})
        row = await row_of(database, job)
        assert (row.state, row.attempts, row.lease) == (JobState.PENDING, 0, "")
        assert row.run_after_ms <= now_ms()
        await database.close()

    asyncio.run(run())


def test_what_can_never_be_done_is_told_why(tmp_path: Path) -> None:
    async def run() -> None:
        database = Database(f"sqlite:///{tmp_path / 'queue.db'}")
        await database.open()
        await database.transaction(add_lesson)
        refuse = ["sh", "-c", 'echo \'{"refused": "no_input"}\'; exit 2']
        job = await ask(database, "a", command=refuse)
        torn = await ask(database, "b", command=[])
        worker = JobWorker(database, KINDS, 1, now_ms)
        assert await worker.run_until_idle() == 2
        row = await row_of(database, job)
        assert (row.state, row.error) == (JobState.FAILED, "no_input")
        assert (await row_of(database, torn)).state == JobState.PENDING
        assert await endings(database) == [("a", "no_input")]
        assert figures_by_state({("b", "done"): 1, ("a", "x"): 2}) == [("a", "x", 2), ("b", "done", 1)]
        await database.close()

    asyncio.run(run())


def test_a_job_whose_workers_die_is_done_by_the_next(tmp_path: Path) -> None:
    async def run() -> None:
        database = Database(f"sqlite:///{tmp_path / 'queue.db'}")
        await database.open()
        await database.transaction(add_lesson)
        job = await ask(database, "a", tmp_path / "n")
        for attempt in range(2 * ATTEMPTS_LIMIT):
            died_at_ms = now_ms() + attempt * LEASED_MS
            assert await database.transaction(
                partial(jobs.claim, kinds=KINDS, now_ms=died_at_ms, leased_ms=LEASED_MS)
            )
        clock_ms = now_ms() + (2 * ATTEMPTS_LIMIT + 1) * LEASED_MS
        assert await JobWorker(database, KINDS, 1, lambda: clock_ms).run_until_idle() == 1
        row = await row_of(database, job)
        assert (row.state, row.attempts) == (JobState.DONE, 1)
        assert await endings(database) == [("a", "5")]
        await database.close()

    asyncio.run(run())


def command_of(worker: int) -> int | None:
    """The job's own process, below the one that watches it."""
    pids = [worker]
    for _ in range(2):
        below = [task / "children" for pid in pids for task in Path(f"/proc/{pid}/task").iterdir()]
        pids = [int(pid) for path in below for pid in path.read_text().split()]
    return pids[0] if pids else None


def test_what_a_stopped_worker_began_ends_with_its_lease_and_counts_as_no_attempt(tmp_path: Path) -> None:
    async def run() -> None:
        url = f"sqlite:///{tmp_path / 'queue.db'}"
        database = Database(url)
        await database.open()
        await database.transaction(add_lesson)
        job = await ask(database, "a", tmp_path / "n", mode="hang")
        program = [sys.executable, "-m", "tests.classroom_api.jobs.soak_worker", url, "--leased-ms=3000"]
        worker = subprocess.Popen(program)

        async def is_begun() -> bool:
            return (await row_of(database, job)).progress > 0

        try:
            await until(is_begun)
            command = command_of(worker.pid)
            assert command is not None
            watched = os.pidfd_open(command)
            worker.send_signal(signal.SIGSTOP)
            assert select.select([watched], [], [], WAIT_S)[0]
            os.close(watched)
            lease = (await row_of(database, job)).lease
            worker.send_signal(signal.SIGCONT)

            async def is_taken_up() -> bool:
                return (await row_of(database, job)).lease not in ("", lease)

            await until(is_taken_up)
            assert (await row_of(database, job)).attempts == 1
        finally:
            worker.kill()
            worker.wait()
        await database.close()

    asyncio.run(run())


class Broken(Counting):
    """Its ending is a bug."""

    @override
    def failed(self, session: Session, job: Job, code: str) -> None:
        raise RuntimeError(code)


def test_a_bug_at_the_end_of_one_job_ends_no_other(tmp_path: Path) -> None:
    async def run() -> None:
        database = Database(f"sqlite:///{tmp_path / 'queue.db'}")
        await database.open()
        await database.transaction(add_lesson)
        refused = await ask(database, "a", command=["sh", "-c", 'echo \'{"refused": "no"}\'; exit 2'])
        await ask(database, "b", tmp_path / "n")
        at_ms = now_ms()  # and stays: the first job's turn does not come again
        broken = JobWorker(database, {"counting": Broken()}, 1, lambda: at_ms)
        assert await broken.run_until_idle() == 2
        assert (await row_of(database, refused)).state == JobState.PENDING
        assert await endings(database) == [("b", "5")]
        await database.close()

    asyncio.run(run())


def test_redis_hands_out_what_is_announced_and_nobody_asks_the_database(tmp_path: Path) -> None:
    async def work(database: Database, workers: list[JobWorker]) -> None:
        await until(lambda: are_up(workers))
        # Nobody fills the stream from the database any more.
        client.set(FILLED, "for ever")
        command = ["echo", '{"result": {}}']
        asked = await ask(database, "silent", command=command)
        for number in range(2):
            workers[number].work_due([await ask(database, f"{number}", command=command)])
        await until(lambda: has_ended(database, 2))
        assert (await row_of(database, asked)).state == JobState.PENDING
        client.delete(FILLED)
        await until(lambda: is_idle(database))
        await until(lambda: is_put_away(client))

    with redis_server() as redis, redis.client() as client:
        with_workers(f"sqlite:///{tmp_path / 'queue.db'}", work, count=2, redis_url=redis.url)
        assert client.exists(STREAM)


async def are_up(workers: list[JobWorker]) -> bool:
    return all(worker._handout is not None and worker._handout.is_up for worker in workers)


async def has_ended(database: Database, count: int) -> bool:
    return len(await endings(database)) == count


async def is_put_away(client: Redis) -> bool:
    return client.xlen(STREAM) == 0


def test_a_closed_worker_hands_its_job_to_another_at_once(tmp_path: Path) -> None:
    async def work(database: Database, workers: list[JobWorker]) -> None:
        await until(lambda: are_up(workers))
        client.set(FILLED, "for ever")
        job = await ask(database, "a", tmp_path / "n", until=2, mode="hang")
        workers[0].work_due([job])

        async def is_begun() -> bool:
            return (await row_of(database, job)).progress > 0

        await until(is_begun)

    with redis_server() as redis, redis.client() as client:
        with_workers(f"sqlite:///{tmp_path / 'queue.db'}", work, redis_url=redis.url)
        [(_, fields)] = client.xrange(STREAM)
        assert fields["job"].startswith("job_")
        assert client.xpending(STREAM, "workers")["pending"] == 0


class Away(Database):
    """While `is_away` it does not answer."""

    is_away = False

    @override
    async def transaction(self, work: Callable[[Session], T]) -> T:
        if self.is_away:
            raise Unavailable("unavailable", "The database does not answer.")
        return await super().transaction(work)


def test_what_was_given_while_the_database_was_away_is_given_again(tmp_path: Path) -> None:
    async def work(redis: RedisServer, client: Redis) -> None:
        database = Away(f"sqlite:///{tmp_path / 'queue.db'}")
        await database.open()
        await database.transaction(add_lesson)
        worker = JobWorker(database, KINDS, 1, now_ms, tick_s=0.05, handout=Handout(redis.url))
        task = asyncio.create_task(worker.run())
        await until(lambda: are_up([worker]))
        client.set(FILLED, "for ever")
        job = await ask(database, "a", command=["echo", '{"result": {}}'])
        database.is_away = True
        worker.work_due([job])

        async def was_given() -> bool:
            [group] = client.xinfo_groups(STREAM)
            return bool(group["entries-read"]) and client.xlen(STREAM) == 0

        await until(was_given)
        database.is_away = False
        client.delete(FILLED)
        await until(lambda: is_idle(database))
        task.cancel()
        await asyncio.wait({task})
        await database.close()

    with redis_server() as redis, redis.client() as client:
        asyncio.run(work(redis, client))
