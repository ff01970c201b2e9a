"""Erasures: requests, the parts they have in lessons, and the proof that each was carried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from classroom_api.access import Scope
from classroom_api.cursors import Position
from classroom_api.outbox.events import Happening, Told
from classroom_api.retention.objects import StoredObject
from classroom_api.retention.policy import WITHDRAWAL_MS
from classroom_api.retention.scope import Target
from classroom_api.store import outbox
from classroom_api.store.lessons import RUNNING, LessonState
from classroom_api.store.outbox_schema import ErasedObjectRow, ErasurePartRow, ErasureRow
from classroom_api.store.records import KINDS, find_record, visible
from classroom_api.store.replay_index import index_lesson
from classroom_api.store.resource_schema import CaptionRow, VersionRow
from classroom_api.store.resources import ERASED, require_resource
from classroom_api.store.schema import DeckRow, LessonRow, PhotoRow, ResourceRow, SeatRow
from classroom_api.store.timetable import find_lesson, free_bookings
from classroom_api.store.versions import VersionState
from classroom_api.store.views import forget_views
from streaming.errors import Refused

WAITING, ERASING, DONE = "waiting", "erasing", "done"
SHOWN_OBJECTS = 5000


@dataclass(frozen=True, slots=True)
class Request:
    """Who wants what erased, and why."""

    target: Target
    target_id: str
    reason: str
    note: str
    requested_by: str


@dataclass(frozen=True, slots=True)
class OpenPart:
    """A part that is not done, with what its work needs."""

    erasure_id: str
    lesson_id: str
    target: Target
    target_id: str
    is_running: bool
    seats: frozenset[str]
    resources: tuple[tuple[str, str | None], ...]
    photos: frozenset[str]
    """Of `seats`."""
    versions: tuple[tuple[str, frozenset[str]], ...] = ()
    """Each with the resources that it was made of."""


def request_erasure(
    session: Session, erasure_id: str, request: Request, scope: Scope, now_ms: int
) -> ErasureRow:
    """Refused: lesson_unknown, resource_unknown, seat_unknown, record_unknown; lesson_state_conflict while
    one of the lessons runs.
    """
    organization, lessons = _lessons_of(session, request.target, request.target_id, scope)
    if any(lesson.state in RUNNING for lesson in lessons):
        raise Refused("lesson_state_conflict", "A lesson of it runs: ask again when it is over.")
    return _store(session, erasure_id, request, organization, [lesson.id for lesson in lessons], now_ms)


def erase_withdrawn(
    session: Session, erasure_id: str, group: str, organization: str, requested_by: str, now_ms: int
) -> ErasureRow | None:
    """A student group does not, or no longer, consent to recording: what there is of it goes. A lesson that
    runs is waited for. None where the group was in no lesson that began.
    """
    lessons = _lessons_of_group(session, group)
    if not lessons:
        return None
    request = Request(Target.STUDENT_GROUP, group, "withdrawal", "", requested_by)
    return _store(session, erasure_id, request, organization, [each.id for each in lessons], now_ms)


def erase_version(
    session: Session, erasure_id: str, version: str, lesson: LessonRow, requested_by: str, now_ms: int
) -> None:
    """What was made for a version that is withdrawn."""
    request = Request(Target.VERSION, version, "withdrawal", "", requested_by)
    _store(session, erasure_id, request, lesson.organization_id, [lesson.id], now_ms)


def erase_due(session: Session, erasure_id: str, lesson: LessonRow, target: Target, now_ms: int) -> None:
    """A lesson whose time is over, or its raw tracks."""
    request = Request(target, lesson.id, "retention", "", "retention")
    _store(session, erasure_id, request, lesson.organization_id, [lesson.id], now_ms)


def _store(
    session: Session,
    erasure_id: str,
    request: Request,
    organization: str | None,
    lessons: Sequence[str],
    now_ms: int,
) -> ErasureRow:
    row = ErasureRow(
        id=erasure_id,
        organization_id=organization,
        target=request.target,
        target_id=request.target_id,
        reason=request.reason,
        note=request.note,
        requested_by=request.requested_by,
        created_at_ms=now_ms,
        due_at_ms=now_ms + WITHDRAWAL_MS,
        finished_at_ms=None if lessons else now_ms,
    )
    session.add(row)
    session.flush()
    for lesson in sorted(lessons):
        session.add(ErasurePartRow(erasure_id=erasure_id, lesson_id=lesson, state=WAITING))
    session.flush()
    return row


def _lessons_of(
    session: Session, target: Target, target_id: str, scope: Scope
) -> tuple[str | None, Sequence[LessonRow]]:
    """The organization that the target belongs to, and the lessons with media of it."""
    if target is Target.STUDENT_GROUP:
        group = find_record(session, KINDS["student-groups"], target_id, scope)
        organization = str(getattr(group, "organization_id", ""))
        return organization, _lessons_of_group(session, target_id)
    if target is Target.RESOURCE:
        found = require_resource(session, target_id).lesson_id
        lesson = _hidden(session, found, scope, "resource_unknown", "There is no such resource.")
    elif target is Target.SEAT:
        seat = session.get(SeatRow, target_id)
        found = seat.lesson_id if seat is not None else ""
        lesson = _hidden(session, found, scope, "seat_unknown", "There is no such seat.")
    else:
        lesson = find_lesson(session, target_id, scope)
    return lesson.organization_id, [lesson]


def _hidden(session: Session, lesson: str, scope: Scope, code: str, detail: str) -> LessonRow:
    """The lesson of something; who may not see it learns of neither."""
    try:
        return find_lesson(session, lesson, scope)
    except Refused:
        raise Refused(code, detail) from None


def _lessons_of_group(session: Session, group: str) -> Sequence[LessonRow]:
    """Those that began and are not erased already."""
    of_group = exists().where(SeatRow.lesson_id == LessonRow.id, SeatRow.student_group_id == group)
    began = (LessonRow.started_at_ms.is_not(None), LessonRow.state != LessonState.ERASED)
    return session.scalars(select(LessonRow).where(of_group, *began)).all()


def open_parts(session: Session) -> list[OpenPart]:
    """Those that are not done, the oldest requests first."""
    query = select(ErasurePartRow, ErasureRow).join(ErasureRow).where(ErasurePartRow.state != DONE)
    query = query.order_by(ErasureRow.created_at_ms, ErasureRow.id, ErasurePartRow.lesson_id).limit(500)
    return [_open_part(session, part, erasure) for part, erasure in session.execute(query).all()]


def _open_part(session: Session, part: ErasurePartRow, erasure: ErasureRow) -> OpenPart:
    lesson = session.get(LessonRow, part.lesson_id)
    seats = select(SeatRow.id).where(SeatRow.lesson_id == part.lesson_id)
    if erasure.target == Target.STUDENT_GROUP:
        of_target = session.scalars(seats.where(SeatRow.student_group_id == erasure.target_id))
    else:
        of_target = session.scalars(seats.where(SeatRow.id == erasure.target_id))
    found = frozenset(of_target)
    photos = select(PhotoRow.id).where(PhotoRow.lesson_id == part.lesson_id, PhotoRow.seat_id.in_(found))
    resources = session.scalars(select(ResourceRow).where(ResourceRow.lesson_id == part.lesson_id))
    versions = session.scalars(select(VersionRow).where(VersionRow.lesson_id == part.lesson_id)).all()
    return OpenPart(
        erasure_id=erasure.id,
        lesson_id=part.lesson_id,
        target=Target(erasure.target),
        target_id=erasure.target_id,
        is_running=lesson is not None and lesson.state in RUNNING,
        seats=found,
        resources=tuple((row.id, row.seat_id) for row in resources),
        photos=frozenset(session.scalars(photos)),
        versions=tuple((row.id, frozenset(row.sources)) for row in versions),
    )


def write_down(
    session: Session,
    part: OpenPart,
    objects: Sequence[tuple[StoredObject, str]],
    resources: Sequence[str],
) -> list[str] | None:
    """Before anything is deleted: each object with its SHA-256, and nobody is served it any more. Returns the
    keys of all that is to be gone, also those that an earlier try has written down; None where the lesson has
    begun meanwhile.
    """
    lesson = session.get(LessonRow, part.lesson_id)
    if lesson is not None and lesson.state in RUNNING:
        return None
    known = set(_keys_of(session, part))
    for each, sha256 in objects:
        if each.key not in known:
            row = ErasedObjectRow(
                erasure_id=part.erasure_id,
                key=each.key,
                lesson_id=part.lesson_id,
                sha256=sha256,
                size_bytes=each.size_bytes,
            )
            session.add(row)
    session.get_one(ErasurePartRow, (part.erasure_id, part.lesson_id)).state = ERASING
    for resource in resources:
        found = session.get(ResourceRow, resource)
        if found is not None:
            found.state, found.playlist, found.poster = ERASED, None, None
    for version, sources in part.versions:
        if part.target is Target.LESSON or not sources.isdisjoint(resources):
            _withdraw(session.get(VersionRow, version))
    gone: ColumnElement[bool] = PhotoRow.id.in_(part.photos)
    if lesson is not None and part.target is Target.LESSON:
        lesson.state = LessonState.ERASED
        free_bookings(session, lesson.id)
        session.execute(delete(DeckRow).where(DeckRow.lesson_id == lesson.id))
        forget_views(session, lesson.id)
        session.execute(delete(CaptionRow).where(CaptionRow.lesson_id == lesson.id))
        index_lesson(session, lesson.id)
        gone = PhotoRow.lesson_id == lesson.id
    session.execute(delete(PhotoRow).where(gone))
    for seat in part.seats:
        forget_views(session, part.lesson_id, seat)
    session.flush()
    return _keys_of(session, part)


def _withdraw(row: VersionRow | None) -> None:
    if row is not None and row.state != VersionState.WITHDRAWN:
        row.state, row.reason = VersionState.WITHDRAWN, ERASED


def _keys_of(session: Session, part: OpenPart) -> list[str]:
    query = select(ErasedObjectRow.key).where(
        ErasedObjectRow.erasure_id == part.erasure_id, ErasedObjectRow.lesson_id == part.lesson_id
    )
    return list(session.scalars(query))


def finish_part(
    session: Session, part: OpenPart, resources: Sequence[str], listing: Sequence[StoredObject], now_ms: int
) -> None:
    """After the deletion: when each object was gone, and what the storage holds of the lesson since."""
    row = session.get_one(ErasurePartRow, (part.erasure_id, part.lesson_id))
    row.state, row.finished_at_ms = DONE, now_ms
    row.listing = [{"key": each.key, "size_bytes": each.size_bytes} for each in listing]
    mine = (ErasedObjectRow.erasure_id == part.erasure_id, ErasedObjectRow.lesson_id == part.lesson_id)
    gone = update(ErasedObjectRow).where(*mine, ErasedObjectRow.deleted_at_ms.is_(None))
    session.execute(gone.values(deleted_at_ms=now_ms))
    session.flush()
    is_open = exists().where(ErasurePartRow.erasure_id == part.erasure_id, ErasurePartRow.state != DONE)
    if not session.scalar(select(is_open)):
        session.get_one(ErasureRow, part.erasure_id).finished_at_ms = now_ms
    lesson = session.get(LessonRow, part.lesson_id)
    organization = lesson.organization_id if lesson is not None else None
    for resource in resources:
        data = {"resource": resource, "erasure": part.erasure_id}
        outbox.tell(session, Told(Happening.RESOURCE_ERASED, now_ms, part.lesson_id, organization, data))
    if part.target is Target.LESSON:
        data = {"erasure": part.erasure_id}
        outbox.tell(session, Told(Happening.LESSON_ERASED, now_ms, part.lesson_id, organization, data))


def find_erasure(session: Session, erasure: str, scope: Scope) -> ErasureRow:
    """Refused: record_unknown."""
    mine = visible(ErasureRow.organization_id, scope)
    row = session.scalar(select(ErasureRow).where(ErasureRow.id == erasure, mine))
    if row is None:
        raise Refused("record_unknown", "There is no such erasure, or it is not in your organizations.")
    return row


def list_erasures(session: Session, scope: Scope, after: Position | None, limit: int) -> Sequence[ErasureRow]:
    """The newest first."""
    query = select(ErasureRow).where(visible(ErasureRow.organization_id, scope))
    if after is not None:
        at_ms = ErasureRow.created_at_ms
        same = and_(at_ms == after.at_ms, ErasureRow.id < after.id)
        query = query.where(or_(at_ms < after.at_ms, same))
    newest = (ErasureRow.created_at_ms.desc(), ErasureRow.id.desc())
    return session.scalars(query.order_by(*newest).limit(limit)).all()


def parts_of(
    session: Session, erasure: str, after: str = "", limit: int | None = None
) -> Sequence[ErasurePartRow]:
    """By lesson, those after lesson `after`."""
    query = select(ErasurePartRow).where(
        ErasurePartRow.erasure_id == erasure, ErasurePartRow.lesson_id > after
    )
    return session.scalars(query.order_by(ErasurePartRow.lesson_id).limit(limit)).all()


def objects_of(session: Session, erasure: str) -> tuple[int, Sequence[ErasedObjectRow]]:
    """How many there are, and the first of them by key."""
    mine = ErasedObjectRow.erasure_id == erasure
    total = session.scalar(select(func.count()).where(mine)) or 0
    query = select(ErasedObjectRow).where(mine).order_by(ErasedObjectRow.key).limit(SHOWN_OBJECTS)
    return total, session.scalars(query).all()
