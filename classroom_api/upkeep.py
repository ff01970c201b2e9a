"""SHELL: what the server does beside its lessons, in a thread of its own: it delivers, erases, does jobs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import typer

from classroom_api.background import Background
from classroom_api.jobs.handout import handout_at
from classroom_api.jobs.model import JobFigures, JobKinds
from classroom_api.jobs.worker import JobWorker
from classroom_api.outbox.carriers import StatementCarrier, WebhookCarrier
from classroom_api.outbox.courier import Courier
from classroom_api.outbox.sender import Sender
from classroom_api.retention.caretaker import Caretaker
from classroom_api.settings import Settings
from classroom_api.store.database import Database, sqlite_url
from classroom_api.store.jobs import DUE
from classroom_api.store.outbox import Figures
from streaming.errors import Unavailable


class Upkeep:
    """Opened after the database, closed before it."""

    def __init__(
        self,
        settings: Settings,
        server_secret: str,
        database: Database,
        kinds: JobKinds,
        clock_ms: Callable[[], int],
    ) -> None:
        self._settings, self._server_secret = settings, server_secret
        self._database, self._clock_ms = database, clock_ms
        self._courier: Courier | None = None
        work = [("outbox", self._deliver), ("retention", self._care), ("jobs", self._do_jobs)]
        self._background = Background(work)
        self._caretaker: Caretaker | None = None
        handout = handout_at(settings.redis_url)
        self._worker = JobWorker(database, kinds, settings.parallel_jobs, clock_ms, handout=handout)

    async def open(self) -> None:
        await asyncio.to_thread(self._background.open)

    async def close(self) -> None:
        """What is under way is told again when the server is back. Idempotent."""
        await asyncio.to_thread(self._background.close)

    @property
    def outbox_figures(self) -> Figures:
        return self._courier.figures if self._courier is not None else Figures()

    @property
    def job_figures(self) -> JobFigures:
        return self._worker.figures

    def committed(self, noted: Mapping[Any, Any]) -> None:
        """A transaction has been: the jobs that are due by it begin at once. In any thread."""
        if DUE in noted:
            self._background.call(partial(self._worker.work_due, noted[DUE]))

    def erase_soon(self) -> None:
        """There is something to erase."""
        if self._caretaker is not None:
            self._background.call(self._caretaker.wake)

    async def _do_jobs(self) -> None:
        await self._worker.run()

    async def _care(self) -> None:
        settings = self._settings
        policy = settings.retention()
        self._caretaker = Caretaker(
            self._database, settings.data_dir, policy, self._clock_ms, settings.opened_storage()
        )
        await self._caretaker.run()

    async def _deliver(self) -> None:
        settings = self._settings
        timeout_s = settings.delivery_timeout_s
        sender = Sender(timeout_s, is_private_allowed=settings.webhook_private_addresses)
        lrs = settings.lrs()
        webhooks = WebhookCarrier(sender, self._database, self._server_secret, self._clock_ms)
        statements = None
        if lrs is not None:
            statements = StatementCarrier(sender, self._database, lrs, self._clock_ms)
        self._courier = Courier(self._database, webhooks, statements, timeout_s, self._clock_ms)
        try:
            await self._courier.run()
        finally:
            await sender.close()


def run_retention(settings: Settings) -> None:
    """`tandem retention`: what the server does once an hour, now. Unavailable: no server's data folder."""
    data_dir = settings.data_dir
    if not (data_dir / "keys.json").is_file():
        raise Unavailable("unavailable", f"{data_dir} is not the data folder of a server.")
    due, erased = asyncio.run(_retention(settings))
    typer.echo(f"{due} due by policy, {erased} erased" if due or erased else "Nothing is due.")


async def _retention(settings: Settings) -> tuple[int, int]:
    database = Database(settings.database_url or sqlite_url(settings.data_dir / "tandem.db"))
    await database.open()
    try:
        policy = settings.retention()
        return await Caretaker(
            database,
            settings.data_dir,
            policy,
            lambda: int(time.time() * 1000),
            settings.opened_storage(),
        ).run_once()
    finally:
        await database.close()
