"""The tables of course resources: the migration makes what they say, and a lesson takes them with it."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from classroom_api.store.resource_schema import CaptionRow, JobRow
from classroom_api.store.schema import LessonRow
from tests.classroom_api.retention.recorded import add_lesson, school


def job(identifier: str, key: str) -> JobRow:
    return JobRow(
        id=identifier,
        kind="ladder",
        key=key,
        lesson_id="les_a",
        payload={},
        state="pending",
        attempts=0,
        run_after_ms=0,
        lease="",
        leased_until_ms=0,
        is_cancelled=False,
        progress=0.0,
        step="",
        created_at_ms=0,
    )


def test_a_job_asked_for_twice_is_one(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a")
        session.add(job("job_1", "ladder ver_1"))
        session.flush()
        session.add(job("job_2", "ladder ver_1"))
        with pytest.raises(IntegrityError):
            session.flush()


def test_a_lesson_takes_all_with_it(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a")
        session.add(job("job_1", "ladder ver_1"))
        caption = CaptionRow(
            id="cap_1",
            lesson_id="les_a",
            language="zh-CN",
            label="中文",
            origin="upload",
            is_draft=False,
            text="WEBVTT",
            created_at_ms=0,
        )
        session.add(caption)
        session.flush()
        session.execute(delete(LessonRow))
        for table in (JobRow, CaptionRow):
            assert session.scalar(select(func.count()).select_from(table)) == 0
