"""Chapters that are looked for in the picture, where nothing else began any."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from classroom_api.chapters_job import ChaptersKind, ask_for_chapters
from classroom_api.settings import load_settings
from classroom_api.store.jobs import job_of
from classroom_api.store.lessons import LessonState
from classroom_api.store.picture_changes import happened_and_changed
from classroom_api.store.resource_schema import JobRow
from classroom_api.store.resources import resources_of
from classroom_api.store.schema import EventRow
from streaming.errors import Refused
from streaming.identifiers import LessonId
from tests.classroom_api.retention.recorded import MASTER, add_lesson, resource, school

LESSON = LessonId("les_a")


def test_the_picture_is_asked_where_nobody_said_anything(database_url: str, tmp_path: Path) -> None:
    with school(database_url) as session:
        add_lesson(session, LESSON, LessonState.REVIEW)
        for _ in range(2):
            ask_for_chapters(session, resources_of(session, LESSON), 5)
        [row] = session.scalars(select(JobRow))
        assert row.payload == {"resource": resource(LESSON, MASTER)}
        kind = ChaptersKind(load_settings({"data_dir": tmp_path}))
        command = kind.command(session, job_of(row))
        assert command[1:3] == ["-m", "recording.picture_changes"]
        assert command[-1] == resource(LESSON, MASTER)
        kind.finished(session, job_of(row), {"changes_ms": [700, 300]})
        assert happened_and_changed(session, LESSON)[1] == [300, 700]
        for each in resources_of(session, LESSON):
            each.state = "erased"
        with pytest.raises(Refused, match="resource_unknown"):
            kind.command(session, job_of(row))


def test_a_marker_says_more_than_a_picture(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, LESSON, LessonState.REVIEW)
        marker = '{"type":"marker_set","marker":{"label":"x"}}'
        session.add(EventRow(lesson_id=LESSON, seq=9_000, epoch="ep", at_ms=1, body=marker))
        session.flush()
        ask_for_chapters(session, resources_of(session, LESSON), 5)
        assert session.scalars(select(JobRow)).all() == []
