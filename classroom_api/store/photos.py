"""Photos of rounds: transactions as plain functions of a session."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from classroom_api.store.lessons import OPEN
from classroom_api.store.schema import LessonRow, PhotoRow, SeatRow
from signaling.ports import SeatClaims
from signaling.roles import Role
from streaming.errors import Refused

MAX_PHOTOS_OF_ROOM: Final = 40


def screen_of(session: Session, claims: SeatClaims) -> str:
    """The seat that a room's photos count for: that of its screen, also when its assistant takes them."""
    if claims.role is not Role.ASSISTANT or claims.classroom is None:
        return claims.seat
    query = select(SeatRow.id).where(
        SeatRow.lesson_id == claims.lesson,
        SeatRow.role == Role.CLASSROOM,
        SeatRow.classroom == claims.classroom,
    )
    return session.scalar(query.limit(1)) or claims.seat


def require_takes_photos(session: Session, lesson: str, seat: str) -> None:
    """Refused: limit_reached; lesson_ended, for a slow upload may outlive the lesson."""
    if session.get_one(LessonRow, lesson).state not in OPEN:
        raise Refused("lesson_ended", "The lesson is over.")
    count = session.scalar(select(func.count()).where(PhotoRow.lesson_id == lesson, PhotoRow.seat_id == seat))
    if (count or 0) >= MAX_PHOTOS_OF_ROOM:
        raise Refused("limit_reached", f"A room takes at most {MAX_PHOTOS_OF_ROOM} photos in one lesson.")


def photos_of(
    session: Session, lesson: str, seat: str | None, shown: Collection[str] = ()
) -> Sequence[PhotoRow]:
    """All of a lesson, or those of one room's screen and of `shown`; the newest last."""
    query = select(PhotoRow).where(PhotoRow.lesson_id == lesson)
    if seat is not None:
        query = query.where(or_(PhotoRow.seat_id == seat, PhotoRow.id.in_(shown)))
    return session.scalars(query.order_by(PhotoRow.created_at_ms, PhotoRow.id)).all()


def require_photo(session: Session, claims: SeatClaims, photo: str) -> None:
    """Refused: photo_unknown."""
    row = session.get(PhotoRow, photo)
    if row is None or row.lesson_id != claims.lesson or row.seat_id != screen_of(session, claims):
        raise Refused("photo_unknown", "Your room has taken no such photo in this lesson: upload it first.")


def settle_photos(session: Session, lesson: str, consenting: frozenset[str]) -> Sequence[str]:
    """The lesson is over: keep the photos of `consenting` seats, forget the others, whose ids are given."""
    rows = photos_of(session, lesson, None)
    for row in rows:
        row.is_kept = row.seat_id in consenting
    gone = [row.id for row in rows if not row.is_kept]
    session.execute(delete(PhotoRow).where(PhotoRow.id.in_(gone)))
    return gone


def sweep_photos(session: Session) -> frozenset[str]:
    """Forget the photos of lessons that are over of which nobody has said that they may be kept; the ids of
    all others."""
    over = select(LessonRow.id).where(LessonRow.state.not_in(OPEN))
    session.execute(delete(PhotoRow).where(~PhotoRow.is_kept, PhotoRow.lesson_id.in_(over)))
    return frozenset(session.scalars(select(PhotoRow.id)))
