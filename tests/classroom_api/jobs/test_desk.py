from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from classroom_api.access import EVERYTHING, Scope
from classroom_api.jobs.desk import JobDesk
from classroom_api.jobs.model import JobState
from classroom_api.planning import Planning
from classroom_api.store.database import Database
from classroom_api.store.jobs import DUE, Query
from streaming.errors import Refused
from tests.classroom_api.jobs.counting import KINDS, add_lesson, ask, endings, now_ms


def test_a_job_is_found_cancelled_and_begun_again(database_url: str, tmp_path: Path) -> None:
    async def work() -> None:
        database = Database(database_url)
        await database.open()
        await database.transaction(add_lesson)
        desk = JobDesk(Planning(database, now_ms), KINDS)
        job = await ask(database, "a", tmp_path / "n")
        noted: list[object] = []
        database.committed = lambda info: noted.append(info[DUE])
        [listed] = await desk.page(Query(state=JobState.PENDING), 5)
        assert listed.id == job
        assert (await desk.cancel(job, EVERYTHING)).state == JobState.CANCELLED
        assert await endings(database) == [("a", "cancelled")]
        assert noted == []
        assert (await desk.retry(job, EVERYTHING)).state == JobState.PENDING
        assert noted == [[job]]
        assert (await desk.find(job, EVERYTHING)).attempts == 0
        with pytest.raises(Refused, match="no such job"):
            await desk.cancel(job, Scope())
        await database.close()

    asyncio.run(work())
