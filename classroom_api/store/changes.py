"""SHELL: tells an event loop that a database has been written to: who waits for work need not look for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, sessionmaker

_WROTE = "wrote"


class Watch:
    """Calls `callback` in the loop that made it, `pause_s` after a commit: many in that time are one.

    A loop that has closed meanwhile is left alone.
    """

    def __init__(self, callback: Callable[[], None], pause_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._callback, self._pause_s = callback, pause_s
        self._is_waiting = False

    def handle_commit(self) -> None:
        """From any thread."""
        if not self._is_waiting:
            self._is_waiting = True
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._loop.call_later, self._pause_s, self._tell)

    def _tell(self) -> None:
        self._is_waiting = False
        self._callback()


class Watches:
    """Of all connections of a process to one database."""

    def __init__(self) -> None:
        self._watches: set[Watch] = set()

    @contextlib.contextmanager
    def watching(self, callback: Callable[[], None], pause_s: float) -> Iterator[None]:
        """Meanwhile `callback` is called in the running loop."""
        watch = Watch(callback, pause_s)
        self._watches.add(watch)
        try:
            yield
        finally:
            self._watches.discard(watch)

    def handle_commit(self) -> None:
        """From any thread."""
        for watch in tuple(self._watches):
            watch.handle_commit()


def note_writes(sessions: sessionmaker[Session]) -> None:
    """From now on sessions of `sessions` know whether they have written (`has_written`)."""
    event.listen(sessions, "after_flush", _flushed)
    event.listen(sessions, "do_orm_execute", _executed)


def has_written(session: Session) -> bool:
    """Whether a transaction was more than reading."""
    return _WROTE in session.info


def noted(session: Session) -> Mapping[Any, Any]:
    """What a transaction has written into `session.info` for those who come after it."""
    return {key: value for key, value in session.info.items() if key != _WROTE}


def _flushed(session: Session, _flush: UOWTransaction) -> None:
    session.info[_WROTE] = True


def _executed(state: ORMExecuteState) -> None:
    if not state.is_select:
        state.session.info[_WROTE] = True
