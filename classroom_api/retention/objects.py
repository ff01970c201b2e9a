"""SHELL: the files of a lesson in the data folder: what is there, what it is, and that it is gone. Blocks."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from classroom_api.retention.scope import Scope
from classroom_api.storage import Storage, StoredFile
from recording.manifest import Manifest
from recording.recovery import read_manifest
from recording.store import Layout, sync_folder

_READ_BYTES = 1 << 20
_LOCK_NAME = "erasing.lock"
_SHOWN = ("decks", "photos")
_THERE = "storage:"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """`key`: the path below the data folder, with forward slashes; `storage:` before it, if it lies there."""

    key: str
    size_bytes: int


class LessonObjects:
    """The files of one lesson: its recording, the course resources made of it, its decks and photos."""

    def __init__(
        self, data_dir: Path, lesson: str, resources: Iterable[str], storage: Storage | None = None
    ) -> None:
        self._data_dir, self._layout, self._storage = data_dir, Layout(data_dir), storage
        self._lesson, self._resources = lesson, sorted(resources)

    def manifest(self) -> Manifest | None:
        """None where nothing was recorded, or all of it is gone."""
        if not self._layout.manifest(self._lesson).exists():
            return None
        return read_manifest(self._layout, self._lesson)

    def listing(self) -> list[StoredObject]:
        """All that is there, and in the storage, sorted by key. Unavailable: the storage does not answer."""
        folders = [self._layout.lesson(self._lesson), *map(self._layout.resource, self._resources)]
        folders += [self._data_dir / top / self._lesson for top in _SHOWN]
        found = [
            path for folder in folders for path in folder.rglob("*") if path.is_file() or path.is_symlink()
        ]
        keys = {path.relative_to(self._data_dir).as_posix(): path.lstat().st_size for path in found}
        here = [StoredObject(key, size) for key, size in sorted(keys.items())]
        return here + [StoredObject(_THERE + each.key, each.size_bytes) for each in self._stored()]

    def _stored(self) -> list[StoredFile]:
        if self._storage is None:
            return []
        prefixes = [f"{top}/{self._lesson}" for top in ("decks", "recordings")]
        prefixes += (f"resources/{each}" for each in self._resources)
        return [each for prefix in prefixes for each in self._storage.list_prefix(prefix)]

    def within(self, scope: Scope) -> list[StoredObject]:
        """What of it an erasure is about."""
        recording = f"recordings/{self._lesson}/"
        found = []
        for each in self.listing():
            key = each.key.removeprefix(_THERE)
            if key.startswith(recording):
                is_held = scope.holds_recording(key.removeprefix(recording))
            elif key.startswith(_SHOWN):
                is_held = scope.is_whole or PurePosixPath(key).stem in scope.photos
            else:
                is_held = scope.holds_resource(key.split("/")[1])
            if is_held:
                found.append(each)
        return found

    def sha256(self, key: str) -> str:
        if self._storage is not None and key.startswith(_THERE):
            return self._storage.sha256(key.removeprefix(_THERE))
        digest = hashlib.sha256()
        with (self._data_dir / key).open("rb") as file:
            while part := file.read(_READ_BYTES):
                digest.update(part)
        return digest.hexdigest()

    def delete(self, keys: Collection[str]) -> None:
        """Delete files, and folders that they leave empty; when this returns it lasts. Idempotent."""
        stored = {key for key in keys if key.startswith(_THERE)}
        if self._storage is not None:
            self._storage.delete(key.removeprefix(_THERE) for key in stored)
        folders = set()
        for key in set(keys) - stored:
            path = self._data_dir / key
            path.unlink(missing_ok=True)
            folders.add(path.parent)
        for folder in sorted(folders, key=lambda each: len(each.parts), reverse=True):
            self._drop_if_empty(folder)

    def _drop_if_empty(self, folder: Path) -> None:
        tops = {self._data_dir / top for top in ("recordings", "resources", *_SHOWN)}
        while folder.is_dir() and folder not in tops and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
        if folder.is_dir():
            sync_folder(folder)


@contextmanager
def erasing(data_dir: Path) -> Iterator[bool]:
    """Whether this process alone erases in the data folder now. A killed one leaves no lock behind."""
    descriptor = os.open(data_dir / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
