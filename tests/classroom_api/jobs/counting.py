"""The kind of the counting job, a queue to put it in, and a caption for each time one is told to be done."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from classroom_api.jobs.model import Job
from classroom_api.planning import new_id
from classroom_api.store import jobs
from classroom_api.store.database import Database
from classroom_api.store.resource_schema import CaptionRow, JobRow
from tests.classroom_api.store.test_database import lesson_row

LESSON = "les_counted"
WAIT_S = 60.0
JOB = "tests.classroom_api.jobs.counting_job"


def now_ms() -> int:
    return int(time.time() * 1000)


class Counting:
    """Payload: `file`, `until`, `mode`, or a whole `command`."""

    name = "counting"

    def command(self, session: Session, job: Job) -> Sequence[str]:
        found = job.payload
        if "command" in found:
            return list(found["command"])
        return [sys.executable, "-m", JOB, found["file"], str(found["until"]), found.get("mode", "")]

    def finished(self, session: Session, job: Job, result: Mapping[str, Any]) -> None:
        self._note(session, job, f"{result.get('counted')}")

    def failed(self, session: Session, job: Job, code: str) -> None:
        self._note(session, job, code)

    def _note(self, session: Session, job: Job, text: str) -> None:
        row = CaptionRow(
            id=new_id("cap"),
            lesson_id=LESSON,
            language="en",
            label=job.key,
            origin="",
            is_draft=False,
            text=text,
            created_at_ms=0,
        )
        session.add(row)


KINDS = {"counting": Counting()}


def add_lesson(session: Session) -> None:
    """That of all counting jobs."""
    session.add(lesson_row(LESSON, state="review", recording_policy="stage"))


async def ask(
    database: Database, key: str, file: Path | None = None, until: int = 5, mode: str = "", **more: object
) -> str:
    """The id of a job that counts."""
    payload = {"file": str(file), "until": until, "mode": mode, **more}
    row = await database.transaction(
        lambda session: jobs.enqueue(session, "counting", key, payload, LESSON, now_ms())
    )
    return row.id


async def row_of(database: Database, job: str) -> JobRow:
    return await database.transaction(lambda session: session.get_one(JobRow, job))


async def endings(database: Database) -> list[tuple[str, str]]:
    """(key, what it was told), as often as it was."""
    query = select(CaptionRow.label, CaptionRow.text).order_by(CaptionRow.label)
    found = await database.transaction(lambda session: session.execute(query).all())
    return [(label, text) for label, text in found]


async def open_jobs(database: Database) -> int:
    query = select(func.count()).where(JobRow.state.in_(["pending", "running"]))
    return await database.transaction(lambda session: session.scalar(query) or 0)
