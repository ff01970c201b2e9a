"""The writer thread's part: what lies in the files after each step."""

from __future__ import annotations

import os
import time
from pathlib import Path

from recording.manifest import LessonStarted, Manifest, ResourceOpened, SourceStarted
from recording.recovery import read_manifest
from recording.rtplog import LogHeader, LogScanner, Record, RecordKind, parse_header
from recording.store import Layout
from recording.writer import ClockAnchor, LessonWriter, sync_descriptors

LESSON = "les_writer"


def make_writer(data_dir: Path) -> LessonWriter:
    return LessonWriter(Layout(data_dir), LESSON, ClockAnchor(time.monotonic_ns(), 1_000_000))


def open_source(writer: LessonWriter) -> Path:
    started = SourceStarted(
        "pub_1",
        "seat_1",
        "master",
        "res_1",
        "seat_1/pub_1.rtplog",
        5,
        "peer_1",
        "audio",
        "microphone",
        "opus",
        48_000,
        2,
        "",
    )
    header = LogHeader(
        LESSON,
        "seat_1",
        "pub_1",
        "peer_1",
        "audio",
        "microphone",
        "opus",
        48_000,
        2,
        "",
        writer.anchor.monotonic_ns,
        5,
        1,
    )
    writer.open_source(started, header)
    return writer.layout.lesson(LESSON) / started.log


def records(path: Path) -> list[Record]:
    parsed = parse_header(path.read_bytes())
    assert parsed is not None
    found = list(LogScanner().feed(path.read_bytes()[parsed[1] :]))
    assert all(isinstance(item, Record) for item in found)
    return [item for item in found if isinstance(item, Record)]


def tap_record(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + b"\1\0\0\0" + (9).to_bytes(8, "big") + data


def test_what_is_written_is_in_the_file_at_once_and_sealed_with_a_sign_of_life(tmp_path: Path) -> None:
    writer = make_writer(tmp_path)
    writer.tell(LessonStarted(LESSON, "stage", 1, 2, ""), ResourceOpened("res_1", "teacher", ""))
    path = open_source(writer)
    writer.write({"pub_1": tap_record(b"one")}, {})
    assert [(record.kind, record.data) for record in records(path)] == [(1, b"one"), (RecordKind.CLOCK, b"")]
    writer.write({"pub_1": tap_record(b"two"), "pub_unknown": tap_record(b"never")}, {"pub_1": 3})
    sync_descriptors(writer.descriptors())
    writer.close_source("pub_1", tap_record(b"three"))
    writer.close_source("pub_1", b"")
    assert [record.data for record in records(path) if record.kind is RecordKind.RTP] == [
        b"one",
        b"two",
        b"three",
    ]
    assert records(path)[-1].kind is RecordKind.CLOCK
    manifest = read_manifest(writer.layout, LESSON)
    assert not manifest.open_logs()
    assert [gap.reason for gap in manifest.gaps] == ["overflow"]
    writer.close()
    writer.close()


def test_a_storage_that_fails_is_labelled_when_it_comes_back(tmp_path: Path) -> None:
    """The lesson's folder cannot be made, because a file stands in its place."""
    writer = make_writer(tmp_path)
    obstacle = tmp_path / "recordings"
    obstacle.write_text("in the way")
    writer.tell(LessonStarted(LESSON, "stage", 1, 2, ""))
    assert writer.failure == "storage_failed"
    path = open_source(writer)
    writer.write({"pub_1": tap_record(b"lost")}, {})
    assert writer.has_waiting_lines
    assert not writer.try_resume()
    obstacle.unlink()
    assert writer.try_resume()
    assert not writer.failure
    writer.write({"pub_1": tap_record(b"kept")}, {})
    assert [record.data for record in records(path) if record.kind is RecordKind.RTP] == [b"kept"]
    manifest: Manifest = read_manifest(writer.layout, LESSON)
    assert [gap.reason for gap in manifest.gaps] == ["storage_full"]
    assert manifest.started is not None
    writer.close()


def test_syncing_a_closed_descriptor_is_no_error() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    sync_descriptors([write_end])
