"""SHELL: erases what is to be erased as soon as it can be, and looks once an hour for what is due."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NoReturn

from classroom_api.planning import new_id
from classroom_api.retention.eraser import Eraser
from classroom_api.retention.policy import Policy
from classroom_api.storage import Storage
from classroom_api.store import retention
from classroom_api.store.database import Database
from streaming.errors import TandemError

log = logging.getLogger(__name__)

_POLL_S = 60.0
_POLL_LEFT_S = 5.0
_POLICY_EVERY_S = 3600.0


class Caretaker:
    """`run` until cancelled; `wake` in its loop when there is something to erase."""

    def __init__(
        self,
        database: Database,
        data_dir: Path,
        policy: Policy,
        clock_ms: Callable[[], int],
        storage: Storage | None = None,
    ) -> None:
        self._database, self._policy, self._clock_ms = database, policy, clock_ms
        self._eraser = Eraser(database, data_dir, clock_ms, storage)
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Do what is due, for ever."""
        with self._database.watching(self._woken.set, _POLL_LEFT_S):
            await self._run()

    async def _run(self) -> NoReturn:
        loop = asyncio.get_running_loop()
        policy_at_s = loop.time()
        while True:
            self._woken.clear()
            try:
                if loop.time() >= policy_at_s:
                    policy_at_s = loop.time() + _POLICY_EVERY_S
                    await self.apply_policy()
                await self._eraser.run_due()
                pause_s = _POLL_LEFT_S if self._eraser.is_left else _POLL_S
            except TandemError as error:
                log.warning("what is to be erased waits: %s", error)
                pause_s = _POLL_LEFT_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._woken.wait()

    async def apply_policy(self) -> int:
        """Look at every lesson that is over, some at a time; how much was due."""
        count, last = 0, ""
        while lessons := await self._database.transaction(partial(retention.ended_lessons, after=last)):
            apply = partial(
                retention.apply_retention,
                lessons=lessons,
                default=self._policy,
                new_id=new_id,
                now_ms=self._clock_ms(),
            )
            count += await self._database.transaction(apply)
            last = lessons[-1]
        return count

    async def run_once(self) -> tuple[int, int]:
        """(what was due by policy, erasures carried out)."""
        return await self.apply_policy(), await self._eraser.run_due()
