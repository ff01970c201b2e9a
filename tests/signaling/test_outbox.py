"""What leaves a room: stored first, in order, also while the disk is full."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import pytest
from typing_extensions import override

from signaling.commands import ConnectionId
from signaling.connection import frame_of
from signaling.effects import Effect, Emit
from signaling.outbox import Outbox, Reply
from signaling.ports import StoredEvent
from streaming.identifiers import LessonId
from tests.signaling.room_driver import LESSON, RoomDriver, claims
from tests.signaling.stack import MemoryLog
from tests.waiting import until


class Desk:
    """An outbox of a driven room, and what came out of it."""

    def __init__(self, log: MemoryLog) -> None:
        self.driver = RoomDriver()
        self.log = log
        self.delivered: list[str] = []
        self.storage: list[bool] = []
        self.outbox = Outbox(
            self.driver.room,
            log,
            deliver=self.deliver,
            storage_changed=self.storage.append,
            make_epoch=lambda: "ep_2",
        )

    def deliver(self, item: Effect | Reply) -> None:
        if isinstance(item, Emit):
            stored = self.log.rows.get(LESSON, {})
            assert item.event.seq in stored or self.log.is_full, "sent before it was stored"
            self.delivered.append(f"{item.event.seq} {self.driver.room.epoch}")
        elif isinstance(item, Reply):
            self.delivered.append(item.frame.text)

    def change(self, *seats: str) -> None:
        for seat in seats:
            self.driver.connect(claims(seat))
        self.outbox.put(self.driver.of(Emit))


def run(scenario: Callable[[Desk], Awaitable[None]], log: MemoryLog | None = None) -> None:
    async def running() -> None:
        desk = Desk(log or MemoryLog())
        task = asyncio.create_task(desk.outbox.run())
        try:
            async with asyncio.timeout(10):
                await scenario(desk)
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    asyncio.run(running())


def test_events_are_stored_then_sent_and_the_answer_follows() -> None:
    async def scenario(desk: Desk) -> None:
        desk.change("master")
        desk.outbox.put([Reply(ConnectionId(1), frame_of("answer"))])
        await desk.outbox.drain()
        assert desk.delivered == ["1 ep_1", "answer"]

    run(scenario)


def test_what_gathers_during_a_commit_is_one_commit() -> None:
    async def scenario(desk: Desk) -> None:
        for number in range(50):
            desk.change(f"student_{number}")
        await desk.outbox.drain()
        assert (desk.log.commits, len(desk.delivered)) == (1, 50)

    run(scenario)


def test_a_full_disk_changes_the_epoch_and_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.outbox.STORE_RETRY_S", 0.02)

    async def scenario(desk: Desk) -> None:
        desk.change("master")
        await desk.outbox.drain()
        desk.log.is_full = True
        desk.change("classroom_a", "classroom_b")
        await until(lambda: len(desk.delivered) == 3)
        assert desk.delivered == ["1 ep_1", "2 ep_2", "3 ep_2"]
        assert (desk.storage, desk.outbox.unstored_events) == ([True], 2)
        desk.log.is_full = False
        await desk.outbox.drain()
        assert [epoch for epoch, _ in desk.log.rows[LESSON].values()] == ["ep_1", "ep_2", "ep_2"]
        assert (desk.storage, desk.outbox.unstored_events) == ([True, False], 0)

    run(scenario)


@pytest.mark.parametrize("failure", ["hangs", "breaks"])
def test_a_store_that_hangs_or_breaks_is_as_good_as_full(
    monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    monkeypatch.setattr("signaling.outbox.STORE_TIMEOUT_S", 0.02)

    class BrokenLog(MemoryLog):
        @override
        async def append(self, lesson: LessonId, epoch: str, events: Sequence[StoredEvent]) -> None:
            if failure == "hangs":
                await asyncio.Event().wait()
            raise OSError("the database is gone")

    async def scenario(desk: Desk) -> None:
        desk.log.is_full = True
        desk.change("master")
        await until(lambda: desk.storage)
        assert desk.outbox.unstored_events == 1

    run(scenario, BrokenLog())


def test_what_can_never_be_stored_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.outbox.MAX_UNSTORED", 2)

    async def scenario(desk: Desk) -> None:
        desk.log.is_full = True
        desk.change("master", "classroom_a", "classroom_b")
        await desk.outbox.drain()
        assert (len(desk.delivered), desk.outbox.unstored_events) == (3, 0)

    run(scenario)
