from __future__ import annotations

import asyncio
from pathlib import Path

from classroom_api.access import EVERYTHING
from classroom_api.retention.caretaker import Caretaker
from classroom_api.retention.policy import DAY_MS, Policy
from classroom_api.store import erasures
from classroom_api.store.database import Database
from classroom_api.store.lessons import LessonState
from classroom_api.store.schema import LessonRow
from tests.classroom_api.retention.recorded import (
    MASTER,
    add_lesson,
    keys,
    log_key,
    record,
    reopened,
    resource_keys,
    school,
)
from tests.waiting import until


class Clock:
    day = 0.0

    def __call__(self) -> int:
        return int(self.day * DAY_MS) + 2000


def test_a_lesson_s_media_age_are_reviewed_and_go(database_url: str, tmp_path: Path) -> None:
    clock = Clock()
    record(tmp_path, "les_a")
    with school(database_url) as session:
        add_lesson(session, "les_a")
        add_lesson(session, "les_live", LessonState.LIVE, ended_at_ms=None, groups={})

    async def on(day: float) -> tuple[int, int]:
        clock.day = day
        database = Database(database_url)
        try:
            return await Caretaker(database, tmp_path, Policy(), clock).run_once()
        finally:
            await database.close()

    def state() -> str:
        with reopened(database_url) as session:
            return session.get_one(LessonRow, "les_a").state

    assert asyncio.run(on(29)) == (0, 0)
    assert asyncio.run(on(30)) == (1, 1)
    assert asyncio.run(on(31)) == (0, 0)
    assert log_key("les_a", MASTER) not in keys(tmp_path)
    assert set(resource_keys("les_a", MASTER)) <= set(keys(tmp_path))
    assert asyncio.run(on(1095)) == (1, 0)
    assert state() == LessonState.REVIEW
    assert asyncio.run(on(1184)) == (0, 0)
    assert asyncio.run(on(1185)) == (1, 1)
    assert (state(), keys(tmp_path)) == (LessonState.ERASED, [])
    assert asyncio.run(on(9999)) == (0, 0)
    with reopened(database_url) as session:
        proofs = erasures.list_erasures(session, EVERYTHING, None, 10)
        assert [(each.target, each.requested_by) for each in proofs] == [
            ("lesson", "retention"),
            ("raw_tracks", "retention"),
        ]
        assert all(each.finished_at_ms is not None for each in proofs)


def test_it_wakes_for_what_was_asked_for(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path / 'a.db'}"
    record(tmp_path, "les_a")
    with school(database_url) as session:
        add_lesson(session, "les_a")

    async def run() -> None:
        database = Database(database_url)
        caretaker = Caretaker(database, tmp_path, Policy(), Clock())
        task = asyncio.create_task(caretaker.run())
        try:
            await database.transaction(
                lambda session: erasures.erase_withdrawn(session, "era_a", "grp_hill", "org_a", "admin", 1)
            )
            caretaker.wake()

            async def is_done() -> bool:
                return not await database.transaction(erasures.open_parts)

            await until(is_done)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await database.close()

    asyncio.run(run())
