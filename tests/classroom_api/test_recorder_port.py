from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy.orm import Session

from classroom_api.service import Service
from classroom_api.settings import load_settings
from classroom_api.store.database import Database, sqlite_url
from classroom_api.store.jobs import Query
from classroom_api.store.lessons import LessonState
from classroom_api.store.schema import LessonRow
from recording.events import RecordingFailed, RecordingResumed, ResourceChanged, ResourceState
from recording.manifest import ResourceKind
from recording.recovery import read_manifest
from signaling.ports import RecordingState
from streaming.identifiers import LessonId, ResourceId, SeatId


def _changed(lesson: LessonId, state: ResourceState) -> ResourceChanged:
    return ResourceChanged(
        lesson=lesson,
        resource_id=ResourceId("res_a"),
        kind=ResourceKind.TEACHER,
        seat=SeatId("seat_a"),
        state=state,
        duration_ms=1000,
        playlist="index.m3u8",
        poster="poster.jpg",
    )


def test_news_of_the_recorder_is_stored_in_order_and_told_to_the_room(tmp_path: Path) -> None:
    async def run() -> None:
        service = Service(load_settings({"data_dir": tmp_path, "media_port": 0}))
        await service.open()
        row = await service.create_lesson("Fractions", "interactive", "master_only", auto_publish=True)
        lesson = LessonId(row.id)
        await service.start_lesson(lesson)
        adapter = service._recorder
        adapter._hear(RecordingFailed(lesson, "storage_full"))
        await adapter._news.join()
        summary = service.rooms.summary(lesson)
        assert summary is not None
        assert summary.recording is RecordingState.FAILED
        adapter._hear(RecordingResumed(lesson))
        adapter._hear(_changed(lesson, ResourceState.PENDING))
        await adapter._news.join()
        summary = service.rooms.summary(lesson)
        assert summary is not None
        assert summary.recording is RecordingState.RECORDING
        await service.end_lesson(lesson)
        adapter._hear(_changed(lesson, ResourceState.READY))
        await adapter._news.join()
        assert "ready" in [resource.state for resource in await service.resources(lesson)]
        assert (await service.lesson(lesson)).state in (LessonState.PROCESSING, LessonState.PUBLISHED)
        await service.close()

    asyncio.run(run())


def test_an_end_that_a_kill_kept_from_the_recorder_is_told_by_the_next_start(tmp_path: Path) -> None:
    """The end is committed, then told: between the two lies a moment. Without it the replay never closes."""

    def end(session: Session, lesson: str) -> None:
        row = session.get_one(LessonRow, lesson)
        row.state, row.ended_at_ms = LessonState.ENDED, (row.started_at_ms or 0) + 5000

    async def run() -> None:
        settings = load_settings({"data_dir": tmp_path, "media_port": 0})
        service = Service(settings)
        await service.open()
        row = await service.create_lesson("Fractions", "interactive", "master_only", auto_publish=True)
        await service.start_lesson(LessonId(row.id))
        await service.close()
        database = Database(sqlite_url(tmp_path / "tandem.db"))
        await database.transaction(lambda session: end(session, row.id))
        await database.close()
        assert read_manifest(settings.recording().layout(), row.id).ended is None
        service = Service(settings)
        await service.open()
        ended = read_manifest(settings.recording().layout(), row.id).ended
        await service.close()
        assert ended is not None

    asyncio.run(run())


def test_what_is_finished_goes_to_the_storage(tmp_path: Path) -> None:
    async def run() -> None:
        flags = {"data_dir": tmp_path, "media_port": 0, "storage": f"file://{tmp_path / 'store'}"}
        service = Service(load_settings({**flags, "parallel_jobs": 0, "ladder": "off"}))
        await service.open()
        row = await service.create_lesson("Fractions", "interactive", "off", auto_publish=True)
        lesson = LessonId(row.id)
        await service.start_lesson(lesson)
        adapter = service._recorder
        adapter._hear(_changed(lesson, ResourceState.PLAYABLE))
        await adapter._news.join()
        assert await service.jobs.page(Query(), 9) == []
        await service.end_lesson(lesson)
        adapter._hear(_changed(lesson, ResourceState.READY))
        await adapter._news.join()
        found = await service.jobs.page(Query(lesson=lesson), 9)
        stored = {job.payload["folder"] for job in found if job.kind == "store"}
        assert "resources/res_a" in stored
        await service.close()

    asyncio.run(run())
