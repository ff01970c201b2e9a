"""What reports are made of: a lesson's stored events, its planned classrooms, and which lessons were held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_api.access import Scope
from classroom_api.store.events import is_of_kind
from classroom_api.store.planning_schema import CourseRow, OrganizationRow
from classroom_api.store.schema import EventRow, LessonRow, SeatRow
from classroom_api.store.timetable import visible_lessons
from signaling.roles import Role

DEFAULT_ZONE: Final = "Asia/Shanghai"
_PASSED_OVER: Final = ("ink_added", "ink_cleared", "slide_shown", "photos_shown", "text_posted")
"""Most of what a busy lesson stores, and no part of any figure."""

Told = Sequence[tuple[int, str]]


def events_told(session: Session, lesson: str) -> Told:
    """(at_ms, body) of the lesson's events, in order, without those that no figure needs."""
    query = select(EventRow.at_ms, EventRow.body)
    query = query.where(EventRow.lesson_id == lesson, ~is_of_kind(_PASSED_OVER))
    return [(at_ms, body) for at_ms, body in session.execute(query.order_by(EventRow.seq))]


def planned_rooms(session: Session, lesson: str) -> Mapping[str, str]:
    """The classrooms that have a seat: key -> name, as the lesson's events name them."""
    query = select(SeatRow.classroom, SeatRow.id, SeatRow.name).where(
        SeatRow.lesson_id == lesson, SeatRow.role == Role.CLASSROOM
    )
    return {classroom or seat: name or classroom or seat for classroom, seat, name in session.execute(query)}


def place_and_course(session: Session, lesson: LessonRow) -> tuple[OrganizationRow | None, CourseRow | None]:
    place = session.get(OrganizationRow, lesson.organization_id) if lesson.organization_id else None
    course = session.get(CourseRow, lesson.course_id) if lesson.course_id else None
    return place, course


def lessons_held(
    session: Session,
    scope: Scope,
    organization_id: str | None,
    course_id: str | None,
    times_ms: tuple[int, int],
    limit: int,
) -> Sequence[LessonRow]:
    """Those that began within the time, the newest first; of an organization: of all below it too."""
    query = select(LessonRow).where(
        visible_lessons(scope), LessonRow.started_at_ms >= times_ms[0], LessonRow.started_at_ms < times_ms[1]
    )
    if organization_id is not None:
        path = session.scalar(select(OrganizationRow.path).where(OrganizationRow.id == organization_id))
        if path is None:
            return []
        below = select(OrganizationRow.id).where(OrganizationRow.path.startswith(path, autoescape=True))
        query = query.where(LessonRow.organization_id.in_(below))
    if course_id is not None:
        query = query.where(LessonRow.course_id == course_id)
    return session.scalars(query.order_by(LessonRow.started_at_ms.desc(), LessonRow.id).limit(limit)).all()
