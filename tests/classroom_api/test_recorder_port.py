from __future__ import annotations

import asyncio
from pathlib import Path

from classroom_api.service import Service
from classroom_api.settings import load_settings
from classroom_api.store.jobs import Query
from classroom_api.store.lessons import LessonState
from recording.events import RecordingFailed, RecordingResumed, ResourceChanged, ResourceState
from recording.manifest import ResourceKind
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
