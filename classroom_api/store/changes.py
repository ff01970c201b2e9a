"""SHELL: tells an event loop that a database has been written to: who waits for work need not look for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, sessionmaker

_WROTE = "wrote"


class Watch:
    """Calls `callback` in the loop that made it, `pause_s` after a commit: many in that time are one."""

    def __init__(self, callback: Callable[[], None], pause_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._callback, self._pause_s = callback, pause_s
        self._is_waiting = False

    def handle_commit(self) -> bool:
        """From any thread. False: the loop is closed, and nobody waits any more."""
        if self._is_waiting:
            return True
        self._is_waiting = True
        try:
            self._loop.call_soon_threadsafe(self._loop.call_later, self._pause_s, self._tell)
        except RuntimeError:
            return False
        return True

    def _tell(self) -> None:
        self._is_waiting = False
        self._callback()


def note_writes(sessions: sessionmaker[Session]) -> None:
    """From now on sessions of `sessions` know whether they have written (`has_written`)."""
    event.listen(sessions, "after_flush", _flushed)
    event.listen(sessions, "do_orm_execute", _executed)


def has_written(session: Session) -> bool:
    """Whether a transaction was more than reading."""
    return _WROTE in session.info


def _flushed(session: Session, _flush: UOWTransaction) -> None:
    session.info[_WROTE] = True


def _executed(state: ORMExecuteState) -> None:
    if not state.is_select:
        state.session.info[_WROTE] = True
