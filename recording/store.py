"""SHELL: the files of recordings and resources: where they lie, and how they are written.

```
{data}/recordings/{lesson}/manifest.jsonl                       appended
{data}/recordings/{lesson}/packager.json                        replaced whole
{data}/recordings/{lesson}/{seat}/{publication}[.{part}].rtplog  appended, one per source
{data}/recordings/{lesson}/{seat}/{publication}[.{part}].rtplog.key   its key, where logs are encrypted
{data}/resources/{resource}/index.m3u8, init-N.mp4, segment-N.m4s, poster.jpg     replaced whole ``` What
is appended is written at once (the page cache outlives a killed process) and synced by the caller; what
is replaced is written under another name, synced and renamed, so that nobody ever sees half a file.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from recording.budget import DiskBudget
from recording.encryption import KEY_SUFFIX, KeyRing, LogCipher

MANIFEST_NAME = "manifest.jsonl"
PLAYLIST_NAME = "index.m3u8"
LIVE_NAME = "live.m3u8"
LIVE_DELTA_NAME = "live-delta.m3u8"
PART_PREFIX = "part-"
POSTER_NAME = "poster.jpg"
LOCK_NAME = "packager.lock"
CHECKPOINT_NAME = "packager.json"
PACKAGER_REFUSED = 3
"""Its exit code where logs were written with a key that was not given: trying again is of no use."""
_TEMPORARY_SUFFIX = ".tmp"
NO_KEYS = KeyRing()
NO_BUDGET = DiskBudget()


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things lie under the data folder, with which keys they are written, and how much they may be."""

    data_dir: Path
    keys: KeyRing = NO_KEYS
    budget: DiskBudget = NO_BUDGET

    def lesson(self, lesson: str) -> Path:
        """The folder of a lesson's recording."""
        return self.data_dir / "recordings" / lesson

    def manifest(self, lesson: str) -> Path:
        """The manifest of a lesson's recording."""
        return self.lesson(lesson) / MANIFEST_NAME

    def resource(self, resource: str) -> Path:
        """The folder of a course resource."""
        return self.data_dir / "resources" / resource

    def unpackaged_lessons(self) -> list[str]:
        """Every lesson whose manifest does not end with the line that says that all is made."""
        found = sorted((self.data_dir / "recordings").glob(f"*/{MANIFEST_NAME}"))
        return [path.parent.name for path in found if b'"lesson_packaged"' not in _last_bytes(path, 200)]

    def log_key(self, lesson: str, log: str) -> Path:
        """The file that holds a log's own key, wrapped; without it the log is forgotten."""
        return self.lesson(lesson) / (log + KEY_SUFFIX)

    def open_cipher(self, lesson: str, log: str) -> LogCipher | None:
        """What reads an encrypted log; None where its key was deleted. Refused: recording_key_wrong."""
        try:
            data = self.log_key(lesson, log).read_bytes()
        except FileNotFoundError:
            return None
        return self.keys.open(f"{lesson}/{log}", data)

    def require_keys(self) -> None:
        """That all logs which are not packaged can be read. Refused: recording_key_wrong."""
        for lesson in self.unpackaged_lessons():
            folder = self.lesson(lesson)
            for path in folder.glob(f"*/*{KEY_SUFFIX}"):
                self.open_cipher(lesson, str(path.relative_to(folder)).removesuffix(KEY_SUFFIX))

    def log_bytes(self, lesson: str) -> int:
        """What all logs of a lesson take."""
        return sum(path.stat().st_size for path in self.lesson(lesson).glob("*/*.rtplog"))

    def unused_log_name(self, lesson: str, seat: str, publication: str) -> tuple[str, int]:
        """The name of the next log of a publication, relative to the lesson's folder, and its part number."""
        part = 1
        while True:
            suffix = "" if part == 1 else f".{part}"
            name = f"{seat}/{publication}{suffix}.rtplog"
            if not (self.lesson(lesson) / name).exists():
                return name, part
            part += 1


@dataclass(slots=True)
class AppendFile:
    """A file that only grows. Raises OSError as the system does (ENOSPC, EIO, …).

    Invariant: bytes are written once and in order; after a failed write the file may end with a part of them.
    """

    path: Path
    descriptor: int = field(default=-1, init=False)

    def open(self) -> None:
        """Create the file and its folder, and make both last."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self.path.exists()
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        if is_new:
            sync_folder(self.path.parent)

    def clear(self) -> None:
        """Begin again with an empty file."""
        os.ftruncate(self.descriptor, 0)

    def end_line(self) -> None:
        """Give a torn last line its newline, so that the next one is whole."""
        size = os.fstat(self.descriptor).st_size
        if size and os.pread(self.descriptor, 1, size - 1) != b"\n":
            self.append(b"\n")

    def append(self, data: bytes) -> None:
        """Write all of `data` behind what is there."""
        view = memoryview(data)
        while view:
            written = os.write(self.descriptor, view)
            view = view[written:]

    def sync(self) -> None:
        """Make what was written last (fdatasync)."""
        if self.descriptor >= 0:
            os.fdatasync(self.descriptor)

    def close(self) -> None:
        """Give the descriptor back; idempotent."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


@dataclass(slots=True)
class TailReader:
    """Reads a file that another process appends to."""

    path: Path
    offset: int = 0

    def read(self, limit_bytes: int) -> bytes:
        """What lies behind what was read before, at most `limit_bytes`; b"" when nothing does, or no file
        yet.
        """
        try:
            with self.path.open("rb", buffering=0) as file:
                file.seek(self.offset)
                data = file.read(limit_bytes) or b""
        except FileNotFoundError:
            return b""
        self.offset += len(data)
        return data


@dataclass(slots=True)
class LineReader:
    """Whole lines of a file that another process appends to."""

    path: Path
    _tail: TailReader = field(init=False)
    _rest: bytes = field(default=b"", init=False)

    def __post_init__(self) -> None:
        self._tail = TailReader(self.path)

    def read(self) -> list[bytes]:
        """The lines that became whole since the last call."""
        data = self._rest
        while piece := self._tail.read(1 << 20):
            data += piece
        *lines, self._rest = data.split(b"\n")
        return lines


def _last_bytes(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - count))
        return file.read()


def replace_file(path: Path, data: bytes) -> None:
    """Write a whole file so that readers see the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + _TEMPORARY_SUFFIX)
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fdatasync(file.fileno())
    temporary.replace(path)


def swap_file(path: Path, data: bytes) -> None:
    """As `replace_file`, for what a crash may take: nothing is synced."""
    temporary = path.with_name(path.name + _TEMPORARY_SUFFIX)
    temporary.write_bytes(data)
    temporary.replace(path)


def sync_folder(path: Path) -> None:
    """Make the names in a folder last."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def alone_in(folder: Path, *, may_wait: bool = True) -> Iterator[None]:
    """Waits for others that make something in a folder; the lock of one that died is gone with it.

    BlockingIOError: it is somebody's, and that may not be waited for.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if may_wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def free_bytes(path: Path) -> int:
    """What the file system of `path` has left for us."""
    status = os.statvfs(path)
    return status.f_bavail * status.f_frsize
