"""SHELL: the recording of one lesson on the event loop: its writer, its packager and what the listener
hears of both.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, TypeVar

from recording.events import (
    RecordingEvent,
    RecordingFailed,
    RecordingResumed,
    ResourceChanged,
    ResourceState,
)
from recording.manifest import (
    LessonEnded,
    LessonPackaged,
    LessonStarted,
    Manifest,
    ManifestEntry,
    ResourceKind,
    ResourceOpened,
    SourceStarted,
)
from recording.recovery import anchor_of, read_boot_id, read_manifest, seal_open_logs
from recording.rtplog import LogHeader
from recording.store import PLAYLIST_NAME, Layout
from recording.supervisor import PackagerSupervisor, ResourceResult
from recording.writer import ClockAnchor, LessonWriter
from streaming.identifiers import LessonId, PublicationId, ResourceId, SeatId, format_identifier
from streaming.session.media import MediaKind, Publication, Source

logger = logging.getLogger(__name__)

_RETRY_S = 1.0
_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(slots=True)
class WriterThread:
    """The one thread on which recordings are written."""

    executor: Executor

    def run(self, function: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> Awaitable[_T]:
        """Call a blocking function there."""
        return asyncio.get_running_loop().run_in_executor(
            self.executor, partial(function, *arguments, **named)
        )


@dataclass(slots=True)
class LessonRecording:
    """One lesson, from its start until its resources are written.

    Invariants: `writer` is touched on the writer thread alone, apart from reading `failure`;
    `RecordingFailed` and `RecordingResumed` alternate.
    """

    id: LessonId
    writer: LessonWriter
    manifest: Manifest
    packager: PackagerSupervisor
    thread: WriterThread
    listener: Callable[[RecordingEvent], None]
    is_ending: bool = False
    is_packaged: bool = False
    _is_failed: bool = field(default=False, init=False)
    _retry_due_s: float = field(default=0.0, init=False)

    @classmethod
    def create(
        cls,
        layout: Layout,
        lesson: LessonId,
        anchor: ClockAnchor,
        manifest: Manifest,
        thread: WriterThread,
        listener: Callable[[RecordingEvent], None],
    ) -> LessonRecording:
        """Put the parts together; nothing is written yet."""

        def finished(results: list[ResourceResult] | None) -> None:
            recording.packaged(results)

        packager = PackagerSupervisor(layout, lesson, finished)
        recording = cls(lesson, LessonWriter(layout, lesson, anchor), manifest, packager, thread, listener)
        return recording

    @classmethod
    async def begin(
        cls,
        layout: Layout,
        lesson: LessonId,
        policy: str,
        started_at_ms: int,
        thread: WriterThread,
        listener: Callable[[RecordingEvent], None],
    ) -> LessonRecording:
        """A lesson starts. Its teacher's resource is the first of the list."""
        monotonic_ns = time.monotonic_ns() - (time.time_ns() - started_at_ms * 1_000_000)
        anchor = ClockAnchor(monotonic_ns, started_at_ms)
        recording = cls.create(layout, lesson, anchor, Manifest(), thread, listener)
        await recording.tell(LessonStarted(lesson, policy, started_at_ms, monotonic_ns, read_boot_id()))
        await recording.resource_for(SeatId(""), "master", Source.CAMERA)
        recording.packager.start()
        return recording

    @classmethod
    async def recover(
        cls,
        layout: Layout,
        lesson: LessonId,
        thread: WriterThread,
        listener: Callable[[RecordingEvent], None],
    ) -> LessonRecording | None:
        """A lesson that a dead process left; None where its manifest says nothing."""
        manifest = await thread.run(read_manifest, layout, lesson)
        if manifest.started is None:
            return None
        recording = cls.create(layout, lesson, anchor_of(manifest), manifest, thread, listener)
        recording.is_ending = manifest.ended is not None
        await thread.run(seal_open_logs, recording.writer, manifest)
        logger.info("the recording of %s goes on after a restart", lesson)
        for resource in manifest.resources.values():
            recording.announce(resource, ResourceState.PENDING)
        recording.packager.start()
        return recording

    async def end(self, ended_at_ms: int) -> None:
        """Seal the manifest; the packager closes the playlists."""
        await self.tell(LessonEnded(ended_at_ms))

    async def close(self) -> None:
        """Let go of files and process; idempotent."""
        await self.thread.run(self.writer.close)
        await self.packager.close()

    async def tell(self, *entries: ManifestEntry) -> None:
        """Append to the manifest."""
        for entry in entries:
            self.manifest.apply(entry)
        await self.thread.run(self.writer.tell, *entries)
        self.check_storage()

    async def resource_for(self, seat: SeatId, role: str, source: Source) -> ResourceOpened:
        """The resource that this source belongs to; opened with its first source."""
        kind, owner = ResourceKind.STAGE, seat
        if role == "master":
            is_screen = source in {Source.SCREEN, Source.SCREEN_AUDIO}
            kind, owner = (ResourceKind.SCREEN if is_screen else ResourceKind.TEACHER), SeatId("")
        known = self.manifest.resource_of(kind, owner)
        if known is not None:
            return known
        identifier = format_identifier("res", secrets.token_bytes(16))
        opened = ResourceOpened(identifier, kind, owner)
        await self.tell(opened)
        self.announce(opened, ResourceState.PENDING)
        return opened

    async def open_source(self, seat: SeatId, role: str, publication: Publication) -> None:
        """Create the log of a publication."""
        resource = await self.resource_for(seat, role, publication.source)
        await self.thread.run(open_publication_log, self.writer, seat, role, publication, resource.resource)
        self.check_storage()

    async def write(self, taken: dict[str, bytes], overflows: dict[str, int]) -> None:
        """Append what the taps gave; after a failure try again once a second."""
        loop = asyncio.get_running_loop()
        if self._is_failed and loop.time() >= self._retry_due_s:
            self._retry_due_s = loop.time() + _RETRY_S
            await self.thread.run(self.writer.try_resume)
        await self.thread.run(self.writer.write, taken, overflows)
        self.check_storage()

    async def close_source(self, publication: PublicationId, taken: bytes) -> None:
        """Seal the log of a publication."""
        await self.thread.run(self.writer.close_source, publication, taken)
        self.check_storage()

    def check_storage(self) -> None:
        """Tell the listener when the storage stopped or began to take bytes."""
        failure = self.writer.failure
        if failure and not self._is_failed:
            logger.error("the recording of %s fails: %s", self.id, failure)
            self.listener(RecordingFailed(self.id, failure))
        elif not failure and self._is_failed:
            logger.info("the recording of %s goes on", self.id)
            self.listener(RecordingResumed(self.id))
        self._is_failed = bool(failure)

    def packaged(self, results: list[ResourceResult] | None) -> None:
        """The packager is done, or (None) was given up."""
        by_resource = {result.resource: result for result in results or []}
        for opened in self.manifest.resources.values():
            result = by_resource.get(opened.resource)
            if result is None:
                self.announce(opened, ResourceState.FAILED, reason="packager_failed")
            elif not result.is_ended:
                self.announce(opened, ResourceState.FAILED, reason="nothing_recorded")
            else:
                self.announce(opened, ResourceState.PLAYABLE, result)
                self.announce(opened, ResourceState.READY, result)
        self.is_packaged = True

    async def note_packaged(self) -> None:
        """Nothing is left to do for this lesson, now or after a restart."""
        await self.tell(LessonPackaged(self.writer.anchor.wall_now_ms()))
        await self.close()

    def announce(
        self,
        opened: ResourceOpened,
        state: ResourceState,
        result: ResourceResult | None = None,
        reason: str = "",
    ) -> None:
        """Tell the listener the state of a resource."""
        duration_ms, poster = (result.duration_ms, result.poster) if result else (0, "")
        kind, seat = ResourceKind(opened.kind), SeatId(opened.seat)
        resource = ResourceId(opened.resource)
        self.listener(
            ResourceChanged(self.id, resource, kind, seat, state, duration_ms, PLAYLIST_NAME, poster, reason)
        )


def open_publication_log(
    writer: LessonWriter, seat: SeatId, role: str, publication: Publication, resource: str
) -> None:
    """On the writer thread: name the log, and open it."""
    log, part = writer.layout.unused_log_name(writer.lesson, seat, publication.id)
    kind = "video" if publication.kind is MediaKind.VIDEO else "audio"
    started = SourceStarted(
        publication=publication.id,
        seat=seat,
        role=role,
        resource=resource,
        log=log,
        at_ms=writer.anchor.wall_now_ms(),
        peer=publication.peer,
        kind=kind,
        source=str(publication.source),
        codec=str(publication.codec),
        clock_rate_hz=publication.clock_rate_hz,
        channels=publication.channels,
        format_parameters=publication.fmtp,
    )
    header = LogHeader(
        lesson=writer.lesson,
        seat=seat,
        publication=publication.id,
        peer=publication.peer,
        kind=kind,
        source=started.source,
        codec=started.codec,
        clock_rate_hz=publication.clock_rate_hz,
        channels=publication.channels,
        format_parameters=publication.fmtp,
        anchor_monotonic_ns=writer.anchor.monotonic_ns,
        anchor_wall_ms=writer.anchor.wall_ms,
        part=part,
    )
    writer.open_source(started, header)
