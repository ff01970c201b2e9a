from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from classroom_api.store.database import Database, engine_of, migrate, sqlite_url, upgrade_schema
from classroom_api.store.lessons import LessonState
from classroom_api.store.resource_schema import is_of_tables
from classroom_api.store.schema import LessonRow, Table
from streaming.errors import Unavailable


def lesson_row(lesson: str = "les_a", **more: object) -> LessonRow:
    """A planned lesson that records its master alone, but for what `more` says."""
    values = {
        "title": "Fractions",
        "mode": "interactive",
        "state": LessonState.SCHEDULED,
        "recording_policy": "master_only",
        "auto_publish": False,
        "created_at_ms": 1,
    }
    return LessonRow(id=lesson, **{**values, **more})


def test_migrations_make_the_tables_that_the_code_describes_and_go_back(database_url: str) -> None:
    engine = engine_of(database_url)
    upgrade_schema(engine)
    upgrade_schema(engine)
    with engine.begin() as connection:
        assert (
            compare_metadata(
                MigrationContext.configure(connection, opts={"include_name": is_of_tables}), Table.metadata
            )
            == []
        )
    migrate(engine, "base")
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    upgrade_schema(engine)
    engine.dispose()


def test_what_is_in_the_tables_outlives_a_migration_and_its_return(database_url: str) -> None:
    engine = engine_of(database_url)
    upgrade_schema(engine)
    migrate(engine, "0001")
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into lessons (id, title, mode, state, recording_policy, auto_publish, created_at_ms)"
                " values ('les_a', '分数', 'interactive', 'live', 'off', true, 1)"
            )
        )
        connection.execute(
            text(
                "insert into seats (id, lesson_id, role, name, recording_consent, created_at_ms)"
                " values ('seat_a', 'les_a', 'master', 'Lin', true, 1)"
            )
        )
    upgrade_schema(engine)
    with engine.begin() as connection:
        assert connection.execute(text("select title, version from lessons")).one() == ("分数", 1)
        assert connection.execute(text("select name, user_id from seats")).one() == ("Lin", None)
    migrate(engine, "0001")
    with engine.begin() as connection:
        assert connection.execute(text("select count(*) from seats")).scalar_one() == 1
    engine.dispose()


@pytest.mark.parametrize("url", ["mysql://school/tandem", "nonsense", "postgresql+asyncpg://a/b"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"database URL|not supported"):
        engine_of(url)


def test_what_was_committed_is_there_after_a_kill(tmp_path: Path) -> None:
    async def write() -> None:
        database = Database(sqlite_url(tmp_path / "a.db"))
        await database.open()
        await database.transaction(lambda session: session.add(lesson_row()))
        # No close: another connection, as after a kill, reads the write-ahead log.
        other = Database(sqlite_url(tmp_path / "a.db"))
        row = await other.transaction(lambda session: session.get(LessonRow, "les_a"))
        assert row is not None
        assert row.title == "Fractions"
        await other.close()
        await database.close()

    asyncio.run(write())


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    async def fail() -> None:
        database = Database(sqlite_url(tmp_path / "a.db"))
        await database.open()

        def work(session: object) -> None:
            assert hasattr(session, "add")
            session.add(lesson_row())
            raise RuntimeError("stop")

        with pytest.raises(RuntimeError, match="stop"):
            await database.transaction(work)
        assert await database.transaction(lambda session: session.get(LessonRow, "les_a")) is None
        await database.close()
        await database.close()

    asyncio.run(fail())


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mount.returncode != 0:
        pytest.skip("mounting a small file system takes privileges that are not given here")

    async def fill() -> None:
        database = Database(sqlite_url(tmp_path / "a.db"))
        await database.open()
        rows = [lesson_row(f"les_{number}", title="x" * 200) for number in range(10_000)]
        with pytest.raises(Unavailable) as unavailable:
            await database.transaction(lambda session: session.add_all(rows))
        assert unavailable.value.code == "storage_full"
        assert await database.transaction(lambda session: session.execute(text("select 1")).scalar_one()) == 1
        await database.close()

    try:
        asyncio.run(fill())
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
