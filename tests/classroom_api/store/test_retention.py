from __future__ import annotations

from itertools import count

from sqlalchemy.orm import Session

from classroom_api.retention.policy import DAY_MS, Policy
from classroom_api.store import erasures
from classroom_api.store.lessons import LessonState
from classroom_api.store.outbox_schema import RetentionPolicyRow
from classroom_api.store.planning_schema import OrganizationRow
from classroom_api.store.retention import apply_retention, ended_lessons, policies_by_path, policy_for
from classroom_api.store.schema import LessonRow
from tests.classroom_api.retention.recorded import add_lesson, school

NUMBERS = count(1)


def new_id(prefix: str) -> str:
    return f"{prefix}_{next(NUMBERS)}"


def below(session: Session, identifier: str, path: str) -> None:
    session.add(
        OrganizationRow(
            id=identifier,
            kind="school",
            name="n",
            path=path,
            parent_id="org_a",
            time_zone="UTC",
            created_at_ms=0,
        )
    )
    session.flush()


def decide(session: Session, organization: str, raw_track_days: int) -> None:
    session.add(
        RetentionPolicyRow(
            id=new_id("ret"),
            organization_id=organization,
            raw_track_days=raw_track_days,
            resource_days=100,
            review_days=10,
            created_at_ms=0,
        )
    )
    session.flush()


def test_the_nearest_policy_up_the_tree_holds(database_url: str) -> None:
    with school(database_url) as session:
        below(session, "org_b", "/org_a/org_b/")
        decide(session, "org_a", 10)
        decide(session, "org_b", 5)
        policies = policies_by_path(session)
        days = {
            path: policy_for(path, policies, Policy()).raw_track_days
            for path in ("/org_a/", "/org_a/org_b/", "/org_a/org_b/org_c/", "/org_a/org_z/", "/org_z/", None)
        }
        assert list(days.values()) == [10, 5, 5, 10, 30, 30]


def test_what_is_due_is_asked_for_once(database_url: str) -> None:
    with school(database_url) as session:
        decide(session, "org_a", 3)
        add_lesson(session, "les_a")
        add_lesson(session, "les_b", LessonState.ENDED)
        add_lesson(session, "les_c", LessonState.ERASED)
        add_lesson(session, "les_d", LessonState.LIVE, ended_at_ms=None)
        session.get_one(LessonRow, "les_b").recording_policy = "off"
        session.flush()
        assert list(ended_lessons(session, "")) == ["les_a", "les_b"]
        assert list(ended_lessons(session, "les_a")) == ["les_b"]
        assert list(ended_lessons(session, "", 1)) == ["les_a"]
        now_ms = 2000 + 3 * DAY_MS
        assert apply_retention(session, ["les_a", "les_b"], Policy(), new_id, now_ms) == 1
        assert apply_retention(session, ["les_a", "les_b"], Policy(), new_id, now_ms + 1) == 0
        [part] = erasures.open_parts(session)
        assert (part.lesson_id, part.target) == ("les_a", "raw_tracks")
