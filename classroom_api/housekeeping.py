"""SHELL: keeps count of a queue in the database for `/metrics`, and throws away what is over."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import NoReturn, TypeVar

from sqlalchemy.orm import Session

from classroom_api.store.database import Database
from streaming.errors import TandemError

F = TypeVar("F")

log = logging.getLogger(__name__)

_PAUSE_S = 5.0
_EVERY_S = 60.0
_PURGE_EVERY_S = 3600.0


async def keep_house(
    database: Database,
    clock_ms: Callable[[], int],
    queue: str,
    count: Callable[[Session, int], F],
    purge: Callable[[Session, int], object],
    keep: Callable[[F], None],
) -> NoReturn:
    """`count` soon after this process has written something, and now and then for what others write; `keep`
    what it finds; `purge` every hour. Both are told the time. `queue`: what a log line calls it.
    """
    loop = asyncio.get_running_loop()
    purge_at_s = loop.time()
    written = asyncio.Event()
    with database.watching(written.set, _PAUSE_S):
        while True:
            written.clear()
            try:
                keep(await database.transaction(lambda session: count(session, clock_ms())))
                if loop.time() >= purge_at_s:
                    purge_at_s = loop.time() + _PURGE_EVERY_S
                    await database.transaction(lambda session: purge(session, clock_ms()))
            except TandemError as error:
                log.warning("%s cannot be counted: %s", queue, error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await written.wait()
