"""The job that looks for chapters in the picture of a lesson in which nothing else began any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from classroom_api.jobs.elsewhere import Workplace
from classroom_api.jobs.model import Job
from classroom_api.lesson_timeline import BEGINNINGS
from classroom_api.settings import Settings
from classroom_api.store.events import events_of
from classroom_api.store.jobs import enqueue
from classroom_api.store.picture_changes import keep_changes
from classroom_api.store.replay_index import index_lesson
from classroom_api.store.schema import ResourceRow
from streaming.errors import Refused

CHAPTERS: Final = "chapters"


def ask_for_chapters(session: Session, resources: Sequence[ResourceRow], now_ms: int) -> None:
    """Part of a transaction, of a lesson's fast replays: the screen shows what the lesson is about, and the
    teacher's picture where there is none.
    """
    by_kind = {row.kind: row for row in resources if row.state == "ready"}
    row = by_kind.get("screen") or by_kind.get("teacher")
    if row is None or events_of(session, row.lesson_id, BEGINNINGS):
        return
    enqueue(session, CHAPTERS, f"{CHAPTERS} {row.id}", {"resource": row.id}, row.lesson_id, now_ms)


class ChaptersKind:
    """Payload: `resource`."""

    name = CHAPTERS

    def __init__(self, settings: Settings) -> None:
        self._place = Workplace(settings)

    def command(self, session: Session, job: Job) -> Sequence[str]:
        """Refused: resource_unknown."""
        row = session.get(ResourceRow, str(job.payload["resource"]))
        if row is None or row.state != "ready":
            raise Refused("resource_unknown", "The replay is gone.")
        return self._place.command(
            "recording.picture_changes", ["--resource", row.id], [f"resources/{row.id}"]
        )

    def finished(self, session: Session, job: Job, result: Mapping[str, Any]) -> None:
        changes_ms = [int(at_ms) for at_ms in result["changes_ms"]]
        keep_changes(session, str(job.payload["resource"]), changes_ms)
        session.flush()
        if job.lesson_id is not None:
            index_lesson(session, job.lesson_id)

    def failed(self, session: Session, job: Job, code: str) -> None:
        """Then the lesson is one chapter."""
