from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from classroom_api import housekeeping
from classroom_api.housekeeping import keep_house
from classroom_api.store.database import Database, sqlite_url
from classroom_api.store.schema import LessonRow
from streaming.errors import Unavailable


def test_it_counts_again_when_something_was_written_and_outlives_a_database_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "_PAUSE_S", 0.01)
    counted: asyncio.Queue[int] = asyncio.Queue()
    purged: list[int] = []
    asked = 0

    def count(session: Session, now_ms: int) -> int:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise Unavailable("unavailable", "The database does not answer.")
        assert now_ms == 7
        return session.scalar(select(func.count()).select_from(LessonRow)) or 0

    def purge(_: Session, now_ms: int) -> None:
        purged.append(now_ms)

    def touch(session: Session) -> None:
        session.execute(update(LessonRow).values(title="Fractions"))

    async def scenario() -> None:
        database = Database(sqlite_url(tmp_path / "tandem.db"))
        await database.open()
        house = asyncio.create_task(
            keep_house(database, lambda: 7, "the queue", count, purge, counted.put_nowait)
        )
        assert await asyncio.wait_for(counted.get(), 10) == 0
        async with asyncio.timeout(20):
            while counted.empty():  # the second time the database is gone, the third it is back
                await database.transaction(touch)
                await asyncio.wait({house}, timeout=0.02)
        house.cancel()
        await asyncio.wait({house})
        await database.close()

    asyncio.run(scenario())
    assert asked >= 3
    assert purged == [7]
