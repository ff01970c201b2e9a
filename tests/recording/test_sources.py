"""One source read from its log: order, time, new streams, what is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from recording.checkpoint import SourceState
from recording.manifest import GapReason, SourceStarted
from recording.recovery import read_manifest
from recording.sources import PlacedUnit, SourceReader
from recording.timeline import SECOND_NS, LessonClock, PeerClock
from tests.recording.synthetic import BOOT_NS, START_MS, LessonFiles, Publisher, encode_video, encode_voice

CLOCK = LessonClock(START_MS * 1_000_000)
BEYOND_NS = 1 << 61


def reader_of(
    files: LessonFiles, path: Path, *, is_sealed: bool = True, state: SourceState | None = None
) -> SourceReader:
    entry: SourceStarted = next(iter(read_manifest(files.layout, files.lesson).sources.values()))
    reader = SourceReader(path, entry, PeerClock(), 0, state)
    reader.is_sealed = is_sealed
    return reader


def read_all(reader: SourceReader) -> list[PlacedUnit]:
    reader.fill(BEYOND_NS)
    reader.advance(BEYOND_NS)
    return reader.take(BEYOND_NS, CLOCK)


def write(data_dir: Path, publisher: Publisher) -> tuple[LessonFiles, Path]:
    files = LessonFiles(data_dir)
    files.start()
    return files, files.add(publisher)


def test_units_come_in_order_at_their_positions_over_the_wraps(tmp_path: Path) -> None:
    publisher = Publisher("H264", 90_000)
    publisher.send(encode_video("H264", 2), lesson_at_s=1)
    units = read_all(reader_of(*write(tmp_path, publisher)))
    assert len(units) == 60
    assert [round(unit.position_ns / SECOND_NS, 2) for unit in units] == [
        round(1.02 + i / 30, 2) for i in range(60)
    ]


def test_nothing_is_given_before_its_time(tmp_path: Path) -> None:
    publisher = Publisher("opus", 48_000)
    publisher.send(encode_voice(8))
    files, path = write(tmp_path, publisher)
    reader = reader_of(files, path, is_sealed=False)
    reader.fill(CLOCK.wall_ns(2 * SECOND_NS))
    reader.advance(CLOCK.wall_ns(2 * SECOND_NS))
    early_ns = reader.whole_until_ns(CLOCK.wall_ns(2 * SECOND_NS))
    taken = reader.take(1 * SECOND_NS, CLOCK)
    assert 0 < len(taken) <= 50
    assert max(unit.position_ns for unit in taken) < SECOND_NS
    reader.fill(BEYOND_NS)
    reader.advance(CLOCK.wall_ns(6 * SECOND_NS))
    # A report may still move the first packet; later it is too late for one.
    assert early_ns < CLOCK.wall_ns(0)
    assert CLOCK.wall_ns(11 * SECOND_NS // 2) < reader.whole_until_ns(CLOCK.wall_ns(6 * SECOND_NS))
    assert not reader.is_finished


def test_a_new_ssrc_is_a_new_stream_in_the_same_log(tmp_path: Path) -> None:
    publisher = Publisher("opus", 48_000)
    publisher.send(encode_voice(1))
    publisher.ssrc, publisher.sequence_number, publisher.first_timestamp = 5, 9, 1234
    publisher.send(encode_voice(1, start_s=1))
    units = read_all(reader_of(*write(tmp_path, publisher)))
    assert [round(unit.position_ns / SECOND_NS, 2) for unit in units] == [
        round(0.02 + i / 50, 2) for i in range(100)
    ]


def test_a_log_without_a_readable_header_is_read_by_its_manifest_line(tmp_path: Path) -> None:
    publisher = Publisher("opus", 48_000)
    publisher.send(encode_voice(1))
    files, path = write(tmp_path, publisher)
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)
    reader = reader_of(files, path)
    assert len(read_all(reader)) == 50
    assert reader.is_finished


def test_what_storage_has_displaced_is_put_back_to_its_place(tmp_path: Path) -> None:
    publisher = Publisher("H264", 90_000)
    publisher.send(encode_video("H264", 4), lesson_at_s=0)
    files, path = write(tmp_path, publisher)
    whole = read_all(reader_of(files, path))
    data = path.read_bytes()
    assert len(data) > 3 * 4096
    first, middle, later = data[:4096], data[4096:-8192], data[-8192:-4096]
    path.write_bytes(later + middle + first + data[-4096:])
    units = read_all(reader_of(files, path))
    assert len(units) > len(whole) // 2
    # Without a header the log's first record stands where the manifest says that it began.
    wanted = {unit.unit.ticks % 2**32: unit.position_ns for unit in whole}
    moved_ns = [unit.position_ns - wanted[unit.unit.ticks % 2**32] for unit in units]
    assert max(map(abs, moved_ns)) < SECOND_NS // 10


def test_a_repair_that_comes_behind_a_checkpoint_leaves_no_gap(tmp_path: Path) -> None:
    publisher = Publisher("VP8", 90_000)
    publisher.send(encode_video("VP8", 4, keyframe_s=0.5))
    repaired = len(publisher.records) // 2
    sent_ns = publisher.records[repaired].arrival_ns
    publisher.records[repaired] = replace(
        publisher.records[repaired], arrival_ns=sent_ns + 3 * SECOND_NS // 10
    )
    publisher.records.sort(key=lambda record: record.arrival_ns)
    files, path = write(tmp_path, publisher)
    first = reader_of(files, path)
    until_ns = CLOCK.wall_ns(sent_ns - BOOT_NS + 299 * SECOND_NS // 1000)  # the repair is next
    first.fill(until_ns)
    first.advance(until_ns)
    state = first.state()
    assert state is not None
    assert len(state.held_sequence_numbers) > 3
    second = reader_of(files, path, state=state)
    assert read_all(second)
    assert [gap for gap in second.take_gaps(BEYOND_NS) if gap.reason == GapReason.LOSS] == []


def test_suspended_time_gives_nothing(tmp_path: Path) -> None:
    publisher = Publisher("opus", 48_000)
    publisher.send(encode_voice(3))
    reader = reader_of(*write(tmp_path, publisher))
    reader.fill(BEYOND_NS)
    reader.advance(BEYOND_NS)
    begin = START_MS * 1_000_000 + SECOND_NS
    units = reader.take(BEYOND_NS, LessonClock(START_MS * 1_000_000, ((begin, begin + SECOND_NS),)))
    assert len(units) == 100
    assert max(unit.position_ns for unit in units) < 2.02 * SECOND_NS
