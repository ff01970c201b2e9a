"""Versions of replays: proposed, made by the ladder, published, withdrawn, and made anew without a source.

A change is one transaction: the version's state, its job, the erasure of what is not to be there any longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from classroom_api.access import Scope
from classroom_api.chapters_job import ask_for_chapters
from classroom_api.edited_timeline import edited, kept_of
from classroom_api.jobs.model import OPEN, JobKinds, JobState
from classroom_api.ladder_job import LADDER, ladder_key
from classroom_api.lesson_timeline import LessonTimeline, timeline_of
from classroom_api.package_job import PACKAGE, package_key
from classroom_api.planning import Once, Planning, new_id
from classroom_api.retention.scope import Target
from classroom_api.store import jobs as job_store
from classroom_api.store import resources as resource_store
from classroom_api.store import versions as store
from classroom_api.store.erasures import erase_version
from classroom_api.store.outbox_schema import ErasureRow
from classroom_api.store.picture_changes import Happened, happened_and_changed
from classroom_api.store.records import require_version
from classroom_api.store.resource_schema import JobRow, VersionRow
from classroom_api.store.schema import LessonRow, ResourceRow
from classroom_api.store.versions import Author, Shown
from streaming.errors import Refused
from streaming.identifiers import LessonId


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants a version to be."""

    edit: dict[str, Any]
    details: dict[str, Any]


class Wakes(Protocol):
    """Who does at once what was asked for."""

    def erase_soon(self) -> None: ...


class Versions:
    """Part of the composition. `upkeep` None: nobody needs to be woken."""

    def __init__(
        self, planning: Planning, kinds: JobKinds, upkeep: Wakes | None, *, is_ladder_on: bool
    ) -> None:
        self._planning, self._kinds, self._upkeep = planning, kinds, upkeep
        self._is_ladder_on = is_ladder_on

    def lesson_settled(self, session: Session, lesson: str, now_ms: int) -> None:
        """Part of the transaction in which all of a lesson's replays are there: its first version."""
        row = session.get_one(LessonRow, lesson)
        resources = resource_store.resources_of(session, LessonId(lesson))
        if (
            row.state not in resource_store.SETTLED_LESSON
            or not store.length_of(resources)
            or store.versions_of(session, lesson)
        ):
            return
        ask_for_chapters(session, resources, now_ms)
        draft = store.draft_version(session, row, Author("recorder", now_ms, new_id))
        draft.is_to_be_published = row.auto_publish
        if self._is_ladder_on and store.inputs_of(session, draft):
            self._begin(session, draft, now_ms)

    async def shown(self, lesson: LessonId) -> tuple[Sequence[ResourceRow], Shown]:
        """The fast replays of a lesson, the teacher's first, and what pupils see of it."""

        def work(session: Session) -> tuple[Sequence[ResourceRow], Shown]:
            return resource_store.resources_of(session, lesson), store.shown_of(session, lesson)

        return await self._planning.transaction(work)

    async def listed(self, lesson: str) -> Sequence[VersionRow]:
        """The newest first."""
        return await self._planning.transaction(lambda session: store.versions_of(session, lesson))

    async def find(self, version: str, scope: Scope) -> tuple[VersionRow, LessonRow, dict[str, JobRow]]:
        """With its lesson, and the newest job of each kind that makes something of it.
        Refused: version_unknown.
        """

        def work(session: Session) -> tuple[VersionRow, LessonRow, dict[str, JobRow]]:
            row, lesson = store.find_version(session, version, scope)
            jobs = sorted(store.jobs_of(session, row), key=lambda job: job.created_at_ms)
            return row, lesson, {job.kind: job for job in jobs}

        return await self._planning.transaction(work)

    async def propose(
        self, lesson: LessonRow, author: str, once: Once, answer: Callable[[VersionRow], str]
    ) -> str:
        """A new draft, as the newest version is. Refused: version_state_conflict, limit_reached."""

        def work(session: Session) -> str:
            resources = resource_store.resources_of(session, LessonId(lesson.id))
            if not store.length_of(resources):
                raise Refused("version_state_conflict", "There is no replay yet that it could be made of.")
            return answer(store.draft_version(session, lesson, self._author(author)))

        return await self._planning.once(once, work)

    async def change(
        self, version: str, scope: Scope, proposal: Proposal, revision: int | None
    ) -> VersionRow:
        """Refused: version_unknown, precondition_failed, version_state_conflict, edit_invalid,
        reference_unknown.
        """

        def work(session: Session) -> VersionRow:
            row, lesson = store.find_version(session, version, scope)
            require_version(row.revision, revision)
            resources = resource_store.resources_of(session, LessonId(lesson.id))
            kept_of(proposal.edit, store.length_of(resources))
            if not {*proposal.edit["without"]} <= {resource.id for resource in resources}:
                raise Refused("reference_unknown", "`without` names what is no source of this lesson.")
            store.change_version(row, proposal.edit, proposal.details)
            session.flush()
            return row

        return await self._planning.transaction(work)

    async def make(self, version: str, scope: Scope) -> VersionRow:
        """Refused: version_unknown, version_state_conflict."""

        def work(session: Session) -> VersionRow:
            row, _ = store.find_version(session, version, scope)
            self._begin(session, row, self._planning.now_ms())
            return row

        return await self._planning.transaction(work)

    async def pack(self, version: str, scope: Scope) -> VersionRow:
        """A job packs it for schools without a network. Refused: version_unknown, version_state_conflict."""

        def work(session: Session) -> VersionRow:
            row, _ = store.find_version(session, version, scope)
            store.require_state(row, store.VersionState.READY, store.VersionState.PUBLISHED)
            self._enqueue(session, PACKAGE, package_key(row), row, self._planning.now_ms())
            return row

        return await self._planning.transaction(work)

    async def publish(self, version: str, scope: Scope) -> VersionRow:
        """Refused: version_unknown, version_state_conflict, lesson_state_conflict."""

        def work(session: Session) -> VersionRow:
            row, lesson = store.find_version(session, version, scope)
            store.publish_version(session, row, lesson, self._planning.now_ms())
            session.flush()
            return row

        return await self._planning.transaction(work)

    async def withdraw(self, version: str, scope: Scope, reason: str, author: str) -> VersionRow:
        """Its files are deleted, with proof. Refused: version_unknown, version_state_conflict."""

        def work(session: Session) -> VersionRow:
            row, lesson = store.find_version(session, version, scope)
            store.withdraw_version(session, row, lesson, reason, self._planning.now_ms())
            self._erase(session, row, lesson, author)
            session.flush()
            return row

        row = await self._planning.transaction(work)
        if self._upkeep is not None:
            self._upkeep.erase_soon()
        return row

    def withdraw_group(self, session: Session, student_group: str, author: str) -> None:
        """Part of a transaction: the group is in no replay any longer."""
        for lesson, sources in store.sources_of_group(session, student_group):
            self._withdraw_sources(session, lesson, sources, author)

    def withdraw_erased(self, session: Session, erasure: ErasureRow) -> None:
        """Part of a transaction: what is to be erased is in no replay any longer."""
        if erasure.target == Target.STUDENT_GROUP:
            self.withdraw_group(session, erasure.target_id, erasure.requested_by)
        elif erasure.target in (Target.RESOURCE, Target.SEAT):
            lesson, sources = store.sources_of(session, erasure.target_id)
            self._withdraw_sources(session, lesson, sources, erasure.requested_by)

    def _withdraw_sources(self, session: Session, lesson: str, sources: Collection[str], author: str) -> None:
        """What contains one of these fast replays is taken down and erased, and what pupils saw of the lesson
        is made anew without it.
        """
        row = session.get(LessonRow, lesson)
        if row is None:
            return
        gone, draft = store.withdraw_sources(session, row, sources, self._author(author))
        for version in gone:
            self._erase(session, version, row, author)
        if draft is not None and store.inputs_of(session, draft):
            self._begin(session, draft, self._planning.now_ms())

    async def timeline(self, resource: ResourceRow, *, is_as_taught: bool) -> LessonTimeline:
        """What plays beside a resource's picture: in positions of the lesson, else in places of what is
        served.
        """
        lesson = LessonId(resource.lesson_id)

        def work(session: Session) -> tuple[Happened, VersionRow | None, int]:
            served = None if is_as_taught else store.served_version(session, lesson)
            resources = resource_store.resources_of(session, lesson)
            return happened_and_changed(session, lesson), served, store.length_of(resources)

        (events, changes), served, length_ms = await self._planning.transaction(work)
        if served is None or resource.id not in served.sources:
            return await asyncio.to_thread(timeline_of, events, resource.duration_ms, changes)
        timeline = await asyncio.to_thread(timeline_of, events, length_ms, changes)
        return edited(timeline, served.edit, length_ms)

    def _author(self, name: str) -> Author:
        return Author(name, self._planning.now_ms(), new_id)

    def _begin(self, session: Session, row: VersionRow, now_ms: int) -> None:
        store.begin_version(session, row)
        self._enqueue(session, LADDER, ladder_key(row.id), row, now_ms)

    def _enqueue(self, session: Session, kind: str, key: str, row: VersionRow, now_ms: int) -> None:
        job = job_store.enqueue(session, kind, key, {"version": row.id}, row.lesson_id, now_ms)
        if job.state in (JobState.FAILED, JobState.CANCELLED):
            job_store.retry(session, job, now_ms)

    def _erase(self, session: Session, row: VersionRow, lesson: LessonRow, author: str) -> None:
        now_ms = self._planning.now_ms()
        for job in store.jobs_of(session, row):
            if job.state in OPEN:
                job_store.cancel(session, job, now_ms, self._kinds)
        erase_version(session, new_id("era"), row.id, lesson, author, now_ms)
