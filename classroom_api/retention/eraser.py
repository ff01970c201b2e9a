"""SHELL: carries out erasures in steps of which each may be the last that this process takes.

1. Each object is read and written down, with its SHA-256 and size, and its resources are served no more.
2. The objects are deleted, and the folders synced.
3. What the storage still holds of the lesson is listed and written down with the time.

A process that dies between two of them, or within one, is followed by another that begins with the first:
what was written down stays as it was, and what is gone already stays gone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from classroom_api.retention.objects import LessonObjects, StoredObject, erasing
from classroom_api.retention.scope import Scope, scope_of
from classroom_api.storage import Storage
from classroom_api.store import erasures, jobs
from classroom_api.store.database import Database
from classroom_api.store.erasures import OpenPart
from recording.manifest import Manifest
from streaming.errors import Unavailable

log = logging.getLogger(__name__)


class Eraser:
    """One per process; of several on one data folder one works at a time."""

    def __init__(
        self,
        database: Database,
        data_dir: Path,
        clock_ms: Callable[[], int],
        storage: Storage | None = None,
    ) -> None:
        self._database, self._data_dir, self._clock_ms = database, data_dir.resolve(), clock_ms
        self._storage = storage
        self.is_left = False
        """Whether the last run left something that could not be done yet."""

    async def run_due(self) -> int:
        """Carry out all that can be; how many parts that were. Unavailable: the database does not answer."""
        parts = await self._database.transaction(erasures.open_parts)
        self.is_left = bool(parts)
        if not parts:
            return 0
        done = 0
        with erasing(self._data_dir) as is_mine:
            if not is_mine:
                return 0
            for part in parts:
                try:
                    done += await self._carry_out(part)
                except (OSError, Unavailable) as error:
                    log.warning("%s in %s waits: %s", part.erasure_id, part.lesson_id, error)
        self.is_left = done < len(parts)
        return done

    async def _carry_out(self, part: OpenPart) -> bool:
        """False: the lesson runs, its replay is being made, or a job of it still ends."""
        names = [name for name, _ in (*part.resources, *part.versions)]
        objects = LessonObjects(self._data_dir, part.lesson_id, names, self._storage)
        manifest = await asyncio.to_thread(objects.manifest)
        if part.is_running or (manifest is not None and not manifest.is_packaged):
            return False
        scope = _scope(part, manifest)
        if not await self._database.transaction(
            partial(jobs.halt, lesson=part.lesson_id, now_ms=self._clock_ms(), folders=_folders(part, scope))
        ):
            return False  # what a job makes of it now would outlive it
        resources = [resource for resource, _ in part.resources if scope.holds_resource(resource)]
        found = await asyncio.to_thread(_digest, objects, scope)
        keys = await self._database.transaction(
            lambda session: erasures.write_down(session, part, found, resources)
        )
        if keys is None:
            return False
        await asyncio.to_thread(objects.delete, keys)
        listing = await asyncio.to_thread(objects.listing)
        now_ms = self._clock_ms()
        await self._database.transaction(
            lambda session: erasures.finish_part(session, part, resources, listing, now_ms)
        )
        log.info("%s: %d objects of %s are erased", part.erasure_id, len(keys), part.lesson_id)
        return True


def _scope(part: OpenPart, manifest: Manifest | None) -> Scope:
    sources = manifest.sources.values() if manifest is not None else ()
    scope = scope_of(part.target, part.target_id, part.seats, sources, part.resources)
    return replace(scope, photos=part.photos).with_versions(part.versions)


def _folders(part: OpenPart, scope: Scope) -> set[str] | None:
    """Those that nobody may carry anywhere now; None: all that there is of the lesson."""
    if scope.is_whole:
        return None
    return {f"recordings/{part.lesson_id}", *(f"resources/{each}" for each in scope.resources)}


def _digest(objects: LessonObjects, scope: Scope) -> list[tuple[StoredObject, str]]:
    return [(each, objects.sha256(each.key)) for each in objects.within(scope)]
