"""What statements are made of: a lesson's facts and the events that are stated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_api.outbox.statements import STATED, LessonFacts, Narrator, Statement
from classroom_api.store.events import is_of_kind
from classroom_api.store.lessons import require_lesson
from classroom_api.store.planning_schema import CourseRow, UnitRow
from classroom_api.store.schema import EventRow, LessonRow, SeatRow
from signaling.roles import Role
from streaming.identifiers import LessonId


def lesson_facts(session: Session, row: LessonRow, home_page: str) -> LessonFacts:
    """What the statements of a lesson say of it. An account lasts longer than a seat where one is known."""
    seats = session.scalars(select(SeatRow).where(SeatRow.lesson_id == row.id))
    accounts = {}
    for seat in seats:
        name = seat.pairing_id if seat.role == Role.CLASSROOM else seat.user_id
        if name is not None:
            accounts[seat.id] = name
    course = session.get(CourseRow, row.course_id) if row.course_id is not None else None
    unit = session.get(UnitRow, row.unit_id) if row.unit_id is not None else None
    planned_ms = None
    if row.starts_at_ms is not None and row.ends_at_ms is not None:
        planned_ms = row.ends_at_ms - row.starts_at_ms
    return LessonFacts(
        lesson=row.id,
        title=row.title,
        home_page=home_page,
        accounts=accounts,
        course=(course.id, course.title) if course is not None else None,
        unit=(unit.id, unit.title) if unit is not None else None,
        planned_ms=planned_ms,
    )


@dataclass(frozen=True, slots=True)
class StatedLesson:
    """What was read of a lesson. Making statements of it takes its time, outside of the transaction."""

    facts: LessonFacts
    events: Sequence[tuple[int, int, str]]

    def statements(self, narrator: Narrator | None = None) -> dict[int, Statement]:
        """By the number of the event. `narrator`: who told the events before these."""
        parsed = ((seq, at_ms, json.loads(body)) for seq, at_ms, body in self.events)
        return dict((narrator or Narrator()).tell(self.facts, parsed))


def read_stated(
    session: Session, lesson: str, home_page: str, *, after: int = 0, until: int | None = None
) -> StatedLesson:
    """A lesson and those of its events that are stated: behind number `after`, up to number `until`.
    Refused: lesson_unknown.
    """
    row = require_lesson(session, LessonId(lesson))
    query = select(EventRow.seq, EventRow.at_ms, EventRow.body)
    query = query.where(EventRow.lesson_id == lesson, EventRow.seq > after, is_of_kind(STATED))
    if until is not None:
        query = query.where(EventRow.seq <= until)
    events = [(seq, at_ms, body) for seq, at_ms, body in session.execute(query.order_by(EventRow.seq))]
    return StatedLesson(lesson_facts(session, row, home_page), events)
