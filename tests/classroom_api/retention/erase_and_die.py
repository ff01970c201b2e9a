"""A process that erases and is killed at a chosen moment: DATA_DIR DATABASE_URL MOMENT NUMBER."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from classroom_api.retention import objects
from classroom_api.retention.eraser import Eraser
from classroom_api.store.database import Database


def dying(function: Callable[..., Any], number: int) -> Callable[..., Any]:
    """`function`, after whose `number`-th call the process is gone."""
    calls = 0

    def call(*arguments: object, **named: object) -> object:
        nonlocal calls
        made = function(*arguments, **named)
        calls += 1
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    return call


async def main(data_dir: Path, database_url: str, moment: str, number: int) -> None:
    database = Database(database_url)
    await database.open()
    patch = pytest.MonkeyPatch()
    match moment:
        case "digest":
            patch.setattr(objects.LessonObjects, "sha256", dying(objects.LessonObjects.sha256, number))
        case "transaction":
            patch.setattr(database, "_run", dying(database._run, number))
        case "unlink":
            patch.setattr(Path, "unlink", dying(Path.unlink, number))
    await Eraser(database, data_dir, lambda: 9000).run_due()
    raise SystemExit("it was not killed")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])))
