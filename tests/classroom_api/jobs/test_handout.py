from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest
from pydantic import SecretStr
from redis import Redis

from classroom_api.jobs.handout import FILLED, HELD_MS, LONGEST, STREAM, Due, Handout, handout_at
from tests.classroom_api.redis_server import RedisServer, redis_server
from tests.waiting import until


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def client(redis: RedisServer) -> Iterator[Redis]:
    with redis.client() as client:
        client.flushall()
        yield client


async def nothing() -> Sequence[str]:
    return []


class Counted:
    """What is due by a database, and how often it was asked."""

    def __init__(self, jobs: Sequence[str]) -> None:
        self.jobs, self.count = jobs, 0

    async def __call__(self) -> Sequence[str]:
        self.count += 1
        return self.jobs

    def was_asked(self, count: int) -> bool:
        return self.count >= count


async def filled(handout: Handout, client: Redis, due: Counted) -> None:
    """The stream has been filled since: what is due was asked for, and again when that was done."""
    for count in (due.count + 1, due.count + 2):
        client.delete(FILLED)
        handout.announce([])
        await until(partial(is_so, partial(due.was_asked, count)))


@contextlib.asynccontextmanager
async def kept(handout: Handout, due: Due = nothing) -> AsyncIterator[Handout]:
    """It is up, and kept so."""
    task = asyncio.create_task(handout.keep(due))
    try:
        await until(lambda: is_so(lambda: handout.is_up))
        yield handout
    finally:
        task.cancel()
        await asyncio.wait({task})
        await handout.close()


async def is_so(question: Callable[[], bool]) -> bool:
    return question()


async def taken(handout: Handout, count: int) -> list[str]:
    """What it is given, until that are `count` jobs."""
    jobs: list[str] = []

    async def are_there() -> bool:
        jobs.extend(await handout.take(count - len(jobs)) or [])
        return len(jobs) >= count

    await until(are_there)
    return jobs


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await work()

    asyncio.run(main())


def test_each_of_two_workers_is_given_other_jobs_and_what_is_put_away_is_gone(
    redis: RedisServer, client: Redis
) -> None:
    async def work() -> None:
        async with kept(Handout(redis.url)) as one, kept(Handout(redis.url)) as two:
            one.announce(["a", "b", "c"])
            first = await taken(one, 2)
            assert first == ["a", "b"]
            assert await taken(two, 1) == ["c"]
            await one.put_away(first)
            await two.put_away(["c", "of another"])
            assert client.xlen(STREAM) == 0

    run(work)


def test_what_is_due_is_handed_out_and_what_is_there_is_not_added_again(
    redis: RedisServer, client: Redis
) -> None:
    due = Counted(["a", "b"])

    async def work() -> None:
        async with kept(Handout(redis.url), due) as handout:
            assert await taken(handout, 1) == ["a"]
            await filled(handout, client, due)
            assert client.xlen(STREAM) == 2
            assert await taken(handout, 1) == ["b"]

    run(work)


def test_an_entry_too_many_is_put_away(redis: RedisServer, client: Redis) -> None:
    async def work() -> None:
        async with kept(Handout(redis.url)) as handout:
            handout.announce(["a", "a", "b"])
            assert await taken(handout, 2) == ["a", "b"]
            assert client.xlen(STREAM) == 2

    run(work)


def test_what_a_dead_worker_held_is_given_to_another_and_what_a_live_one_holds_is_not(
    redis: RedisServer, client: Redis
) -> None:
    def idle_ms() -> dict[str, int]:
        """Since when nobody said that it holds them, as Redis counts."""
        pending: Any = client.xpending_range(STREAM, "workers", "-", "+", 2)
        return {each["message_id"]: each["time_since_delivered"] for each in pending}

    async def work() -> None:
        async with kept(Handout(redis.url)) as live:
            async with kept(Handout(redis.url)) as dead:
                live.announce(["a", "b"])
                assert await taken(live, 1) == ["a"]
                assert await taken(dead, 1) == ["b"]
            a, b = idle_ms()
            client.xclaim(STREAM, "workers", "live", 0, [a], idle=HELD_MS - 5000, justid=True)
            client.xclaim(STREAM, "workers", "dead", 0, [b], idle=HELD_MS, justid=True)
            await until(lambda: is_so(lambda: idle_ms()[a] < HELD_MS - 5000))
            async with kept(Handout(redis.url)) as other:
                assert await taken(other, 1) == ["b"]
                assert idle_ms()[b] < HELD_MS

    run(work)


def test_the_stream_stays_short_whatever_is_due(redis: RedisServer, client: Redis) -> None:
    due = Counted([f"{number}" for number in range(LONGEST - 5)])

    async def work() -> None:
        async with kept(Handout(redis.url), due) as handout:
            await until(lambda: is_so(lambda: client.xlen(STREAM) == LONGEST - 5))
            handout.announce([f"more {number}" for number in range(LONGEST + 5)])
            await until(lambda: is_so(lambda: client.xlen(STREAM) == LONGEST))
            due.jobs = [f"other {number}" for number in range(LONGEST)]
            await filled(handout, client, due)
            assert client.xlen(STREAM) == LONGEST

    run(work)


def test_workers_that_went_long_ago_are_forgotten(redis: RedisServer, client: Redis) -> None:
    async def work() -> None:
        async with kept(Handout(redis.url)) as gone:
            gone.announce(["a"])
            await gone.put_away(await taken(gone, 1))
        [name] = [each["name"] for each in client.xinfo_consumers(STREAM, "workers")]
        async with kept(Handout(redis.url, gone_ms=0)) as here:
            here.announce(["b"])
            await taken(here, 1)
            client.delete(FILLED)

            async def is_forgotten() -> bool:
                return name not in [each["name"] for each in client.xinfo_consumers(STREAM, "workers")]

            await until(is_forgotten)
            assert len(client.xinfo_consumers(STREAM, "workers")) == 1

    run(work)


@pytest.mark.parametrize("is_lasting", [False, True])
def test_a_redis_that_went_is_filled_when_it_is_back(
    caplog: pytest.LogCaptureFixture, *, is_lasting: bool
) -> None:
    async def due() -> Sequence[str]:
        return ["a"]

    async def work() -> None:
        with redis_server(is_lasting=is_lasting) as redis:
            async with kept(Handout(redis.url, held_ms=500), due) as handout:
                assert await taken(handout, 1) == ["a"]
                redis.kill()
                await until(lambda: is_so(lambda: not handout.is_up))
                assert await handout.take(1) is None
                await handout.put_away(["a"])
                handout.announce(["b"])
                redis.start()
                assert sorted(await taken(handout, 2)) == ["a", "b"]
            redis.kill()

    run(work)
    assert [record.message for record in caplog.records if "away" in record.message]


def test_what_is_no_job_of_ours_is_harmless(redis: RedisServer, client: Redis) -> None:
    async def work() -> None:
        async with kept(Handout(redis.url)) as handout:
            client.xadd(STREAM, {"other": b"\xff\xfe"})
            client.xadd(STREAM, {"job": b"\xff\xfe"})
            assert await taken(handout, 2) == ["", "��"]
            await handout.put_away(["", "��"])
            assert client.xlen(STREAM) == 0

    run(work)


def test_without_an_address_the_database_hands_out() -> None:
    assert handout_at(None) is None
    assert isinstance(handout_at(SecretStr("redis://127.0.0.1:1/0")), Handout)
