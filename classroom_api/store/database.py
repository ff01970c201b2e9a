"""The database: one engine, one thread that writes, transactions as plain functions of a session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, FromClause, create_engine, event, func, make_url, select
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DataError, IntegrityError, OperationalError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import ConnectionPoolEntry
from typing_extensions import override

from classroom_api.store.changes import Watches, has_written, note_writes, noted
from streaming.errors import LocalProtocolError, Refused, RemoteProtocolError, Unavailable

T = TypeVar("T")

MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_TIMEOUT_MS = 5000
_SCHEMA_LOCK = 7_000_001
_DISK_IS_FULL = ("full", "disk I/O error", "No space left")
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "sqlite": "sqlite"}


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def engine_of(url: str) -> Engine:
    """An engine for SQLite or PostgreSQL (`postgresql://…`, `postgresql+psycopg://…`), set up as ours are.

    ValueError: another kind of database, or not a database URL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("not a database URL (sqlite:///file or postgresql://user@host/name)") from None
    name = parsed.drivername
    driver = _DRIVERS.get(name, name)
    if driver not in _DRIVERS.values():
        raise ValueError(f"{name} is not supported: sqlite or postgresql")
    engine = create_engine(parsed.set(drivername=driver), pool_pre_ping=driver != "sqlite")
    if driver == "sqlite":
        engine.dialect.statement_compiler = _CompilerWithHints
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


class _CompilerWithHints(SQLiteCompiler):
    """SQLAlchemy leaves out what `with_hint` says behind the name of a table (`INDEXED BY …`)."""

    @override
    def get_from_hint_text(self, _: FromClause, text: str | None) -> str | None:
        return text


def upgrade_schema(engine: Engine) -> None:
    """Bring the schema to the newest migration. Of several processes that start at once, one does it."""
    migrate(engine, "head")


def migrate(engine: Engine, revision: str) -> None:
    """Bring the schema to `revision`, forwards or (`base` too) backwards, whole or not at all.

    SQLite alters a table by copying it; its foreign keys rest meanwhile, or dropping the original would
    delete what refers to it. They are checked before the commit.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if is_sqlite:
            _set_foreign_keys(connection, is_on=False)
        with connection.begin():
            lock(connection, _SCHEMA_LOCK)
            config.attributes["connection"] = connection
            (command.upgrade if revision == "head" else command.downgrade)(config, revision)
            if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise LocalProtocolError("internal_error", "a migration would break a foreign key")
        if is_sqlite:
            _set_foreign_keys(connection, is_on=True)


def _set_foreign_keys(connection: Connection, *, is_on: bool) -> None:
    """Outside of a transaction, which SQLAlchemy would begin: within one SQLite ignores it."""
    driver = connection.connection.cursor()
    driver.execute(f"PRAGMA foreign_keys={'ON' if is_on else 'OFF'}")
    driver.close()


def lock(connection: Connection, number: int) -> None:
    """Until the transaction ends nobody else holds lock `number`. SQLite has one writer, hence no need."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(number)))


class Database:
    """Runs transactions off the event loop, one after the other, in one thread.

    One writer is what SQLite has anyway; committing in order is what the event log needs.
    """

    def __init__(self, url: str, watches: Watches | None = None) -> None:
        """`watches`: of another connection to the same database, so that both are watched."""
        self.watches = watches if watches is not None else Watches()
        self._engine = engine_of(url)
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)
        note_writes(self._sessions)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tandem-database")
        self.committed: Callable[[Mapping[Any, Any]], None] | None = None
        """Told in that thread what a transaction noted in `session.info`, once it is committed."""

    @property
    def has_many_writers(self) -> bool:
        return self._engine.dialect.name == "postgresql"

    async def open(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, upgrade_schema, self._engine)

    def watching(self, callback: Callable[[], None], pause_s: float) -> AbstractContextManager[None]:
        """Meanwhile `callback` is called in the running loop `pause_s` after this process has written
        something. What other processes write is not told.
        """
        return self.watches.watching(callback, pause_s)

    async def transaction(self, work: Callable[[Session], T]) -> T:
        """Run `work` in one transaction and commit it.

        Unavailable: storage_full, unavailable. Refused: already_exists, still_in_use, precondition_failed
        (another process changed the same row). RemoteProtocolError: bad_message (a value it cannot hold).
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)

    def _run(self, work: Callable[[Session], T]) -> T:
        try:
            with self._sessions() as session:
                with session.begin():
                    result = work(session)
                if has_written(session):
                    self.watches.handle_commit()
                if self.committed is not None and (told := noted(session)):
                    self.committed(told)
                return result
        except OperationalError as error:
            if any(sign in str(error.orig) for sign in _DISK_IS_FULL):
                raise Unavailable("storage_full", "The disk is full: free some space.") from error
            raise Unavailable("unavailable", "The database does not answer.") from error
        except IntegrityError as error:
            if "foreign key" in str(error.orig).lower():
                raise Refused(
                    "still_in_use", "Something refers to it: change or delete that first."
                ) from error
            raise Refused("already_exists", "There is one with this name already.") from error
        except StaleDataError as error:
            raise Refused("precondition_failed", "Somebody else changed it: read it again.") from error
        except DataError as error:
            raise RemoteProtocolError("bad_message", "A value is not one that can be stored.") from error

    async def close(self) -> None:
        """Finish what was begun, then close. Idempotent."""
        await asyncio.to_thread(self._thread.shutdown)
        self._engine.dispose()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _configure_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver would begin a transaction at the first write alone: what was read before it may be outdated.
    connection.isolation_level = None
    cursor = connection.cursor()
    busy = f"busy_timeout={_BUSY_TIMEOUT_MS}"
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", busy):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
