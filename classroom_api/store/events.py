"""The event log of every room, over the database (signaling's `EventLog`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import cast

from sqlalchemy import ColumnElement, Table, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from classroom_api.outbox.events import ROOM_EVENTS, told_of_room_event
from classroom_api.outbox.statements import STATED
from classroom_api.store import outbox
from classroom_api.store.database import Database
from classroom_api.store.decks import ready_decks
from classroom_api.store.lessons import RUNNING, lessons_in
from classroom_api.store.schema import EventRow, LessonRow
from signaling.ports import LessonFacts, LoadedRoom, RecordingPolicy, StoredEvent
from streaming.identifiers import LessonId

_LESSON_STATE = "lesson_state"


class StoredEvents:
    """Commits events in order; a `lesson_state` event moves the lesson's row in the same commit, and what is
    to be told of them goes into the outbox. `is_stated`: to a learning record store too.
    """

    def __init__(self, database: Database, *, is_stated: bool = False) -> None:
        self._database = database
        self._is_stated = is_stated

    async def append(self, lesson: LessonId, epoch: str, events: Sequence[StoredEvent]) -> None:
        """Idempotent per sequence number: what a commit that seemed lost has stored may be stored again.

        Unavailable: storage_full, unavailable; then none of `events` is stored.
        """

        def insert(session: Session) -> None:
            untold = self._untold(session, lesson, events)
            _insert(session, lesson, epoch, events)
            for event in events:
                if event.kind == _LESSON_STATE:
                    _move_lesson(session, lesson, json.loads(event.body))
            _tell(session, lesson, *untold)

        await self._database.transaction(insert)

    def _untold(
        self, session: Session, lesson: LessonId, events: Sequence[StoredEvent]
    ) -> tuple[list[StoredEvent], list[StoredEvent]]:
        """What webhooks, and what the record store, are to be told of events that are about to be stored.
        Most batches have nothing: they cost no query.
        """
        heard = [event for event in events if event.kind in ROOM_EVENTS]
        if heard and not outbox.has_webhooks(session):
            heard = []
        stated = [event for event in events if self._is_stated and event.kind in STATED]
        numbers = {event.seq for event in (*heard, *stated)}
        if not numbers:
            return [], []
        query = select(EventRow.seq).where(EventRow.lesson_id == lesson, EventRow.seq.in_(numbers))
        new = numbers.difference(session.scalars(query))
        return [event for event in heard if event.seq in new], [event for event in stated if event.seq in new]

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
                decks=ready_decks(session, lesson),
            )

        return await self._database.transaction(select_room)

    async def unfinished(self) -> Sequence[LessonId]:
        def select_running(session: Session) -> list[LessonId]:
            return [LessonId(row.id) for row in lessons_in(session, RUNNING)]

        return await self._database.transaction(select_running)


def _tell(
    session: Session, lesson: LessonId, heard: Sequence[StoredEvent], stated: Sequence[StoredEvent]
) -> None:
    if heard:
        organization = session.get_one(LessonRow, lesson).organization_id
        told = [
            told_of_room_event(json.loads(event.body), event.at_ms, lesson, organization) for event in heard
        ]
        outbox.tell_all(session, [each for each in told if each is not None])
    entries = [(str(lesson), event.kind, str(event.seq), event.at_ms) for event in stated]
    outbox.enqueue(session, outbox.LRS, entries)


def is_of_kind(kinds: Iterable[str]) -> ColumnElement[bool]:
    """Whether an event is of one of these kinds. `serialize_event` writes the kind first."""
    return or_(*(EventRow.body.startswith(f'{{"type":"{kind}"', autoescape=True) for kind in sorted(kinds)))


def events_of(session: Session, lesson: str, kinds: Iterable[str]) -> tuple[StoredEvent, ...]:
    """What happened in a lesson's room, in order; of these kinds."""
    query = select(EventRow).where(EventRow.lesson_id == lesson, is_of_kind(kinds))
    return tuple(_stored(row) for row in session.scalars(query.order_by(EventRow.seq)))


def pages_shown(session: Session, lesson: str) -> frozenset[tuple[str, int]]:
    """(deck, page) of all that a lesson's board has shown."""
    turns = events_of(session, lesson, {"slide_shown"})
    slides = (json.loads(turn.body)["slide"] for turn in turns)
    return frozenset((slide["deck"], slide["page"]) for slide in slides if slide is not None)


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
