"""Slide decks of lessons: taken in, drawn one after the other, told to the rooms, deleted.

Invariants: a deck's folder exists as long as its row; its PDF until it is drawn; one PDF is drawn at a time,
so that a lesson that runs feels nothing of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session

from classroom_api.deck_conversion import Page, convert
from classroom_api.deck_rendering import DeckRefused
from classroom_api.planning import new_id
from classroom_api.store import decks as deck_store
from classroom_api.store.database import Database
from classroom_api.store.schema import DeckPageRow, DeckRow
from signaling.board_events import Deck
from streaming.errors import Refused, TandemError, Unavailable
from streaming.identifiers import LessonId

logger = logging.getLogger(__name__)

MAX_WAITING = 100
_SOURCE = "source.pdf"
_MAGIC = b"%PDF-"
_MAGIC_WITHIN = 1024
_WRITTEN_BYTES = 1 << 20

TellDecks = Callable[[LessonId, tuple[Deck, ...]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ListedDeck:
    row: DeckRow
    pages: tuple[DeckPageRow, ...]
    pages_done: int
    page_count: int | None


class Decks:
    """Owner of `{data}/decks`.  `tell` is how a lesson's room learns what decks it has."""

    def __init__(
        self, data_dir: Path, database: Database, clock_ms: Callable[[], int], tell: TellDecks
    ) -> None:
        self.folder = data_dir.absolute() / "decks"
        self._database = database
        self._clock_ms = clock_ms
        self._tell = tell
        self._waiting: asyncio.Queue[tuple[LessonId, str]] = asyncio.Queue()
        self._progress: dict[str, tuple[int, int]] = {}
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Go on with what a server that stopped has left."""
        known = await self._database.transaction(deck_store.deck_ids)
        await asyncio.to_thread(self._sweep, known)
        for row in await self._database.transaction(deck_store.unfinished_decks):
            self._waiting.put_nowait((LessonId(row.lesson_id), row.id))
        self._task = asyncio.create_task(self._draw_all(), name="decks")

    async def close(self) -> None:
        """What is drawn now is drawn anew by the next server.  Idempotent."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def path(self, lesson: str, deck: str, name: str) -> Path:
        return self.folder / lesson / deck / name

    async def add(self, lesson: LessonId, title: str, chunks: AsyncIterator[bytes]) -> ListedDeck:
        """Take a PDF in.

        Refused: deck_malformed, limit_reached, lesson_ended. Unavailable: unavailable, storage_full. What
        `chunks` raises goes on; nothing stays on disk then.
        """
        if self._waiting.qsize() >= MAX_WAITING:
            raise Unavailable("unavailable", "Too many decks wait to be drawn: try again later.")
        await self._database.transaction(lambda s: deck_store.require_takes_decks(s, lesson))
        row = DeckRow(
            id=new_id("deck"),
            lesson_id=lesson,
            title=title,
            state=deck_store.DeckState.PROCESSING,
            created_at_ms=self._clock_ms(),
        )
        folder = self.folder / lesson / row.id

        def store(session: Session) -> None:
            deck_store.require_takes_decks(session, lesson)
            session.add(row)

        try:
            await _write(folder, chunks)
            await self._database.transaction(store)
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            raise
        self._waiting.put_nowait((lesson, row.id))
        return ListedDeck(row, (), 0, None)

    async def listed(self, lesson: LessonId) -> list[ListedDeck]:
        """In the order of their upload."""

        def work(session: Session) -> tuple[Sequence[DeckRow], Sequence[DeckPageRow]]:
            rows = deck_store.decks_of(session, lesson)
            return rows, deck_store.pages_of(session, [row.id for row in rows])

        rows, pages = await self._database.transaction(work)
        return [self._list(row, tuple(p for p in pages if p.deck_id == row.id)) for row in rows]

    def _list(self, row: DeckRow, pages: tuple[DeckPageRow, ...]) -> ListedDeck:
        done, count = self._progress.get(row.id, (len(pages), row.page_count))
        return ListedDeck(row, pages, done, count)

    async def remove(self, lesson: LessonId, deck: str) -> None:
        """Refused: deck_unknown."""

        def work(session: Session) -> None:
            session.delete(deck_store.require_deck(session, lesson, deck))

        await self._database.transaction(work)
        await self._tell_room(lesson)
        await asyncio.to_thread(shutil.rmtree, self.folder / lesson / deck, ignore_errors=True)

    def _sweep(self, known: frozenset[str]) -> None:
        """Delete what an upload that broke off has left."""
        for folder in self.folder.glob("*/deck_*"):
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)

    async def _draw_all(self) -> None:
        while True:
            lesson, deck = await self._waiting.get()
            try:
                await self._draw(lesson, deck)
            except (TandemError, OSError) as error:
                logger.warning("%s: deck %s waits for the next start: %s", lesson, deck, error)
            except Exception:  # one deck's bug must not hold up those behind it
                logger.exception("%s: deck %s waits for the next start", lesson, deck)
            finally:
                self._progress.pop(deck, None)

    async def _draw(self, lesson: LessonId, deck: str) -> None:
        folder = self.folder / lesson / deck
        try:
            pages = await convert(folder / _SOURCE, folder, lambda *now: self._progress.update({deck: now}))
        except DeckRefused as refused:
            await self._fail(lesson, deck, refused.code)
            return
        except OSError:
            raise
        except Exception:
            logger.exception("%s: a bug in drawing deck %s", lesson, deck)
            await self._fail(lesson, deck, "internal_error")
            return
        rows = [_page_row(deck, page) for page in pages]
        if not await self._database.transaction(lambda s: deck_store.finish_deck(s, deck, rows)):
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            return
        await asyncio.to_thread((folder / _SOURCE).unlink, missing_ok=True)
        logger.info("%s: deck %s has %d pages", lesson, deck, len(pages))
        await self._tell_room(lesson)

    async def _fail(self, lesson: LessonId, deck: str, reason: str) -> None:
        is_there = await self._database.transaction(lambda s: deck_store.fail_deck(s, deck, reason))
        await asyncio.to_thread(shutil.rmtree, self.folder / lesson / deck, ignore_errors=True)
        logger.info("%s: deck %s failed: %s%s", lesson, deck, reason, "" if is_there else " (deleted)")

    async def _tell_room(self, lesson: LessonId) -> None:
        decks = await self._database.transaction(lambda s: deck_store.ready_decks(s, lesson))
        with contextlib.suppress(Refused):  # the lesson is over: nobody is there to be told
            await self._tell(lesson, decks)


async def _write(folder: Path, chunks: AsyncIterator[bytes]) -> None:
    """The whole PDF, on disk before its row says that it is there.

    Refused: deck_malformed. Unavailable: storage_full.
    """
    head = b""
    try:
        file = await asyncio.to_thread(_create, folder)
        try:
            async for piece in _gathered(chunks):
                if len(head) < _MAGIC_WITHIN:
                    head += piece[:_MAGIC_WITHIN]
                    if len(head) >= _MAGIC_WITHIN:
                        _require_pdf(head)
                await asyncio.to_thread(file.write, piece)
            _require_pdf(head)
            await asyncio.to_thread(_sync, file)
        finally:
            await asyncio.to_thread(file.close)
    except OSError as error:
        raise Unavailable("storage_full", "The deck cannot be stored: free some space.") from error


async def _gathered(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The first piece as it comes, so that what is no PDF is refused early; then larger ones: each write
    costs a thread's turn.
    """
    gathered = bytearray()
    least_bytes = 1
    async for chunk in chunks:
        gathered += chunk
        if len(gathered) >= least_bytes:
            yield bytes(gathered)
            gathered.clear()
            least_bytes = _WRITTEN_BYTES
    if gathered:
        yield bytes(gathered)


def _create(folder: Path) -> BinaryIO:
    folder.mkdir(parents=True)
    return (folder / _SOURCE).open("wb")


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fdatasync(file.fileno())


def _require_pdf(head: bytes) -> None:
    if _MAGIC not in head[:_MAGIC_WITHIN]:
        raise Refused("deck_malformed", "This is not a PDF: export the slides as PDF.")


def _page_row(deck: str, page: Page) -> DeckPageRow:
    return DeckPageRow(deck_id=deck, **asdict(page))
