"""The job that puts a finished folder into the storage, and the program that does it.

`python -m classroom_api.jobs.storing --data-dir D --storage URL --folder resources/…`
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from classroom_api.jobs.model import Job
from classroom_api.settings import Settings
from classroom_api.storage import Storage, open_storage
from classroom_api.store.jobs import enqueue
from classroom_api.store.lessons import LessonState
from classroom_api.store.resource_schema import JobRow, VersionRow
from classroom_api.store.resources import ERASED
from classroom_api.store.schema import LessonRow, ResourceRow
from classroom_api.store.versions import VersionState
from streaming.errors import Refused, Unavailable

KIND = "store"
_FOLDER = re.compile(r"(decks|recordings|resources)/[a-z0-9_]+")
_EXIT_REFUSED = 2


def ask_to_store(
    session: Session, folder: str, lesson: str, now_ms: int, *, edition: str = "", not_before_ms: int = 0
) -> JobRow:
    """Part of a transaction. `folder`: below the data folder. `edition` tells what was made again."""
    key = f"{KIND} {folder} {edition}".strip()
    return enqueue(session, KIND, key, {"folder": folder}, lesson, now_ms, not_before_ms=not_before_ms)


class StoreFolder:
    """Payload: `folder`. Nothing changes when it is done: what is not here is looked for there."""

    name = KIND

    def __init__(self, settings: Settings) -> None:
        self._data_dir, self._storage = settings.data_dir, settings.storage

    def command(self, session: Session, job: Job) -> Sequence[str]:
        folder = str(job.payload["folder"])
        if self._storage is None or _is_erased(session, job.lesson_id, folder):
            raise Refused("resource_unknown", "It is to be stored no more.")
        arguments = [
            "--data-dir",
            str(self._data_dir.resolve()),
            "--storage",
            self._storage,
            "--folder",
            folder,
        ]
        return [sys.executable, "-m", "classroom_api.jobs.storing", *arguments]

    def finished(self, session: Session, job: Job, result: Mapping[str, Any]) -> None:
        pass

    def failed(self, session: Session, job: Job, code: str) -> None:
        pass


def _is_erased(session: Session, lesson: str | None, folder: str) -> bool:
    row = session.get(LessonRow, lesson) if lesson is not None else None
    resource = session.get(ResourceRow, folder.rpartition("/")[2])
    version = session.get(VersionRow, folder.rpartition("/")[2])
    if version is not None and version.state == VersionState.WITHDRAWN:
        return True
    return (row is not None and row.state == LessonState.ERASED) or (
        resource is not None and resource.state == ERASED
    )


def store_folder(storage: Storage, data_dir: Path, folder: str) -> int:
    """The exit code."""
    path = data_dir / folder
    if _FOLDER.fullmatch(folder) is None or not path.is_dir():
        _say({"refused": "no_input"})
        return _EXIT_REFUSED
    try:
        size_bytes = storage.put_folder(
            folder, path, lambda done: _say({"progress": done, "step": "storing"})
        )
    except Unavailable as error:
        sys.stderr.write(f"{error.detail}\n")
        _say({"waits": "storage"})
        return os.EX_TEMPFAIL
    _say({"result": {"bytes": size_bytes}})
    return 0


def _say(line: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="classroom_api.jobs.storing")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--storage", required=True)
    parser.add_argument("--folder", required=True)
    given = parser.parse_args()
    return store_folder(open_storage(given.storage), given.data_dir, given.folder)


if __name__ == "__main__":
    sys.exit(main())
