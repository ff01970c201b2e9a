"""The first version of a lesson that has settled, and the plan that its job is given."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from classroom_api.access import EVERYTHING
from classroom_api.jobs.model import Job
from classroom_api.ladder_job import LadderKind
from classroom_api.planning import Planning
from classroom_api.settings import load_settings
from classroom_api.store import versions as store
from classroom_api.store.database import Database
from classroom_api.store.lessons import LessonState
from classroom_api.store.resource_schema import JobRow
from classroom_api.store.resources import resources_of
from classroom_api.store.schema import LessonRow
from classroom_api.versions import Proposal, Versions
from streaming.errors import Refused
from streaming.identifiers import LessonId
from tests.classroom_api.retention.recorded import HILL, add_lesson, resource, school


@pytest.mark.parametrize("is_ladder_on", [True, False])
def test_a_lesson_that_settles_has_its_first_version(
    database_url: str, tmp_path: Path, *, is_ladder_on: bool
) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a", LessonState.PUBLISHED)
        session.get_one(LessonRow, "les_a").auto_publish = True
        planning = Planning(Database(database_url), lambda: 5)
        versions = Versions(planning, {}, None, is_ladder_on=is_ladder_on)
        for _ in range(2):
            versions.lesson_settled(session, "les_a", 5)
        [row] = store.versions_of(session, "les_a")
        assert (row.number, row.edit, row.created_by) == (1, store.NO_EDIT, "recorder")
        assert row.state == ("making" if is_ladder_on else "draft")
        jobs = session.scalars(select(JobRow).where(JobRow.kind == "ladder")).all()
        assert [job.payload for job in jobs] == ([{"version": row.id}] if is_ladder_on else [])
        if is_ladder_on:
            kind = LadderKind(load_settings({"data_dir": tmp_path}))
            job = Job(jobs[0].id, "ladder", jobs[0].key, "les_a", jobs[0].payload)
            kind.finished(session, job, {"duration_ms": 1000})
            assert row.state == "published"


def test_a_lesson_of_which_nothing_was_recorded_has_none(database_url: str, tmp_path: Path) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a")
        for row in resources_of(session, LessonId("les_a")):
            row.state = "failed"
        session.flush()
        planning = Planning(Database(database_url), lambda: 5)
        Versions(planning, {}, None, is_ladder_on=True).lesson_settled(session, "les_a", 5)
        assert store.versions_of(session, "les_a") == []


def test_an_edit_names_sources_of_its_own_lesson(database_url: str, tmp_path: Path) -> None:
    with school(database_url) as session:
        for lesson in ("les_a", "les_b"):
            add_lesson(session, lesson, LessonState.REVIEW)
    other = {**store.NO_EDIT, "without": [resource("les_b", HILL)]}

    async def run() -> None:
        database = Database(database_url)
        planning = Planning(database, lambda: 5)
        versions = Versions(planning, {}, None, is_ladder_on=False)
        await planning.transaction(lambda session: versions.lesson_settled(session, "les_a", 5))
        [row] = await versions.listed("les_a")
        with pytest.raises(Refused, match="reference_unknown"):
            await versions.change(row.id, EVERYTHING, Proposal(other, row.details), row.revision)
        await database.close()

    asyncio.run(run())
