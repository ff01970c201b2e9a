from __future__ import annotations

from pathlib import Path

import pytest

from classroom_api.jobs.model import Job
from classroom_api.package_job import PackageKind, package_key
from classroom_api.package_plan import parse_package
from classroom_api.settings import load_settings
from classroom_api.store import versions as store
from classroom_api.store.lessons import LessonState
from classroom_api.store.resource_schema import CaptionRow
from classroom_api.store.schema import LessonRow
from streaming.errors import Refused
from tests.classroom_api.retention.recorded import MASTER, add_lesson, resource, school
from tests.classroom_api.reviewed import made_of
from tests.classroom_api.store.test_versions import AUTHOR

VTT = "WEBVTT\n\n00:00.200 --> 00:00.800\n一半\n"


def test_a_version_is_packed_as_it_is_served(database_url: str, tmp_path: Path) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a", LessonState.REVIEW)
        caption = CaptionRow(
            id="cap_a",
            lesson_id="les_a",
            language="zh-CN",
            label="中文",
            origin="upload",
            is_draft=False,
            text=VTT,
            created_at_ms=0,
        )
        session.add(caption)
        row = store.draft_version(session, session.get_one(LessonRow, "les_a"), AUTHOR)
        edit = {**store.NO_EDIT, "kept": [[500, 1000]], "chapters": [{"at_ms": 600, "title": "一"}]}
        store.change_version(row, edit, row.details)
        kind = PackageKind(load_settings({"data_dir": tmp_path}))
        job = Job("job_a", "package", package_key(row), "les_a", {"version": row.id})
        with pytest.raises(Refused, match="version_state_conflict"):
            kind.command(session, job)
        store.begin_version(session, row)
        made = {**made_of({resource("les_a", MASTER): "teacher"}, 500), "sound": {"playlist": "audio.m3u8"}}
        made["pictures"][0]["renditions"] = [{"name": "teacher-480", "height": 480}]
        store.finish_version(session, row.id, made, 5)
        session.flush()
        path = Path(kind.command(session, job)[-1])
        plan = parse_package(path.read_text())
        assert plan.playlists == {"teacher": f"resources/{row.id}/teacher-480.m3u8"}
        assert plan.sound == f"resources/{row.id}/audio-128.m3u8"
        assert [one["title"] for one in plan.shown["chapters"]] == ["一"]
        assert plan.shown["captions"][0]["cues"] == [[0, 300, "一半"]]
        before = package_key(row)
        for sha256 in ("0" * 64, "1" * 64):
            packed = {"kind": "package", "name": "package.zip", "bytes": 1, "sha256": sha256}
            kind.finished(session, job, packed)
            session.flush()
        assert not path.exists()
        downloads = (row.made or {})["downloads"]
        assert [each["kind"] for each in downloads] == ["lesson", "package"]
        assert downloads[-1]["sha256"] == "1" * 64
        assert package_key(row) != before
        kind.failed(session, job, "media_malformed")
        assert row.state == "ready"
