"""Photos of rounds: taken in and cleaned, listed for who may see them, deleted where nobody consented."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy.orm import Session

from classroom_api.photo_cleaning import clean_photo
from classroom_api.planning import new_id
from classroom_api.store import photos as photo_store
from classroom_api.store.database import Database
from classroom_api.store.schema import PhotoRow
from recording.store import replace_file
from signaling.ports import SeatClaims
from streaming.errors import TandemError, Unavailable
from streaming.identifiers import LessonId, SeatId

logger = logging.getLogger(__name__)

MAX_WAITING = 64


class Photos:
    """Owner of `{data}/photos`; signaling's `PhotoPort`.

    One photo is decoded at a time: its pixels may take 150 MB.
    """

    def __init__(self, data_dir: Path, database: Database, clock_ms: Callable[[], int]) -> None:
        self._folder = data_dir / "photos"
        self._database = database
        self._clock_ms = clock_ms
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tandem-photos")
        self._waiting = 0

    async def open(self) -> None:
        """Delete what a server that stopped at a lesson's end, or in an upload, has left."""
        known = await self._database.transaction(photo_store.sweep_photos)
        await asyncio.to_thread(self._sweep, known)

    async def close(self) -> None:
        """Idempotent."""
        await asyncio.to_thread(self._thread.shutdown)

    def path(self, lesson: str, photo: str) -> Path:
        return self._folder / lesson / f"{photo}.jpg"

    async def add(self, claims: SeatClaims, data: bytes) -> PhotoRow:
        """Refused: photo_malformed, limit_reached. Unavailable: unavailable, storage_full."""
        if self._waiting >= MAX_WAITING:
            raise Unavailable("unavailable", "Too many photos come at once: try again.", retry_after_s=2)
        photo = new_id("photo")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            width, height = await loop.run_in_executor(self._thread, self._keep, claims.lesson, photo, data)
        finally:
            self._waiting -= 1

        def work(session: Session) -> PhotoRow:
            seat = photo_store.screen_of(session, claims)
            photo_store.require_takes_photos(session, claims.lesson, seat)
            row = PhotoRow(
                id=photo,
                lesson_id=claims.lesson,
                seat_id=seat,
                classroom=claims.classroom,
                width=width,
                height=height,
                is_kept=False,
                created_at_ms=self._clock_ms(),
            )
            session.add(row)
            return row

        try:
            return await self._database.transaction(work)
        except TandemError:
            await asyncio.to_thread(self._unlink, [(claims.lesson, photo)])
            raise

    async def listed(
        self, lesson: LessonId, claims: SeatClaims | None, shown: Collection[str] = ()
    ) -> Sequence[PhotoRow]:
        """Those of a lesson (`claims` None), or those of one seat's room and those `shown` to all rooms."""

        def work(session: Session) -> Sequence[PhotoRow]:
            seat = None if claims is None else photo_store.screen_of(session, claims)
            return photo_store.photos_of(session, lesson, seat, shown)

        return await self._database.transaction(work)

    async def require_photo(self, claims: SeatClaims, photo: str) -> None:
        await self._database.transaction(lambda session: photo_store.require_photo(session, claims, photo))

    async def lesson_ended(self, lesson: LessonId, consenting: frozenset[SeatId]) -> None:
        try:
            gone = await self._database.transaction(
                lambda session: photo_store.settle_photos(session, lesson, consenting)
            )
        except TandemError as error:
            logger.warning("%s: its photos are settled at the next start: %s", lesson, error)
            return
        await asyncio.to_thread(self._unlink, [(lesson, photo) for photo in gone])

    def _keep(self, lesson: str, photo: str, data: bytes) -> tuple[int, int]:
        clean = clean_photo(data)
        try:
            replace_file(self.path(lesson, photo), clean.jpeg)
        except OSError as error:
            raise Unavailable("storage_full", "The photo cannot be stored: free some space.") from error
        return clean.width, clean.height

    def _sweep(self, known: frozenset[str]) -> None:
        for path in self._folder.glob("*/photo_*"):
            if path.stem not in known:
                path.unlink()

    def _unlink(self, photos: Sequence[tuple[str, str]]) -> None:
        for lesson, photo in photos:
            self.path(lesson, photo).unlink(missing_ok=True)
