"""One resource on disk, without the process around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from recording.assembly import ResourceAssembly
from recording.manifest import ResourceOpened
from recording.packager import LessonPackager, Progress
from recording.playlist import parse_playlist
from recording.timeline import SECOND_NS, LessonClock
from tests.recording.replay import open_replay
from tests.recording.synthetic import LessonFiles, Publisher, encode_video

CLOCK = LessonClock(0)


def test_without_a_unit_nothing_is_written(tmp_path: Path) -> None:
    assembly = ResourceAssembly(tmp_path / "res", ResourceOpened("res", "teacher", ""))
    assembly.advance(60 * SECOND_NS, CLOCK)
    assembly.finish(60 * SECOND_NS, CLOCK)
    assert assembly.summary() == {"is_ended": False, "duration_ms": 0, "poster": ""}
    assert not (tmp_path / "res").exists()


def test_a_failing_storage_is_raised_and_nothing_is_lost_by_trying_again(tmp_path: Path) -> None:
    files = LessonFiles(tmp_path)
    files.start()
    publisher = Publisher("H264", 90_000)
    publisher.send(encode_video("H264", 10))
    files.add(publisher, until_s=10.1)
    files.end(10)
    obstacle = tmp_path / "resources"
    obstacle.write_text("in the way")
    packager = LessonPackager(files.layout, files.lesson)
    failures = 0
    while True:
        try:
            if packager.advance() is Progress.FINISHED:
                break
        except OSError:
            failures += 1
            if failures == 3:
                obstacle.unlink()
    assert failures == 3
    replay = open_replay(files.layout.resource("res_teacher"))
    assert replay.duration_s == 10
    assert len(replay.pictures) == 300


def test_opened_again_it_goes_on_behind_what_is_listed(tmp_path: Path) -> None:
    files = LessonFiles(tmp_path)
    files.start()
    publisher = Publisher("H264", 90_000)
    publisher.send(encode_video("H264", 10))
    files.add(publisher, until_s=10.1)
    first = LessonPackager(files.layout, files.lesson)
    while first.advance() is Progress.ADVANCED:
        pass
    folder = files.layout.resource("res_teacher")
    before = parse_playlist((folder / "index.m3u8").read_text())
    assert not before.is_ended
    assert before.segments
    files.end(10)
    second = LessonPackager(files.layout, files.lesson)
    while second.advance() is not Progress.FINISHED:
        pass
    replay = open_replay(folder)
    assert replay.playlist.segments[: len(before.segments)] == before.segments
    assert replay.playlist.is_ended
    assert replay.duration_s == pytest.approx(10)
    assert len(replay.pictures) == 300
