"""What is found after a recorder died."""

from __future__ import annotations

from pathlib import Path

from recording.manifest import GapReason, Manifest
from recording.recovery import anchor_of, last_record_ms, read_boot_id, read_manifest, seal_open_logs
from recording.writer import ClockAnchor, LessonWriter
from tests.recording.synthetic import BOOT_NS, SECOND, START_MS, LessonFiles, Publisher, encode_voice


def open_lesson(data_dir: Path) -> tuple[LessonFiles, Path]:
    files = LessonFiles(data_dir)
    files.start()
    publisher = Publisher("opus", 48_000, delay_s=0)
    publisher.send(encode_voice(2))
    return files, files.add(publisher)


def test_open_logs_are_sealed_where_they_end_and_the_gap_is_labelled(tmp_path: Path) -> None:
    files, path = open_lesson(tmp_path)
    path.write_bytes(path.read_bytes()[:-7])
    assert last_record_ms(path) == START_MS + 1960
    anchor = ClockAnchor(BOOT_NS - 3600 * SECOND, START_MS)
    writer = LessonWriter(files.layout, files.lesson, anchor)
    seal_open_logs(writer, read_manifest(files.layout, files.lesson))
    manifest = read_manifest(files.layout, files.lesson)
    assert not manifest.open_logs()
    assert [(gap.reason, gap.from_ms) for gap in manifest.gaps] == [(GapReason.CRASH, START_MS + 1960)]
    seal_open_logs(writer, manifest)
    assert read_manifest(files.layout, files.lesson) == manifest
    writer.close()


def test_a_log_that_is_missing_or_no_log_has_no_last_record(tmp_path: Path) -> None:
    assert last_record_ms(tmp_path / "none") is None
    (tmp_path / "bad").write_bytes(b"what")
    assert last_record_ms(tmp_path / "bad") is None


def test_the_clock_of_another_start_of_the_machine_is_not_used(tmp_path: Path) -> None:
    files, _ = open_lesson(tmp_path)
    manifest = read_manifest(files.layout, files.lesson)
    assert anchor_of(manifest).monotonic_ns != BOOT_NS
    assert anchor_of(Manifest()).wall_ms > START_MS
    assert read_boot_id() == read_boot_id()
