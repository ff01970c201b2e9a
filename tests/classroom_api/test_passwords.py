from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from classroom_api.passwords import Passwords
from streaming.errors import Unavailable


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords()
    yield made
    made.close()
    made.close()


def test_the_right_one_and_no_other(passwords: Passwords) -> None:
    async def run() -> None:
        stored = await passwords.hash("correct horse")
        assert stored.startswith("$argon2id$")
        assert stored != await passwords.hash("correct horse")
        assert await passwords.is_right("correct horse", stored)
        assert not await passwords.is_right("correct horsf", stored)
        assert not await passwords.is_right("correct horse", None)
        assert not await passwords.is_right("correct horse", "not a hash")

    asyncio.run(run())


def test_nobodys_password_takes_the_same_work(passwords: Passwords) -> None:
    """CPU time, not the clock: the machine may be busy."""

    async def work_of(stored: str | None) -> float:
        spent = []
        for _ in range(3):
            before = time.process_time()
            assert not await passwords.is_right("wrong horse", stored)
            spent.append(time.process_time() - before)
        return min(spent)

    async def run() -> None:
        known = await work_of(await passwords.hash("correct horse"))
        unknown = await work_of(None)
        assert 0.3 < unknown / known < 3

    asyncio.run(run())


def test_a_flood_is_refused_and_forgotten(passwords: Passwords) -> None:
    async def run() -> None:
        stored = await passwords.hash("correct horse")
        tries = [passwords.is_right("wrong", stored) for _ in range(24)]
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        refused = [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]
        assert len(refused) == 8
        assert {outcome.code for outcome in refused} == {"rate_limited"}
        assert await passwords.is_right("correct horse", stored)

    asyncio.run(run())
