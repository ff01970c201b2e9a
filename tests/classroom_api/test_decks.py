"""Decks over a restart of the server: nothing is lost, nothing is left lying."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from classroom_api.decks import Decks
from classroom_api.store.database import Database, sqlite_url
from classroom_api.store.decks import DeckState
from signaling.board_events import Deck
from streaming.errors import Refused, Unavailable
from streaming.identifiers import LessonId
from tests.classroom_api.pdfs import text_pdf
from tests.classroom_api.store.test_database import lesson_row
from tests.waiting import until

LESSON = LessonId("les_a")


async def chunks(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def broken() -> AsyncIterator[bytes]:
    yield b"%PDF-1.7"
    raise Refused("bad_message", "The upload broke off.")


class Room:
    """What a lesson's room was told; it can be over, and it can have bugs."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[Deck, ...]] = asyncio.Queue()
        self.is_over = False
        self.bugs = 0

    async def decks_changed(self, lesson: LessonId, decks: tuple[Deck, ...]) -> None:
        if self.is_over:
            raise Refused("lesson_ended", "The lesson is over.")
        if self.bugs > 0:
            self.bugs -= 1
            raise RuntimeError("a bug")
        self.told.put_nowait(decks)


async def opened(folder: Path, room: Room) -> tuple[Database, Decks]:
    database = Database(sqlite_url(folder / "a.db"))
    await database.open()
    return database, Decks(folder, database, lambda: 1, room.decks_changed)


def test_what_a_stopped_server_left_is_drawn_by_the_next(tmp_path: Path) -> None:
    async def scenario() -> None:
        room = Room()
        database, decks = await opened(tmp_path, room)
        await database.transaction(lambda session: session.add(lesson_row(LESSON)))
        waiting = (await decks.add(LESSON, "Fractions", chunks(text_pdf("a", "b")))).row.id
        await decks.close()
        leftover = decks.folder / LESSON / "deck_broken"
        leftover.mkdir()
        decks = Decks(tmp_path, database, lambda: 1, room.decks_changed)
        await decks.open()
        assert not leftover.exists()
        assert await asyncio.wait_for(room.told.get(), 60) == (Deck(waiting, "Fractions", 2),)
        [listed] = await decks.listed(LESSON)
        assert (listed.row.state, listed.pages_done, listed.page_count) == (DeckState.READY, 2, 2)
        assert not decks.path(LESSON, waiting, "source.pdf").exists(), "the PDF itself is not kept"
        await decks.close()
        await database.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("piece_bytes", [1, 100, 1 << 20, 3 << 20])
def test_a_deck_is_stored_as_it_came_in_pieces_of_any_size(tmp_path: Path, piece_bytes: int) -> None:
    content = b"%PDF-1.7" + bytes(range(250)) * (12 if piece_bytes < 1000 else 20_000)

    async def scenario() -> None:
        database, decks = await opened(tmp_path, Room())
        await database.transaction(lambda session: session.add(lesson_row(LESSON)))
        pieces = [content[at : at + piece_bytes] for at in range(0, len(content), piece_bytes)]
        deck = (await decks.add(LESSON, "", chunks(*pieces))).row.id
        assert decks.path(LESSON, deck, "source.pdf").read_bytes() == content
        await database.close()

    asyncio.run(scenario())


def test_a_deck_that_is_deleted_while_it_is_drawn_leaves_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        room = Room()
        database, decks = await opened(tmp_path, room)
        await database.transaction(lambda session: session.add(lesson_row(LESSON)))
        await decks.open()
        gone = (await decks.add(LESSON, "", chunks(text_pdf(*(["x"] * 40))))).row.id
        await until(lambda: decks._progress.get(gone, (0, 0))[0])
        await decks.remove(LESSON, gone)
        kept = (await decks.add(LESSON, "", chunks(text_pdf("y")))).row.id
        while True:
            told = await asyncio.wait_for(room.told.get(), 60)
            if told:
                break
        assert [deck.id for deck in told] == [kept]
        assert [path.name for path in (decks.folder / LESSON).iterdir()] == [kept]
        room.is_over = True
        await decks.remove(LESSON, kept)
        await decks.close()
        await database.close()

    asyncio.run(scenario())


def test_a_bug_with_one_deck_holds_up_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        room = Room()
        database, decks = await opened(tmp_path, room)
        await database.transaction(lambda session: session.add(lesson_row(LESSON)))
        await decks.open()
        with monkeypatch.context() as patch:
            patch.setattr("sys.executable", "\0")  # no program has such a name: ValueError
            await decks.add(LESSON, "", chunks(text_pdf("x")))

            async def is_over() -> bool:
                return (await decks.listed(LESSON))[0].row.state != DeckState.PROCESSING

            await until(is_over)
        listed = await decks.listed(LESSON)
        assert (listed[0].row.state, listed[0].row.reason) == (DeckState.FAILED, "internal_error")
        kept = (await decks.add(LESSON, "", chunks(text_pdf("y")))).row.id
        assert [deck.id for deck in await asyncio.wait_for(room.told.get(), 60)] == [kept]
        await decks.close()
        await database.close()

    asyncio.run(scenario())


def test_a_room_that_cannot_be_told_holds_up_no_deck(tmp_path: Path) -> None:
    async def scenario() -> None:
        room = Room()
        database, decks = await opened(tmp_path, room)
        await database.transaction(lambda session: session.add(lesson_row(LESSON)))
        room.bugs = 1
        await decks.open()
        first, second = [(await decks.add(LESSON, "", chunks(text_pdf(x)))).row.id for x in "xy"]
        told = await asyncio.wait_for(room.told.get(), 60)
        assert {deck.id for deck in told} == {first, second}
        assert room.bugs == 0
        await decks.close()
        await database.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("body", [chunks(b"no PDF"), broken()])
def test_an_upload_that_fails_leaves_nothing(tmp_path: Path, body: AsyncIterator[bytes]) -> None:
    async def scenario() -> None:
        database, decks = await opened(tmp_path, Room())
        await database.transaction(lambda session: session.add(lesson_row(LESSON)))
        with pytest.raises(Refused):
            await decks.add(LESSON, "", body)
        assert not list((decks.folder / LESSON).iterdir())
        assert await decks.listed(LESSON) == []
        (decks.folder / LESSON).rmdir()
        (decks.folder / LESSON).write_text("in the way")
        with pytest.raises(Unavailable, match="storage_full"):
            await decks.add(LESSON, "", chunks(b"%PDF-1.7"))
        await database.close()

    asyncio.run(scenario())
