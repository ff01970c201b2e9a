"""View sessions: where a viewer stopped, and what was played. They are kept as long as their lesson's media.

A viewer is a seat, or a user, key or the server's own; of a pupil it is the seat of the link, so that who
has the link goes on where the link stopped. What others see of views are sums over all of them (`audience`).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from classroom_api.store.resource_schema import ViewSessionRow
from classroom_api.store.schema import SeatRow
from classroom_api.viewing import Viewing
from signaling.roles import Role
from streaming.errors import Refused

MAX_OF_VIEWER: Final = 50
"""Of one lesson; the oldest goes then."""


def require_view(session: Session, view: str, viewer: str) -> ViewSessionRow:
    """The viewer's own. Refused: view_unknown."""
    row = session.get(ViewSessionRow, view)
    if row is None or row.viewer != viewer:
        raise Refused("view_unknown", "There is no such view session of yours.")
    return row


def last_view(session: Session, lesson: str, viewer: str) -> ViewSessionRow | None:
    """Where this viewer was last."""
    return session.scalar(_of_viewer(lesson, viewer).limit(1))


def _of_viewer(lesson: str, viewer: str) -> Select[ViewSessionRow]:
    query = select(ViewSessionRow).where(ViewSessionRow.viewer == viewer, ViewSessionRow.lesson_id == lesson)
    return query.order_by(ViewSessionRow.updated_at_ms.desc(), ViewSessionRow.id)


def add_view(session: Session, row: ViewSessionRow) -> None:
    """Keeps `MAX_OF_VIEWER` of its viewer."""
    for old in session.scalars(_of_viewer(row.lesson_id, row.viewer).offset(MAX_OF_VIEWER - 1)).all():
        session.delete(old)
    session.add(row)


def audience(session: Session, lesson: str) -> list[Viewing]:
    """The views of those who did not teach it: through the lesson's seats, the master's left out."""
    query = select(ViewSessionRow).join(SeatRow, SeatRow.id == ViewSessionRow.viewer)
    query = query.where(ViewSessionRow.lesson_id == lesson, SeatRow.role != Role.MASTER)
    return [Viewing(row.viewer, row.played, row.is_completed) for row in session.scalars(query)]


def account_of(session: Session, viewer: str) -> str:
    """What statements call a viewer: a classroom by its pairing, a teacher by the user, pupils all alike."""
    seat = session.get(SeatRow, viewer)
    if seat is None:
        return viewer
    if seat.role == Role.STUDENT:
        return Role.STUDENT.value
    return (seat.pairing_id if seat.role == Role.CLASSROOM else seat.user_id) or viewer


def forget_views(session: Session, lesson: str, viewer: str | None = None) -> None:
    """Of a lesson whose media are erased; or of one viewer."""
    gone = delete(ViewSessionRow).where(ViewSessionRow.lesson_id == lesson)
    if viewer is not None:
        gone = gone.where(ViewSessionRow.viewer == viewer)
    session.execute(gone)
