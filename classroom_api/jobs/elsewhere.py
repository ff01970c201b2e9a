"""SHELL: a job where its files are not: what it needs comes from the storage, what it makes goes there.

`python -m classroom_api.jobs.elsewhere --scratch F --storage URL --needs … --makes … -- MODULE ARGUMENT…`
runs MODULE on a data folder of its own, which is gone when the attempt ends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from classroom_api.jobs.runner import run_child
from classroom_api.jobs.schedule import Ending
from classroom_api.settings import Settings
from classroom_api.storage import Storage, open_storage
from recording.store import alone_in
from streaming.errors import Refused, Unavailable

SCRATCH: Final = "elsewhere"
IS_STORED: Final = "is_stored"
"""In a result: what was made lies in the storage already, and nowhere else."""
_MADE: Final = "made.json"
_EXIT_REFUSED: Final = 2


class Workplace:
    """Where a worker's jobs have their files."""

    def __init__(self, settings: Settings) -> None:
        self.data_dir, self._storage = settings.data_dir.absolute(), settings.storage

    def command(
        self, module: str, arguments: Sequence[str], needs: Sequence[str], makes: str | None = None
    ) -> list[str]:
        """A child process that takes `--data-dir`. `needs`: folders that it reads, below the data folder;
        `makes`: the one that it writes. What is here is taken from here."""
        is_here = all(is_whole(self.data_dir, folder) for folder in needs)
        if is_here or self._storage is None:
            return [sys.executable, "-m", module, "--data-dir", str(self.data_dir), *arguments]
        command = [sys.executable, "-m", "classroom_api.jobs.elsewhere"]
        command += ["--scratch", str(self.data_dir / SCRATCH), "--storage", self._storage]
        command += ["--needs", *needs, *(["--makes", makes] if makes is not None else [])]
        return [*command, "--", module, *arguments]

    @staticmethod
    def made_by(result: Mapping[str, Any]) -> dict[str, Any]:
        """What a job made, without where that lies."""
        return {name: value for name, value in result.items() if name != IS_STORED}

    def asks_to_store(self, result: Mapping[str, Any]) -> bool:
        """Whether what a job made here is still to be put into the storage."""
        return self._storage is not None and not result.get(IS_STORED, False)


def is_whole(data_dir: Path, folder: str) -> bool:
    """Whether a folder is here; of a version that another worker finished a part may be."""
    path = data_dir / folder
    return (path / _MADE).is_file() if path.name.startswith("ver_") else path.is_dir()


def work(storage: Storage, scratch: Path, needs: Sequence[str], makes: str | None, job: Sequence[str]) -> int:
    """The exit code. What the storage does not hold yet is waited for: whoever has it is to put it there."""
    with _own_folder(scratch) as data_dir:
        (data_dir / "resources").mkdir()
        try:
            for folder in dict.fromkeys(needs):
                (data_dir / folder).parent.mkdir(parents=True, exist_ok=True)
                storage.fetch_folder(folder, data_dir / folder, lambda _: _say_step(0.0, "fetching"))
            returncode, result = _run(data_dir, job)
            if result is not None and makes is not None:
                storage.put_folder(makes, data_dir / makes, lambda _: _say_step(1.0, "storing"))
                result[IS_STORED] = True
        except (Refused, Unavailable) as error:
            sys.stderr.write(f"{error.detail}\n")
            _say({"waits": "storage"})
            return os.EX_TEMPFAIL
        if result is not None:
            _say({"result": result})
        return returncode


def _run(data_dir: Path, job: Sequence[str]) -> tuple[int, dict[str, Any] | None]:
    """The job's own process: our exit code, what it made. What else it says is said on."""
    module, *arguments = job
    command = [sys.executable, "-m", module, "--data-dir", str(data_dir), *arguments]
    attempt = asyncio.run(run_child(module, command, lambda said: _say_step(said.ratio, said.step)))
    match attempt.ending:
        case Ending.DONE:
            return 0, dict(attempt.result)
        case Ending.REFUSED:
            _say({"refused": attempt.code})
            return _EXIT_REFUSED, None
        case Ending.WAITS:
            _say({"waits": attempt.code})
            return os.EX_TEMPFAIL, None
    return 1, None


def _say_step(progress: float, step: str) -> None:
    _say({"progress": progress, "step": step})


def _say(line: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


@contextmanager
def _own_folder(scratch: Path) -> Iterator[Path]:
    """Gone when this process is done with it, or cleared when another comes after its death."""
    clear_scratch(scratch)
    with ExitStack() as stack:
        with alone_in(scratch):
            own = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=scratch)))
            stack.enter_context(alone_in(own))
        yield own


def clear_scratch(scratch: Path) -> None:
    """Delete what killed attempts left: media of lessons that may be erased by now."""
    scratch.mkdir(parents=True, exist_ok=True)
    with alone_in(scratch):
        for folder in list(scratch.iterdir()):
            with suppress(BlockingIOError), alone_in(folder, may_wait=False):
                shutil.rmtree(folder)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="classroom_api.jobs.elsewhere")
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--storage", required=True)
    parser.add_argument("--needs", nargs="+", required=True)
    parser.add_argument("--makes")
    parser.add_argument("job", nargs="+")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and what was fetched goes
    return work(open_storage(given.storage), given.scratch, given.needs, given.makes, given.job)


if __name__ == "__main__":
    sys.exit(main())
