from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.event import listen, remove

from classroom_api.store.database import Database, sqlite_url
from classroom_api.store.events import StoredEvents
from classroom_api.store.outbox_schema import DeliveryRow, WebhookRow
from classroom_api.store.schema import LessonRow
from signaling.ports import StoredEvent
from streaming.identifiers import LessonId
from tests.classroom_api.outbox.outbox_house import LIVE, hand, joined, open_outbox_house
from tests.classroom_api.store.test_database import lesson_row

LESSON = LessonId("les_a")


def event(seq: int, **body: object) -> StoredEvent:
    return StoredEvent(seq=seq, at_ms=seq, kind=str(body["type"]), body=json.dumps(body))


async def _with_lesson(folder: Path) -> Database:
    database = Database(sqlite_url(folder / "a.db"))
    await database.open()
    row = lesson_row(LESSON, recording_policy="stage")
    await database.transaction(lambda session: session.add(row))
    return database


def test_events_come_back_in_order_and_move_the_lesson(tmp_path: Path) -> None:
    async def run() -> None:
        database = await _with_lesson(tmp_path)
        log = StoredEvents(database)
        assert await log.unfinished() == []
        started = event(2, type="lesson_state", state="live", started_at_ms=1234, ended_at_ms=None)
        await log.append(LESSON, "ep_a", [event(1, type="seat_joined"), started])
        await log.append(LESSON, "ep_a", [event(3, type="seat_left")])
        room = await log.load(LESSON)
        assert room is not None
        assert (room.epoch, [stored.seq for stored in room.events]) == ("ep_a", [1, 2, 3])
        assert room.events[1] == started
        assert room.facts.title == "Fractions"
        assert list(await log.unfinished()) == [LESSON]
        row = await database.transaction(lambda session: session.get_one(LessonRow, LESSON))
        assert (row.state, row.started_at_ms, row.ended_at_ms) == ("live", 1234, None)
        await database.close()

    asyncio.run(run())


def test_storing_again_changes_nothing_but_the_epoch(tmp_path: Path) -> None:
    async def run() -> None:
        database = await _with_lesson(tmp_path)
        log = StoredEvents(database)
        first, second = event(1, type="seat_joined"), event(2, type="seat_left")
        await log.append(LESSON, "ep_a", [first])
        await log.append(LESSON, "ep_b", [first, second])
        room = await log.load(LESSON)
        assert room is not None
        assert (room.epoch, list(room.events)) == ("ep_b", [first, second])
        await database.close()

    asyncio.run(run())


def test_a_batch_is_stored_whole_or_not_at_all(tmp_path: Path) -> None:
    async def run() -> None:
        database = await _with_lesson(tmp_path)
        log = StoredEvents(database)
        broken = StoredEvent(seq=2, at_ms=2, kind="lesson_state", body="not JSON")
        with pytest.raises(ValueError, match="Expecting value"):
            await log.append(LESSON, "ep_a", [event(1, type="seat_joined"), broken])
        room = await log.load(LESSON)
        assert room is not None
        assert not room.events
        await database.close()

    asyncio.run(run())


def test_an_unknown_lesson_has_no_room(tmp_path: Path) -> None:
    async def run() -> None:
        database = await _with_lesson(tmp_path)
        assert await StoredEvents(database).load(LessonId("les_x")) is None
        await database.close()

    asyncio.run(run())


def test_what_is_told_goes_into_the_outbox_once_with_the_events_themselves(database_url: str) -> None:
    async def run() -> None:
        house = await open_outbox_house(database_url, "https://school.example/", ["les_a"])
        await house.happen("les_a", joined("seat_a"), hand("seat_a"), LIVE)
        wanted = [("whk_a", "seat.joined"), ("whk_a", "lesson.started"), ("lrs", "seat_joined")]
        wanted += [("lrs", "floor_requested"), ("lrs", "lesson_state")]
        rows = await house.deliveries()
        assert [(row.destination, row.kind) for row in rows] == wanted
        house.seqs["les_a"] = 0
        await house.happen("les_a", joined("seat_a"), hand("seat_a"), LIVE)
        assert [row.id for row in await house.deliveries()] == [row.id for row in rows]
        await house.database.close()

    asyncio.run(run())


def test_a_batch_that_has_nothing_to_tell_reads_no_events(tmp_path: Path) -> None:
    read: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT events."):
            read.append(statement)

    async def run() -> None:
        house = await open_outbox_house(sqlite_url(tmp_path / "a.db"), "https://school.example/", ["les_a"])
        listen(Engine, "before_cursor_execute", note)
        try:
            await house.happen("les_a", {"type": "nobody_hears_of_this"})
            assert not read
            await house.happen("les_a", hand("seat_a"))
            assert len(read) == 1
            await house.database.transaction(lambda session: session.execute(delete(WebhookRow)))
            house.events = StoredEvents(house.database)
            await house.happen("les_a", hand("seat_a"), joined("seat_a"), LIVE)
            assert len(read) == 1
        finally:
            remove(Engine, "before_cursor_execute", note)
            await house.database.close()

    asyncio.run(run())


def test_without_anybody_who_hears_it_nothing_is_written(tmp_path: Path) -> None:
    async def run() -> None:
        database = await _with_lesson(tmp_path)
        await StoredEvents(database).append(
            LESSON, "ep_a", [event(1, type="seat_left", seat="s", reason="left")]
        )
        assert await database.transaction(lambda session: session.scalars(select(DeliveryRow)).all()) == []
        await database.close()

    asyncio.run(run())
