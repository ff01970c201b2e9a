from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from classroom_api.store.changes import Watch
from classroom_api.store.database import Database, sqlite_url
from classroom_api.store.schema import LessonRow


def _rename_all(session: Session) -> None:
    session.execute(update(LessonRow).values(title="Fractions"))


async def _all_is_told() -> None:
    done = asyncio.Event()
    asyncio.get_running_loop().call_later(0, done.set)
    await done.wait()


def test_a_commit_is_told_once_for_many(tmp_path: Path) -> None:
    async def scenario() -> None:
        database = Database(sqlite_url(tmp_path / "tandem.db"))
        await database.open()
        told = asyncio.Event()
        count = 0

        def tell() -> None:
            nonlocal count
            count += 1
            told.set()

        with database.watching(tell, pause_s=0.05):
            for _ in range(5):
                await database.transaction(_rename_all)
            await asyncio.wait_for(told.wait(), 10)
        assert count < 5
        await database.close()

    asyncio.run(scenario())


def test_reading_is_not_told(tmp_path: Path) -> None:
    async def scenario() -> None:
        database = Database(sqlite_url(tmp_path / "tandem.db"))
        await database.open()
        told = asyncio.Event()
        with database.watching(told.set, pause_s=0):
            await database.transaction(lambda session: session.scalars(select(LessonRow)).all())
            await _all_is_told()
        assert not told.is_set()
        await database.close()

    asyncio.run(scenario())


def test_who_watches_no_longer_is_not_told(tmp_path: Path) -> None:
    async def scenario() -> None:
        database = Database(sqlite_url(tmp_path / "tandem.db"))
        await database.open()
        told = asyncio.Event()
        with database.watching(told.set, pause_s=0):
            pass
        await database.transaction(_rename_all)
        await _all_is_told()
        assert not told.is_set()
        await database.close()

    asyncio.run(scenario())


def test_a_closed_loop_is_left_alone() -> None:
    async def made() -> Watch:
        return Watch(lambda: None, 0)

    asyncio.run(made()).handle_commit()
