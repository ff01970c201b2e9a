from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import delete
from sqlalchemy.orm import Session

from classroom_api.outbox.carriers import VIEW, Carrier, LrsConfig, StatementCarrier, WebhookCarrier
from classroom_api.outbox.schedule import Outcome
from classroom_api.outbox.sender import Sender
from classroom_api.outbox.signature import serialize_secret, webhook_key
from classroom_api.outbox.view_statements import Step, Verb, ViewFacts, statements_of_view
from classroom_api.store import outbox
from classroom_api.store.database import sqlite_url
from classroom_api.store.outbox import LRS, Result, Stream
from classroom_api.store.outbox_schema import WebhookRow
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
from tests.classroom_api.outbox.receiver import Lrs, Receiver, Reply, serving


def now_ms() -> int:
    return int(time.time() * 1000)


def with_house(folder: Path, url: str, work: Callable[[OutboxHouse, Sender], Awaitable[None]]) -> None:
    async def run() -> None:
        house = await open_outbox_house(sqlite_url(folder / "a.db"), url, ["les_a"])
        sender = Sender(30, is_private_allowed=True)
        try:
            await work(house, sender)
        finally:
            await sender.close()
            await house.database.close()

    asyncio.run(run())


async def carried(house: OutboxHouse, carrier: Carrier, destination: str) -> tuple[Stream, list[Result]]:
    streams = await house.database.transaction(
        lambda session: outbox.claim(session, now_ms(), "me", 60_000, 10)
    )
    stream = next(each for each in streams if each.destination == destination)
    return stream, await carrier.carry(stream)


def test_webhooks_are_signed_in_order_and_stop_at_the_first_failure(tmp_path: Path) -> None:
    receiver = Receiver()
    receiver.answer = lambda _: Reply(500 if len(receiver.received) == 2 else 204)

    async def work(house: OutboxHouse, sender: Sender) -> None:
        await house.happen("les_a", LIVE, joined("seat_a"), left("seat_a"), ENDED)
        carrier = WebhookCarrier(sender, house.database, SERVER_SECRET, now_ms)
        stream, results = await carried(house, carrier, WEBHOOK)
        assert [result.outcome for result in results] == [
            Outcome.DELIVERED,
            Outcome.DELIVERED,
            Outcome.FAILED,
        ]
        assert [got.headers["webhook-id"] for got in receiver.received] == [
            row.id for row in stream.deliveries[:3]
        ]

    with serving(receiver) as url:
        with_house(tmp_path, url, work)
    secret = serialize_secret(webhook_key(SERVER_SECRET, WEBHOOK, 1))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    for got in receiver.received:
        signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.{got.body.decode()}"
        wanted = base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha256).digest()).decode()
        assert got.headers["webhook-signature"] == f"v1,{wanted}"
        assert abs(int(got.headers["webhook-timestamp"]) - time.time()) < 300


def test_what_goes_to_a_webhook_that_is_off_waits_and_to_one_that_is_gone_ends(tmp_path: Path) -> None:
    async def work(house: OutboxHouse, sender: Sender) -> None:
        await house.happen("les_a", LIVE, ENDED)

        def switch_off(session: Session) -> None:
            session.get_one(WebhookRow, WEBHOOK).is_enabled = False

        await house.database.transaction(switch_off)
        carrier = WebhookCarrier(sender, house.database, SERVER_SECRET, now_ms)
        stream, results = await carried(house, carrier, WEBHOOK)
        assert [result.outcome for result in results] == [Outcome.FAILED]
        gone = Stream("whk_gone", "les_a", "me", stream.deliveries)
        assert {result.outcome for result in await carrier.carry(gone)} == {Outcome.REJECTED}

    with_house(tmp_path, "http://127.0.0.1:1/", work)


def statement_carrier(house: OutboxHouse, sender: Sender, url: str) -> StatementCarrier:
    config = LrsConfig(f"{url}/xapi", "key", "secret", "1.0.3", "https://school.example")
    return StatementCarrier(sender, house.database, config, now_ms)


def test_statements_go_in_one_batch_and_what_says_nothing_is_done(tmp_path: Path) -> None:
    lrs = Lrs()

    async def work(house: OutboxHouse, sender: Sender) -> None:
        lobby = {**LIVE, "state": "lobby"}
        await house.happen("les_a", lobby, joined("seat_m", "master"), LIVE, joined("seat_a"), ENDED)
        _, results = await carried(house, statement_carrier(house, sender, lrs.url), LRS)
        assert [result.outcome for result in results] == [Outcome.DELIVERED] * 5
        assert len(lrs.received) == 1
        verbs = [lrs.stored[each]["verb"]["display"]["en"] for each in lrs.order]
        assert verbs == ["joined", "initialized", "joined", "terminated"]

    with serving(lrs) as url:
        with_house(tmp_path, url, work)


def test_what_is_a_statement_already_goes_beside_those_of_events(tmp_path: Path) -> None:
    lrs = Lrs()
    lrs.answer = lambda _: Reply(200)  # of another profile than the one that this store checks

    async def work(house: OutboxHouse, sender: Sender) -> None:
        await house.happen("les_a", LIVE)
        facts = ViewFacts("view_a", "les_a", "分数", "student", "https://school.test", 100_000)
        steps = [Step(Verb.INITIALIZED, 0), Step(Verb.SEEKED, 9000, 0), Step(Verb.COMPLETED, 95_000)]
        viewed = list(statements_of_view(facts, steps, [(0, 95_000)], now_ms()))
        bodies = [("les_a", VIEW, json.dumps(one), now_ms()) for one in viewed]
        await house.database.transaction(lambda session: outbox.enqueue(session, LRS, bodies))
        _, results = await carried(house, statement_carrier(house, sender, lrs.url), LRS)
        assert [result.outcome for result in results] == [Outcome.DELIVERED] * 4
        assert lrs.received[0].statements[1:] == viewed

    with serving(lrs) as url:
        with_house(tmp_path, url, work)


def test_the_next_batch_goes_on_where_the_last_ended_and_reads_no_event_again(tmp_path: Path) -> None:
    lrs = Lrs()

    async def work(house: OutboxHouse, sender: Sender) -> None:
        lobby = {**LIVE, "state": "lobby"}
        await house.happen("les_a", lobby, joined("seat_m", "master"), joined("seat_a"), LIVE, ENDED)
        carrier = statement_carrier(house, sender, lrs.url)
        stream, _ = await carried(house, carrier, LRS)
        whole = dict(lrs.stored)
        lrs.stored.clear()
        carrier = statement_carrier(house, sender, lrs.url)
        first, second = stream.deliveries[:3], stream.deliveries[3:]
        await carrier.carry(Stream(LRS, "les_a", "me", first))

        def forget(session: Session) -> None:
            session.execute(delete(EventRow).where(EventRow.seq <= 3))

        await house.database.transaction(forget)
        for _ in range(2):  # who the teacher is was said in the first batch; a retry makes nothing again
            await carrier.carry(Stream(LRS, "les_a", "me", second))
        assert lrs.stored == whole
        results = await carrier.carry(Stream(LRS, "les_a", "me", first))
        assert {result.answer for result in results} == {"nothing to state"}

    with serving(lrs) as url:
        with_house(tmp_path, url, work)


def test_statements_of_a_lesson_that_is_gone_end(tmp_path: Path) -> None:
    async def work(house: OutboxHouse, sender: Sender) -> None:
        await house.happen("les_a", ENDED)
        stream, _ = await carried(house, statement_carrier(house, sender, "http://127.0.0.1:1"), LRS)
        gone = Stream(LRS, "les_x", "me", stream.deliveries)
        [result] = await statement_carrier(house, sender, "http://127.0.0.1:1").carry(gone)
        assert (result.outcome, result.answer) == (Outcome.REJECTED, "lesson_unknown")

    with_house(tmp_path, "http://127.0.0.1:1/", work)


def test_one_bad_statement_is_found_and_the_others_arrive(tmp_path: Path) -> None:
    lrs = Lrs()
    lrs.rejects = {"reacted"}

    async def work(house: OutboxHouse, sender: Sender) -> None:
        bodies = [joined(f"seat_{number}") for number in range(9)]
        bodies.insert(4, hand("seat_0"))
        await house.happen("les_a", *bodies)
        stream, results = await carried(house, statement_carrier(house, sender, lrs.url), LRS)
        assert [result.sequence for result in results] == [row.sequence for row in stream.deliveries]
        rejected = [
            row.kind for row, r in zip(stream.deliveries, results, strict=True) if r.outcome == "rejected"
        ]
        assert rejected == ["floor_requested"]
        assert len(lrs.stored) == 9
        assert len(lrs.received) < 10

    with serving(lrs) as url:
        with_house(tmp_path, url, work)


def test_a_store_that_fails_or_knows_a_statement_already(tmp_path: Path) -> None:
    lrs = Lrs()
    lrs.faults = [Reply(503, {"Retry-After": "9"}), Reply(401)]

    async def work(house: OutboxHouse, sender: Sender) -> None:
        await house.happen("les_a", joined("seat_a"), left("seat_a"))
        carrier = statement_carrier(house, sender, lrs.url)
        stream, results = await carried(house, carrier, LRS)
        assert {(r.outcome, r.answer, r.wanted_ms) for r in results} == {(Outcome.FAILED, "HTTP 503", 9000)}
        assert {r.answer for r in await carrier.carry(stream)} == {"HTTP 401"}
        assert {r.outcome for r in await carrier.carry(stream)} == {Outcome.DELIVERED}
        assert {r.outcome for r in await carrier.carry(stream)} == {Outcome.DELIVERED}
        assert (len(lrs.stored), lrs.again) == (2, 2)
        for statement in lrs.stored.values():
            statement["timestamp"] = "changed by the store"
        assert {r.answer for r in await carrier.carry(stream)} == {"HTTP 409"}

    with serving(lrs) as url:
        with_house(tmp_path, url, work)
