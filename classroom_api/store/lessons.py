"""Lessons and seats: transactions as plain functions of a session."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_api.store.schema import LessonRow, SeatRow
from signaling.roles import Role
from streaming.errors import Refused
from streaming.identifiers import LessonId, SeatId


class LessonState(StrEnum):
    """The lifecycle. The room moves a lesson to `ended`; from there on its recording does."""

    SCHEDULED = "scheduled"
    LOBBY = "lobby"
    LIVE = "live"
    ENDED = "ended"
    PROCESSING = "processing"
    REVIEW = "review"
    PUBLISHED = "published"


RUNNING = frozenset({LessonState.LOBBY, LessonState.LIVE})
OPEN = RUNNING | {LessonState.SCHEDULED}


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
        session.add(wanted)
        return wanted
    known.name = wanted.name or known.name
    return known
