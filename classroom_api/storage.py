"""SHELL: where finished files are kept besides the data folder: another folder, or S3, through obstore.

Keys are the paths below the data folder. A folder is whole in the storage once its mark lies there, which is
put last and taken away first; playlists are put after what they name, so that nobody plays a part of one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from recording.store import sync_folder
from streaming.errors import Refused, Unavailable

if TYPE_CHECKING:
    from obstore.store import S3Config

MARK = "stored.json"
_PART = ".part"
_READ_BYTES = 1 << 20
_OPTIONS = frozenset({"endpoint", "region", "path_style"})
_RETRIED = 2
_TIMEOUT = timedelta(seconds=20)
_PUT_LAST = (".m3u8", ".mpd")
_DELETED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class StoredFile:
    key: str
    size_bytes: int
    tag: str | None = None
    """What S3 says of the content: its MD5, for what came in one piece."""


@contextmanager
def _reaching() -> Iterator[None]:
    """Unavailable: the storage does not answer, or refuses."""
    try:
        yield
    except (BaseError, OSError) as error:
        reason = str(error).partition("\n")[0][:200]
        raise Unavailable("unavailable", f"The storage does not answer: {reason}") from error


class Storage:
    """`folder`: of a storage that is one. Methods block, and raise Unavailable when it does not answer."""

    def __init__(self, store: LocalStore | S3Store, folder: Path | None = None) -> None:
        self._store, self._folder = store, folder

    def path_of(self, key: str) -> Path | None:
        """The file itself, where the storage is a folder."""
        return self._folder / key if self._folder is not None else None

    def sign(self, key: str, seconds: int) -> str:
        """An address from which S3 gives the object to anybody, for a while."""
        assert isinstance(self._store, S3Store)
        with _reaching():
            return obstore.sign(self._store, "GET", key, timedelta(seconds=seconds))

    def list_prefix(self, prefix: str) -> list[StoredFile]:
        """All that lies below `prefix`, sorted by key; of a folder also halves whose writer was killed, which
        obstore does not show: an erasure has to find them.
        """
        found = []
        with _reaching():
            if self._folder is not None:
                paths = [path for path in (self._folder / prefix).rglob("*") if path.is_file()]
                names = sorted(path.relative_to(self._folder).as_posix() for path in paths)
                return [StoredFile(name, (self._folder / name).stat().st_size) for name in names]
            for some in obstore.list(self._store, f"{prefix}/"):
                found += [StoredFile(each["path"], each["size"], each["e_tag"]) for each in some]
        return sorted(found, key=lambda each: each.key)

    def has_folder(self, prefix: str) -> bool:
        """Whether all of it is there."""
        return any(each.key == f"{prefix}/{MARK}" for each in self.list_prefix(prefix))

    def put_folder(self, prefix: str, folder: Path, tell: Callable[[float], None] = lambda _: None) -> int:
        """Put all files of `folder` below `prefix`, and nothing else; how many bytes they have. Those that
        are there already stay, so that a second call goes on where the first died. Idempotent.
        """
        files = sorted(
            (path for path in folder.rglob("*") if path.is_file()),
            key=lambda path: (path.suffix in _PUT_LAST, path.as_posix()),
        )
        keys = {f"{prefix}/{path.relative_to(folder).as_posix()}": path for path in files}
        there = {each.key: each for each in self.list_prefix(prefix)}
        self.delete(sorted(there.keys() - keys.keys()))
        total = sum(path.stat().st_size for path in files)
        done = 0
        for key, path in keys.items():
            if not _is_same(there.get(key), path):
                with _reaching():
                    obstore.put(self._store, key, path)
            done += path.stat().st_size
            tell(done / max(total, 1))
        with _reaching():
            obstore.put(self._store, f"{prefix}/{MARK}", b'{"bytes": %d}' % total)
        return total

    def fetch_folder(self, prefix: str, folder: Path, tell: Callable[[float], None] = lambda _: None) -> None:
        """Bring a whole folder here. `folder` appears when all of it is there.

        Refused: resource_unknown (it is not in the storage, or not whole).
        """
        listed = self.list_prefix(prefix)
        mark = f"{prefix}/{MARK}"
        if all(each.key != mark for each in listed):
            raise Refused("resource_unknown", f"{prefix} is not in the storage.")
        part = folder.with_name(folder.name + _PART)
        shutil.rmtree(part, ignore_errors=True)
        for number, each in enumerate(listed):
            tell(number / len(listed))
            if each.key != mark:
                path = part / each.key.removeprefix(f"{prefix}/")
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    file.writelines(self._parts(each.key))
                    file.flush()
                    os.fdatasync(file.fileno())  # a name that outlives a power cut names all of it
        part.rename(folder)
        sync_folder(folder.parent)

    def read(self, key: str, limit_bytes: int) -> bytes:
        """A small object. Refused: resource_unknown (it is not there, or longer than `limit_bytes`)."""
        content = b""
        for part in self._parts(key):
            content += part
            if len(content) > limit_bytes:
                raise Refused("resource_unknown", "There is no such file.")
        return content

    def sha256(self, key: str) -> str:
        digest = hashlib.sha256()
        for part in self._parts(key):
            digest.update(part)
        return digest.hexdigest()

    def _parts(self, key: str) -> Iterator[bytes]:
        if ".." in key.split("/"):
            raise Refused("resource_unknown", "There is no such file.")
        with _reaching():
            try:
                if self._folder is not None:
                    with (self._folder / key).open("rb") as file:
                        yield from iter(partial(file.read, _READ_BYTES), b"")
                    return
                for part in obstore.get(self._store, key).stream(min_chunk_size=_READ_BYTES):
                    yield bytes(part)
            except (FileNotFoundError, IsADirectoryError, obstore.exceptions.NotFoundError):
                raise Refused("resource_unknown", "There is no such file.") from None

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects, the marks of their folders first. Idempotent."""
        ordered = sorted(keys, key=lambda key: (not key.endswith(f"/{MARK}"), key))
        for begin in range(0, len(ordered), _DELETED_AT_ONCE):
            self._delete_some(ordered[begin : begin + _DELETED_AT_ONCE])

    def _delete_some(self, keys: list[str]) -> None:
        with _reaching():
            if self._folder is not None:
                for key in keys:
                    (self._folder / key).unlink(missing_ok=True)
            else:
                obstore.delete(self._store, keys)

    def delete_prefix(self, prefix: str) -> None:
        """Delete all that lies below `prefix`. Idempotent."""
        self.delete(each.key for each in self.list_prefix(prefix))


def _is_same(stored: StoredFile | None, path: Path) -> bool:
    if stored is None or stored.tag is None or stored.size_bytes != path.stat().st_size:
        return False
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, partial(hashlib.md5, usedforsecurity=False))
    return stored.tag.strip('"') == digest.hexdigest()


def open_storage(url: str) -> Storage:
    """`file:///folder` or `s3://bucket/prefix?endpoint=https://…&region=…&path_style=true`; the keys of S3
    come from where AWS's own tools take them. ValueError: not one of these.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        folder = Path(unquote(parts.path))
        return Storage(LocalStore(folder, mkdir=True), folder)
    if parts.scheme != "s3" or not parts.netloc:
        raise ValueError("not a storage: s3://bucket/prefix?endpoint=https://… or file:///folder")
    options = {
        name: values[-1] for name, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()
    }
    if not options.keys() <= _OPTIONS:
        raise ValueError(f"of a storage there are: {', '.join(sorted(_OPTIONS))}")
    endpoint = options.get("endpoint")
    config: S3Config = {
        "region": options.get("region", "us-east-1"),
        "virtual_hosted_style_request": endpoint is None and options.get("path_style") != "true",
    }
    if endpoint is not None:
        config["endpoint"] = endpoint
    try:
        store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            config=config,
            client_options={"allow_http": (endpoint or "").startswith("http://"), "timeout": _TIMEOUT},
            retry_config={"max_retries": _RETRIED, "retry_timeout": _TIMEOUT},
        )
    except BaseError as error:
        raise ValueError(str(error)) from None
    return Storage(store)
