"""Effects that take time: in order, bounded, and no fault of one ends the others."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable

import pytest

from signaling.carrier import Carrier
from streaming.errors import Refused


def run(scenario: Callable[[Carrier], Awaitable[None]]) -> None:
    async def running() -> None:
        carrier = Carrier("test")
        task = asyncio.create_task(carrier.run())
        try:
            async with asyncio.timeout(10):
                await scenario(carrier)
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    asyncio.run(running())


def test_in_order_whatever_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.carrier.CARRY_TIMEOUT_S", 0.02)
    done: list[int] = []

    async def work(number: int) -> None:
        done.append(number)
        if number == 1:
            raise Refused("peer_unknown")
        if number == 2:
            raise ValueError("a bug")
        if number == 3:
            await asyncio.Event().wait()

    async def scenario(carrier: Carrier) -> None:
        for number in range(5):
            carrier.put(functools.partial(work, number))
        await carrier.drain()
        assert done == [0, 1, 2, 3, 4]

    run(scenario)


def test_only_droppable_work_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.carrier.MAX_WAITING", 1)
    done: list[str] = []

    async def start() -> None:
        done.append("start")

    async def stop() -> None:
        done.append("stop")

    async def scenario(carrier: Carrier) -> None:
        carrier.put(start, is_droppable=True)
        carrier.put(start, is_droppable=True)
        carrier.put(stop)
        await carrier.drain()
        assert done == ["start", "stop"]

    run(scenario)
