"""SHELL: a thread with an event loop of its own, for work that must never hold up a lesson."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[None]]


class Background:
    """Runs jobs until it is closed. A job that fails is logged and begun again after a pause, alone."""

    def __init__(self, jobs: Sequence[tuple[str, Job]], pause_s: float = 5.0) -> None:
        self._jobs, self._pause_s = jobs, pause_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="tandem-background", daemon=True)
        self._ready = threading.Event()

    def open(self) -> None:
        self._thread.start()
        self._ready.wait()

    def close(self) -> None:
        """Cancel the jobs and wait for their end. Idempotent; of one that was never opened too."""
        if self._thread.is_alive() and self._loop is not None and self._main is not None:
            self._loop.call_soon_threadsafe(self._main.cancel)
            self._thread.join()

    def call(self, function: Callable[[], None]) -> None:
        """Call `function` in the thread's loop, soon. Nothing happens once it is closed."""
        if self._loop is not None and self._thread.is_alive():
            try:
                self._loop.call_soon_threadsafe(function)
            except RuntimeError:  # it closed just now
                log.debug("the background has closed")

    def _run(self) -> None:
        try:
            asyncio.run(self._all())
        except asyncio.CancelledError:
            log.debug("the background is closed")

    async def _all(self) -> None:
        self._loop, self._main = asyncio.get_running_loop(), asyncio.current_task()
        self._ready.set()
        async with asyncio.TaskGroup() as tasks:
            for name, job in self._jobs:
                tasks.create_task(self._keep(name, job), name=name)
            await asyncio.Event().wait()

    async def _keep(self, name: str, job: Job) -> None:
        while True:
            try:
                await job()
            except Exception:  # one job's bug must not end the others
                log.exception("%s failed and begins again", name)
            await asyncio.sleep(self._pause_s)
