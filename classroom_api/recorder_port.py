"""Between the rooms and the recorder, which do not know each other: commands one way, news the other.

News (a resource became playable, the disk is full) comes as callbacks on the event loop; it is queued and
written to the database in order by one task.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from sqlalchemy.orm import Session

from classroom_api.jobs.storing import ask_to_store
from classroom_api.live_media import LiveMedia
from classroom_api.outbox.events import Happening, Told
from classroom_api.store import outbox
from classroom_api.store import resources as resource_store
from classroom_api.store.database import Database
from classroom_api.store.decks import ready_decks
from classroom_api.store.lessons import LessonState, lessons_in
from classroom_api.store.schema import LessonRow, ResourceRow
from recording.events import (
    LiveAdvanced,
    RecordingEvent,
    RecordingFailed,
    RecordingResumed,
    ResourceChanged,
    ResourceState,
)
from recording.recorder import Recorder, RecordingConfig, TapSource
from signaling.ports import RecordingState
from streaming.errors import TandemError
from streaming.identifiers import LessonId, PublicationId, SeatId
from streaming.session.media import Publication

log = logging.getLogger(__name__)

_TOLD = {ResourceState.READY: Happening.RESOURCE_READY, ResourceState.FAILED: Happening.RESOURCE_FAILED}

UNSETTLED = frozenset({LessonState.ENDED, LessonState.PROCESSING})
"""Over, and their replays not all there."""
_LOGS_LATER_MS = 60_000
Settled = Callable[[Session, str, int], None]
"""Told in the transaction in which all replays of a lesson (its id) are there, with the time."""
TellState = Callable[[LessonId, RecordingState, str | None], Awaitable[None]]


class RecorderAdapter:
    """Signaling's `RecorderPort`. `tell_state` is set by the composition root before `open`.
    `is_stored`: what is finished is to be put into the storage.

    The queue of news is unbounded in type but bounded by its source: a handful of state changes per lesson.
    """

    def __init__(
        self,
        config: RecordingConfig,
        media: TapSource,
        database: Database,
        live: LiveMedia,
        settled: Settled,
        *,
        is_stored: bool = False,
    ) -> None:
        self._recorder = Recorder(config, media, self._hear)
        self._database, self._live, self._settled, self._is_stored = database, live, settled, is_stored
        self._news: asyncio.Queue[RecordingEvent] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self.tell_state: TellState | None = None

    async def open(self) -> None:
        """What a dead process left goes on. An end that was stored but not told to the recorder is told."""
        self._task = asyncio.create_task(self._follow_news(), name="recording-news")
        await self._recorder.open()
        for row in await self._database.transaction(lambda session: lessons_in(session, UNSETTLED)):
            if row.ended_at_ms is not None:
                await self._recorder.end_lesson(LessonId(row.id), row.ended_at_ms)

    async def close(self) -> None:
        """Seals nothing: the lessons go on. Idempotent."""
        await self._recorder.close()
        if self._task is not None:
            await self._news.join()
            self._task.cancel()
            self._task = None

    async def lesson_started(self, lesson: LessonId, policy: str, started_at_ms: int) -> None:
        await self._recorder.start_lesson(lesson, policy, started_at_ms)

    async def lesson_suspended(self, lesson: LessonId, at_ms: int) -> None:
        await self._recorder.suspend_lesson(lesson, at_ms)

    async def lesson_continued(self, lesson: LessonId, at_ms: int) -> None:
        await self._recorder.continue_lesson(lesson, at_ms)

    async def lesson_ended(self, lesson: LessonId, ended_at_ms: int) -> None:
        await self._recorder.end_lesson(lesson, ended_at_ms)
        await self._database.transaction(lambda session: self._settle(session, lesson))

    async def source_started(
        self, lesson: LessonId, seat: SeatId, role: str, publication: Publication
    ) -> None:
        await self._recorder.start_source(lesson, seat, role, publication)

    async def source_stopped(self, publication: PublicationId) -> None:
        await self._recorder.stop_source(publication)

    def _settle(self, session: Session, lesson: LessonId) -> None:
        now_ms = _now_ms()
        if resource_store.settle_lesson(session, lesson, now_ms) in resource_store.SETTLED_LESSON:
            self._settled(session, lesson, now_ms)
            if self._is_stored:
                # The packager writes the manifest's last line after this news.
                later_ms = now_ms + _LOGS_LATER_MS
                folder = f"recordings/{lesson}"
                ask_to_store(session, folder, lesson, now_ms, not_before_ms=later_ms)
                if ready_decks(session, lesson):  # replays show their pages
                    ask_to_store(session, f"decks/{lesson}", lesson, now_ms)

    def _take_in(self, session: Session, event: ResourceChanged) -> None:
        _store(session, event, is_stored=self._is_stored)
        self._settle(session, event.lesson)

    def _hear(self, event: RecordingEvent) -> None:
        if isinstance(event, LiveAdvanced):
            self._live.advanced(event.resource_id, event.position)
            return
        if isinstance(event, ResourceChanged) and event.state is not ResourceState.PENDING:
            self._live.ended(event.resource_id)
        self._news.put_nowait(event)

    async def _follow_news(self) -> None:
        while True:
            event = await self._news.get()
            try:
                await self._take(event)
            except TandemError as error:
                log.warning("recording news for %s could not be stored: %s", event.lesson, error)
            finally:
                self._news.task_done()

    async def _take(self, event: RecordingEvent) -> None:
        match event:
            case ResourceChanged():
                await self._database.transaction(lambda session: self._take_in(session, event))
            case RecordingFailed(lesson=lesson, reason=reason):
                if self.tell_state is not None:
                    await self.tell_state(lesson, RecordingState.FAILED, reason)
            case RecordingResumed(lesson=lesson):
                if self.tell_state is not None:
                    await self.tell_state(lesson, RecordingState.RECORDING, None)


def _store(session: Session, event: ResourceChanged, *, is_stored: bool) -> None:
    now_ms = _now_ms()
    row = ResourceRow(
        id=event.resource_id,
        lesson_id=event.lesson,
        kind=event.kind,
        seat_id=event.seat or None,
        state=event.state,
        playlist=event.playlist,
        poster=event.poster,
        duration_ms=event.duration_ms,
        created_at_ms=now_ms,
    )
    before = session.get(ResourceRow, row.id)
    kind = _TOLD.get(event.state)
    if kind is not None and (before is None or before.state not in resource_store.SETTLED):
        lesson = session.get_one(LessonRow, event.lesson)
        data = {"resource": row.id, "kind": row.kind, "duration_ms": row.duration_ms}
        outbox.tell(session, Told(kind, now_ms, lesson.id, lesson.organization_id, data))
    resource_store.save_resource(session, row)
    session.flush()
    if is_stored and row.state == ResourceState.READY:
        ask_to_store(session, f"resources/{row.id}", event.lesson, now_ms)


def _now_ms() -> int:
    return int(time.time() * 1000)
