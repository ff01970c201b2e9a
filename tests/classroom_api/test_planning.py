from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest
from sqlalchemy.orm import Session

from classroom_api.planning import Once, Planning, new_id
from classroom_api.store.database import Database
from classroom_api.store.idempotency import KEPT_MS
from streaming.errors import Refused
from streaming.identifiers import is_identifier


def test_ids_are_the_houses() -> None:
    assert is_identifier(new_id("org"), "org")
    assert new_id("org") != new_id("org")


def test_a_request_is_carried_out_once_for_a_day(database_url: str) -> None:
    async def run() -> None:
        now_ms = 0
        database = Database(database_url)
        await database.open()
        planning = Planning(database, lambda: now_ms)
        numbers = count(1)

        def work(_: Session) -> str:
            return str(next(numbers))

        once = Once("usr_a", "key", "body")
        assert [await planning.once(once, work) for _ in range(2)] == ["1", "1"]
        assert await planning.once(Once("usr_b", "key", "body"), work) == "2"
        assert await planning.once(Once("usr_a", None, "body"), work) == "3"
        with pytest.raises(Refused, match="idempotency_key_reused"):
            await planning.once(Once("usr_a", "key", "another"), work)
        now_ms = KEPT_MS
        assert await planning.once(once, work) == "4"
        await database.close()

    asyncio.run(run())


def test_what_failed_may_be_tried_again_with_its_key(database_url: str) -> None:
    async def run() -> None:
        database = Database(database_url)
        await database.open()
        planning = Planning(database, lambda: 0)
        outcomes: Iterator[Refused | str] = iter([Refused("timetable_clash"), "made"])

        def work(_: Session) -> str:
            outcome = next(outcomes)
            if isinstance(outcome, Refused):
                raise outcome
            return outcome

        once = Once("usr_a", "key", "body")
        with pytest.raises(Refused, match="timetable_clash"):
            await planning.once(once, work)
        assert await planning.once(once, work) == "made"
        await database.close()

    asyncio.run(run())


def test_of_the_same_request_to_two_servers_at_once_one_is_carried_out(database_url: str) -> None:
    async def run() -> None:
        databases = [Database(database_url) for _ in range(4)]
        await databases[0].open()
        numbers = count(1)

        def work(_: Session) -> str:
            return str(next(numbers))

        once = Once("usr_a", "key", "body")
        answers = await asyncio.gather(
            *(Planning(database, lambda: 0).once(once, work) for database in databases)
        )
        assert len(set(answers)) == 1
        for database in databases:
            await database.close()

    asyncio.run(run())
