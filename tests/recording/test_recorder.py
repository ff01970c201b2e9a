"""The recorder with in-memory taps, real files, a real small file system and the real packager process."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from recording.events import LiveAdvanced, ResourceState
from recording.manifest import GapReason, Manifest, ResourceKind
from recording.recorder import (
    Recorder,
    RecordingConfig,
    RecordingEvent,
    RecordingFailed,
    RecordingResumed,
    ResourceChanged,
)
from recording.recovery import read_manifest
from recording.rtplog import LogScanner, Record, RecordKind, parse_header
from recording.store import Layout
from streaming.identifiers import LessonId, PublicationId, SeatId
from streaming.session.media import Codec, Publication, Source
from tests.recording.replay import open_replay
from tests.recording.synthetic import Publisher, encode_video, encode_voice
from tests.recording.taps import MemoryMedia
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
LESSON = LessonId("les_recorder")
MASTER = SeatId("seat_master")


pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@contextlib.asynccontextmanager
async def recorder(
    data_dir: Path, media: MemoryMedia, events: list[RecordingEvent], *, keyframe_interval_ms: int = 4000
) -> AsyncIterator[Recorder]:
    config = RecordingConfig(data_dir, poll_ms=20, keyframe_interval_ms=keyframe_interval_ms)
    opened = Recorder(config, media, events.append)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()


def records_of(path: Path) -> list[Record]:
    data = path.read_bytes()
    parsed = parse_header(data)
    assert parsed is not None
    scanner = LogScanner()
    found = [*scanner.feed(data[parsed[1] :]), *scanner.finish()]
    return [item for item in found if isinstance(item, Record) and item.kind is not RecordKind.CLOCK]


def manifest_of(data_dir: Path) -> Manifest:
    return read_manifest(Layout(data_dir), LESSON)


def states(events: list[RecordingEvent], kind: ResourceKind) -> list[ResourceState]:
    return [event.state for event in events if isinstance(event, ResourceChanged) and event.kind is kind]


def camera_and_voice(media: MemoryMedia) -> tuple[Publication, Publication, dict[str, list[Record]]]:
    picture, voice = Publisher("H264", 90_000), Publisher("opus", 48_000, ssrc=77)
    picture.send(encode_video("H264", 4))
    voice.send(encode_voice(4))
    for second in range(4):
        picture.report(second + 0.2)
        voice.report(second + 0.3)
    camera = media.publish("pub_camera", Source.CAMERA, Codec.H264)
    microphone = media.publish("pub_voice", Source.MICROPHONE, Codec.OPUS)
    return camera, microphone, {"pub_camera": picture.records, "pub_voice": voice.records}


async def test_a_lesson_is_recorded_packaged_and_announced(tmp_path: Path) -> None:
    """Start and end lie 4.5 s apart, the media is given at once: ready within seconds of the end."""
    media, events = MemoryMedia(), list[RecordingEvent]()
    async with recorder(tmp_path, media, events) as recording:
        camera, microphone, sent = camera_and_voice(media)
        began_ns, started_at_ms = time.monotonic_ns() - 4_500_000_000, now_ms() - 4_500
        await recording.start_lesson(LESSON, "master_only", started_at_ms)
        for publication in (camera, microphone):
            await recording.start_source(LESSON, MASTER, "master", publication)
            media.play(publication.id, sent[publication.id], began_ns=began_ns, until_s=100)
        await recording.stop_source(microphone.id)
        await recording.end_lesson(LESSON, started_at_ms + 4_500)
        ended_s = time.monotonic()
        await until(lambda: ResourceState.READY in states(events, ResourceKind.TEACHER))
        assert time.monotonic() - ended_s < 20
        assert media.taps["pub_camera"].is_closed
        await until(lambda: manifest_of(tmp_path).is_packaged)
    assert states(events, ResourceKind.TEACHER) == [
        ResourceState.PENDING, ResourceState.PLAYABLE, ResourceState.READY,
    ]  # fmt: skip
    last = events[-1]
    assert isinstance(last, ResourceChanged)
    assert abs(last.duration_ms - 4_500) <= 20
    assert (last.playlist, last.poster) == ("index.m3u8", "poster.jpg")
    replay = open_replay(Layout(tmp_path).resource(last.resource_id))
    assert len(replay.skews_ms()) == 3
    assert max(map(abs, replay.skews_ms())) < 40
    for name, records in sent.items():
        assert [
            record.data for record in records_of(Layout(tmp_path).lesson(LESSON) / f"{MASTER}/{name}.rtplog")
        ] == [record.data for record in records]


async def test_no_file_is_opened_but_by_start_source(tmp_path: Path) -> None:
    media, events = MemoryMedia(), list[RecordingEvent]()
    publication = media.publish("pub_x", Source.CAMERA, Codec.VP8)
    media.taps["pub_x"].give(Record(RecordKind.RTP, 1, b"secret"))
    async with recorder(tmp_path, media, events) as recording:
        await recording.start_source(LESSON, MASTER, "master", publication)
        await recording.start_lesson(LESSON, "off", now_ms())
        await recording.start_source(LESSON, MASTER, "master", publication)
        assert not list(tmp_path.rglob("*"))
        other = LessonId("les_other")
        await recording.start_lesson(other, "stage", now_ms())
        await recording.end_lesson(other, now_ms())
        await recording.start_source(other, MASTER, "master", publication)
        unknown = Publication(
            PublicationId("pub_gone"),
            publication.peer,
            publication.kind,
            Source.CAMERA,
            "0",
            Codec.VP8,
            90_000,
            0,
            "",
            (),
        )
        await recording.start_lesson(LESSON, "stage", now_ms())
        await recording.start_source(LESSON, MASTER, "master", unknown)
        assert not list(tmp_path.rglob("*.rtplog"))
        await until(lambda: ResourceState.FAILED in states(events, ResourceKind.TEACHER))
        failed = next(e for e in events if isinstance(e, ResourceChanged) and e.state is ResourceState.FAILED)
        assert failed.reason == "nothing_recorded"


async def test_sources_belong_to_the_resource_of_their_role_and_resume_in_a_new_part(tmp_path: Path) -> None:
    media, events = MemoryMedia(), list[RecordingEvent]()
    async with recorder(tmp_path, media, events) as recording:
        await recording.start_lesson(LESSON, "stage", now_ms())
        screen = media.publish("pub_screen", Source.SCREEN, Codec.VP9)
        staged = media.publish("pub_staged", Source.CAMERA, Codec.VP8)
        await recording.start_source(LESSON, MASTER, "master", screen)
        await recording.start_source(LESSON, SeatId("seat_room"), "classroom", staged)
        await recording.stop_source(staged.id)
        await recording.stop_source(staged.id)
        await recording.start_source(LESSON, SeatId("seat_room"), "classroom", staged)
    manifest = manifest_of(tmp_path)
    assert [entry.kind for entry in manifest.resources.values()] == ["teacher", "screen", "stage"]
    assert list(manifest.sources) == [
        f"{MASTER}/pub_screen.rtplog", "seat_room/pub_staged.rtplog", "seat_room/pub_staged.2.rtplog",
    ]  # fmt: skip
    assert manifest.stopped
    assert not manifest.open_logs()


async def test_a_keyframe_is_asked_for_at_intervals_of_video_only(tmp_path: Path) -> None:
    media, events = MemoryMedia(), list[RecordingEvent]()
    async with recorder(tmp_path, media, events, keyframe_interval_ms=200) as recording:
        await recording.start_lesson(LESSON, "stage", now_ms())
        camera, microphone, _ = camera_and_voice(media)
        await recording.start_source(LESSON, MASTER, "master", camera)
        await recording.start_source(LESSON, MASTER, "master", microphone)
        await until(lambda: len(media.keyframe_requests) >= 4)
    names, times = zip(*media.keyframe_requests, strict=True)
    assert set(names) == {"pub_camera"}
    assert min(after - before for before, after in itertools.pairwise(times)) > 0.15


async def test_what_a_tap_lost_is_labelled(tmp_path: Path) -> None:
    media, events = MemoryMedia(), list[RecordingEvent]()
    async with recorder(tmp_path, media, events) as recording:
        await recording.start_lesson(LESSON, "stage", now_ms())
        camera, _, _ = camera_and_voice(media)
        await recording.start_source(LESSON, MASTER, "master", camera)
        media.taps["pub_camera"].lost = 12
        await until(lambda: manifest_of(tmp_path).gaps)
    assert [(gap.publication, gap.reason) for gap in manifest_of(tmp_path).gaps] == [
        ("pub_camera", GapReason.OVERFLOW)
    ]


def fill(ballast: Path) -> None:
    """Take all the space that is left."""
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass


@pytest.fixture
def small_storage(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MiB. Needs the right to mount, which a test in a container may lack."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"cannot mount a small file system: {done.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_full_storage_is_said_once_labelled_and_left_when_space_returns(small_storage: Path) -> None:
    media, events = MemoryMedia(), list[RecordingEvent]()
    ballast = small_storage / "ballast"
    async with recorder(small_storage, media, events) as recording:
        await recording.start_lesson(LESSON, "stage", now_ms())
        camera, microphone, sent = camera_and_voice(media)
        began_ns = time.monotonic_ns()
        await recording.start_source(LESSON, MASTER, "master", camera)
        rest = media.play("pub_camera", sent["pub_camera"], began_ns=began_ns, until_s=1)
        await until(lambda: not media.taps["pub_camera"].pending)
        fill(ballast)
        rest = media.play("pub_camera", rest, began_ns=began_ns, until_s=2)
        await until(lambda: any(isinstance(event, RecordingFailed) for event in events))
        await recording.start_source(LESSON, MASTER, "master", microphone)
        rest = media.play("pub_camera", rest, began_ns=began_ns, until_s=3)
        await until(lambda: not media.taps["pub_camera"].pending)
        ballast.unlink()
        await until(lambda: any(isinstance(event, RecordingResumed) for event in events))
        media.play("pub_camera", rest, began_ns=began_ns, until_s=100)
        media.play("pub_voice", sent["pub_voice"], began_ns=began_ns, until_s=100)
        await until(lambda: not media.taps["pub_camera"].pending)
        await recording.end_lesson(LESSON, now_ms())
        await until(lambda: ResourceState.READY in states(events, ResourceKind.TEACHER))
    told = [event for event in events if not isinstance(event, ResourceChanged | LiveAdvanced)]
    assert told == [RecordingFailed(LESSON, "storage_full"), RecordingResumed(LESSON)]
    manifest = manifest_of(small_storage)
    assert manifest.skipped_lines <= 1
    assert {gap.publication for gap in manifest.gaps if gap.reason == GapReason.STORAGE_FULL} == {
        "pub_camera", "pub_voice",
    }  # fmt: skip
    written = records_of(Layout(small_storage).lesson(LESSON) / f"{MASTER}/pub_camera.rtplog")
    assert written[0].data == sent["pub_camera"][0].data
    assert written[-1].data == sent["pub_camera"][-1].data
    assert len(written) < len(sent["pub_camera"])


_CHILD = """
import asyncio, sys, time
from pathlib import Path
from recording.recorder import Recorder, RecordingConfig
from streaming.identifiers import LessonId, SeatId
from tests.recording.taps import MemoryMedia
from tests.waiting import pause
from tests.recording.test_recorder import LESSON, MASTER, camera_and_voice

async def main():
    media = MemoryMedia()
    recorder = Recorder(RecordingConfig(Path(sys.argv[1])), media, lambda event: None)
    await recorder.open()
    camera, voice, sent = camera_and_voice(media)
    began_ns, started_at_ms = time.monotonic_ns(), time.time_ns() // 1_000_000
    await recorder.start_lesson(LESSON, "stage", started_at_ms)
    for publication in (camera, voice):
        await recorder.start_source(LESSON, MASTER, "master", publication)
    print(started_at_ms, flush=True)
    while True:
        for name in sent:
            until_s = (time.monotonic_ns() - began_ns) / 1e9
            sent[name] = media.play(name, sent[name], began_ns=began_ns, until_s=until_s)
        await pause()

asyncio.run(main())
"""


async def test_a_killed_server_loses_less_than_a_second_and_goes_on(tmp_path: Path) -> None:
    """SIGKILL after 2.5 s; another recorder finds the lesson, labels the gap, records on and ends it."""
    child = subprocess.Popen([sys.executable, "-c", _CHILD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None
    started_at_ms = int(await asyncio.to_thread(child.stdout.readline))
    await until(lambda: now_ms() - started_at_ms > 2_500)
    child.send_signal(signal.SIGKILL)
    killed_at_ms = now_ms()
    child.wait()
    child.stdout.close()
    media, events = MemoryMedia(), list[RecordingEvent]()
    async with recorder(tmp_path, media, events) as recording:
        gaps = [gap for gap in manifest_of(tmp_path).gaps if gap.reason == GapReason.CRASH]
        assert {gap.publication for gap in gaps} == {"pub_camera", "pub_voice"}
        assert all(killed_at_ms - 1000 <= gap.from_ms <= killed_at_ms for gap in gaps)
        again = media.publish("pub_again", Source.CAMERA, Codec.H264, peer="peer_2")
        began_ns, began_at_ms = time.monotonic_ns(), now_ms()
        await recording.start_source(LESSON, MASTER, "master", again)
        publisher = Publisher("H264", 90_000, ssrc=99)
        publisher.send(encode_video("H264", 2))
        media.play("pub_again", publisher.records, began_ns=began_ns, until_s=100)
        await until(lambda: now_ms() - began_at_ms > 2_100)
        ended_at_ms = now_ms()
        await recording.end_lesson(LESSON, ended_at_ms)
        await until(lambda: ResourceState.READY in states(events, ResourceKind.TEACHER))
        last = events[-1]
        assert isinstance(last, ResourceChanged)
    assert abs(last.duration_ms - (ended_at_ms - started_at_ms)) <= 200
    replay = open_replay(Layout(tmp_path).resource(last.resource_id))
    assert replay.audio_holes() == []
    killed_s = (killed_at_ms - started_at_ms) / 1000
    shown = [start for start, *_ in replay.pictures if start < killed_s]
    assert len(shown) > (killed_s - 1.2) * 29
    assert replay.beeps()[0] == pytest.approx(replay.flashes()[0], abs=0.08)


async def test_a_dead_packager_is_started_again(tmp_path: Path) -> None:
    media, events = MemoryMedia(), list[RecordingEvent]()
    async with recorder(tmp_path, media, events) as recording:
        began_ns, started_at_ms = time.monotonic_ns() - 4_500_000_000, now_ms() - 4_500
        await recording.start_lesson(LESSON, "stage", started_at_ms)
        packager = recording._lessons[LESSON].packager
        await until(lambda: packager.pid)
        first = packager.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: packager.pid not in {first, None})
        camera, _, sent = camera_and_voice(media)
        await recording.start_source(LESSON, MASTER, "master", camera)
        media.play("pub_camera", sent["pub_camera"], began_ns=began_ns, until_s=100)
        await recording.end_lesson(LESSON, started_at_ms + 4_500)
        await until(lambda: ResourceState.READY in states(events, ResourceKind.TEACHER))
