"""`tandem worker`: does jobs, beside a server and any number of other workers.

Where the data folder's server is stopped, it first finishes the replays of lessons that ended while nothing
could package them.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import typer

from classroom_api.client import read_server_file
from classroom_api.jobs.elsewhere import SCRATCH, clear_scratch
from classroom_api.jobs.handout import handout_at
from classroom_api.jobs.kinds import job_kinds
from classroom_api.jobs.storing import KIND as STORE
from classroom_api.jobs.worker import JobWorker
from classroom_api.live_media import LiveMedia
from classroom_api.planning import Planning
from classroom_api.recorder_port import UNSETTLED, RecorderAdapter
from classroom_api.settings import Settings
from classroom_api.store.database import Database, sqlite_url
from classroom_api.store.jobs import DUE
from classroom_api.store.lessons import lessons_in
from classroom_api.store.resources import settle_lesson
from classroom_api.store.schema import LessonRow
from classroom_api.versions import Versions
from recording.recorder import RecordingConfig
from streaming.errors import Unavailable
from streaming.identifiers import LessonId, PublicationId

_LOOK_AGAIN_S = 0.2


class _NoMedia:
    """The recorder's `TapSource` where there is no media server."""

    def open_tap(self, publication: PublicationId, ring_bytes: int = 0) -> NoReturn:
        raise Unavailable(
            "unavailable", f"{publication} cannot be recorded: {ring_bytes} bytes, no media here."
        )

    def request_keyframe(self, publication: PublicationId) -> None:
        raise Unavailable("unavailable", f"{publication} has no publisher here.")


def is_served(data_dir: Path) -> bool:
    """Whether a server runs on this data folder: it packages by itself."""
    try:
        address = read_server_file(data_dir)
        os.kill(address.process_id, 0)
    except (Unavailable, ProcessLookupError):
        return False
    return True


async def finish_replays(
    recording: RecordingConfig, url: str | None = None, *, is_ladder_on: bool = True
) -> int:
    """Package what waits in the data folder; how many lessons that was. Refused: recording_key_wrong."""
    data_dir = recording.data_dir
    database = Database(url or sqlite_url(data_dir / "tandem.db"))
    await database.open()
    versions = Versions(Planning(database, _now_ms), {}, None, is_ladder_on=is_ladder_on)
    live = LiveMedia(data_dir / "resources")
    adapter = RecorderAdapter(recording, _NoMedia(), database, live, versions.lesson_settled)
    try:
        await adapter.open()
        total = len(await _unsettled(database))
        while waiting := await _unsettled(database):
            for row in waiting:
                lesson = LessonId(row.id)
                if not (data_dir / "recordings" / lesson).exists():
                    await database.transaction(partial(settle_lesson, lesson=lesson, now_ms=_now_ms()))
            await asyncio.sleep(_LOOK_AGAIN_S)
        return total
    finally:
        await adapter.close()
        await database.close()


async def _unsettled(database: Database) -> Sequence[LessonRow]:
    return await database.transaction(lambda session: lessons_in(session, UNSETTLED))


async def do_jobs(settings: Settings, *, until_idle: bool, is_elsewhere: bool = False) -> int:
    """Until SIGTERM or SIGINT, or until no job can be done now; how many attempts those were.

    `is_elsewhere`: what is to be put into the storage is not here.
    """
    database = Database(database_url(settings))
    await database.open()
    kinds = {name: kind for name, kind in job_kinds(settings).items() if not (is_elsewhere and name == STORE)}
    limit, handout = max(settings.parallel_jobs, 1), handout_at(settings.redis_url)
    worker = JobWorker(database, kinds, limit, _now_ms, handout=handout)
    work = asyncio.create_task(worker.run_until_idle() if until_idle else _forever(worker))
    loop = asyncio.get_running_loop()

    def committed(noted: Mapping[Any, Any]) -> None:
        if DUE in noted:
            loop.call_soon_threadsafe(worker.work_due, noted[DUE])

    database.committed = committed
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, work.cancel)
    try:
        await asyncio.wait({work})
        return 0 if work.cancelled() else work.result()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        await database.close()


async def _forever(worker: JobWorker) -> int:
    await worker.run()
    return 0


def _now_ms() -> int:
    return int(time.time() * 1000)


def database_url(settings: Settings) -> str:
    return settings.database_url or sqlite_url(settings.data_dir / "tandem.db")


def run_worker(settings: Settings, *, until_idle: bool) -> None:
    """First the replays that wait where no server runs, then jobs. On another machine than the server's,
    jobs alone, whose files come from the storage.
    """
    data_dir = settings.data_dir
    if (data_dir / ("keys.json" if settings.database_url else "tandem.db")).is_file():
        if not is_served(data_dir):
            is_ladder_on = settings.ladder == "on"
            total = asyncio.run(
                finish_replays(settings.recording(), settings.database_url, is_ladder_on=is_ladder_on)
            )
            typer.echo(f"{total} lessons finished" if total else "No replay waits to be finished.")
        _work(settings, until_idle=until_idle)
    elif settings.database_url is None or settings.storage is None:
        raise Unavailable(
            "unavailable",
            f"{data_dir} is not the data folder of a server. On another machine than the server's a worker "
            "needs the server's --database-url and --storage.",
        )
    else:
        clear_scratch(data_dir / SCRATCH)
        _work(settings, until_idle=until_idle, is_elsewhere=True)


def _work(settings: Settings, *, until_idle: bool, is_elsewhere: bool = False) -> None:
    if not until_idle:
        typer.echo(f"Doing jobs, {max(settings.parallel_jobs, 1)} at once")
    count = asyncio.run(do_jobs(settings, until_idle=until_idle, is_elsewhere=is_elsewhere))
    if until_idle:
        typer.echo(f"{count} jobs done or tried" if count else "No job waits.")
