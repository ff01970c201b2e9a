from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from sqlalchemy.orm import Session

from classroom_api.outbox.carriers import LrsConfig, StatementCarrier, WebhookCarrier
from classroom_api.outbox.courier import Courier, outcomes_by_label
from classroom_api.outbox.sender import Sender
from classroom_api.store import outbox
from classroom_api.store.outbox import LRS
from classroom_api.store.outbox_schema import DeliveryRow
from classroom_api.store.schema import EventRow
from tests.classroom_api.outbox.outbox_house import (
    ENDED,
    LIVE,
    SERVER_SECRET,
    WEBHOOK,
    OutboxHouse,
    hand,
    joined,
    left,
    open_outbox_house,
)
from tests.classroom_api.outbox.receiver import Lrs, Received, Receiver, Reply, serving
from tests.waiting import until

LESSONS = ("les_a", "les_b")
SPEED = 10
"""A clock that runs ten times as fast: waits for a retry are short, and a lease is still six seconds."""
TIMEOUT_S = 30.0


def fast_ms() -> int:
    return int(time.time() * 1000 * SPEED)


def courier_of(house: OutboxHouse, sender: Sender, lrs_url: str | None = None) -> Courier:
    webhooks = WebhookCarrier(sender, house.database, SERVER_SECRET, fast_ms)
    statements = None
    if lrs_url is not None:
        config = LrsConfig(f"{lrs_url}/xapi", "key", "secret", "2.0.0", "https://school.example")
        statements = StatementCarrier(sender, house.database, config, fast_ms)
    return Courier(house.database, webhooks, statements, TIMEOUT_S, fast_ms)


def with_couriers(
    database_url: str,
    url: str,
    work: Callable[[OutboxHouse], Awaitable[None]],
    *,
    count: int = 1,
    lrs_url: str | None = None,
) -> list[Courier]:
    """`work` beside `count` couriers of one database, as in as many servers."""

    async def run() -> list[Courier]:
        house = await open_outbox_house(database_url, url, LESSONS)
        sender = Sender(TIMEOUT_S, is_private_allowed=True)
        couriers = [courier_of(house, sender, lrs_url) for _ in range(count)]
        tasks = [asyncio.create_task(courier.run()) for courier in couriers]
        try:
            await work(house)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await sender.close()
            await house.database.close()
        return couriers

    return asyncio.run(run())


async def all_delivered(house: OutboxHouse, destination: str) -> bool:
    rows = [row for row in await house.deliveries() if row.destination == destination]
    return bool(rows) and all(row.state == "delivered" for row in rows)


async def told(house: OutboxHouse, lesson: str) -> list[DeliveryRow]:
    rows = await house.deliveries()
    return [row for row in rows if (row.lesson_id, row.destination) == (lesson, WEBHOOK)]


def lesson_of(got: Received) -> str:
    return str(got.message["data"]["lesson"])


def test_two_servers_tell_each_lesson_in_order_and_nothing_twice(database_url: str) -> None:
    receiver = Receiver()

    async def work(house: OutboxHouse) -> None:
        for lesson in LESSONS:
            await house.happen(lesson, LIVE, *[joined(f"seat_{n}") for n in range(8)])
        for lesson in LESSONS:
            await house.happen(lesson, *[left(f"seat_{n}") for n in range(8)], ENDED)
        await until(lambda: all_delivered(house, WEBHOOK))
        for lesson in LESSONS:
            ids = [row.id for row in await told(house, lesson)]
            assert [got.headers["webhook-id"] for got in receiver.received if lesson_of(got) == lesson] == ids
            assert len(ids) == 18

    with serving(receiver) as url:
        with_couriers(database_url, url, work, count=2)


def test_a_lesson_that_cannot_be_told_holds_up_no_other(database_url: str) -> None:
    receiver = Receiver()
    fails = {"les_a"}
    receiver.answer = lambda got: Reply(500 if lesson_of(got) in fails else 200)

    async def work(house: OutboxHouse) -> None:
        for lesson in LESSONS:
            await house.happen(lesson, LIVE, ENDED)

        async def b_is_told() -> bool:
            return all(row.state == "delivered" for row in await told(house, "les_b"))

        await until(b_is_told)

        async def a_was_tried_again() -> bool:
            return sum(lesson_of(got) == "les_a" for got in receiver.received) >= 2

        await until(a_was_tried_again)
        tried = {got.headers["webhook-id"] for got in receiver.received if lesson_of(got) == "les_a"}
        assert len(tried) == 1
        fails.clear()
        await until(lambda: all_delivered(house, WEBHOOK))
        first, second = await told(house, "les_a")
        assert first.attempts >= 3
        assert (first.id in tried, second.attempts) == (True, 1)

    with serving(receiver) as url:
        with_couriers(database_url, url, work)


def test_a_bug_with_one_lesson_holds_up_no_other(database_url: str) -> None:
    lrs = Lrs()

    def put_broken(session: Session) -> None:
        session.add(EventRow(lesson_id="les_a", seq=1, epoch="ep_a", at_ms=0, body='{"type":"seat_joined"}'))
        outbox.enqueue(session, LRS, [("les_a", "seat_joined", "1", 0)])

    async def work(house: OutboxHouse) -> None:
        await house.database.transaction(put_broken)

        async def was_tried_again() -> bool:
            return (await house.deliveries())[0].attempts >= 2

        await until(was_tried_again)
        await house.happen("les_b", LIVE, ENDED)

        async def b_is_told() -> bool:
            rows = [row for row in await house.deliveries() if row.lesson_id == "les_b"]
            return all(row.state == "delivered" for row in rows if row.destination == LRS)

        await until(b_is_told)
        broken = (await house.deliveries())[0]
        assert (broken.state, broken.last_answer) == ("pending", "internal_error")

    with serving(lrs) as url:
        with_couriers(database_url, "http://127.0.0.1:1/", work, lrs_url=url)


def test_what_waits_for_a_store_that_is_not_set_any_longer_is_given_up_at_the_start(
    database_url: str,
) -> None:
    async def run() -> None:
        house = await open_outbox_house(database_url, "http://127.0.0.1:1/", LESSONS)
        await house.happen("les_a", hand("seat_a"))
        sender = Sender(TIMEOUT_S, is_private_allowed=True)
        task = asyncio.create_task(courier_of(house, sender).run())

        async def is_given_up() -> bool:
            return [(row.destination, row.state) for row in await house.deliveries()] == [("lrs", "dead")]

        await until(is_given_up)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await sender.close()
        await house.database.close()

    asyncio.run(run())


def test_statements_reach_a_store_that_fails_first_and_only_there_is_counted(database_url: str) -> None:
    lrs = Lrs()
    lrs.faults = [Reply(500), Reply(503)]

    async def work(house: OutboxHouse) -> None:
        await house.happen("les_a", LIVE, joined("seat_a"), ENDED)
        await until(lambda: all_delivered(house, "lrs"))
        assert len(lrs.stored) == 3

    with serving(lrs) as url:
        [courier] = with_couriers(database_url, "http://127.0.0.1:1/", work, lrs_url=url)
    counted = {(kind, outcome): count for kind, outcome, count in outcomes_by_label(courier._outcomes)}
    assert counted["lrs", "delivered"] == 3
    assert counted["lrs", "failed"] == 6
    assert ("webhook", "delivered") not in counted
