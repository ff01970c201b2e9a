"""The synthetic teacher in a thread of its own, beside tests that drive a browser synchronously."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from classroom_api.synthetic_teacher import SyntheticTeacher


@contextlib.contextmanager
def teaching(url: str, lesson: str, invitation: str) -> Iterator[None]:
    """Publishes through WHIP until the end of the block; posts again when the server comes back."""
    loop = asyncio.new_event_loop()
    teacher = SyntheticTeacher(f"{url}/whip/{lesson}", invitation)
    task = loop.create_task(teacher.run())

    def run() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=run, name="teacher")
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(20)
        loop.close()
