"""The job that makes a draft of captions out of the teacher's voice, where a recogniser is configured."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_api.jobs.elsewhere import Workplace
from classroom_api.jobs.model import Job, JobState
from classroom_api.planning import new_id
from classroom_api.settings import Settings
from classroom_api.store.captions import CaptionDraft, Origin, store_recognised
from classroom_api.store.jobs import enqueue, retry
from classroom_api.store.resource_schema import JobRow
from classroom_api.store.resources import resources_of
from classroom_api.store.schema import ResourceRow
from recording.webvtt import Cue, plain_text, serialize_captions
from streaming.errors import Refused
from streaming.identifiers import LessonId

RECOGNISE: Final = "recognise"


def last_recognition(session: Session, lesson: str) -> JobRow | None:
    query = select(JobRow).where(JobRow.lesson_id == lesson, JobRow.kind == RECOGNISE)
    return session.scalars(query.order_by(JobRow.created_at_ms.desc(), JobRow.id).limit(1)).first()


def ask_for_recognition(session: Session, lesson: str, now_ms: int) -> JobRow:
    """Part of a transaction: the job that is under way; else what failed begins again, what was done anew.

    Refused: resource_unknown (the teacher's replay is not there).
    """
    resources = resources_of(session, LessonId(lesson))
    voice = next((row for row in resources if row.kind == "teacher" and row.state == "ready"), None)
    if voice is None:
        raise Refused("resource_unknown", "There is no replay of the teacher's voice.")
    last = last_recognition(session, lesson)
    number = 1
    if last is not None and last.payload["resource"] == voice.id:
        if last.state != JobState.DONE:
            if last.state in (JobState.FAILED, JobState.CANCELLED):
                retry(session, last, now_ms)
            return last
        number = int(last.payload["number"]) + 1
    # Two who ask at once get the same number, so the same job.
    payload = {"resource": voice.id, "folder": f"resources/{voice.id}", "number": number}
    return enqueue(session, RECOGNISE, f"{RECOGNISE} {voice.id} {number}", payload, lesson, now_ms)


class RecogniseKind:
    """Payload: `resource`; `folder`, by which an erasure finds the job; `number`."""

    name = RECOGNISE

    def __init__(self, settings: Settings, recogniser: str) -> None:
        self._place, self._recogniser = Workplace(settings), recogniser
        self._language = settings.recogniser_language

    def command(self, session: Session, job: Job) -> Sequence[str]:
        """Refused: resource_unknown."""
        row = _require_voice(session, job)
        voice = ["--resource", row.id, "--recogniser", self._recogniser, "--language", self._language]
        return self._place.command("recording.recognition", voice, [f"resources/{row.id}"])

    def finished(self, session: Session, job: Job, result: Mapping[str, Any]) -> None:
        """Refused: resource_unknown, limit_reached."""
        row = _require_voice(session, job)
        cues = [
            Cue(int(begin_ms), int(end_ms), plain_text(str(text)))
            for begin_ms, end_ms, text in result["cues"]
        ]
        text = serialize_captions(cue for cue in cues if cue.text)
        draft = CaptionDraft(
            row.lesson_id, str(result["language"]), "", Origin.RECOGNISER, text, is_draft=True
        )
        store_recognised(session, new_id("cap"), draft, int(time.time() * 1000))

    def failed(self, session: Session, job: Job, code: str) -> None:
        """Then there are no such captions; the job says why."""


def _require_voice(session: Session, job: Job) -> ResourceRow:
    """Refused: resource_unknown."""
    row = session.get(ResourceRow, str(job.payload["resource"]))
    if row is None or row.state != "ready":
        raise Refused("resource_unknown", "The replay is gone.")
    return row
