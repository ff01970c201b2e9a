"""The job that makes captions of the teacher's voice, and what it leaves in the database."""

from __future__ import annotations

from pathlib import Path

import pytest

from classroom_api.jobs.kinds import job_kinds
from classroom_api.jobs.model import JobState
from classroom_api.recognise_job import RECOGNISE, ask_for_recognition, last_recognition
from classroom_api.settings import load_settings
from classroom_api.store.captions import approved_captions, captions_of
from classroom_api.store.jobs import halt, job_of
from classroom_api.store.lessons import LessonState
from classroom_api.store.resources import resources_of
from streaming.errors import Refused
from streaming.identifiers import LessonId
from tests.classroom_api.retention.recorded import MASTER, add_lesson, resource, school

LESSON = LessonId("les_a")
HEARD = {"language": "en", "cues": [[1000, 2000, "one <half>"], [2000, 3000, "\x00"]]}


def test_what_was_heard_is_a_draft(database_url: str, tmp_path: Path) -> None:
    settings = {"data_dir": tmp_path, "recogniser": "pocketsphinx"}
    kind = job_kinds(load_settings(settings))[RECOGNISE]
    with school(database_url) as session:
        add_lesson(session, LESSON, LessonState.PUBLISHED)
        row = ask_for_recognition(session, LESSON, 5)
        (tmp_path / "resources" / resource(LESSON, MASTER)).mkdir(parents=True)
        command = kind.command(session, job_of(row))
        assert command[1:3] == ["-m", "recording.recognition"]
        assert command[-6:] == [
            *("--resource", resource(LESSON, MASTER)),
            *("--recogniser", "pocketsphinx"),
            *("--language", "en"),
        ]
        kind.finished(session, job_of(row), HEARD)
        [captions] = captions_of(session, LESSON)
        assert (captions.language, captions.origin, captions.is_draft) == ("en", "recogniser", True)
        assert captions.text == "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\none &lt;half&gt;\n"
        assert approved_captions(session, LESSON) == []
        kind.finished(session, job_of(row), HEARD)
        assert len(captions_of(session, LESSON)) == 1
        for each in resources_of(session, LESSON):
            each.state = "erased"
        with pytest.raises(Refused, match="resource_unknown"):
            kind.finished(session, job_of(row), HEARD)
        with pytest.raises(Refused, match="resource_unknown"):
            kind.command(session, job_of(row))
        with pytest.raises(Refused, match="resource_unknown"):
            ask_for_recognition(session, LESSON, 6)


def test_what_is_listened_to_comes_to_a_worker_elsewhere(database_url: str, tmp_path: Path) -> None:
    storage = f"file://{tmp_path / 'store'}"
    settings = {"data_dir": tmp_path / "data", "storage": storage, "recogniser": "pocketsphinx"}
    kind = job_kinds(load_settings(settings))[RECOGNISE]
    with school(database_url) as session:
        add_lesson(session, LESSON, LessonState.PUBLISHED)
        command = list(kind.command(session, job_of(ask_for_recognition(session, LESSON, 5))))
    assert command[1:3] == ["-m", "classroom_api.jobs.elsewhere"]
    needs = command.index("--needs")
    assert command[needs + 1 : needs + 4] == [
        f"resources/{resource(LESSON, MASTER)}",
        "--",
        "recording.recognition",
    ]


def test_asked_again_it_is_the_job_under_way_or_one_anew(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, LESSON, LessonState.REVIEW)
        first = ask_for_recognition(session, LESSON, 5)
        assert ask_for_recognition(session, LESSON, 6).id == first.id
        first.state, first.error = JobState.FAILED, "job_died"
        again = ask_for_recognition(session, LESSON, 7)
        assert (again.id, again.state) == (first.id, JobState.PENDING)
        first.state = JobState.DONE
        session.flush()
        second = ask_for_recognition(session, LESSON, 8)
        assert second.id != first.id
        last = last_recognition(session, LESSON)
        assert last is not None
        assert last.id == second.id
        halt(session, LESSON, 9, {f"resources/{resource(LESSON, MASTER)}"})
        assert second.is_cancelled, "who erases the voice ends what listens to it"


def test_without_a_recogniser_there_is_no_such_job(tmp_path: Path) -> None:
    assert RECOGNISE not in job_kinds(load_settings({"data_dir": tmp_path}))
    for wrong in ("whisper", "command", "command ", "pocketsphinx x"):
        with pytest.raises(ValueError, match="recogniser"):
            load_settings({"data_dir": tmp_path, "recogniser": wrong})
