from __future__ import annotations

import asyncio
import threading

from classroom_api.background import Background


def test_jobs_run_beside_the_caller_and_one_that_fails_begins_again_alone() -> None:
    began, steady, called = threading.Semaphore(0), threading.Event(), threading.Event()
    who: list[str] = []

    async def fails() -> None:
        began.release()
        raise RuntimeError("stop")

    async def waits() -> None:
        who.append(threading.current_thread().name)
        steady.set()
        await asyncio.Event().wait()

    background = Background([("fails", fails), ("waits", waits)], pause_s=0)
    background.open()
    for _ in range(3):
        assert began.acquire(timeout=60)
    assert steady.wait(60)
    background.call(called.set)
    assert called.wait(60)
    background.close()
    background.close()
    background.call(called.clear)
    assert called.is_set()
    assert who == ["tandem-background"]


def test_closing_ends_jobs_and_what_was_never_opened_closes_too() -> None:
    ended, begun = threading.Event(), threading.Event()

    async def job() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    background = Background([("job", job)])
    background.open()
    assert begun.wait(60)
    background.close()
    assert ended.is_set()
    Background([]).close()
