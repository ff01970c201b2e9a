"""Reports: a lesson's stored events become its figures, off the event loop and off the database's thread."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from classroom_api.access import Scope
from classroom_api.planning import Planning
from classroom_api.report_sums import LessonReport, SummedReport, sum_up
from classroom_api.store import reports as report_store
from classroom_api.store.planning_schema import CourseRow, OrganizationRow
from classroom_api.store.reports import DEFAULT_ZONE, Told
from classroom_api.store.resources import resources_of
from classroom_api.store.schema import LessonRow
from classroom_api.store.views import audience
from classroom_api.viewing import Viewing, figures_of_views
from signaling.events import parse_event
from signaling.indicators import LessonFigures, figures_of
from signaling.lesson_history import LessonHistory
from streaming.identifiers import LessonId

MAXIMUM_LESSONS: Final = 500


class Reports:
    """One report of many lessons is made at a time: it reads all their events."""

    def __init__(self, planning: Planning) -> None:
        self._planning = planning
        self._summing = asyncio.Lock()

    async def of_lesson(self, row: LessonRow) -> LessonReport:
        """Of a lesson in whatever state; one that runs is told up to now."""

        def read(session: Session) -> _Read:
            place, course = report_store.place_and_course(session, row)
            rooms = report_store.planned_rooms(session, row.id)
            told = report_store.events_told(session, row.id)
            lengths = [one.duration_ms for one in resources_of(session, LessonId(row.id))]
            return _Read(told, rooms, place, course, audience(session, row.id), max(lengths, default=0))

        found = await self._planning.transaction(read)
        figures = await asyncio.to_thread(_figures, found, self._planning.now_ms())
        return _report(row, found, figures)

    async def of_lessons(
        self,
        scope: Scope,
        organization_id: str | None,
        course_id: str | None,
        times_ms: tuple[int, int],
    ) -> SummedReport:
        """Of those that began within the time, the newest `MAXIMUM_LESSONS`."""
        async with self._summing:
            rows = await self._planning.transaction(
                lambda session: report_store.lessons_held(
                    session, scope, organization_id, course_id, times_ms, MAXIMUM_LESSONS + 1
                )
            )
            reports = [await self.of_lesson(row) for row in rows[:MAXIMUM_LESSONS]]
        return sum_up(reports, *times_ms, is_complete=len(rows) <= MAXIMUM_LESSONS)


@dataclass(frozen=True, slots=True)
class _Read:
    told: Told
    rooms: Mapping[str, str]
    place: OrganizationRow | None
    course: CourseRow | None
    viewings: Sequence[Viewing]
    replay_ms: int


def _figures(found: _Read, now_ms: int) -> LessonFigures:
    history = LessonHistory()
    for at_ms, body in found.told:
        history.fold(parse_event(body), at_ms)
    return figures_of(history, now_ms, found.rooms)


def _report(row: LessonRow, found: _Read, figures: LessonFigures) -> LessonReport:
    place, course = found.place, found.course
    return LessonReport(
        lesson_id=row.id,
        title=row.title,
        mode=row.mode,
        state=row.state,
        organization_id=row.organization_id,
        organization=place.name if place is not None else None,
        time_zone=place.time_zone if place is not None else DEFAULT_ZONE,
        course_id=row.course_id,
        course=course.title if course is not None else None,
        subject=course.subject if course is not None else None,
        grade=course.grade if course is not None else None,
        room=row.room,
        starts_at_ms=row.starts_at_ms,
        ends_at_ms=row.ends_at_ms,
        is_final=figures.ended_at_ms is not None,
        figures=figures,
        replay=figures_of_views(found.viewings, found.replay_ms),
    )
