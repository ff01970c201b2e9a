"""Photos over a restart of the server: what nobody allowed to keep is not kept."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from classroom_api.photos import Photos
from classroom_api.store.database import Database, sqlite_url
from classroom_api.store.lessons import LessonState
from classroom_api.store.schema import LessonRow
from signaling.ports import SeatClaims
from signaling.roles import Role
from streaming.errors import Unavailable
from streaming.identifiers import LessonId, SeatId
from tests.classroom_api.store.test_database import lesson_row
from tests.classroom_api.test_photo_cleaning import photo

LESSON = LessonId("les_a")


def claims(room: str) -> SeatClaims:
    return SeatClaims(LESSON, SeatId(room), Role.CLASSROOM, room, room, recording_consent=False)


async def opened(folder: Path) -> tuple[Database, Photos]:
    database = Database(sqlite_url(folder / "a.db"))
    await database.open()
    await database.transaction(lambda session: session.add(lesson_row(LESSON)))
    return database, Photos(folder, database, lambda: 1)


def test_after_the_end_only_what_was_allowed_is_on_disk(tmp_path: Path) -> None:
    async def scenario() -> None:
        database, photos = await opened(tmp_path)
        kept = await photos.add(claims("c1"), photo())
        gone = await photos.add(claims("c2"), photo())
        await photos.lesson_ended(LESSON, frozenset({SeatId("c1")}))
        assert photos.path(LESSON, kept.id).exists()
        assert not photos.path(LESSON, gone.id).exists()
        await photos.close()
        await database.close()

    asyncio.run(scenario())


def test_a_server_that_died_at_the_end_deletes_when_it_is_back(tmp_path: Path) -> None:
    async def scenario() -> None:
        database, photos = await opened(tmp_path)
        taken = await photos.add(claims("c1"), photo())
        torn = photos.path(LESSON, "photo_torn")
        torn.write_bytes(b"half")
        await photos.open()
        assert photos.path(LESSON, taken.id).exists()
        assert not torn.exists()

        def end(session: Session) -> None:
            session.get_one(LessonRow, LESSON).state = LessonState.ENDED

        await database.transaction(end)
        await photos.open()
        assert not photos.path(LESSON, taken.id).exists()
        await photos.close()
        await database.close()

    asyncio.run(scenario())


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    async def scenario() -> None:
        database, photos = await opened(tmp_path)
        (tmp_path / "photos").write_text("in the way")
        with pytest.raises(Unavailable, match="storage_full"):
            await photos.add(claims("c1"), photo())
        await photos.close()
        await database.close()

    asyncio.run(scenario())
