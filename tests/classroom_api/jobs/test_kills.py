"""Workers and their children are killed at random moments: each job is done once, and nothing of it twice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from classroom_api.jobs.model import JobState
from classroom_api.jobs.schedule import ATTEMPTS_LIMIT
from classroom_api.store.database import Database
from tests.classroom_api.jobs.counting import add_lesson, ask, endings, open_jobs, row_of
from tests.classroom_api.jobs.soak_worker import fast_ms
from tests.waiting import until

KILLS = int(os.environ.get("TANDEM_JOB_KILLS", "6"))
JOBS = 3 + KILLS // 4
STEPS = 20
LONGEST_PAUSE_S = 0.8
TOTAL_S = 90 + 4 * KILLS


def start(database_url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.classroom_api.jobs.soak_worker", database_url])


def children_of(worker: subprocess.Popen[bytes]) -> dict[int, str]:
    """The job that each does, by its file."""
    found: dict[int, str] = {}
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{worker.pid}/task").iterdir():
            for pid in (task / "children").read_text().split():
                counts = re.search(r"\d+\.txt", Path(f"/proc/{pid}/cmdline").read_text())
                if counts is not None:
                    found[int(pid)] = counts[0]
    return found


def kill_about(database_url: str, dice: random.Random) -> tuple[int, int]:
    """(workers, children) killed."""
    pause = threading.Event()
    workers = [start(database_url), start(database_url)]
    killed_workers = killed_children = 0
    of_job: Counter[str] = Counter()
    try:
        while killed_workers + killed_children < KILLS:
            pause.wait(dice.uniform(0, LONGEST_PAUSE_S))
            number = dice.randrange(len(workers))
            children = children_of(workers[number])
            # One that dies too often without getting further is given up, and rightly so.
            spared = [pid for pid, job in children.items() if of_job[job] >= ATTEMPTS_LIMIT - 1]
            if dice.random() < 0.5 and children and not spared:
                pid = dice.choice(list(children))
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed_children += 1
                    of_job[children[pid]] += 1
            elif children or dice.random() < 0.2:  # mostly while it does something
                workers[number].kill()
                workers[number].wait()
                killed_workers += 1
                workers[number] = start(database_url)
        asyncio.run(finish(database_url))
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    return killed_workers, killed_children


async def fill(database_url: str, folder: Path) -> list[str]:
    database = Database(database_url)
    await database.open()
    await database.transaction(add_lesson)
    made = [await ask(database, f"{n:03}", folder / f"{n:03}.txt", until=STEPS) for n in range(JOBS)]
    await database.close()
    return made


async def finish(database_url: str) -> None:
    database = Database(database_url)

    async def is_idle() -> bool:
        return await open_jobs(database) == 0

    await until(is_idle, TOTAL_S)
    await database.close()


@pytest.mark.timeout(2 * TOTAL_S)
def test_each_job_is_done_once_however_often_its_workers_die(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path / 'queue.db'}"
    dice = random.Random(fast_ms())
    made = asyncio.run(fill(database_url, tmp_path))
    workers, children = kill_about(database_url, dice)
    assert workers + children >= KILLS

    async def check() -> None:
        database = Database(database_url)
        rows = [await row_of(database, job) for job in made]
        assert {row.state for row in rows} == {JobState.DONE}
        assert await endings(database) == [(f"{n:03}", f"{STEPS}") for n in range(JOBS)]
        await database.close()

    asyncio.run(check())
    for number in range(JOBS):
        counted = (tmp_path / f"{number:03}.txt").read_text().split("\n")
        assert counted == [*map(str, range(STEPS)), ""]
