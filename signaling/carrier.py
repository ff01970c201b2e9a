"""SHELL: carries out effects that take time, in order, off the path of the events."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from streaming.errors import TandemError

logger = logging.getLogger(__name__)

CARRY_TIMEOUT_S = 10.0
MAX_WAITING = 4096


class Carrier:
    """A bounded queue of work with one task.  When it is full, droppable work is dropped and said so."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._waiting: deque[Callable[[], Awaitable[None]]] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, work: Callable[[], Awaitable[None]], *, is_droppable: bool = False) -> None:
        if is_droppable and len(self._waiting) >= MAX_WAITING:
            logger.error("%s: %d effects wait, one more was dropped", self._name, len(self._waiting))
            return
        self._waiting.append(work)
        self._idle.clear()
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._carry(self._waiting.popleft())
            self._idle.set()

    async def drain(self) -> None:
        """Wait until nothing waits."""
        await self._idle.wait()

    async def _carry(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            async with asyncio.timeout(CARRY_TIMEOUT_S):
                await work()
        except TandemError as error:
            logger.warning("%s: %s", self._name, error)
        except TimeoutError:
            logger.warning("%s: an effect took over %.0f s", self._name, CARRY_TIMEOUT_S)
        except Exception:  # a fault of one part must not end the room
            logger.exception("%s: an effect failed", self._name)
