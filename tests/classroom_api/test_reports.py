from __future__ import annotations

import asyncio
from pathlib import Path

from classroom_api import reports as reports_module
from classroom_api.access import EVERYTHING, Scope
from classroom_api.planning import Planning
from classroom_api.reports import Reports
from classroom_api.store.database import Database, sqlite_url
from tests.classroom_api.past_lesson import LENGTH_MS, ordinary_lesson, store_lesson
from tests.classroom_api.store.test_database import lesson_row
from tests.classroom_api.test_report_sums import STARTED_AT_MS, report


def test_a_stored_lesson_is_reported_as_its_events_say(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "a.db")

    async def run() -> None:
        database = Database(url)
        await database.open()
        row = lesson_row("les_a", title="分数")
        await database.transaction(lambda session: session.add(row))
        await asyncio.to_thread(store_lesson, url, "les_a", ordinary_lesson(STARTED_AT_MS), STARTED_AT_MS)
        reports = Reports(Planning(database, lambda: STARTED_AT_MS + 2 * LENGTH_MS))
        found = await reports.of_lesson(row)
        assert found.is_final
        assert (found.title, found.time_zone, found.organization) == ("分数", "Asia/Shanghai", None)
        assert found.figures.duration_ms == LENGTH_MS
        assert [room.stage_ms for room in found.figures.rooms] == [
            room.stage_ms for room in report().figures.rooms
        ]
        summed = await reports.of_lessons(EVERYTHING, None, None, (STARTED_AT_MS, STARTED_AT_MS + 1))
        assert [line.lesson_id for line in summed.lessons] == ["les_a"]
        assert summed.is_complete
        nothing = await reports.of_lessons(Scope(), None, None, (0, 2 * STARTED_AT_MS))
        assert nothing.lessons == ()
        await database.close()

    asyncio.run(run())


def test_a_running_lesson_is_told_up_to_now(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "a.db")

    async def run() -> None:
        database = Database(url)
        await database.open()
        row = lesson_row("les_a")
        await database.transaction(lambda session: session.add(row))
        told = ordinary_lesson(STARTED_AT_MS, is_over=False)[:12]
        await asyncio.to_thread(store_lesson, url, "les_a", told, STARTED_AT_MS)
        found = await Reports(Planning(database, lambda: STARTED_AT_MS + 480_000)).of_lesson(row)
        assert (found.is_final, found.figures.duration_ms) == (False, 480_000)
        await database.close()

    asyncio.run(run())


def test_one_answer_is_bounded() -> None:
    assert reports_module.MAXIMUM_LESSONS == 500
