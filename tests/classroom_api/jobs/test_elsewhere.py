"""A worker that shares the database and the storage with the server, and not its data folder."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from classroom_api.cli import app
from classroom_api.jobs.elsewhere import IS_STORED, SCRATCH, Workplace, clear_scratch, work
from classroom_api.jobs.model import JobState
from classroom_api.jobs.storing import ask_to_store
from classroom_api.settings import load_settings
from classroom_api.storage import MARK, open_storage
from classroom_api.store.database import Database
from classroom_api.store.jobs import enqueue
from classroom_api.store.resource_schema import JobRow, VersionRow
from classroom_api.store.schema import DeckPageRow, DeckRow, EventRow, ResourceRow
from tests.classroom_api.jobs.counting import now_ms, row_of
from tests.classroom_api.object_storage import ObjectServer, object_server
from tests.classroom_api.packaged import DECK, LESSON, VERSION, make_slides, make_version
from tests.classroom_api.store.test_database import lesson_row

RUN = CliRunner()
FOLDER = f"resources/{VERSION}"


@pytest.fixture
def server() -> Iterator[ObjectServer]:
    with object_server() as server:
        yield server


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def add_version(session: Session, image: str) -> None:
    """Made, with a page of a deck that was shown."""
    of_lesson = {"lesson_id": LESSON, "created_at_ms": 0}
    session.add(
        lesson_row(LESSON, title="分数", state="published", recording_policy="off", auto_publish=True)
    )
    session.flush()
    session.add(
        ResourceRow(
            id="res_a", kind="teacher", state="ready", playlist="index.m3u8", duration_ms=6000, **of_lesson
        )
    )
    picture = {"kind": "teacher", "renditions": [{"name": "teacher-480", "height": 480}]}
    session.add(
        VersionRow(
            id=VERSION,
            number=1,
            state="published",
            edit={"kept": [], "without": [], "chapters": None},
            details={"title": "分数", "language": "zh"},
            made={"pictures": [picture], "sound": {}, "downloads": []},
            created_by="t",
            **of_lesson,
        )
    )
    session.add(DeckRow(id=DECK, title="", state="ready", page_count=1, **of_lesson))
    session.flush()
    page = {"width": 1, "height": 1, "bytes": 1, "thumbnail": "t", "text": ""}
    session.add(DeckPageRow(deck_id=DECK, page=1, sha256=Path(image).stem, **page))
    bodies = [
        {"type": "lesson_state", "state": "live", "started_at_ms": 1000, "ended_at_ms": None},
        {"type": "slide_shown", "slide": {"deck": DECK, "page": 1}},
    ]
    for seq, body in enumerate(bodies, 1):
        text = json.dumps(body, separators=(",", ":"))
        session.add(EventRow(lesson_id=LESSON, seq=seq, epoch="e", at_ms=1000, body=text))


async def asked(url: str, image: str) -> str:
    database = Database(url)
    await database.open()

    def ask(session: Session) -> str:
        add_version(session, image)
        ask_to_store(session, "resources/res_a", LESSON, now_ms())
        return enqueue(session, "package", "package", {"version": VERSION}, LESSON, now_ms()).id

    job = await database.transaction(ask)
    await database.close()
    return job


async def found(url: str, job: str) -> tuple[JobRow, VersionRow, list[JobRow]]:
    database = Database(url)
    await database.open()
    row = await row_of(database, job)
    version = await database.transaction(lambda session: session.get_one(VersionRow, VERSION))
    others = await database.transaction(lambda session: list(session.query(JobRow).where(JobRow.id != job)))
    await database.close()
    return row, version, others


def test_it_fetches_what_a_package_needs_and_puts_the_package_there(
    tmp_path: Path, server: ObjectServer
) -> None:
    there, here = tmp_path / "server", tmp_path / "worker"
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    storage = open_storage(server.url)
    [image] = make_slides(there, 1)
    storage.put_folder(make_version(there), there / FOLDER)
    job = asyncio.run(asked(url, image))
    command = ["worker", "--until-idle", "--data-dir", str(here), "--database-url", url]

    refused = RUN.invoke(app, command)
    assert refused.exit_code == 1
    assert "--storage" in refused.stderr

    storage.put_folder(f"decks/{LESSON}", there / "decks" / LESSON)
    done = RUN.invoke(app, [*command, "--storage", server.url])
    assert done.exit_code == 0, done.output
    row, version, others = asyncio.run(found(url, job))
    assert (row.state, row.error) == (JobState.DONE, None)
    assert version.made is not None
    [package] = version.made["downloads"]
    assert IS_STORED not in package
    assert storage.sha256(f"{FOLDER}/package.zip") == package["sha256"]
    assert storage.has_folder(FOLDER)
    # What the server is to store waits for the server, and nothing more is asked of it.
    assert [(each.kind, each.state) for each in others] == [("store", JobState.PENDING)]
    assert [name for name in files(here) if not name.startswith("plans/")] == []


def test_what_is_here_is_taken_from_here(tmp_path: Path) -> None:
    settings = {"data_dir": tmp_path, "storage": f"file://{tmp_path / 'store'}"}
    place = Workplace(load_settings(settings))
    needs = [FOLDER, "resources/res_a"]
    (tmp_path / "resources" / "res_a").mkdir(parents=True)
    (tmp_path / FOLDER).mkdir()
    # A version without its last file was given up here: another worker finished it.
    assert "classroom_api.jobs.elsewhere" in place.command("m", [], needs, FOLDER)
    (tmp_path / FOLDER / "made.json").touch()
    here = [sys.executable, "-m", "m", "--data-dir", str(tmp_path), "x"]
    assert place.command("m", ["x"], needs, FOLDER) == here
    assert place.command("m", ["x"], ["resources/res_b"], FOLDER) != here
    assert place.asks_to_store({"bytes": 1})
    assert not place.asks_to_store({"bytes": 1, IS_STORED: True})
    alone = Workplace(load_settings({"data_dir": tmp_path}))
    assert alone.command("m", ["x"], ["resources/res_b"], FOLDER) == here
    assert not alone.asks_to_store({"bytes": 1})


def test_nothing_is_put_of_a_job_that_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    storage = open_storage(f"file://{tmp_path / 'store'}")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "index.m3u8").write_text("#EXTM3U\n")
    storage.put_folder("resources/res_a", tmp_path / "made")
    scratch, plan = tmp_path / SCRATCH, tmp_path / "plan.json"
    plan.write_text("no plan")
    job = ["recording.ladder", "--plan", str(plan)]
    assert work(storage, scratch, ["resources/res_a"], "resources/ver_a", job) == 2
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert said[-1] == {"refused": "plan_invalid"}
    assert storage.list_prefix("resources/ver_a") == []
    assert list(scratch.iterdir()) == []
    storage.delete([f"resources/res_a/{MARK}"])
    assert work(storage, scratch, ["resources/res_a"], "resources/ver_a", job) == os.EX_TEMPFAIL
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"waits": "storage"}


def test_what_a_killed_attempt_fetched_goes_and_what_is_in_use_stays(tmp_path: Path) -> None:
    scratch = tmp_path / SCRATCH
    hold = (
        "import pathlib, sys\nfrom classroom_api.jobs import elsewhere\n"
        "with elsewhere._own_folder(pathlib.Path(sys.argv[1])) as own:\n"
        "    (own / 'segment.m4s').touch(); print(own, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(scratch)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        own = Path(holder.stdout.readline().strip())
        clear_scratch(scratch)
        assert files(own) == ["segment.m4s"]
        holder.kill()
    clear_scratch(scratch)
    assert list(scratch.iterdir()) == []
