"""When a recording has to stop, and when it may go on."""

from __future__ import annotations

from pathlib import Path

from recording.budget import DiskBudget
from recording.manifest import LessonStarted
from recording.recovery import read_manifest
from recording.rtplog import RecordKind
from recording.store import Layout
from recording.writer import ClockAnchor, LessonWriter
from tests.recording.test_writer import LESSON, open_source, records, tap_record


def test_the_lessons_share_and_the_disks_rest() -> None:
    budget = DiskBudget(lesson_bytes=100, free_bytes=50)
    assert budget.exceeded(99, 50) == ""
    assert budget.exceeded(100, 50) == "budget_reached"
    assert budget.exceeded(0, 49) == "storage_full"
    assert not budget.allows_again(100, 1 << 30)
    assert not budget.allows_again(0, 50)
    assert budget.allows_again(99, 50 + (1 << 20))
    assert DiskBudget().exceeded(1 << 50, 0) == ""


def write_over(data_dir: Path, budget: DiskBudget) -> tuple[LessonWriter, Path, list[int]]:
    """A recording that reaches its budget after a second and is sealed after four."""
    now = [1_000_000_000]
    anchor = ClockAnchor(1_000_000_000, 0, lambda: now[0])
    writer = LessonWriter(Layout(data_dir, budget=budget), LESSON, anchor)
    writer.tell(LessonStarted(LESSON, "stage", 0, 0, ""))
    path = open_source(writer)
    writer.write({"pub_1": tap_record(bytes(1000))}, {})
    assert writer.failure == ("storage_full" if budget.free_bytes else "")
    for _ in range(3):
        now[0] += 1_000_000_000
        writer.write({"pub_1": tap_record(b"too much")}, {})
    return writer, path, now


def test_a_lesson_over_its_budget_stops_with_a_label_and_still_gives_signs_of_life(tmp_path: Path) -> None:
    writer, path, _ = write_over(tmp_path, DiskBudget(lesson_bytes=1000))
    assert writer.failure == "budget_reached"
    assert not writer.try_resume()
    writer.close_source("pub_1", tap_record(b"too much"))
    writer.close()
    found = records(path)
    assert [record.data for record in found if record.kind is RecordKind.RTP] == [bytes(1000)]
    assert [record.arrival_ns for record in found if record.kind is RecordKind.CLOCK][-1] == 4_000_000_000
    manifest = read_manifest(writer.layout, LESSON)
    assert [(gap.reason, gap.from_ms, gap.until_ms) for gap in manifest.gaps] == [("budget", 0, 3000)]
    assert not manifest.open_logs()


def test_the_rest_of_the_disk_is_left_alone(tmp_path: Path) -> None:
    writer, path, _ = write_over(tmp_path, DiskBudget(free_bytes=1 << 60))
    assert writer.failure == "storage_full"
    writer.layout = Layout(tmp_path)  # as if space came back
    assert writer.try_resume()
    writer.write({"pub_1": tap_record(b"again")}, {})
    writer.close()
    assert [record.data for record in records(path) if record.kind is RecordKind.RTP] == [b"again"]
    assert [gap.reason for gap in read_manifest(writer.layout, LESSON).gaps] == ["storage_full"]
