"""SHELL: the files of one lesson's recording, as the recorder's writer thread sees them.

Every method may block on the disk and is called on one thread.  No method raises for a failing storage:
what could not be said in the manifest waits here, what came from a tap meanwhile is dropped, and both are
labelled once the storage takes bytes again.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from recording.manifest import (
    Alive,
    Gap,
    GapReason,
    ManifestEntry,
    SourceStarted,
    SourceStopped,
    serialize_entry,
)
from recording.rtplog import (
    LogHeader,
    Record,
    RecordKind,
    parse_tap_records,
    serialize_header,
    serialize_record,
)
from recording.store import AppendFile, Layout, free_bytes

_RESUME_FREE_BYTES = 1 << 20
_ALIVE_MS = 5000
_CLOCK_NS = 250_000_000


@dataclass(frozen=True, slots=True)
class ClockAnchor:
    """One moment on both clocks; the recorder's wall clock runs from here by the monotonic one, `now_ns`."""

    monotonic_ns: int
    wall_ms: int
    now_ns: Callable[[], int] = time.monotonic_ns

    def wall_now_ms(self) -> int:
        """The recorder's wall clock."""
        return self.wall_ms + (self.now_ns() - self.monotonic_ns) // 1_000_000


@dataclass(slots=True)
class SourceLog:
    """The log of one source. Invariant: `is_open` once the header is written; nothing is written before
    it.
    """

    started: SourceStarted
    header: LogHeader
    file: AppendFile
    is_open: bool = False
    last_clock_ns: int = 0
    last_written_ms: int = 0


@dataclass(slots=True)
class LessonWriter:
    """Appends to the manifest and the logs of one lesson.

    `failure`: "" while the storage takes bytes, else why not.
    Invariant: `_waiting` are the manifest lines not yet written, in order.
    """

    layout: Layout
    lesson: str
    anchor: ClockAnchor
    failure: str = ""
    sources: dict[str, SourceLog] = field(default_factory=dict)
    _manifest: AppendFile = field(init=False)
    _has_manifest: bool = False
    _waiting: list[ManifestEntry] = field(default_factory=list)
    _last_alive_ms: int = 0
    _failed_at_ms: int = 0

    def __post_init__(self) -> None:
        self._manifest = AppendFile(self.layout.manifest(self.lesson))

    @property
    def has_waiting_lines(self) -> bool:
        """Whether the manifest lacks something that is known."""
        return bool(self._waiting)

    def tell(self, *entries: ManifestEntry) -> None:
        """Append to the manifest and make it last; keep it for later where that fails."""
        self._waiting.extend(entries)
        if not self.failure:
            try:
                self._flush_manifest()
            except OSError as error:
                self._fail(error)

    def open_source(self, started: SourceStarted, header: LogHeader) -> None:
        """Create the log of a source. The only place where a file for media is opened."""
        path = self.layout.lesson(self.lesson) / started.log
        now_ms = self.anchor.wall_now_ms()
        log = SourceLog(started, header, AppendFile(path), last_written_ms=now_ms)
        self.sources[started.publication] = log
        self.tell(started)
        if not self.failure:
            try:
                self._open_log(log)
            except OSError as error:
                self._fail(error)

    def write(self, taken: dict[str, bytes], overflows: dict[str, int]) -> None:
        """Append what came from the taps, by publication; sign of life once a second.

        overflows: by publication, packets its tap lost since the last call.
        """
        now_ms = self.anchor.wall_now_ms()
        for publication, lost in overflows.items():
            log = self.sources.get(publication)
            if lost and log is not None:
                self.tell(Gap(publication, GapReason.OVERFLOW, log.last_written_ms, now_ms))
        if not self.failure:
            try:
                for publication, log in self.sources.items():
                    self._append(log, taken.get(publication, b""))
            except OSError as error:
                self._fail(error)
        if not self.failure and now_ms - self._last_alive_ms >= _ALIVE_MS:
            self._last_alive_ms = now_ms
            self.tell(Alive(now_ms))

    def close_source(self, publication: str, taken: bytes) -> None:
        """Seal a log with what came last."""
        log = self.sources.pop(publication, None)
        if log is None:
            return
        now_ms = self.anchor.wall_now_ms()
        if not self.failure:
            try:
                log.last_clock_ns = 0
                self._append(log, taken)
                log.file.sync()
            except OSError as error:
                self._fail(error)
        log.file.close()
        if self.failure:
            self._waiting.append(Gap(publication, GapReason.STORAGE_FULL, log.last_written_ms, now_ms))
        self.tell(SourceStopped(publication, log.started.log, now_ms))

    def try_resume(self) -> bool:
        """After a failure: whether the storage takes bytes again. Labels what is missing."""
        now_ms = self.anchor.wall_now_ms()
        try:
            if free_bytes(self.layout.data_dir) < _RESUME_FREE_BYTES:
                return False
            self._flush_manifest()
            for log in self.sources.values():
                if not log.is_open:
                    self._open_log(log)
                gap_from_ms = log.last_written_ms
                log.last_clock_ns = 0
                self._append(log, b"")
                self._waiting.append(
                    Gap(log.started.publication, GapReason.STORAGE_FULL, min(gap_from_ms, now_ms), now_ms)
                )
            self._flush_manifest()
        except OSError:
            return False
        self.failure = ""
        return True

    def descriptors(self) -> list[int]:
        """Duplicates of the logs' descriptors, for a sync on another thread, which closes them."""
        return [os.dup(log.file.descriptor) for log in self.sources.values() if log.is_open]

    def close(self) -> None:
        """Give all descriptors back; idempotent."""
        for publication in list(self.sources):
            self.close_source(publication, b"")
        self._manifest.close()

    def _append(self, log: SourceLog, taken: bytes) -> None:
        now_ns = self.anchor.now_ns()
        data = b"".join(serialize_record(record) for record in parse_tap_records(taken))
        if now_ns - log.last_clock_ns >= _CLOCK_NS:
            data += serialize_record(Record(RecordKind.CLOCK, now_ns, b""))
            log.last_clock_ns = now_ns
        if data:
            log.file.append(data)
            log.last_written_ms = self.anchor.wall_now_ms()

    def _open_log(self, log: SourceLog) -> None:
        log.file.close()
        log.file.open()
        log.file.clear()  # of a header that an earlier attempt did not finish
        log.file.append(serialize_header(log.header))
        log.is_open = True

    def _flush_manifest(self) -> None:
        if not self._waiting:
            return
        if not self._has_manifest:
            self._manifest.open()
            self._has_manifest = True
        self._manifest.end_line()
        lines = b"".join(serialize_entry(entry) for entry in self._waiting)
        self._manifest.append(lines)
        self._manifest.sync()
        self._waiting.clear()

    def _fail(self, error: OSError) -> None:
        self.failure = "storage_full" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "storage_failed"


def sync_descriptors(descriptors: list[int]) -> None:
    """Make what was written last, and close the duplicates. A failing storage shows at the next write."""
    for descriptor in descriptors:
        try:
            os.fdatasync(descriptor)
        except OSError:
            continue
        finally:
            os.close(descriptor)
