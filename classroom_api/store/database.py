"""The database: one engine, one thread that writes, transactions as plain functions of a session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from streaming.errors import Unavailable

T = TypeVar("T")

MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_TIMEOUT_MS = 5000


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def upgrade_schema(engine: Engine) -> None:
    """Bring the schema to the newest migration."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


class Database:
    """Runs transactions off the event loop, one after the other, in one thread.

    One writer is what SQLite has anyway; committing in order is what the event log needs.
    """

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _configure_sqlite)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tandem-database")

    async def open(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, upgrade_schema, self._engine)

    async def transaction(self, work: Callable[[Session], T]) -> T:
        """Run `work` in one transaction and commit it. Unavailable: storage_full, unavailable."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)

    def _run(self, work: Callable[[Session], T]) -> T:
        try:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                return work(session)
        except OperationalError as error:
            if "full" in str(error.orig) or "disk I/O error" in str(error.orig):
                raise Unavailable("storage_full", "The disk is full: free some space.") from error
            raise Unavailable("unavailable", "The database does not answer.") from error

    async def close(self) -> None:
        """Finish what was begun, then close. Idempotent."""
        await asyncio.to_thread(self._thread.shutdown)
        self._engine.dispose()


def _configure_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    busy = f"busy_timeout={_BUSY_TIMEOUT_MS}"
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", busy):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
