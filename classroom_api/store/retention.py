"""Which policy holds for a lesson, and what is due by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_api.outbox.events import Happening, Told
from classroom_api.retention.policy import Due, LessonAge, Policy, what_is_due
from classroom_api.retention.scope import Target
from classroom_api.store import outbox
from classroom_api.store.erasures import erase_due
from classroom_api.store.lessons import LessonState
from classroom_api.store.outbox_schema import LessonRetentionRow, RetentionPolicyRow
from classroom_api.store.planning_schema import OrganizationRow
from classroom_api.store.schema import LessonRow
from signaling.ports import RecordingPolicy

LESSONS_AT_ONCE = 200


def policies_by_path(session: Session) -> dict[str, Policy]:
    """The policies that organizations have set, by the path of the organization."""
    query = select(OrganizationRow.path, RetentionPolicyRow).join(
        RetentionPolicyRow, RetentionPolicyRow.organization_id == OrganizationRow.id
    )
    return {
        path: Policy(row.raw_track_days, row.resource_days, row.review_days)
        for path, row in session.execute(query)
    }


def policy_for(path: str | None, policies: dict[str, Policy], default: Policy) -> Policy:
    """The nearest up the tree, else the server's."""
    above = [each for each in policies if path is not None and path.startswith(each)]
    return policies[max(above, key=len)] if above else default


def ended_lessons(session: Session, after: str, limit: int = LESSONS_AT_ONCE) -> Sequence[str]:
    """Ids of lessons that are over and not erased, in their order."""
    query = select(LessonRow.id).where(
        LessonRow.id > after, LessonRow.ended_at_ms.is_not(None), LessonRow.state != LessonState.ERASED
    )
    return session.scalars(query.order_by(LessonRow.id).limit(limit)).all()


def apply_retention(
    session: Session, lessons: Sequence[str], default: Policy, new_id: Callable[[str], str], now_ms: int
) -> int:
    """Do what is due with these lessons; how much that was. Erasures are asked for, and carried out later."""
    policies = policies_by_path(session)
    count = 0
    for identifier in lessons:
        row = session.get_one(LessonRow, identifier)
        mark = session.get(LessonRetentionRow, identifier)
        if mark is None:
            mark = LessonRetentionRow(lesson_id=identifier)
        place = session.get(OrganizationRow, row.organization_id) if row.organization_id is not None else None
        policy = policy_for(place.path if place is not None else None, policies, default)
        age = LessonAge(
            LessonState(row.state),
            row.ended_at_ms or 0,
            has_raw_tracks=mark.raw_erasure_id is None and row.recording_policy != RecordingPolicy.OFF,
            review_since_ms=mark.review_since_ms,
        )
        for due in what_is_due(policy, age, now_ms):
            _do(session, row, mark, due, new_id("era"), now_ms)
            session.add(mark)
            count += 1
    return count


def _do(
    session: Session, row: LessonRow, mark: LessonRetentionRow, due: Due, erasure_id: str, now_ms: int
) -> None:
    match due:
        case Due.RAW_TRACKS:
            mark.raw_erasure_id = erasure_id
            erase_due(session, erasure_id, row, Target.RAW_TRACKS, now_ms)
        case Due.REVIEW:
            row.state, mark.review_since_ms = LessonState.REVIEW, now_ms
            session.flush()
            outbox.tell(session, Told(Happening.LESSON_REVIEW_DUE, now_ms, row.id, row.organization_id))
        case Due.ERASE:
            # Asked for once: the erasure takes the lesson out of review.
            mark.review_since_ms = now_ms
            erase_due(session, erasure_id, row, Target.LESSON, now_ms)
