"""The timetable: lessons with time, teacher, room and classrooms, and the check that nothing is taken twice.

A plan is checked and stored in one transaction under one lock: of two that clash, the second is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, or_, select, true
from sqlalchemy.orm import Session

from classroom_api.access import Ability, Scope, require
from classroom_api.auth import Principal
from classroom_api.cursors import Position
from classroom_api.store.consents import ConsentKind, has_consented
from classroom_api.store.database import lock
from classroom_api.store.lessons import PLANNED, LessonState
from classroom_api.store.planning_schema import (
    BookingRow,
    OrganizationRow,
    PairingRow,
    StudentGroupRow,
    UserRow,
)
from classroom_api.store.records import require_place, require_references, visible
from classroom_api.store.schema import LessonRow, SeatRow
from classroom_api.store.search import fold, index_record
from signaling.roles import Role
from streaming.errors import Refused

_TIMETABLE_LOCK = 7_000_002
_REFERENCES = {"course_id": "courses", "unit_id": "units", "master_id": "users"}
_CLASHES_TOLD = 5


class Booked(StrEnum):
    """What a lesson takes for its time."""

    TEACHER = "teacher"
    ROOM = "room"
    DEVICE = "device"
    GROUP = "student group"


@dataclass(frozen=True, slots=True)
class Clash:
    """What a lesson wants and another has at that time. `what`: an id; of a room its name as compared."""

    kind: Booked
    what: str
    title: str
    starts_at_ms: int
    ends_at_ms: int


class TimetableClash(Refused):
    """`clashes`: the first few things that are taken, each with the lesson that has it."""

    def __init__(self, clashes: Sequence[Clash]) -> None:
        told = ", ".join(f"{clash.kind} ({clash.title})" for clash in clashes)
        super().__init__("timetable_clash", f"Taken at that time: {told}.")
        self.clashes = tuple(clashes)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a lesson is to be. `pairings`: ids of the remote classrooms that take part."""

    title: str
    mode: str
    recording_policy: str
    auto_publish: bool
    organization_id: str | None = None
    course_id: str | None = None
    unit_id: str | None = None
    master_id: str | None = None
    room: str | None = None
    starts_at_ms: int | None = None
    ends_at_ms: int | None = None
    pairings: tuple[str, ...] = ()
    voice_ptime_ms: int = 20


def visible_lessons(scope: Scope) -> ColumnElement[bool]:
    """The lessons in `scope`: of its organizations, and its user's own."""
    if scope.paths is None:
        return true()
    within = visible(LessonRow.organization_id, scope)
    if scope.own is None:
        return within
    if scope.is_taught:
        return or_(within, LessonRow.master_id == scope.own)
    sits_in = select(SeatRow.lesson_id).where(SeatRow.user_id == scope.own)
    return or_(within, LessonRow.master_id == scope.own, LessonRow.id.in_(sits_in))


def find_lesson(session: Session, lesson: str, scope: Scope) -> LessonRow:
    """Refused: lesson_unknown."""
    row = session.scalar(select(LessonRow).where(LessonRow.id == lesson, visible_lessons(scope)))
    if row is None:
        raise Refused("lesson_unknown", "There is no such lesson: check the link.")
    return row


def page_of_lessons(
    session: Session, scope: Scope, after: Position | None, limit: int
) -> Sequence[LessonRow]:
    """The newest first."""
    query = select(LessonRow).where(visible_lessons(scope))
    if after is not None:
        at_ms, identifier = LessonRow.created_at_ms, LessonRow.id
        query = query.where(or_(at_ms < after.at_ms, and_(at_ms == after.at_ms, identifier < after.id)))
    newest = (LessonRow.created_at_ms.desc(), LessonRow.id.desc())
    return session.scalars(query.order_by(*newest).limit(limit)).all()


def lessons_between(
    session: Session, scope: Scope, from_ms: int, to_ms: int, organization_id: str | None, limit: int
) -> Sequence[LessonRow]:
    """Those that overlap the time, of an organization and all below it (None: of all), in the order of their
    beginning."""
    query = select(LessonRow).where(
        visible_lessons(scope),
        LessonRow.starts_at_ms < to_ms,
        LessonRow.ends_at_ms > from_ms,
        LessonRow.state != LessonState.CANCELLED,
    )
    if organization_id is not None:
        place = session.get(OrganizationRow, organization_id)
        query = query.where(visible(LessonRow.organization_id, Scope((place.path,) if place else ())))
    return session.scalars(query.order_by(LessonRow.starts_at_ms, LessonRow.id).limit(limit)).all()


def planned_seats(session: Session, lessons: Sequence[str]) -> Mapping[str, Sequence[SeatRow]]:
    """The seats of teachers and classrooms of each lesson, teachers first."""
    query = select(SeatRow).where(SeatRow.lesson_id.in_(lessons))
    query = query.where(or_(SeatRow.role == Role.MASTER, SeatRow.pairing_id.is_not(None)))
    query = query.where(SeatRow.role != Role.ASSISTANT)
    seats: dict[str, list[SeatRow]] = {}
    for seat in session.scalars(query.order_by(SeatRow.role.desc(), SeatRow.name, SeatRow.id)):
        seats.setdefault(seat.lesson_id, []).append(seat)
    return seats


def apply_plan(
    session: Session, row: LessonRow, plan: Plan, principal: Principal, new_seat_id: Callable[[], str]
) -> None:
    """Make `row` what `plan` says, book what it takes, give each place a seat.

    Refused: not_permitted, reference_unknown, lesson_state_conflict, timetable_clash.
    """
    if row.state not in PLANNED:
        raise Refused("lesson_state_conflict", "A lesson that has begun is not planned any more.")
    _require_may_plan(session, plan, principal)
    pairings = _pairings(session, plan, principal)
    lock(session.connection(), _TIMETABLE_LOCK)
    for field in plan.__slots__:
        if field != "pairings":
            setattr(row, field, getattr(plan, field))
    session.add(row)
    session.flush()
    _book(session, row, pairings)
    _seat(session, row, pairings, new_seat_id)
    index_record(session, row.id, "lessons", row.organization_id, [row.title, row.room or ""])


def free_bookings(session: Session, lesson: str) -> None:
    """What a cancelled or erased lesson had taken can be taken again."""
    session.execute(delete(BookingRow).where(BookingRow.lesson_id == lesson))


def _require_may_plan(session: Session, plan: Plan, principal: Principal) -> None:
    scope = require(principal, Ability.LESSONS_WRITE)
    place = require_place(
        session,
        plan.organization_id,
        Scope((*scope.paths, *scope.own_paths)) if scope.paths is not None else scope,
    )
    if (
        scope.paths is not None
        and place is not None
        and not scope.covers(place.path)
        and plan.master_id != scope.own
    ):
        raise Refused("not_permitted", "You plan the lessons that you teach: name yourself as the teacher.")
    require_references(session, _REFERENCES, {f: getattr(plan, f) for f in _REFERENCES}, principal)


def _pairings(session: Session, plan: Plan, principal: Principal) -> Sequence[PairingRow]:
    for pairing in plan.pairings:
        require_references(session, {"pairings": "pairings"}, {"pairings": pairing}, principal)
    return session.scalars(
        select(PairingRow).where(PairingRow.id.in_(plan.pairings)).order_by(PairingRow.id)
    ).all()


def _book(session: Session, row: LessonRow, pairings: Sequence[PairingRow]) -> None:
    free_bookings(session, row.id)
    if row.starts_at_ms is None or row.ends_at_ms is None:
        return
    wanted = {(Booked.TEACHER, row.master_id)}
    if row.room:
        wanted.add((Booked.ROOM, f"{row.organization_id}/{' '.join(fold(row.room))}"))
    for pairing in pairings:
        wanted |= {
            (Booked.TEACHER, pairing.assistant_id),
            (Booked.DEVICE, pairing.endpoint_id),
            (Booked.GROUP, pairing.student_group_id),
        }
    named = sorted((kind, what) for kind, what in wanted if what is not None)
    _require_free(session, row.starts_at_ms, row.ends_at_ms, named)
    session.add_all(
        BookingRow(
            lesson_id=row.id, kind=kind, what=what, starts_at_ms=row.starts_at_ms, ends_at_ms=row.ends_at_ms
        )
        for kind, what in named
    )
    session.flush()


def _require_free(
    session: Session, starts_at_ms: int, ends_at_ms: int, wanted: Sequence[tuple[str, str]]
) -> None:
    taken: list[Clash] = []
    for kind, what in wanted:
        query = (
            select(LessonRow.title, BookingRow.starts_at_ms, BookingRow.ends_at_ms)
            .join(BookingRow, BookingRow.lesson_id == LessonRow.id)
            .where(
                BookingRow.kind == kind,
                BookingRow.what == what,
                BookingRow.starts_at_ms < ends_at_ms,
                BookingRow.ends_at_ms > starts_at_ms,
            )
        )
        found = session.execute(query.limit(_CLASHES_TOLD)).all()
        taken += [Clash(Booked(kind), what, *other) for other in found]
    if taken:
        raise TimetableClash(taken[:_CLASHES_TOLD])


def _seat(
    session: Session, row: LessonRow, pairings: Sequence[PairingRow], new_seat_id: Callable[[], str]
) -> None:
    """One seat for the teacher, one for each classroom and for its assistant. A place keeps its seat."""
    planned = {
        (seat.pairing_id, seat.role): seat
        for seat in session.scalars(select(SeatRow).where(SeatRow.lesson_id == row.id))
        if seat.pairing_id is not None or seat.role == Role.MASTER
    }
    master = session.get(UserRow, row.master_id) if row.master_id is not None else None
    wanted: list[tuple[PairingRow | None, Role, UserRow | None]] = []
    if master is not None:
        wanted.append((None, Role.MASTER, master))
    for pairing in pairings:
        wanted.append((pairing, Role.CLASSROOM, None))
        if pairing.assistant_id is not None:
            wanted.append((pairing, Role.ASSISTANT, session.get(UserRow, pairing.assistant_id)))
    for place, role, user in wanted:
        seat = planned.pop((place.id if place is not None else None, role), None)
        if seat is None:
            seat = SeatRow(id=new_seat_id(), lesson_id=row.id, role=role, created_at_ms=row.created_at_ms)
        _fill(session, seat, place, user)
        session.add(seat)
    for seat in planned.values():
        if seat.pairing_id is not None:
            session.delete(seat)
    session.flush()


def _fill(session: Session, seat: SeatRow, pairing: PairingRow | None, user: UserRow | None) -> None:
    seat.user_id = user.id if user is not None else None
    seat.name = user.name if user is not None else ""
    seat.recording_consent = seat.role == Role.MASTER
    seat.classroom = seat.pairing_id = pairing.id if pairing is not None else None
    if pairing is not None and seat.role == Role.CLASSROOM:
        group = session.get_one(StudentGroupRow, pairing.student_group_id)
        seat.name = pairing.name
        seat.student_group_id = group.id
        seat.endpoint_id = pairing.endpoint_id
        seat.recording_consent = has_consented(session, group.id, ConsentKind.RECORDING)
