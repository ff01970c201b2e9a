"""The job that makes a version's files, and the plan that its process is given."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from classroom_api.edited_timeline import kept_of
from classroom_api.jobs.elsewhere import Workplace
from classroom_api.jobs.model import Job
from classroom_api.jobs.storing import ask_to_store
from classroom_api.lesson_timeline import CLOCK_EVENTS, PageTurn, timeline_of
from classroom_api.settings import Settings
from classroom_api.store import decks as deck_store
from classroom_api.store import resources as resource_store
from classroom_api.store import versions as store
from classroom_api.store.events import events_of
from classroom_api.store.resource_schema import VersionRow
from classroom_api.store.schema import ResourceRow
from recording.ladder_plan import LadderInput, LadderPlan, SlideShown, serialize_plan
from recording.store import replace_file
from streaming.errors import Refused
from streaming.identifiers import LessonId

LADDER = "ladder"
_OF_PAGES = CLOCK_EVENTS | {"slide_shown"}


def ladder_key(version: str) -> str:
    return f"{LADDER} {version}"


class LadderKind:
    """The job that makes a version's files. Who has consented is asked again at each attempt."""

    name = LADDER

    def __init__(self, settings: Settings) -> None:
        self._place = Workplace(settings)

    def command(self, session: Session, job: Job) -> Sequence[str]:
        """Refused: version_state_conflict (it was withdrawn, or nothing is left to make it of)."""
        row = session.get(VersionRow, str(job.payload["version"]))
        if row is None or row.state not in (store.VersionState.MAKING, store.VersionState.FAILED):
            raise Refused("version_state_conflict", "Nobody wants this version any longer.")
        row.state = store.VersionState.MAKING
        plan = plan_of(session, row)
        path = self._plan(row.id)
        path.parent.mkdir(exist_ok=True)
        replace_file(path, serialize_plan(plan).encode())
        needs = [*(f"resources/{one.resource}" for one in plan.inputs), *folders_of(plan.slides)]
        return self._place.command("recording.ladder", ["--plan", str(path)], needs, plan.folder)

    def finished(self, session: Session, job: Job, result: Mapping[str, Any]) -> None:
        version = str(job.payload["version"])
        now_ms = int(time.time() * 1000)
        store.finish_version(session, version, self._place.made_by(result), now_ms)
        if self._place.asks_to_store(result) and job.lesson_id is not None:
            ask_to_store(session, f"resources/{version}", job.lesson_id, now_ms)
        self._plan(version).unlink(missing_ok=True)

    def failed(self, session: Session, job: Job, code: str) -> None:
        version = str(job.payload["version"])
        store.fail_version(session, version, code)
        self._plan(version).unlink(missing_ok=True)

    def _plan(self, version: str) -> Path:
        return self._place.data_dir / "plans" / f"{version}.json"


def plan_of(session: Session, row: VersionRow) -> LadderPlan:
    """The teacher's picture first. Refused: version_state_conflict, edit_invalid."""
    lesson = LessonId(row.lesson_id)
    found = store.inputs_of(session, row)
    if not found:
        raise Refused("version_state_conflict", "There is nothing to make it of.")
    row.sources = [source.id for source in found]
    length_ms = store.length_of(resource_store.resources_of(session, lesson))
    events = events_of(session, lesson, _OF_PAGES)
    pages = timeline_of(events, length_ms).pages
    return LadderPlan(
        folder=f"resources/{row.id}",
        title=str(row.details["title"]),
        length_ms=length_ms,
        inputs=tuple(_inputs(found)),
        kept=kept_of(row.edit, length_ms),
        slides=slides_of(session, row.lesson_id, pages),
    )


def _inputs(found: Sequence[ResourceRow]) -> list[LadderInput]:
    """Named by their kinds; where there are several of one, and for all stages, with a number."""
    inputs: list[LadderInput] = []
    for row in found:
        number = 1 + sum(one.kind == row.kind for one in inputs)
        name = f"{row.kind}-{number}" if row.kind == "stage" or number > 1 else row.kind
        inputs.append(LadderInput(name, row.kind, row.id, row.seat_id or ""))
    return inputs


def slides_of(session: Session, lesson: str, turns: Sequence[PageTurn]) -> tuple[SlideShown, ...]:
    """The images of the pages that were shown; a page of a deck that is deleted is none."""
    decks = sorted({one.deck for one in turns if one.deck is not None})
    images = {
        (page.deck_id, page.page): f"decks/{lesson}/{page.deck_id}/{page.sha256}.webp"
        for page in deck_store.pages_of(session, decks)
    }
    return tuple(SlideShown(one.at_ms, images.get((one.deck or "", one.page or 0))) for one in turns)


def folders_of(slides: Sequence[SlideShown]) -> list[str]:
    """The folder that their images lie in: of the lesson's decks."""
    return sorted({"/".join(one.image.split("/")[:2]) for one in slides if one.image is not None})
