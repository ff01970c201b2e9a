"""Lessons and seats: transactions as plain functions of a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from classroom_api.store.schema import LessonRow, SeatRow
from signaling.roles import Role
from streaming.errors import Refused
from streaming.identifiers import LessonId, SeatId


class LessonState(StrEnum):
    """The lifecycle. The room moves a lesson up to `ended`, then its recording does, then people."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LOBBY = "lobby"
    LIVE = "live"
    SUSPENDED = "suspended"
    ENDED = "ended"
    PROCESSING = "processing"
    REVIEW = "review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    ARCHIVED = "archived"
    ERASED = "erased"
    CANCELLED = "cancelled"


_S = LessonState
RUNNING = frozenset({_S.LOBBY, _S.LIVE, _S.SUSPENDED})
OPEN = RUNNING | {_S.SCHEDULED}
PLANNED = frozenset({_S.DRAFT, _S.SCHEDULED})

STEPS: Final[Mapping[str, Mapping[LessonState, LessonState]]] = MappingProxyType(
    {
        "schedule": {_S.DRAFT: _S.SCHEDULED},
        "cancel": {_S.DRAFT: _S.CANCELLED, _S.SCHEDULED: _S.CANCELLED},
        "publish": {_S.REVIEW: _S.PUBLISHED, _S.WITHDRAWN: _S.PUBLISHED},
        "withdraw": {_S.PUBLISHED: _S.WITHDRAWN},
        "archive": dict.fromkeys((_S.REVIEW, _S.PUBLISHED, _S.WITHDRAWN, _S.CANCELLED), _S.ARCHIVED),
    }
)
"""What people do to a lesson's state: step -> from -> to. What is not here is refused."""


class LessonMode(StrEnum):
    INTERACTIVE = "interactive"
    BROADCAST = "broadcast"
    INTEGRATED = "integrated"
    TRAINING = "training"
    EVENT = "event"


def require_lesson(session: Session, lesson: LessonId) -> LessonRow:
    """The lesson's row. Refused: lesson_unknown."""
    row = session.get(LessonRow, lesson)
    if row is None:
        raise Refused("lesson_unknown", "There is no such lesson: check the link.")
    return row


def take_step(row: LessonRow, step: str) -> None:
    """Move a lesson as `STEPS` says. Refused: lesson_state_conflict."""
    state = STEPS[step].get(LessonState(row.state))
    if state is None:
        raise Refused("lesson_state_conflict", f"A lesson that is {row.state} cannot take the step {step}.")
    row.state = state


def list_lessons(session: Session, limit: int) -> Sequence[LessonRow]:
    """The newest `limit` lessons, newest first."""
    return session.scalars(select(LessonRow).order_by(LessonRow.created_at_ms.desc()).limit(limit)).all()


def lessons_in(session: Session, states: frozenset[LessonState]) -> Sequence[LessonRow]:
    return session.scalars(select(LessonRow).where(LessonRow.state.in_(tuple(states)))).all()


def require_seat(session: Session, seat: SeatId) -> SeatRow:
    """The seat's row. Refused: seat_unknown."""
    row = session.get(SeatRow, seat)
    if row is None:
        raise Refused("seat_unknown", "There is no such seat in this lesson: ask for a new link.")
    return row


def seats_of(session: Session, lesson: LessonId) -> Sequence[SeatRow]:
    """A lesson's seats, the master's first, each assistant beside its classroom."""
    query = select(SeatRow).where(SeatRow.lesson_id == lesson)
    is_other = case((SeatRow.role == Role.MASTER, 0), else_=1)
    return session.scalars(query.order_by(is_other, SeatRow.classroom, SeatRow.role, SeatRow.id)).all()


def open_seats_of(session: Session, student_group: str) -> Sequence[tuple[str, str]]:
    """(lesson, seat) of a student group in the lessons that run or may be joined."""
    query = select(SeatRow.lesson_id, SeatRow.id).join(LessonRow, LessonRow.id == SeatRow.lesson_id)
    found = query.where(SeatRow.student_group_id == student_group, LessonRow.state.in_(OPEN))
    return [(lesson, seat) for lesson, seat in session.execute(found)]


def seat_for_invitation(session: Session, wanted: SeatRow) -> SeatRow:
    """The seat that an invitation names.

    The master's is one per lesson; a named classroom has one of each role; else `wanted` becomes a new seat.
    A known seat takes the new name, when there is one.
    """
    known = None
    if wanted.role == Role.MASTER:
        known = session.scalar(
            select(SeatRow).where(SeatRow.lesson_id == wanted.lesson_id, SeatRow.role == Role.MASTER)
        )
    elif wanted.classroom is not None and wanted.role in (Role.CLASSROOM, Role.ASSISTANT):
        known = session.scalar(
            select(SeatRow).where(
                SeatRow.lesson_id == wanted.lesson_id,
                SeatRow.role == wanted.role,
                SeatRow.classroom == wanted.classroom,
            )
        )
    if known is None:
        wanted.name = wanted.name or wanted.classroom or ""
        session.add(wanted)
        return wanted
    known.name = wanted.name or known.name
    return known
