"""The packager's process: started, watched, ended."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from recording.encryption import KeyRing
from recording.live_playlist import LivePosition
from recording.store import Layout
from recording.supervisor import PackagerSupervisor, ResourceResult
from tests.recording.synthetic import LessonFiles
from tests.recording.test_encryption import write_lesson
from tests.waiting import until

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def ignore_live(_: str, __: LivePosition) -> None:
    return


async def test_its_results_are_handed_over(tmp_path: Path) -> None:
    files = LessonFiles(tmp_path)
    files.start()
    files.end(5)
    done = asyncio.get_running_loop().create_future()
    supervisor = PackagerSupervisor(Layout(tmp_path), files.lesson, done.set_result, ignore_live)
    supervisor.start()
    supervisor.start()
    assert await asyncio.wait_for(done, 30) == [
        ResourceResult("res_teacher", is_ended=False, duration_ms=0, poster="")
    ]
    assert supervisor.pid is None
    await supervisor.close()


async def test_closing_ends_the_process(tmp_path: Path) -> None:
    files = LessonFiles(tmp_path)
    files.start()
    results: list[object] = []
    supervisor = PackagerSupervisor(Layout(tmp_path), files.lesson, results.append, ignore_live)
    supervisor.start()
    await until(lambda: supervisor.pid)
    pid = supervisor.pid
    await supervisor.close()
    await supervisor.close()
    assert not Path(f"/proc/{pid}").exists()
    assert results == []


async def test_the_key_comes_by_a_pipe_and_stands_nowhere(tmp_path: Path) -> None:
    keys = KeyRing((bytes(range(32)),))
    files = LessonFiles(tmp_path)
    files.start()
    supervisor = PackagerSupervisor(Layout(tmp_path, keys), files.lesson, lambda results: None, ignore_live)
    supervisor.start()
    await until(lambda: supervisor.pid and (files.layout.lesson(files.lesson) / "packager.lock").exists())
    shown = b"".join(Path(f"/proc/{supervisor.pid}/{name}").read_bytes() for name in ("cmdline", "environ"))
    assert b"--keys-from-stdin" in shown
    assert keys.serialize().encode() not in shown
    await supervisor.close()


async def test_a_packager_without_the_key_is_given_up_at_once(tmp_path: Path) -> None:
    files, _, _ = write_lesson(tmp_path, KeyRing((bytes(32),)))
    done = asyncio.get_running_loop().create_future()
    supervisor = PackagerSupervisor(Layout(tmp_path), files.lesson, done.set_result, ignore_live)
    supervisor.start()
    assert await asyncio.wait_for(done, 30) is None
    await supervisor.close()
