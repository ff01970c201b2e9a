"""The queue of jobs: the database is the record of what waits, who does it, how far it is, how it ended.

A worker that claims a job has it until its lease ends, and renews that while it works; what it says later is
not heard. On PostgreSQL other workers pass over rows that are being claimed, SQLite has one writer anyway.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Select, and_, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from classroom_api.access import EVERYTHING, Scope
from classroom_api.cursors import Position
from classroom_api.jobs.model import CANCELLED_CODE, OPEN, Job, JobFigures, JobKinds, JobState
from classroom_api.jobs.schedule import Ending, judge
from classroom_api.store.resource_schema import JobRow
from classroom_api.store.schema import LessonRow
from classroom_api.store.timetable import visible_lessons
from streaming.errors import Refused
from streaming.identifiers import RANDOM_BYTES, format_identifier

T = TypeVar("T")

NEW_PROGRESS = 0.01
CLOCKS_APART_MS = 60_000
"""Those of two workers are no further."""
KEPT_MS = 30 * 86_400_000
DUE = "due_jobs"
"""Where a transaction notes the jobs whose turn has come (`Database.committed`)."""
_PURGED_AT_ONCE = 1000


class Hold(StrEnum):
    """What a renewal says of a job."""

    HELD = "held"
    CANCELLED = "cancelled"
    LOST = "lost"
    """Somebody else does it, or it is gone."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which jobs are wanted. `after`: behind which one."""

    scope: Scope = EVERYTHING
    lesson: str | None = None
    state: JobState | None = None
    after: Position | None = None


def enqueue(
    session: Session,
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    lesson_id: str | None,
    now_ms: int,
    *,
    not_before_ms: int = 0,
) -> JobRow:
    """Part of a transaction: the job of this key, which may be there already, in whatever state."""
    values = {
        "id": format_identifier("job", secrets.token_bytes(RANDOM_BYTES)),
        "kind": kind,
        "key": key,
        "lesson_id": lesson_id,
        "payload": dict(payload),
        "state": JobState.PENDING,
        "attempts": 0,
        "run_after_ms": max(now_ms, not_before_ms),
        "lease": "",
        "leased_until_ms": 0,
        "is_cancelled": False,
        "progress": 0.0,
        "step": "",
        "created_at_ms": now_ms,
    }
    if session.connection().dialect.name == "postgresql":
        session.execute(postgresql.insert(JobRow).values(values).on_conflict_do_nothing())
    else:
        session.execute(sqlite.insert(JobRow).values(values).on_conflict_do_nothing())
    row = session.scalars(select(JobRow).where(JobRow.key == key)).one()
    if row.id == values["id"]:
        _note_due(session, row, now_ms)
    return row


def _note_due(session: Session, row: JobRow, now_ms: int) -> None:
    if row.run_after_ms <= now_ms:
        session.info.setdefault(DUE, []).append(row.id)


def job_of(row: JobRow) -> Job:
    return Job(
        row.id, row.kind, row.key, row.lesson_id, row.payload, row.attempts, row.lease, row.is_cancelled
    )


def claim(
    session: Session,
    kinds: Collection[str],
    now_ms: int,
    leased_ms: int,
    *,
    limit: int = 1,
    only: Collection[str] | None = None,
) -> list[Job]:
    """At most `limit` jobs whose turn it is (of `only`), each with a lease of its own: those that wait, with
    which an attempt begins, and those whose worker has died, which go on with theirs.
    """
    query = _due(select(JobRow), kinds, now_ms, leased_ms).limit(limit).with_for_update(skip_locked=True)
    if only is not None:
        query = query.where(JobRow.id.in_(only))
    rows = session.scalars(query).all()
    for row in rows:
        row.attempts += row.state == JobState.PENDING
        row.state = JobState.RUNNING
        row.lease, row.leased_until_ms = secrets.token_urlsafe(16), now_ms + leased_ms
        row.started_at_ms = now_ms
    return [job_of(row) for row in rows]


def due(session: Session, kinds: Collection[str], now_ms: int, leased_ms: int, limit: int) -> Sequence[str]:
    """The ids of the jobs that could be claimed; at most `limit`, the longest due first."""
    return session.scalars(_due(select(JobRow.id), kinds, now_ms, leased_ms).limit(limit)).all()


def _due(query: Select[T], kinds: Collection[str], now_ms: int, leased_ms: int) -> Select[T]:
    waits = and_(JobRow.state == JobState.PENDING, JobRow.run_after_ms <= now_ms)
    until_ms = JobRow.leased_until_ms
    # One that no clock can have given was, before that was set back: its worker may be dead.
    is_over = or_(until_ms <= now_ms, until_ms > now_ms + leased_ms + CLOCKS_APART_MS)
    is_left = and_(JobRow.state == JobState.RUNNING, is_over)
    return query.where(or_(waits, is_left), JobRow.kind.in_(kinds)).order_by(JobRow.run_after_ms, JobRow.id)


def _held(session: Session, job: Job) -> JobRow | None:
    """The row of a job that still has the lease it was claimed with."""
    row = session.get(JobRow, job.id, with_for_update=True, populate_existing=True)
    if row is None or row.state != JobState.RUNNING or row.lease != job.lease:
        return None
    return row


def renew(session: Session, job: Job, now_ms: int, leased_ms: int, progress: float | None, step: str) -> Hold:
    """The job is being done, and this far. `progress` None: it has not said.

    Who gets further than any attempt before has all attempts: a long job outlives many workers.
    """
    row = _held(session, job)
    if row is None:
        return Hold.LOST
    row.leased_until_ms = now_ms + leased_ms
    if progress is not None:
        if progress >= row.progress + NEW_PROGRESS:
            row.attempts = 1
        row.progress, row.step = max(progress, row.progress), step
    return Hold.CANCELLED if row.is_cancelled else Hold.HELD


def finish(session: Session, job: Job, result: Mapping[str, Any], now_ms: int, kinds: JobKinds) -> bool:
    """It is done. False: the lease was lost, and nothing is written. Refused: as the kind says."""
    row = _held(session, job)
    if row is None:
        return False
    kinds[row.kind].finished(session, job, result)
    _end(row, JobState.DONE, now_ms)
    row.progress, row.result, row.error = 1.0, dict(result), None
    return True


def put_back(
    session: Session, job: Job, ending: Ending, code: str, now_ms: int, chance: float, kinds: JobKinds
) -> JobState | None:
    """An attempt ended otherwise, with `code`. What becomes of the job; None: the lease was lost."""
    row = _held(session, job)
    if row is None:
        return None
    if ending is Ending.CANCELLED or row.is_cancelled:
        _close(session, row, JobState.CANCELLED, CANCELLED_CODE, now_ms, kinds)
        return JobState.CANCELLED
    verdict = judge(ending, row.attempts, now_ms, chance)
    if verdict.retry_at_ms is None:
        _close(session, row, JobState.FAILED, code, now_ms, kinds)
        return JobState.FAILED
    row.state, row.lease, row.leased_until_ms = JobState.PENDING, "", 0
    row.run_after_ms, row.error = verdict.retry_at_ms, code or None
    row.attempts -= 0 if verdict.counts else 1
    _note_due(session, row, now_ms)
    return JobState.PENDING


def _end(row: JobRow, state: JobState, now_ms: int) -> None:
    row.state, row.lease, row.leased_until_ms, row.finished_at_ms = state, "", 0, now_ms


def _close(session: Session, row: JobRow, state: JobState, code: str, now_ms: int, kinds: JobKinds) -> None:
    if row.kind in kinds:
        kinds[row.kind].failed(session, job_of(row), code)
    _end(row, state, now_ms)
    row.error = code[:80]


def cancel(session: Session, row: JobRow, now_ms: int, kinds: JobKinds) -> None:
    """At once what waits; what runs, when its worker looks. Refused: job_state_conflict."""
    if row.state not in OPEN:
        raise Refused("job_state_conflict", "The job is over.")
    row.is_cancelled = True
    if row.state == JobState.PENDING:
        _close(session, row, JobState.CANCELLED, CANCELLED_CODE, now_ms, kinds)


def halt(session: Session, lesson: str, now_ms: int, folders: Collection[str] | None = None) -> bool:
    """Nothing is to be done any more for a lesson, or for those of its folders; whether nothing is, which may
    take seconds.
    """
    query = select(JobRow).where(JobRow.lesson_id == lesson, JobRow.state.in_(OPEN)).with_for_update()
    is_quiet = True
    for row in session.scalars(query):
        if folders is None or _folder_of(row) in folders:
            row.is_cancelled, row.run_after_ms = True, min(row.run_after_ms, now_ms)
            is_quiet = is_quiet and (row.state == JobState.PENDING or row.leased_until_ms <= now_ms)
    return is_quiet


def _folder_of(row: JobRow) -> str | None:
    """Where it writes, or what it carries."""
    version = row.payload.get("version")
    return row.payload.get("folder") if version is None else f"resources/{version}"


def retry(session: Session, row: JobRow, now_ms: int) -> None:
    """From now on, with all its attempts: one that is over, or waits. Refused: job_state_conflict."""
    if row.state in (JobState.RUNNING, JobState.DONE):
        raise Refused("job_state_conflict", "The job runs, or is done.")
    row.state, row.attempts, row.run_after_ms, row.progress = JobState.PENDING, 0, now_ms, 0.0
    row.is_cancelled, row.error, row.finished_at_ms = False, None, None
    _note_due(session, row, now_ms)


def find_job(session: Session, job: str, scope: Scope) -> JobRow:
    """To be changed in this transaction. Refused: job_unknown."""
    query = _within(scope).where(JobRow.id == job).with_for_update(of=JobRow)
    row = session.scalar(query)
    if row is None:
        raise Refused("job_unknown", "There is no such job, or it is not in your organizations.")
    return row


def list_jobs(session: Session, query: Query, limit: int) -> Sequence[JobRow]:
    """The newest first."""
    found = _within(query.scope)
    if query.lesson is not None:
        found = found.where(JobRow.lesson_id == query.lesson)
    if query.state is not None:
        found = found.where(JobRow.state == query.state)
    if query.after is not None:
        at_ms = JobRow.created_at_ms
        same = and_(at_ms == query.after.at_ms, JobRow.id < query.after.id)
        found = found.where(or_(at_ms < query.after.at_ms, same))
    return session.scalars(found.order_by(JobRow.created_at_ms.desc(), JobRow.id.desc()).limit(limit)).all()


def _within(scope: Scope) -> Select[JobRow]:
    """Jobs of lessons in `scope`; those of no lesson are for who sees everything."""
    if scope.paths is None:
        return select(JobRow)
    return select(JobRow).where(JobRow.lesson_id.in_(select(LessonRow.id).where(visible_lessons(scope))))


def purge(session: Session, now_ms: int) -> int:
    """Forget what ended a month ago; how many that were."""
    old = select(JobRow.id).where(JobRow.state.not_in(OPEN), JobRow.finished_at_ms < now_ms - KEPT_MS)
    found = session.scalars(old.limit(_PURGED_AT_ONCE)).all()
    session.execute(delete(JobRow).where(JobRow.id.in_(found)))
    return len(found)


def figures(session: Session, now_ms: int) -> JobFigures:
    """How many there are, and since when the oldest that may run waits."""
    counts = session.execute(
        select(JobRow.kind, JobRow.state, func.count()).group_by(JobRow.kind, JobRow.state)
    )
    by_kind = {(kind, state): count for kind, state, count in counts}
    waiting = select(func.min(JobRow.run_after_ms)).where(JobRow.state == JobState.PENDING)
    oldest_ms: int | None = session.scalar(waiting)
    return JobFigures(by_kind, 0 if oldest_ms is None else max(now_ms - oldest_ms, 0))
