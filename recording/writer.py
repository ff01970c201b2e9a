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

from recording.budget import BUDGET_REACHED, STORAGE_FULL
from recording.encryption import LogCipher
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
from recording.store import AppendFile, Layout, free_bytes, replace_file

_BUDGET_MS = 1000
_ALIVE_MS = 5000
_CLOCK_NS = 1_000_000_000


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
    cipher: LogCipher | None = None
    key: bytes = field(default=b"", repr=False)
    is_open: bool = False
    last_clock_ns: int = 0
    last_written_ms: int = 0


@dataclass(slots=True)
class LessonWriter:
    """Appends to the manifest and the logs of one lesson.

    `failure`: "" while media is written, else why not.
    Invariants: `_waiting` are the manifest lines not yet written, in order; `_is_mute` while the storage did
    not take one of them. Over its budget a recording still takes lines and signs of life.
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
    _is_mute: bool = False
    _log_bytes: int | None = None
    _budget_due_ms: int = 0

    def __post_init__(self) -> None:
        self._manifest = AppendFile(self.layout.manifest(self.lesson))

    @property
    def has_waiting_lines(self) -> bool:
        """Whether the manifest lacks something that is known."""
        return bool(self._waiting)

    def tell(self, *entries: ManifestEntry) -> None:
        """Append to the manifest and make it last; keep it for later where that fails."""
        self._waiting.extend(entries)
        if not self._is_mute:
            try:
                self._flush_manifest()
            except OSError as error:
                self._fail(error)

    def open_source(self, started: SourceStarted, header: LogHeader) -> None:
        """Create the log of a source. The only place where a file for media is opened."""
        path = self.layout.lesson(self.lesson) / started.log
        now_ms = self.anchor.wall_now_ms()
        log = SourceLog(started, header, AppendFile(path), last_written_ms=now_ms)
        if self.layout.keys.keys:
            log.cipher, log.key = self.layout.keys.create(f"{self.lesson}/{started.log}")
        self.sources[started.publication] = log
        self.tell(started)
        if not self._is_mute:
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
        if not self._is_mute:
            try:
                self._keep_budget(now_ms)
                for publication, log in self.sources.items():
                    self._append(log, taken.get(publication, b""))
            except OSError as error:
                self._fail(error)
        if not self._is_mute and now_ms - self._last_alive_ms >= _ALIVE_MS:
            self._last_alive_ms = now_ms
            self.tell(Alive(now_ms))

    def close_source(self, publication: str, taken: bytes) -> None:
        """Seal a log with what came last."""
        log = self.sources.pop(publication, None)
        if log is None:
            return
        now_ms = self.anchor.wall_now_ms()
        if not self._is_mute:
            try:
                log.last_clock_ns = 0
                self._append(log, taken)
                log.file.sync()
            except OSError as error:
                self._fail(error)
        log.file.close()
        if self.failure:
            self._waiting.append(self._missing(log, now_ms))
        self.tell(SourceStopped(publication, log.started.log, now_ms))

    def try_resume(self) -> bool:
        """After a failure: whether the storage takes bytes again. Labels what is missing."""
        now_ms = self.anchor.wall_now_ms()
        try:
            if not self.layout.budget.allows_again(*self._measure()):
                return False
            self._flush_manifest()
            for log in self.sources.values():
                if not log.is_open:
                    self._open_log(log)
                self._waiting.append(self._missing(log, now_ms))
                log.last_clock_ns = 0
                self._append(log, b"")
                log.last_written_ms = now_ms
            self._flush_manifest()
        except OSError:
            return False
        self.failure, self._is_mute = "", False
        return True

    def descriptors(self) -> list[int]:
        """Duplicates of the logs' descriptors, for a sync on another thread, which closes them."""
        return [os.dup(log.file.descriptor) for log in self.sources.values() if log.is_open]

    def close(self) -> None:
        """Give all descriptors back; idempotent."""
        for publication in list(self.sources):
            self.close_source(publication, b"")
        self._manifest.close()

    def _missing(self, log: SourceLog, now_ms: int) -> Gap:
        reason = GapReason.BUDGET if self.failure == BUDGET_REACHED else GapReason.STORAGE_FULL
        return Gap(log.started.publication, reason, min(log.last_written_ms, now_ms), now_ms)

    def _keep_budget(self, now_ms: int) -> None:
        """Stop before the disk does, looking at it once a second."""
        if now_ms >= self._budget_due_ms and not self.failure:
            self._budget_due_ms = now_ms + _BUDGET_MS
            self.failure = self.layout.budget.exceeded(*self._measure())

    def _measure(self) -> tuple[int, int]:
        """The size of this lesson's logs, and what is free on the disk."""
        if self._log_bytes is None:
            self._log_bytes = self.layout.log_bytes(self.lesson)
        return self._log_bytes, free_bytes(self.layout.data_dir)

    def _append(self, log: SourceLog, taken: bytes) -> None:
        now_ns = self.anchor.now_ns()
        records = parse_tap_records(b"" if self.failure else taken)
        if log.cipher is not None:
            records = map(log.cipher.encrypt, records)
        data = b"".join(map(serialize_record, records))
        if now_ns - log.last_clock_ns >= _CLOCK_NS:
            data += serialize_record(Record(RecordKind.CLOCK, now_ns, b""))
            log.last_clock_ns = now_ns
        if data:
            log.file.append(data)
            self._log_bytes = None if self._log_bytes is None else self._log_bytes + len(data)
            if not self.failure:
                log.last_written_ms = self.anchor.wall_now_ms()

    def _open_log(self, log: SourceLog) -> None:
        log.file.close()
        if log.key:  # before the first record that needs it
            replace_file(self.layout.log_key(self.lesson, log.started.log), log.key)
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
        self._is_mute = True
        self.failure = STORAGE_FULL if error.errno in {errno.ENOSPC, errno.EDQUOT} else "storage_failed"


def sync_descriptors(descriptors: list[int]) -> None:
    """Make what was written last, and close the duplicates. A failing storage shows at the next write."""
    for descriptor in descriptors:
        try:
            os.fdatasync(descriptor)
        except OSError:
            continue
        finally:
            os.close(descriptor)
