"""Waiting for conditions of the world outside: files and processes."""

from __future__ import annotations

import asyncio
import select
import time
from collections.abc import Callable

_LOOK_S = 0.02


def wait_until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Look often, until it is true; an AssertionError when it never is."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "never came true"
        select.select([], [], [], _LOOK_S)


async def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """The same beside an event loop."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "never came true"
        await pause()


async def pause() -> None:
    """One look's distance."""
    await asyncio.to_thread(select.select, [], [], [], _LOOK_S)
