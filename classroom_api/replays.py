"""Replays as they are watched: what is served of a lesson, at which places, and where viewers stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_api.attempts import Attempts
from classroom_api.edited_timeline import kept_of
from classroom_api.outbox.carriers import VIEW
from classroom_api.outbox.view_statements import (
    Now,
    Step,
    Stood,
    Verb,
    ViewFacts,
    statements_of_view,
    steps_of,
)
from classroom_api.planning import new_id
from classroom_api.store import decks as deck_store
from classroom_api.store import outbox
from classroom_api.store import resources as resource_store
from classroom_api.store import views as view_store
from classroom_api.store.captions import approved_captions
from classroom_api.store.database import Database
from classroom_api.store.events import pages_shown
from classroom_api.store.resource_schema import CaptionRow, VersionRow, ViewSessionRow
from classroom_api.store.schema import DeckPageRow, DeckRow, LessonRow, ResourceRow, SeatRow
from classroom_api.store.versions import served_version
from classroom_api.viewing import COMPLETED_RATIO, length_ms, merged, positions_of
from recording.edit import Kept
from streaming.errors import Refused
from streaming.identifiers import LessonId

_BEGINNINGS_A_MINUTE: Final = 20
_REPORTS_A_MINUTE: Final = 30
_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Watched:
    """What was read of a replay. `decks`: those of which pages were shown, with these pages."""

    resources: Sequence[ResourceRow]
    seats: Mapping[str, SeatRow]
    version: VersionRow | None
    captions: Sequence[CaptionRow]
    decks: Sequence[tuple[DeckRow, Sequence[DeckPageRow]]]
    position_ms: int
    """The place where the viewer stopped; 0 at either end."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a player tells of a viewing: places in ms of what it plays, which is `version` (None: the fast
    replays); `played`: since it told before, in the order in which they were played."""

    version: str | None
    position_ms: int
    played: tuple[tuple[int, int], ...] = ()
    is_playing: bool = False
    is_over: bool = False


def served_parts(version: VersionRow | None, lesson_ms: int) -> Kept | None:
    """What a version keeps of a lesson; None where its places are the positions."""
    if version is None or not version.made or lesson_ms <= 0:
        return None
    return kept_of(version.edit, lesson_ms)


class Replays:
    """Reads for players, writes for view sessions."""

    def __init__(self, database: Database, clock_ms: Callable[[], int], stated_at: str | None) -> None:
        """`stated_at`: the home page of statements; None where nothing is stated."""
        self._database, self._clock_ms, self._stated_at = database, clock_ms, stated_at
        self._begun = Attempts(_BEGINNINGS_A_MINUTE, _MINUTE_MS)
        self._told = Attempts(_REPORTS_A_MINUTE, _MINUTE_MS)

    async def watched(self, resource: ResourceRow, viewer: str) -> Watched:
        """All that a player of `resource` needs."""

        def work(session: Session) -> Watched:
            lesson = resource.lesson_id
            version = served_version(session, lesson)
            seats = session.scalars(select(SeatRow).where(SeatRow.lesson_id == lesson))
            last = view_store.last_view(session, lesson, viewer)
            kept = served_parts(version, resource.duration_ms)
            stopped_ms = last.position_ms if last is not None and not last.is_completed else 0
            return Watched(
                resource_store.resources_of(session, LessonId(lesson)),
                {seat.id: seat for seat in seats},
                version,
                approved_captions(session, lesson),
                _decks(session, lesson),
                kept.next_place_ms(stopped_ms) if kept is not None else stopped_ms,
            )

        return await self._database.transaction(work)

    async def begin(self, resource: ResourceRow, viewer: str) -> ViewSessionRow:
        """A viewing begins. Unavailable: rate_limited."""
        now_ms = self._clock_ms()
        _count(self._begun, viewer, now_ms)

        def work(session: Session) -> ViewSessionRow:
            kept = served_parts(served_version(session, resource.lesson_id), resource.duration_ms)
            row = ViewSessionRow(
                id=new_id("view"),
                lesson_id=resource.lesson_id,
                viewer=viewer,
                started_at_ms=now_ms,
                updated_at_ms=now_ms,
                position_ms=0,
                duration_ms=kept.length_ms if kept is not None else resource.duration_ms,
                played=[],
                is_completed=False,
                is_playing=False,
            )
            view_store.add_view(session, row)
            self._state(session, row, [Step(Verb.INITIALIZED, 0)])
            return row

        return await self._database.transaction(work)

    async def tell(self, view: str, viewer: str, progress: Progress) -> ViewSessionRow:
        """The viewer went on. Refused: view_unknown. Unavailable: rate_limited."""
        now_ms = self._clock_ms()
        _count(self._told, view, now_ms)

        def work(session: Session) -> ViewSessionRow:
            row = view_store.require_view(session, view, viewer)
            lesson_ms = max(
                (one.duration_ms for one in resource_store.resources_of(session, LessonId(row.lesson_id))),
                default=0,
            )
            kept = _parts_told(session, row.lesson_id, progress.version, lesson_ms)
            stood = Stood(row.position_ms, row.is_playing, row.is_completed)
            told = positions_of(progress.played, kept)
            row.updated_at_ms, row.is_playing = now_ms, progress.is_playing
            row.position_ms = min(kept.position_ms(progress.position_ms), lesson_ms)
            parts = merged([*row.played, *told])
            row.played = [list(part) for part in parts]
            if row.duration_ms > 0 and length_ms(parts) >= COMPLETED_RATIO * row.duration_ms:
                row.is_completed = True
            now = Now(row.position_ms, row.is_playing, row.is_completed, progress.is_over, told)
            self._state(session, row, list(steps_of(stood, now)))
            return row

        return await self._database.transaction(work)

    def _state(self, session: Session, row: ViewSessionRow, steps: Sequence[Step]) -> None:
        """Part of a transaction: what happened goes to the learning record store."""
        lesson = session.get(LessonRow, row.lesson_id)
        if self._stated_at is None or lesson is None:
            return
        account = view_store.account_of(session, row.viewer)
        facts = ViewFacts(row.id, lesson.id, lesson.title, account, self._stated_at, row.duration_ms)
        played = [(part[0], part[1]) for part in row.played]
        made = statements_of_view(facts, steps, played, row.updated_at_ms)
        bodies = [(lesson.id, VIEW, json.dumps(one, ensure_ascii=False), row.updated_at_ms) for one in made]
        outbox.enqueue(session, outbox.LRS, bodies)


def _parts_told(session: Session, lesson: str, version: str | None, lesson_ms: int) -> Kept:
    row = session.get(VersionRow, version) if version is not None else None
    if version is not None and (row is None or row.lesson_id != lesson):
        raise Refused("reference_unknown", "The lesson has no such version.")
    return served_parts(row, lesson_ms) or Kept(((0, max(1, lesson_ms)),))


def _count(attempts: Attempts, name: str, now_ms: int) -> None:
    attempts.require(name, now_ms)
    attempts.failed(name, now_ms)


def _decks(session: Session, lesson: str) -> list[tuple[DeckRow, Sequence[DeckPageRow]]]:
    shown = pages_shown(session, lesson)
    rows = [row for row in deck_store.decks_of(session, lesson) if any(row.id == deck for deck, _ in shown)]
    pages = deck_store.pages_of(session, [row.id for row in rows])
    return [
        (row, [page for page in pages if page.deck_id == row.id and (row.id, page.page) in shown])
        for row in rows
    ]
