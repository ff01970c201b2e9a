"""One lesson's recording: what the listener hears of a packager that finished, failed or found nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recording.events import RecordingEvent, ResourceChanged
from recording.lesson_recording import LessonRecording, WriterThread
from recording.manifest import Manifest, ResourceKind
from recording.store import Layout
from recording.supervisor import ResourceResult
from recording.writer import ClockAnchor
from streaming.identifiers import LessonId, SeatId, is_identifier
from streaming.session.media import Source

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_resources_are_opened_once_and_their_end_is_told(tmp_path: Path) -> None:
    events = list[RecordingEvent]()
    with ThreadPoolExecutor(1) as executor:
        recording = LessonRecording.create(
            Layout(tmp_path),
            LessonId("les_1"),
            ClockAnchor(0, 0),
            Manifest(),
            WriterThread(executor),
            events.append,
        )
        teacher = await recording.resource_for(SeatId("seat_m"), "master", Source.CAMERA)
        assert await recording.resource_for(SeatId("seat_m"), "master", Source.MICROPHONE) == teacher
        screen = await recording.resource_for(SeatId("seat_m"), "master", Source.SCREEN_AUDIO)
        stage = await recording.resource_for(SeatId("seat_r"), "classroom", Source.CAMERA)
        assert [entry.kind for entry in (teacher, screen, stage)] == list(ResourceKind)
        assert is_identifier(stage.resource, "res")
        assert (teacher.seat, stage.seat) == ("", "seat_r")
        recording.packaged(
            [
                ResourceResult(teacher.resource, is_ended=True, duration_ms=1234, poster="poster.jpg"),
                ResourceResult(screen.resource, is_ended=False, duration_ms=0, poster=""),
            ]
        )
        await recording.close()
    told = [event for event in events if isinstance(event, ResourceChanged)]
    assert [(event.kind, event.state, event.reason) for event in told] == [
        ("teacher", "pending", ""), ("screen", "pending", ""), ("stage", "pending", ""),
        ("teacher", "playable", ""), ("teacher", "ready", ""),
        ("screen", "failed", "nothing_recorded"), ("stage", "failed", "packager_failed"),
    ]  # fmt: skip
    assert {event.duration_ms for event in told if event.state == "ready"} == {1234}
