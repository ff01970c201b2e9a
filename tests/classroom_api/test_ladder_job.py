from __future__ import annotations

from pathlib import Path

import pytest

from classroom_api.jobs.model import Job
from classroom_api.ladder_job import LadderKind, slides_of
from classroom_api.lesson_timeline import PageTurn
from classroom_api.planning import Planning
from classroom_api.settings import load_settings
from classroom_api.store import versions as store
from classroom_api.store.database import Database
from classroom_api.store.lessons import LessonState
from classroom_api.store.schema import DeckPageRow, DeckRow
from classroom_api.versions import Versions
from recording.ladder_plan import parse_plan
from streaming.errors import Refused
from tests.classroom_api.retention.recorded import MASTER, add_lesson, resource, school


def test_the_plan_says_what_is_made_of_what(database_url: str, tmp_path: Path) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a", LessonState.REVIEW)
        planning = Planning(Database(database_url), lambda: 5)
        Versions(planning, {}, None, is_ladder_on=True).lesson_settled(session, "les_a", 5)
        [row] = store.versions_of(session, "les_a")
        kind = LadderKind(load_settings({"data_dir": tmp_path}))
        job = Job("job_a", "ladder", "k", "les_a", {"version": row.id})
        command = kind.command(session, job)
        assert command[1:3] == ["-m", "recording.ladder"]
        path = Path(command[-1])
        plan = parse_plan(path.read_text())
        # Neither group has consented to publication.
        assert [(one.name, one.resource) for one in plan.inputs] == [("teacher", resource("les_a", MASTER))]
        assert (plan.folder, plan.length_ms, plan.kept.parts) == (f"resources/{row.id}", 1000, ((0, 1000),))
        kind.failed(session, job, "media_malformed")
        assert (row.state, path.exists()) == ("failed", False)
        row.state = store.VersionState.WITHDRAWN
        with pytest.raises(Refused, match="version_state_conflict"):
            kind.command(session, job)


def test_slides_are_the_images_of_their_pages(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a")
        session.add(
            DeckRow(id="deck_a", lesson_id="les_a", title="", state="ready", page_count=1, created_at_ms=0)
        )
        session.flush()
        page = {"width": 1, "height": 1, "bytes": 1, "thumbnail": "t", "text": ""}
        session.add(DeckPageRow(deck_id="deck_a", page=1, sha256="5" * 64, **page))
        session.flush()
        turns = [PageTurn(0, "deck_a", 1), PageTurn(5, None, None), PageTurn(9, "deck_gone", 3)]
        image = f"decks/les_a/deck_a/{'5' * 64}.webp"
        assert [one.image for one in slides_of(session, "les_a", turns)] == [image, None, None]
