from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from classroom_api.jobs.kinds import job_kinds
from classroom_api.jobs.model import JobState
from classroom_api.jobs.storing import ask_to_store, store_folder
from classroom_api.jobs.worker import JobWorker
from classroom_api.settings import load_settings
from classroom_api.storage import open_storage
from classroom_api.store import jobs
from classroom_api.store.database import Database
from classroom_api.store.resource_schema import JobRow
from classroom_api.store.schema import ResourceRow
from tests.classroom_api.jobs.counting import LESSON, add_lesson, now_ms, row_of
from tests.classroom_api.object_storage import object_server

FOLDER = "resources/res_a"


def make(data_dir: Path) -> None:
    (data_dir / FOLDER).mkdir(parents=True)
    (data_dir / FOLDER / "index.m3u8").write_text("#EXTM3U\n")
    (data_dir / FOLDER / "segment-0.m4s").write_bytes(b"s" * 1000)


async def asked(database: Database) -> str:
    row = await database.transaction(lambda session: ask_to_store(session, FOLDER, LESSON, now_ms()))
    return row.id


def test_while_the_storage_is_gone_the_job_waits_and_then_it_is_done(tmp_path: Path) -> None:
    async def run() -> None:
        make(tmp_path)
        with object_server() as server:
            settings = load_settings({"data_dir": tmp_path, "storage": server.url})
            database = Database(f"sqlite:///{tmp_path / 'queue.db'}")
            await database.open()
            await database.transaction(add_lesson)
            worker = JobWorker(database, job_kinds(settings), 1, now_ms)
            job = await asked(database)
            server.stop()
            assert await worker.run_until_idle() == 1
            row = await row_of(database, job)
            assert (row.state, row.error, row.attempts) == (JobState.PENDING, "storage", 0)
            server.start_again()
            await database.transaction(
                lambda session: jobs.retry(session, session.get_one(JobRow, job), now_ms())
            )
            assert await worker.run_until_idle() == 1
            row = await row_of(database, job)
            assert (row.state, row.result) == (JobState.DONE, {"bytes": 1008})
            assert open_storage(server.url).has_folder(FOLDER)
            await database.close()

    asyncio.run(run())


@pytest.mark.parametrize("has_storage", [True, False])
def test_what_is_erased_or_has_no_storage_is_stored_no_more(tmp_path: Path, *, has_storage: bool) -> None:
    async def run() -> None:
        make(tmp_path)
        url = f"file://{tmp_path / 'store'}" if has_storage else None
        settings = load_settings({"data_dir": tmp_path, "storage": url})
        database = Database(f"sqlite:///{tmp_path / 'queue.db'}")
        await database.open()
        await database.transaction(add_lesson)
        row = ResourceRow(
            id="res_a", lesson_id=LESSON, kind="teacher", state="erased", duration_ms=0, created_at_ms=0
        )
        await database.transaction(lambda session: session.add(row))
        job = await asked(database)
        await JobWorker(database, job_kinds(settings), 1, now_ms).run_until_idle()
        assert (await row_of(database, job)).error == "resource_unknown"
        assert not list(tmp_path.glob("store/**/*.m3u8"))
        await database.close()

    asyncio.run(run())


def test_the_program_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    storage = open_storage(f"file://{tmp_path / 'store'}")
    make(tmp_path / "data")
    for folder in ("resources/res_b", "../data", "resources/../../store"):
        assert store_folder(storage, tmp_path / "data", folder) == 2
        assert json.loads(capsys.readouterr().out) == {"refused": "no_input"}
    assert store_folder(storage, tmp_path / "data", FOLDER) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"result": {"bytes": 1008}}
    gone = open_storage("s3://lessons?endpoint=http://127.0.0.1:1")
    assert store_folder(gone, tmp_path / "data", FOLDER) == os.EX_TEMPFAIL
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"waits": "storage"}
