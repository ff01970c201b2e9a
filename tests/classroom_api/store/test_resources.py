from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from classroom_api.store.database import sqlite_url, upgrade_schema
from classroom_api.store.lessons import LessonState
from classroom_api.store.resources import (
    may_replay,
    require_resource,
    resources_of,
    save_resource,
    settle_lesson,
)
from classroom_api.store.schema import LessonRow, ResourceRow
from signaling.roles import Role
from streaming.errors import Refused
from streaming.identifiers import LessonId
from tests.classroom_api.store.test_database import lesson_row

LESSON = LessonId("les_a")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    engine = create_engine(sqlite_url(tmp_path / "a.db"))
    upgrade_schema(engine)
    with Session(engine) as open_session:
        open_session.add(lesson_row(LESSON, state=LessonState.ENDED, recording_policy="stage"))
        open_session.flush()
        yield open_session
    engine.dispose()


def resource(
    identifier: str, *, kind: str = "teacher", state: str = "pending", created_at_ms: int = 0
) -> ResourceRow:
    return ResourceRow(
        id=identifier,
        lesson_id=LESSON,
        kind=kind,
        seat_id=None,
        state=state,
        playlist="index.m3u8",
        poster=None,
        duration_ms=0,
        created_at_ms=created_at_ms,
    )


def test_the_teacher_comes_first(session: Session) -> None:
    for number, kind in enumerate(("stage", "screen", "teacher")):
        save_resource(session, resource(f"res_{number}", kind=kind, created_at_ms=number))
    session.flush()
    assert [row.kind for row in resources_of(session, LESSON)] == ["teacher", "screen", "stage"]


def test_saving_again_updates_and_keeps_the_time_of_creation(session: Session) -> None:
    save_resource(session, resource("res_a", created_at_ms=5))
    session.flush()
    save_resource(session, resource("res_a", state="ready", created_at_ms=9))
    session.flush()
    row = require_resource(session, "res_a")
    assert (row.state, row.created_at_ms) == ("ready", 5)
    with pytest.raises(Refused, match="resource_unknown"):
        require_resource(session, "res_b")


@pytest.mark.parametrize(
    ("auto_publish", "settled"), [(False, LessonState.REVIEW), (True, LessonState.PUBLISHED)]
)
def test_a_lesson_settles_when_all_its_resources_have(
    session: Session, auto_publish: bool, settled: LessonState
) -> None:
    session.get_one(LessonRow, LESSON).auto_publish = auto_publish
    save_resource(session, resource("res_a", state="playable"))
    save_resource(session, resource("res_b", state="failed"))
    session.flush()
    assert settle_lesson(session, LESSON, 1) is LessonState.PROCESSING
    assert settle_lesson(session, LESSON, 1) is None
    save_resource(session, resource("res_a", state="ready"))
    session.flush()
    assert settle_lesson(session, LESSON, 1) is settled
    assert settle_lesson(session, LESSON, 1) is None


def test_a_running_lesson_does_not_settle(session: Session) -> None:
    session.get_one(LessonRow, LESSON).state = LessonState.LIVE
    assert settle_lesson(session, LESSON, 1) is None
    assert settle_lesson(session, LessonId("les_x"), 1) is None


def test_pupils_wait_for_publication(session: Session) -> None:
    lesson = session.get_one(LessonRow, LESSON)
    lesson.state = LessonState.REVIEW
    assert may_replay(None, lesson)
    assert may_replay(Role.MASTER, lesson)
    assert not may_replay(Role.STUDENT, lesson)
    lesson.state = LessonState.PUBLISHED
    assert may_replay(Role.STUDENT, lesson)
