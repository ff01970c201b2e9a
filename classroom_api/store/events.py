"""The event log of every room, over the database (signaling's `EventLog`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from classroom_api.store.database import Database
from classroom_api.store.lessons import RUNNING, lessons_in
from classroom_api.store.schema import EventRow, LessonRow
from signaling.ports import LessonFacts, LoadedRoom, RecordingPolicy, StoredEvent
from streaming.identifiers import LessonId

_LESSON_STATE = "lesson_state"


class StoredEvents:
    """Commits events in order; a `lesson_state` event moves the lesson's row in the same commit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, lesson: LessonId, epoch: str, events: Sequence[StoredEvent]) -> None:
        """Idempotent per sequence number: what a commit that seemed lost has stored may be stored again.

        Unavailable: storage_full, unavailable; then none of `events` is stored.
        """

        def insert(session: Session) -> None:
            _insert(session, lesson, epoch, events)
            for event in events:
                if event.kind == _LESSON_STATE:
                    _move_lesson(session, lesson, json.loads(event.body))

        await self._database.transaction(insert)

    async def load(self, lesson: LessonId) -> LoadedRoom | None:
        def select_room(session: Session) -> LoadedRoom | None:
            row = session.get(LessonRow, lesson)
            if row is None:
                return None
            query = select(EventRow).where(EventRow.lesson_id == lesson).order_by(EventRow.seq)
            rows = session.scalars(query).all()
            return LoadedRoom(
                facts=LessonFacts(
                    id=lesson,
                    title=row.title,
                    mode=row.mode,
                    recording_policy=RecordingPolicy(row.recording_policy),
                    voice_ptime_ms=row.voice_ptime_ms,
                ),
                epoch=rows[-1].epoch if rows else None,
                events=tuple(_stored(event) for event in rows),
            )

        return await self._database.transaction(select_room)

    async def unfinished(self) -> Sequence[LessonId]:
        def select_running(session: Session) -> list[LessonId]:
            return [LessonId(row.id) for row in lessons_in(session, RUNNING)]

        return await self._database.transaction(select_running)


def _insert(session: Session, lesson: LessonId, epoch: str, events: Sequence[StoredEvent]) -> None:
    """One statement, whatever the number of rows: fifty rooms share one writer."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(cast(Table, EventRow.__table__))
    changed = {name: statement.excluded[name] for name in ("epoch", "at_ms", "body")}
    rows = [
        {"lesson_id": lesson, "seq": event.seq, "epoch": epoch, "at_ms": event.at_ms, "body": event.body}
        for event in events
    ]
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=["lesson_id", "seq"], set_=changed), rows
    )


def _stored(row: EventRow) -> StoredEvent:
    return StoredEvent(seq=row.seq, at_ms=row.at_ms, kind=json.loads(row.body)["type"], body=row.body)


def _move_lesson(session: Session, lesson: LessonId, body: dict[str, object]) -> None:
    row = session.get_one(LessonRow, lesson)
    row.state = str(body["state"])
    for name in ("started_at_ms", "ended_at_ms"):
        value = body.get(name)
        if isinstance(value, int):
            setattr(row, name, value)
