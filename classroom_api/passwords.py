"""Passwords of local accounts: Argon2id, the same work for an unknown login as for a wrong password."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from streaming.errors import Unavailable

T = TypeVar("T")

MINIMUM_CHARACTERS = 10
MAXIMUM_CHARACTERS = 200
_THREADS = 2
_WAITING = 16
_MEMORY_KIB = 19 * 1024  # with two rounds and one lane: what OWASP asks of Argon2id


class Passwords:
    """Hashes in threads of its own: each hash takes 19 MiB and tens of milliseconds, at most two at once.

    More than `_WAITING` that wait are refused: a flood of sign-ins takes neither memory nor the event loop.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=_MEMORY_KIB, parallelism=1)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="tandem-passwords")
        self._waiting = 0
        self._nobodys = self._hasher.hash("a password that nobody has")

    async def hash(self, password: str) -> str:
        """Unavailable: rate_limited."""
        return await self._in_a_thread(lambda: self._hasher.hash(password))

    async def is_right(self, password: str, stored: str | None) -> bool:
        """Whether `password` is the one of `stored`; never for None, which takes as long.

        Unavailable: rate_limited.
        """
        return await self._in_a_thread(lambda: self._verify(password, stored))

    def _verify(self, password: str, stored: str | None) -> bool:
        try:
            self._hasher.verify(stored if stored is not None else self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    async def _in_a_thread(self, work: Callable[[], T]) -> T:
        if self._waiting >= _WAITING:
            raise Unavailable(
                "rate_limited", "Too many sign in at once: try again in a moment.", retry_after_s=2
            )
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Idempotent."""
        self._threads.shutdown()
