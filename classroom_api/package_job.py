"""The job that packs a version for schools without a network."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from classroom_api.edited_timeline import edited, kept_of
from classroom_api.jobs.elsewhere import Workplace
from classroom_api.jobs.model import Job
from classroom_api.jobs.storing import ask_to_store
from classroom_api.ladder_job import folders_of, slides_of
from classroom_api.lesson_timeline import KINDS, timeline_of
from classroom_api.package_plan import PackagePlan, cues_of, playlists_of, serialize_package
from classroom_api.settings import Settings
from classroom_api.store import resources as resource_store
from classroom_api.store import versions as store
from classroom_api.store.captions import approved_captions
from classroom_api.store.events import events_of
from classroom_api.store.resource_schema import VersionRow
from classroom_api.store.versions import VersionState
from recording.ladder_plan import SlideShown
from recording.store import replace_file
from streaming.errors import Refused
from streaming.identifiers import LessonId

PACKAGE = "package"
_MADE = (VersionState.READY, VersionState.PUBLISHED)


def package_key(row: VersionRow) -> str:
    """Anew where the version was changed since: captions may be others by then."""
    return f"{PACKAGE} {row.id} {row.revision}"


class PackageKind:
    """Payload: `version`."""

    name = PACKAGE

    def __init__(self, settings: Settings) -> None:
        self._place = Workplace(settings)

    def command(self, session: Session, job: Job) -> Sequence[str]:
        """Refused: version_state_conflict (it is not there any longer)."""
        row = session.get(VersionRow, str(job.payload["version"]))
        if row is None or row.state not in _MADE:
            raise Refused("version_state_conflict", "There is nothing to pack.")
        path = self._plan(row.id)
        path.parent.mkdir(exist_ok=True)
        plan = package_of(session, row)
        replace_file(path, serialize_package(plan).encode())
        needs = [plan.folder, *folders_of([SlideShown(*one) for one in plan.slides])]
        return self._place.command("classroom_api.packages", ["--plan", str(path)], needs, plan.folder)

    def finished(self, session: Session, job: Job, result: Mapping[str, Any]) -> None:
        row = session.get(VersionRow, str(job.payload["version"]))
        if row is not None and row.state in _MADE:
            made = row.made or {}
            others = [each for each in made.get("downloads", ()) if each["kind"] != PACKAGE]
            row.made = {**made, "downloads": [*others, self._place.made_by(result)]}
            if self._place.asks_to_store(result):
                edition = str(result["sha256"])[:16]
                now_ms = int(time.time() * 1000)
                ask_to_store(session, f"resources/{row.id}", row.lesson_id, now_ms, edition=edition)
        self._plan(str(job.payload["version"])).unlink(missing_ok=True)

    def failed(self, _: Session, job: Job, __: str, /) -> None:
        self._plan(str(job.payload["version"])).unlink(missing_ok=True)

    def _plan(self, version: str) -> Path:
        return self._place.data_dir / "plans" / f"{version}.package.json"


def package_of(session: Session, row: VersionRow) -> PackagePlan:
    """What a version's package holds: one size of each picture, sound, slides, chapters, captions."""
    lesson = LessonId(row.lesson_id)
    length_ms = store.length_of(resource_store.resources_of(session, lesson))
    timeline = edited(timeline_of(events_of(session, lesson, KINDS), length_ms), row.edit, length_ms)
    kept = kept_of(row.edit, length_ms)
    made, folder = row.made or {}, f"resources/{row.id}"
    return PackagePlan(
        folder=folder,
        playlists=playlists_of(folder, made),
        sound=f"{folder}/audio-128.m3u8" if made.get("sound") else None,
        slides=tuple((one.at_ms, one.image) for one in slides_of(session, lesson, timeline.pages)),
        details=row.details,
        shown={
            "chapters": [
                {"start_ms": one.start_ms, "kind": one.cause, "title": one.title, "page": one.page}
                for one in timeline.chapters
            ],
            "captions": [
                {"language": each.language, "label": each.label, "cues": cues_of(each.text, kept)}
                for each in approved_captions(session, lesson)
            ],
        },
    )
