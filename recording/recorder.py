"""SHELL: the recorder in the server process: takes plain RTP from the taps and appends it to logs,
nothing else.

One task polls every tap ten times a second; files are written on a thread of their own and synced on
another, so that a slow disk holds up neither media nor the event loop: the taps' rings wait, and what
they lose is labelled.  All that makes a replay of the logs happens in a packager process per lesson
(`recording.packager`).

**Policy and consent are the caller's.**  `start_source` opens a file for the source that it names; no
other call does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from recording.budget import DiskBudget
from recording.encryption import KeyRing
from recording.events import (
    RecordingEvent,
    RecordingFailed,
    RecordingResumed,
    ResourceChanged,
    ResourceState,
)
from recording.lesson_recording import LessonRecording, WriterThread
from recording.manifest import LessonContinued, LessonSuspended
from recording.store import NO_BUDGET, NO_KEYS, Layout
from recording.writer import sync_descriptors
from streaming.errors import TandemError
from streaming.identifiers import LessonId, PublicationId, SeatId
from streaming.session.media import MediaKind, Publication

__all__ = [
    "Recorder",
    "RecordingConfig",
    "RecordingEvent",
    "RecordingFailed",
    "RecordingResumed",
    "ResourceChanged",
    "ResourceState",
    "TapPort",
    "TapSource",
]

logger = logging.getLogger(__name__)

_TAKE_BYTES = 1 << 20
_SYNC_S = 1.0
_POLICY_OFF = "off"


class TapPort(Protocol):
    """The receiving end of a tap (streaming.dataplane.Tap)."""

    def take(self, limit_bytes: int) -> bytes:
        """Whole records, back to back; b"" when there are none."""

    def overflows(self) -> int:
        """How many packets were lost because nobody took them."""

    def close(self) -> None:
        """Give the ring back; idempotent."""


class TapSource(Protocol):
    """What the recorder wants of the media server (streaming.server.MediaServer)."""

    def open_tap(self, publication: PublicationId, ring_bytes: int = ...) -> TapPort:
        """Begin to copy a publication's packets. Raises Refused where there is no such publication."""

    def request_keyframe(self, publication: PublicationId) -> None:
        """Ask the publisher for a picture to begin with."""


@dataclass(frozen=True, slots=True)
class RecordingConfig:
    """ring_bytes: of each tap; 4 MiB hold 20 s of a 1.5 Mbit/s camera while the disk is slow. keys: with
    which logs are encrypted. budget: what they may take of the disk.
    """

    data_dir: Path
    poll_ms: int = 100
    keyframe_interval_ms: int = 4000
    ring_bytes: int = 4 << 20
    keys: KeyRing = NO_KEYS
    budget: DiskBudget = NO_BUDGET

    def layout(self) -> Layout:
        """Where and how the recordings lie."""
        return Layout(self.data_dir.resolve(), self.keys, self.budget)


@dataclass(slots=True)
class _Source:
    lesson: LessonId
    publication: Publication
    tap: TapPort
    overflows: int = 0
    keyframe_due_s: float = 0.0

    def take_overflows(self) -> int:
        """How many more packets the tap lost since the last call."""
        before, self.overflows = self.overflows, self.tap.overflows()
        return self.overflows - before


class Recorder:
    """Records lessons. All methods on one event loop; each does nothing where its work is already done.

    Invariants: `_sources` are the taps being polled, each of a lesson in `_lessons` whose log is open.
    """

    def __init__(
        self, config: RecordingConfig, media: TapSource, listener: Callable[[RecordingEvent], None]
    ) -> None:
        self._config = config
        self._media = media
        self._listener = listener
        self._layout = config.layout()
        self._lessons: dict[LessonId, LessonRecording] = {}
        self._sources: dict[PublicationId, _Source] = {}
        self._writer_executor = ThreadPoolExecutor(1, thread_name_prefix="recording")
        self._sync_executor = ThreadPoolExecutor(1, thread_name_prefix="recording-sync")
        self._thread = WriterThread(self._writer_executor)
        self._sync: asyncio.Future[None] | None = None
        self._sync_due_s = 0.0
        self._task: asyncio.Task[None] | None = None
        self._has_lessons = asyncio.Event()
        self._changes = asyncio.Lock()

    async def open(self) -> None:
        """Seal what a dead process left open, let its packaging go on, and begin to poll.

        Refused: recording_key_wrong.
        """
        await self._thread.run(self._layout.require_keys)
        for lesson in map(LessonId, await self._thread.run(self._layout.unpackaged_lessons)):
            recording = await LessonRecording.recover(self._layout, lesson, self._thread, self._listener)
            if recording is not None:
                self._keep(lesson, recording)
        self._task = asyncio.create_task(self._poll(), name="recorder")

    async def close(self) -> None:
        """Seal the logs; lessons that did not end go on with the next `open`. Idempotent."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with self._changes:
            for publication in list(self._sources):
                await self._stop_source(publication)
        for recording in self._lessons.values():
            if recording.is_packaged:
                await recording.note_packaged()
            await recording.close()
        self._lessons.clear()
        self._writer_executor.shutdown()
        self._sync_executor.shutdown()

    async def start_lesson(self, lesson: LessonId, policy: str, started_at_ms: int) -> None:
        """Position 0 of the lesson's replays. Policy `off`: nothing is made and nothing will be."""
        if policy == _POLICY_OFF or lesson in self._lessons:
            return
        async with self._changes:
            begun = await LessonRecording.begin(
                self._layout, lesson, policy, started_at_ms, self._thread, self._listener
            )
            self._keep(lesson, begun)

    async def suspend_lesson(self, lesson: LessonId, at_ms: int) -> None:
        """The replays' time stands still from here."""
        if lesson in self._lessons:
            await self._lessons[lesson].tell(LessonSuspended(at_ms))

    async def continue_lesson(self, lesson: LessonId, at_ms: int) -> None:
        """The replays' time goes on."""
        if lesson in self._lessons:
            await self._lessons[lesson].tell(LessonContinued(at_ms))

    async def end_lesson(self, lesson: LessonId, ended_at_ms: int) -> None:
        """Seal everything; `ResourceChanged` follows when the playlists are closed, a few seconds later."""
        recording = self._lessons.get(lesson)
        if recording is None or recording.is_ending:
            return
        async with self._changes:
            recording.is_ending = True
            for source in [source for source in self._sources.values() if source.lesson == lesson]:
                await self._stop_source(source.publication.id)
            await recording.end(ended_at_ms)

    async def start_source(self, lesson: LessonId, seat: SeatId, role: str, publication: Publication) -> None:
        """Record a publication. The caller has checked policy and consent; without a lesson nothing is
        recorded.
        """
        async with self._changes:
            await self._start_source(lesson, seat, role, publication)

    async def stop_source(self, publication_id: PublicationId) -> None:
        """Seal the log of a publication with what its tap still holds."""
        async with self._changes:
            await self._stop_source(publication_id)

    async def _start_source(
        self, lesson: LessonId, seat: SeatId, role: str, publication: Publication
    ) -> None:
        recording = self._lessons.get(lesson)
        if recording is None or recording.is_ending or publication.id in self._sources:
            logger.warning(
                "%s is not recorded: no running lesson %s, or recorded already", publication.id, lesson
            )
            return
        try:
            tap = self._media.open_tap(publication.id, self._config.ring_bytes)
        except TandemError as error:
            logger.warning("%s of %s is not recorded: %s", publication.id, lesson, error)
            return
        await recording.open_source(seat, role, publication)
        self._sources[publication.id] = _Source(lesson, publication, tap)
        logger.info("recording %s of %s in %s", publication.source, seat, lesson)

    async def _stop_source(self, publication_id: PublicationId) -> None:
        source = self._sources.pop(publication_id, None)
        if source is None:
            return
        taken = source.tap.take(self._config.ring_bytes)
        source.tap.close()
        await self._lessons[source.lesson].close_source(publication_id, taken)
        logger.info("the log of %s in %s is sealed", publication_id, source.lesson)

    def _keep(self, lesson: LessonId, recording: LessonRecording) -> None:
        self._lessons[lesson] = recording
        self._has_lessons.set()

    async def _poll(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._has_lessons.wait()
            await asyncio.sleep(self._config.poll_ms / 1000)
            for lesson, recording in list(self._lessons.items()):
                await self._poll_lesson(lesson, recording, loop.time())
            if loop.time() >= self._sync_due_s and (self._sync is None or self._sync.done()):
                self._sync_due_s = loop.time() + _SYNC_S
                await self._begin_sync(loop)

    async def _poll_lesson(self, lesson: LessonId, recording: LessonRecording, now_s: float) -> None:
        taken: dict[str, bytes] = {}
        overflows: dict[str, int] = {}
        for source in self._sources.values():
            if source.lesson != lesson:
                continue
            publication = source.publication
            taken[publication.id] = source.tap.take(_TAKE_BYTES)
            overflows[publication.id] = source.take_overflows()
            if publication.kind is MediaKind.VIDEO and now_s >= source.keyframe_due_s:
                source.keyframe_due_s = now_s + self._config.keyframe_interval_ms / 1000
                self._media.request_keyframe(publication.id)
        await recording.write(taken, overflows)
        if recording.is_packaged:
            del self._lessons[lesson]
            if not self._lessons:
                self._has_lessons.clear()
            await recording.note_packaged()

    async def _begin_sync(self, loop: asyncio.AbstractEventLoop) -> None:
        descriptors: list[int] = []
        for recording in self._lessons.values():
            descriptors += await self._thread.run(recording.writer.descriptors)
        if descriptors:
            self._sync = loop.run_in_executor(self._sync_executor, sync_descriptors, descriptors)
