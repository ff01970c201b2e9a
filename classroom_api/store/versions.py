"""Versions of a lesson's replay: their states, what each is made of, and which one is served."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from classroom_api.access import Scope
from classroom_api.outbox.events import Happening, Told
from classroom_api.store import outbox
from classroom_api.store.lessons import LessonState, take_step
from classroom_api.store.planning_schema import CourseRow, UnitRow, UserRow
from classroom_api.store.replay_index import index_lesson
from classroom_api.store.resource_schema import JobRow, VersionRow
from classroom_api.store.resources import resources_of, unpublished_seats
from classroom_api.store.schema import LessonRow, ResourceRow, SeatRow
from classroom_api.store.timetable import find_lesson
from streaming.errors import Refused
from streaming.identifiers import LessonId

MAX_VERSIONS: Final = 100
NO_EDIT: Final[Mapping[str, Any]] = MappingProxyType({"kept": [], "without": [], "chapters": None})
CONSENT_WITHDRAWN = "consent_withdrawn"


class VersionState(StrEnum):
    """How far a version is. Only `published` is served to pupils, and of those the newest."""

    DRAFT = "draft"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    """Not served any longer; its files are deleted."""


_S = VersionState
HAS_FILES: Final = frozenset({_S.MAKING, _S.READY, _S.FAILED, _S.PUBLISHED})


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes versions, and when: `new_id` gives their ids."""

    name: str
    now_ms: int
    new_id: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Shown:
    """What pupils are shown of a lesson. `version`: what is served, made of `pictures`; without one, the fast
    replays of `hidden` neither, and none at all (`is_withheld`) where the last published edit had cut
    something out of them.
    """

    version: str | None
    title: str | None
    duration_ms: int
    pictures: tuple[dict[str, Any], ...]
    hidden: frozenset[str]
    hidden_seats: frozenset[str]
    is_withheld: bool

    def picture_of(self, resource: str) -> dict[str, Any] | None:
        return next((one for one in self.pictures if one["resource"] == resource), None)

    def holds(self, row: ResourceRow) -> bool:
        if row.seat_id in self.hidden_seats:
            return False
        return row.id not in self.hidden if self.version is None else self.picture_of(row.id) is not None


def shown_of(session: Session, lesson: str) -> Shown:
    """What pupils of a published lesson see."""
    unpublished = unpublished_seats(session, LessonId(lesson))
    served = served_version(session, lesson)
    if served is not None:
        made = served.made or {}
        pictures = tuple(made.get("pictures", ()))
        title = str(served.details.get("title") or "") or None
        return Shown(
            served.id, title, int(made.get("duration_ms", 0)), pictures, frozenset(), unpublished, False
        )
    last = last_published(session, lesson)
    edit = NO_EDIT if last is None else last.edit
    hidden = frozenset(edit["without"])
    return Shown(None, None, 0, (), hidden, unpublished, bool(edit["kept"]))


def served_version(session: Session, lesson: str) -> VersionRow | None:
    """What pupils see; None while the fast replay is all there is."""
    query = select(VersionRow).where(
        VersionRow.lesson_id == lesson, VersionRow.state == VersionState.PUBLISHED
    )
    return session.scalars(query.order_by(VersionRow.number.desc()).limit(1)).first()


def last_published(session: Session, lesson: str) -> VersionRow | None:
    """The newest that was ever published: what its edit left out, pupils do not get from the fast replay."""
    query = select(VersionRow).where(VersionRow.lesson_id == lesson, VersionRow.published_at_ms.is_not(None))
    return session.scalars(query.order_by(VersionRow.number.desc()).limit(1)).first()


def versions_of(session: Session, lesson: str) -> Sequence[VersionRow]:
    """The newest first."""
    query = select(VersionRow).where(VersionRow.lesson_id == lesson)
    return session.scalars(query.order_by(VersionRow.number.desc())).all()


def find_version(session: Session, version: str, scope: Scope) -> tuple[VersionRow, LessonRow]:
    """With its lesson. Refused: version_unknown."""
    row = session.get(VersionRow, version)
    if row is not None:
        with contextlib.suppress(Refused):
            return row, find_lesson(session, row.lesson_id, scope)
    raise Refused("version_unknown", "There is no such version.")


def jobs_of(session: Session, row: VersionRow) -> list[JobRow]:
    """What makes files of a version."""
    found = session.scalars(select(JobRow).where(JobRow.lesson_id == row.lesson_id))
    return [job for job in found if job.payload.get("version") == row.id]


def length_of(resources: Sequence[ResourceRow]) -> int:
    """The lesson's, in ms: its replays are as long as it was."""
    return max((row.duration_ms for row in resources if row.state == "ready"), default=0)


def draft_version(session: Session, lesson: LessonRow, author: Author) -> VersionRow:
    """A new draft that begins as the newest version is. Refused: limit_reached."""
    before = next(iter(versions_of(session, lesson.id)), None)
    if before is not None and before.number >= MAX_VERSIONS:
        raise Refused("limit_reached", f"A replay has at most {MAX_VERSIONS} versions.")
    row = VersionRow(
        id=author.new_id("ver"),
        lesson_id=lesson.id,
        number=1 if before is None else before.number + 1,
        state=VersionState.DRAFT,
        edit=dict(NO_EDIT) if before is None else before.edit,
        details=first_details(session, lesson) if before is None else before.details,
        sources=[],
        is_to_be_published=False,
        created_by=author.name[:80],
        created_at_ms=author.now_ms,
    )
    session.add(row)
    session.flush()
    return row


def first_details(session: Session, lesson: LessonRow) -> dict[str, Any]:
    """What planning knows of the lesson."""
    course = session.get(CourseRow, lesson.course_id) if lesson.course_id else None
    unit = session.get(UnitRow, lesson.unit_id) if lesson.unit_id else None
    master = session.get(UserRow, lesson.master_id) if lesson.master_id else None
    return {
        "title": lesson.title,
        "description": "",
        "subject": course.subject if course is not None else "",
        "grade": str(course.grade) if course is not None else "",
        "edition": course.edition if course is not None else "",
        "syllabus_node": unit.node if unit is not None else "",
        "language": "",
        "creators": [master.name] if master is not None else [],
        "keywords": [],
        "licence": "",
        "is_downloadable": False,
    }


def change_version(row: VersionRow, edit: dict[str, Any], details: dict[str, Any]) -> None:
    """Refused: version_state_conflict."""
    require_state(row, VersionState.DRAFT)
    row.edit, row.details = edit, details


def require_state(row: VersionRow, *states: VersionState) -> None:
    """Refused: version_state_conflict."""
    if row.state not in states:
        raise Refused("version_state_conflict", f"A version that is {row.state} does not permit that.")


def inputs_of(session: Session, row: VersionRow) -> list[ResourceRow]:
    """The fast replays that a version is made of: whole, not dropped, their groups consenting."""
    hidden = unpublished_seats(session, LessonId(row.lesson_id))
    dropped = set(row.edit["without"])
    found = resources_of(session, LessonId(row.lesson_id))
    return [r for r in found if r.state == "ready" and r.id not in dropped and r.seat_id not in hidden]


def begin_version(session: Session, row: VersionRow) -> None:
    """It is to be made now, and anew after a failure. Refused: version_state_conflict."""
    require_state(row, VersionState.DRAFT, VersionState.FAILED)
    sources = [source.id for source in inputs_of(session, row)]
    if not sources:
        raise Refused("version_state_conflict", "There is nothing to make it of.")
    row.state, row.reason, row.sources = VersionState.MAKING, None, sources
    session.flush()


def finish_version(session: Session, version: str, made: dict[str, Any], now_ms: int) -> None:
    """The ladder is done; one that replaces a published version is published. Nothing where it was
    withdrawn meanwhile."""
    row = session.get(VersionRow, version)
    if row is None or row.state != VersionState.MAKING:
        return
    row.made, row.state = made, VersionState.READY
    lesson = session.get_one(LessonRow, row.lesson_id)
    if row.is_to_be_published and lesson.state == LessonState.PUBLISHED:
        publish_version(session, row, lesson, now_ms)


def fail_version(session: Session, version: str, code: str) -> None:
    """The ladder cannot be made."""
    row = session.get(VersionRow, version)
    if row is not None and row.state == VersionState.MAKING:
        row.state, row.reason = VersionState.FAILED, code[:80]


def publish_version(session: Session, row: VersionRow, lesson: LessonRow, now_ms: int) -> None:
    """Pupils see it from now on. Refused: version_state_conflict, lesson_state_conflict."""
    require_state(row, VersionState.READY)
    if lesson.state != LessonState.PUBLISHED:
        take_step(lesson, "publish")
        outbox.tell(session, Told(Happening.LESSON_PUBLISHED, now_ms, lesson.id, lesson.organization_id))
    row.state, row.published_at_ms, row.is_to_be_published = VersionState.PUBLISHED, now_ms, False
    _tell(session, Happening.VERSION_PUBLISHED, row, lesson, now_ms)


def withdraw_version(session: Session, row: VersionRow, lesson: LessonRow, reason: str, now_ms: int) -> None:
    """It is served no more; its files are for an erasure. Pupils of a lesson whose last published version
    goes see nothing until somebody publishes. Refused: version_state_conflict."""
    require_state(row, *(state for state in VersionState if state is not VersionState.WITHDRAWN))
    was_published = row.state == VersionState.PUBLISHED
    _take_down(session, row, lesson, reason, now_ms)
    is_last = served_version(session, lesson.id) is None
    if was_published and is_last and lesson.state == LessonState.PUBLISHED:
        take_step(lesson, "withdraw")
        outbox.tell(session, Told(Happening.LESSON_WITHDRAWN, now_ms, lesson.id, lesson.organization_id))


def _take_down(session: Session, row: VersionRow, lesson: LessonRow, reason: str, now_ms: int) -> None:
    row.state, row.reason, row.is_to_be_published = VersionState.WITHDRAWN, reason[:80], False
    session.flush()
    _tell(session, Happening.VERSION_WITHDRAWN, row, lesson, now_ms)


def _tell(session: Session, kind: Happening, row: VersionRow, lesson: LessonRow, now_ms: int) -> None:
    """What pupils find of the lesson is another now."""
    session.flush()
    index_lesson(session, lesson.id)
    data = {"version": row.id, "number": row.number}
    outbox.tell(session, Told(kind, now_ms, lesson.id, lesson.organization_id, data))


def sources_of_group(session: Session, student_group: str) -> list[tuple[str, set[str]]]:
    """(lesson, its fast replays that show the group)."""
    query = select(ResourceRow.lesson_id, ResourceRow.id).join(SeatRow, SeatRow.id == ResourceRow.seat_id)
    found: dict[str, set[str]] = {}
    for lesson, resource in session.execute(query.where(SeatRow.student_group_id == student_group)):
        found.setdefault(lesson, set()).add(resource)
    return sorted(found.items())


def sources_of(session: Session, name: str) -> tuple[str, set[str]]:
    """(lesson, fast replays) of a resource or a seat."""
    query = select(ResourceRow).where(or_(ResourceRow.id == name, ResourceRow.seat_id == name))
    rows = session.scalars(query).all()
    return (rows[0].lesson_id if rows else ""), {row.id for row in rows}


def withdraw_sources(
    session: Session, lesson: LessonRow, sources: Collection[str], author: Author
) -> tuple[list[VersionRow], VersionRow | None]:
    """These fast replays may be in no version any longer: those that contain one are taken down at once.
    Returns them, and the draft of the one that is to be made in their place, without the sources.
    """
    gone = set(sources)
    served = served_version(session, lesson.id)
    found = [
        row
        for row in versions_of(session, lesson.id)
        if row.state in HAS_FILES and not gone.isdisjoint(row.sources)
    ]
    wanted = _wanted_again(found, served)
    to_be_published = any(row.state == VersionState.PUBLISHED or row.is_to_be_published for row in found)
    for row in found:
        _take_down(session, row, lesson, CONSENT_WITHDRAWN, author.now_ms)
    if wanted is None:
        return found, None
    draft = draft_version(session, lesson, author)
    without = sorted({*wanted.edit["without"], *gone})
    draft.edit, draft.details = {**wanted.edit, "without": without}, wanted.details
    draft.is_to_be_published = to_be_published
    return found, draft


def _wanted_again(found: Sequence[VersionRow], served: VersionRow | None) -> VersionRow | None:
    """Of versions that go, the newest first, the one whose edit the next one takes: what pupils saw, else
    the newest."""
    return next((row for row in found if row is served), found[0] if found else None)
