"""`tandem worker`: finishes the replays of lessons that ended while nothing could package them, then ends.

A running `tandem serve` does this by itself; a worker is for a data folder whose server is stopped.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

import typer

from classroom_api.client import read_server_file
from classroom_api.recorder_port import RecorderAdapter
from classroom_api.store.database import Database, sqlite_url
from classroom_api.store.lessons import LessonState, lessons_in
from classroom_api.store.resources import settle_lesson
from classroom_api.store.schema import LessonRow
from recording.recorder import RecordingConfig
from streaming.errors import Refused, Unavailable
from streaming.identifiers import LessonId, PublicationId

_UNSETTLED = frozenset({LessonState.ENDED, LessonState.PROCESSING})
_LOOK_AGAIN_S = 0.2


class _NoMedia:
    """The recorder's `TapSource` where there is no media server."""

    def open_tap(self, publication: PublicationId, ring_bytes: int = 0) -> NoReturn:
        raise Unavailable(
            "unavailable", f"{publication} cannot be recorded: {ring_bytes} bytes, no media here."
        )

    def request_keyframe(self, publication: PublicationId) -> None:
        raise Unavailable("unavailable", f"{publication} has no publisher here.")


def require_no_server(data_dir: Path) -> None:
    """Refused: a server runs on this data folder and packages by itself."""
    try:
        address = read_server_file(data_dir)
    except Unavailable:
        return
    try:
        os.kill(address.process_id, 0)
    except ProcessLookupError:
        return
    raise Refused(
        "lesson_state_conflict", f"The server at {address.url} runs and finishes replays by itself."
    )


async def finish_replays(recording: RecordingConfig, database_url: str | None = None) -> int:
    """Package what waits in the data folder; how many lessons that was. Refused: recording_key_wrong."""
    data_dir = recording.data_dir
    database = Database(database_url or sqlite_url(data_dir / "tandem.db"))
    await database.open()
    adapter = RecorderAdapter(recording, _NoMedia(), database)
    try:
        await adapter.open()
        total = len(await _unsettled(database))
        while waiting := await _unsettled(database):
            for row in waiting:
                lesson = LessonId(row.id)
                if not (data_dir / "recordings" / lesson).exists():
                    await database.transaction(
                        partial(settle_lesson, lesson=lesson, now_ms=int(time.time() * 1000))
                    )
            await asyncio.sleep(_LOOK_AGAIN_S)
        return total
    finally:
        await adapter.close()
        await database.close()


async def _unsettled(database: Database) -> Sequence[LessonRow]:
    return await database.transaction(lambda session: lessons_in(session, _UNSETTLED))


def run_worker(recording: RecordingConfig, database_url: str | None) -> None:
    """Until all is finished. `database_url` None: the SQLite file in the data folder."""
    data_dir = recording.data_dir
    if not (data_dir / ("keys.json" if database_url else "tandem.db")).is_file():
        raise Unavailable("unavailable", f"{data_dir} is not the data folder of a server.")
    require_no_server(data_dir)
    total = asyncio.run(finish_replays(recording, database_url))
    typer.echo(f"{total} lessons finished" if total else "No replay waits to be finished.")
