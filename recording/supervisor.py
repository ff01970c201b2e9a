"""SHELL: keeps the packager process of one lesson alive until its work is done."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from recording.store import PACKAGER_REFUSED, Layout

logger = logging.getLogger(__name__)

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30.0
_ATTEMPTS = 6
_HEALTHY_S = 60.0
_IMPORT_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class ResourceResult:
    """What a finished packager says about one resource. is_ended False: there was nothing to package."""

    resource: str
    is_ended: bool
    duration_ms: int
    poster: str


@dataclass(slots=True)
class PackagerSupervisor:
    """Starts the process, starts it again with growing pauses when it dies, and gives up after six quick
    deaths.

    `on_finished` gets the results, or None when it was given up.  `close` ends the process and waits for it.
    """

    layout: Layout
    lesson: str
    on_finished: Callable[[list[ResourceResult] | None], None]
    _task: asyncio.Task[None] | None = field(default=None, init=False)
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)

    @property
    def pid(self) -> int | None:
        """Of the running process."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def start(self) -> None:
        """Begin; does nothing when begun."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"packager {self.lesson}")

    async def close(self) -> None:
        """End the process; what it has written stays, and a later one goes on there. Idempotent."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        attempt = 0
        while attempt < _ATTEMPTS:
            began_s = loop.time()
            results = await self._run_once()
            if results is not None:
                self.on_finished(results)
                return
            if self._process is not None and self._process.returncode == PACKAGER_REFUSED:
                break
            attempt = 1 if loop.time() - began_s > _HEALTHY_S else attempt + 1
            pause_s = min(_FIRST_WAIT_S * 2 ** (attempt - 1), _LONGEST_WAIT_S)
            logger.warning("packager of %s died, attempt %d, again in %.1f s", self.lesson, attempt, pause_s)
            await asyncio.sleep(pause_s)
        logger.error("packager of %s given up", self.lesson)
        self.on_finished(None)

    async def _run_once(self) -> list[ResourceResult] | None:
        """One life of the process: its results when it finished its work."""
        arguments = ["--data-dir", str(self.layout.data_dir), "--lesson", self.lesson]
        arguments += ["--parent", str(os.getpid())]
        keys = self.layout.keys.serialize().encode()
        if keys:
            arguments.append("--keys-from-stdin")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "recording.packager",
            *arguments,
            stdin=asyncio.subprocess.PIPE if keys else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            cwd=_IMPORT_ROOT,
        )
        self._process = process
        if process.stdin is not None:
            process.stdin.write(keys)
            process.stdin.close()
        results: list[ResourceResult] = []
        try:
            assert process.stdout is not None
            async for line in process.stdout:
                result = _parse_result(line)
                if result is not None:
                    results.append(result)
            await process.wait()
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
        return results if process.returncode == 0 else None


def _parse_result(line: bytes) -> ResourceResult | None:
    values = json.loads(line)
    if "refused" in values:
        logger.error("packager refused: %s", values["refused"])
        return None
    if "storage" in values:
        logger.warning("packager waits for the storage: %s", values["storage"])
        return None
    return ResourceResult(**values)
