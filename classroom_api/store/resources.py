"""Course resources: what the recorder says of them, and who may see them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from classroom_api.outbox.events import Happening, Told
from classroom_api.store import outbox
from classroom_api.store.consents import ConsentKind, has_consented
from classroom_api.store.lessons import LessonState
from classroom_api.store.replay_index import index_lesson
from classroom_api.store.schema import LessonRow, ResourceRow, SeatRow
from signaling.roles import Role
from streaming.errors import Refused
from streaming.identifiers import LessonId

ERASED = "erased"
SETTLED = frozenset({"ready", "failed", ERASED})
SETTLED_LESSON = frozenset({LessonState.REVIEW, LessonState.PUBLISHED})
_KIND_ORDER = case({"teacher": 0, "screen": 1}, value=ResourceRow.kind, else_=2)


def require_resource(session: Session, resource: str) -> ResourceRow:
    """The resource's row. Refused: resource_unknown."""
    row = session.get(ResourceRow, resource)
    if row is None:
        raise Refused("resource_unknown", "There is no such resource.")
    return row


def resources_of(session: Session, lesson: LessonId) -> Sequence[ResourceRow]:
    """All of a lesson's resources, the teacher's first."""
    query = select(ResourceRow).where(ResourceRow.lesson_id == lesson)
    return session.scalars(query.order_by(_KIND_ORDER, ResourceRow.created_at_ms, ResourceRow.id)).all()


def save_resource(session: Session, row: ResourceRow) -> None:
    """Insert or update by id; the time of creation stays, and what was erased stays erased."""
    known = session.get(ResourceRow, row.id)
    if known is not None and known.state == ERASED:
        return
    if known is not None:
        row.created_at_ms = known.created_at_ms
    session.merge(row)


def settle_lesson(session: Session, lesson: LessonId, now_ms: int) -> LessonState | None:
    """Move an ended lesson on: `processing` until each resource is ready or failed, then `published`
    (auto_publish), which is told, or `review`. Returns the new state when it changed.
    """
    row = session.get(LessonRow, lesson)
    if row is None or row.state not in (LessonState.ENDED, LessonState.PROCESSING):
        return None
    resources = resources_of(session, lesson)
    state = LessonState.PROCESSING
    if all(resource.state in SETTLED for resource in resources):
        state = LessonState.PUBLISHED if row.auto_publish else LessonState.REVIEW
    if state == row.state:
        return None
    row.state = state
    index_lesson(session, lesson)
    if state is LessonState.PUBLISHED:
        outbox.tell(session, Told(Happening.LESSON_PUBLISHED, now_ms, row.id, row.organization_id))
    return state


def unpublished_seats(session: Session, lesson: LessonId) -> frozenset[str]:
    """The seats of student groups that have not consented to publication: their pupils' pictures and voices
    are for who teaches and edits."""
    query = select(SeatRow.id, SeatRow.student_group_id).where(
        SeatRow.lesson_id == lesson, SeatRow.student_group_id.is_not(None)
    )
    return frozenset(
        seat
        for seat, group in session.execute(query)
        if group is not None and not has_consented(session, group, ConsentKind.PUBLICATION)
    )


def may_replay(role: Role | None, lesson: LessonRow) -> bool:
    """Whether a seat of `role` (None: admin) may see the resources of `lesson` in its present state."""
    if role is None or role is Role.MASTER:
        return True
    return lesson.state == LessonState.PUBLISHED
