from __future__ import annotations

import asyncio
import hashlib
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_api.access import EVERYTHING
from classroom_api.retention.eraser import Eraser
from classroom_api.retention.scope import Target
from classroom_api.store import erasures
from classroom_api.store.database import Database
from classroom_api.store.erasures import Request
from classroom_api.store.lessons import LessonState
from classroom_api.store.schema import DeckRow, LessonRow, PhotoRow, ResourceRow
from tests.classroom_api.retention.recorded import (
    HILL,
    LAKE,
    MASTER,
    add_lesson,
    keys,
    log_key,
    record,
    reopened,
    resource,
    resource_keys,
    school,
    seat,
)

LESSON = "les_a"


def ask(session: Session, target: Target, target_id: str, erasure: str = "era_a") -> None:
    wanted = Request(target, target_id, "request", "", "admin")
    erasures.request_erasure(session, erasure, wanted, EVERYTHING, 5000)
    session.commit()


def erase(database_url: str, data_dir: Path) -> int:
    async def run() -> int:
        database = Database(database_url)
        try:
            return await Eraser(database, data_dir, lambda: 9000).run_due()
        finally:
            await database.close()

    return asyncio.run(run())


def digests(data_dir: Path, names: list[str]) -> dict[str, tuple[str, int]]:
    contents = {key: (data_dir / key).read_bytes() for key in names}
    return {key: (hashlib.sha256(body).hexdigest(), len(body)) for key, body in contents.items()}


def check_proof(
    session: Session, data_dir: Path, before: dict[str, tuple[str, int]], left: list[str]
) -> None:
    """What was there is named with its digest and gone; the listing is what is there now, without it."""
    session.expire_all()
    total, objects = erasures.objects_of(session, "era_a")
    assert {each.key: (each.sha256, each.size_bytes) for each in objects} == before
    assert total == len(before)
    assert {each.deleted_at_ms for each in objects} == {9000}
    assert keys(data_dir) == left
    [part] = erasures.parts_of(session, "era_a")
    assert (part.state, part.finished_at_ms) == ("done", 9000)
    assert part.listing is not None
    assert [each["key"] for each in part.listing] == left
    assert erasures.find_erasure(session, "era_a", EVERYTHING).finished_at_ms == 9000
    session.commit()


def test_a_student_group_goes_from_storage_with_proof(database_url: str, tmp_path: Path) -> None:
    record(tmp_path, LESSON)
    with school(database_url) as session:
        add_lesson(session, LESSON)
        gone = [log_key(LESSON, HILL), *resource_keys(LESSON, HILL)]
        before, left = digests(tmp_path, gone), [key for key in keys(tmp_path) if key not in gone]
        ask(session, Target.STUDENT_GROUP, "grp_hill")
        assert erase(database_url, tmp_path) == 1
        check_proof(session, tmp_path, before, left)
        states = {
            name: session.get_one(ResourceRow, resource(LESSON, name)).state for name in (MASTER, HILL, LAKE)
        }
        assert states == {MASTER: "ready", HILL: "erased", LAKE: "ready"}
        assert session.get_one(LessonRow, LESSON).state == LessonState.PUBLISHED
        session.commit()
        assert erase(database_url, tmp_path) == 0


@pytest.mark.parametrize(
    ("target", "target_id", "gone"),
    [
        (Target.SEAT, seat(LESSON, MASTER), [log_key(LESSON, MASTER), *resource_keys(LESSON, MASTER)]),
        (Target.RESOURCE, resource(LESSON, LAKE), [log_key(LESSON, LAKE), *resource_keys(LESSON, LAKE)]),
        (Target.LESSON, LESSON, None),
    ],
)
def test_a_seat_a_resource_and_a_lesson(
    target: Target, target_id: str, gone: list[str] | None, tmp_path: Path
) -> None:
    database_url = f"sqlite:///{tmp_path / 'a.db'}"
    record(tmp_path, LESSON)
    with school(database_url) as session:
        add_lesson(session, LESSON)
        gone = keys(tmp_path) if gone is None else gone
        before, left = digests(tmp_path, gone), [key for key in keys(tmp_path) if key not in gone]
        ask(session, target, target_id)
        assert erase(database_url, tmp_path) == 1
        check_proof(session, tmp_path, before, left)
        is_erased = session.get_one(LessonRow, LESSON).state == LessonState.ERASED
        assert is_erased is (target is Target.LESSON)


def show(session: Session, data_dir: Path) -> dict[str, Path]:
    """A photo of either room, and a deck."""
    common = {"lesson_id": LESSON, "created_at_ms": 0}
    for name in (HILL, LAKE):
        row = PhotoRow(
            id=f"photo_{name}", seat_id=seat(LESSON, name), width=1, height=1, is_kept=True, **common
        )
        session.add(row)
    session.add(DeckRow(id="deck_a", title="Fractions", state="ready", **common))
    session.commit()
    files = {name: data_dir / "photos" / LESSON / f"photo_{name}.jpg" for name in (HILL, LAKE)}
    files["deck"] = data_dir / "decks" / LESSON / "deck_a" / "1.webp"
    for path in files.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"picture")
    return files


@pytest.mark.parametrize(
    ("target", "target_id", "left"),
    [
        (Target.STUDENT_GROUP, "grp_hill", {LAKE, "deck"}),
        (Target.RAW_TRACKS, LESSON, {HILL, LAKE, "deck"}),
        (Target.LESSON, LESSON, set()),
    ],
)
def test_photos_and_decks_go_with_whom_they_are_of(
    target: Target, target_id: str, left: set[str], tmp_path: Path
) -> None:
    database_url = f"sqlite:///{tmp_path / 'a.db'}"
    record(tmp_path, LESSON)
    with school(database_url) as session:
        add_lesson(session, LESSON)
        files = show(session, tmp_path)
        ask(session, target, target_id)
        assert erase(database_url, tmp_path) == 1
        assert {name for name, path in files.items() if path.exists()} == left
        rows = {row.id.removeprefix("photo_") for row in session.scalars(select(PhotoRow))}
        rows |= {"deck" for _ in session.scalars(select(DeckRow))}
        assert rows == left


def test_a_lesson_that_runs_or_is_packaged_is_waited_for(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path / 'a.db'}"
    record(tmp_path, LESSON, is_packaged=False)
    with school(database_url) as session:
        add_lesson(session, LESSON, LessonState.LIVE)
        assert erasures.erase_withdrawn(session, "era_a", "grp_hill", "org_a", "admin", 5000) is not None
        session.commit()
        before = keys(tmp_path)
        assert erase(database_url, tmp_path) == 0
        session.get_one(LessonRow, LESSON).state = LessonState.PROCESSING
        session.commit()
        assert erase(database_url, tmp_path) == 0
        assert keys(tmp_path) == before
        record(tmp_path, LESSON)
        assert erase(database_url, tmp_path) == 1
        assert log_key(LESSON, HILL) not in keys(tmp_path)


@pytest.mark.parametrize(
    ("moment", "number"), [("digest", 3), ("transaction", 3), ("unlink", 2), ("transaction", 4)]
)
def test_killed_at_any_step_another_process_ends_it_with_the_same_proof(
    moment: str, number: int, tmp_path: Path
) -> None:
    """Transactions: 1 reads what is open, 2 has written the proof down, 3 has written down the end."""
    database_url = f"sqlite:///{tmp_path / 'a.db'}"
    record(tmp_path, LESSON)
    with school(database_url) as session:
        add_lesson(session, LESSON)
        gone = [log_key(LESSON, HILL), *resource_keys(LESSON, HILL)]
        before, left = digests(tmp_path, gone), [key for key in keys(tmp_path) if key not in gone]
        ask(session, Target.STUDENT_GROUP, "grp_hill")
    script = "tests.classroom_api.retention.erase_and_die"
    arguments = [str(tmp_path), database_url, moment, str(number)]
    killed = subprocess.run([sys.executable, "-m", script, *arguments], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    if (moment, number) in (("digest", 3), ("transaction", 3)):
        assert all((tmp_path / key).exists() for key in gone)
    assert erase(database_url, tmp_path) == (0 if (moment, number) == ("transaction", 4) else 1)
    with reopened(database_url) as session:
        check_proof(session, tmp_path, before, left)
