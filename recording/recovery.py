"""SHELL: what a dead recorder left: finds how far its logs go, seals them and labels the gap. Blocks on
the disk.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from recording.manifest import Gap, GapReason, Manifest, SourceStopped
from recording.rtplog import LogScanner, Record, parse_header
from recording.store import Layout
from recording.writer import ClockAnchor, LessonWriter

_TAIL_BYTES = 1 << 18
_HEADER_BYTES = 1 << 16
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def read_boot_id() -> str:
    """Names this start of the machine, whose monotonic clock means something until the next."""
    return _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else ""


def read_manifest(layout: Layout, lesson: str) -> Manifest:
    """The whole manifest as it lies there."""
    manifest = Manifest()
    manifest.apply_lines(layout.manifest(lesson).read_bytes().split(b"\n"))
    return manifest


def anchor_of(manifest: Manifest) -> ClockAnchor:
    """The lesson's clock: as it began, or, on a machine started again since, the wall clock of now."""
    started = manifest.started
    if started is not None and started.boot == read_boot_id():
        return ClockAnchor(started.monotonic_ns, started.started_at_ms)
    return ClockAnchor(time.monotonic_ns(), time.time_ns() // 1_000_000)


def seal_open_logs(writer: LessonWriter, manifest: Manifest) -> None:
    """Say in the manifest where each unsealed log ends, and that the recorder was gone until now."""
    now_ms = writer.anchor.wall_now_ms()
    for source in manifest.open_logs():
        path = writer.layout.lesson(writer.lesson) / source.log
        last_ms = min(max(source.at_ms, last_record_ms(path) or manifest.last_at_ms), now_ms)
        stopped = SourceStopped(source.publication, source.log, last_ms)
        writer.tell(stopped, Gap(source.publication, GapReason.CRASH, last_ms, now_ms))
        manifest.apply(stopped)


def last_record_ms(path: Path) -> int | None:
    """When the last readable record of a log came, wall clock; None where none is found near its end."""
    try:
        with path.open("rb") as file:
            parsed = parse_header(file.read(_HEADER_BYTES))
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - _TAIL_BYTES))
            tail = file.read()
    except FileNotFoundError:
        return None
    if parsed is None:
        return None
    scanner = LogScanner()
    found = [*scanner.feed(tail), *scanner.finish()]
    times = [item.arrival_ns for item in found if isinstance(item, Record)]
    return parsed[0].wall_ns(max(times)) // 1_000_000 if times else None
