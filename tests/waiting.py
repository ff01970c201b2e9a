"""Waiting for conditions: of the world outside, and of what else the event loop does."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import select
import time
from collections.abc import Callable

_LOOK_S = 0.02
_TURNS = 100


def wait_until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Look often, until it is true; an AssertionError when it never is."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "never came true"
        select.select([], [], [], _LOOK_S)


async def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """The same beside an event loop, with a TimeoutError; `condition` may be a coroutine's function. At first
    the loop turns between two looks, later others have the processor.
    """
    turns = 0
    async with asyncio.timeout(seconds):
        while not await _holds(condition):
            turns += 1
            await (asyncio.sleep(0) if turns < _TURNS else pause())


async def _holds(condition: Callable[[], object]) -> bool:
    found = condition()
    return bool(await found if inspect.isawaitable(found) else found)


async def pause() -> None:
    """One look's distance."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), _LOOK_S)
