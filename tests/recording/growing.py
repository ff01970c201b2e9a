"""A lesson's logs as they grow: the packager at work while it runs, on a synthetic clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from recording.packager import LessonPackager, Progress
from recording.rtplog import Record, serialize_record
from tests.recording.synthetic import BOOT_NS, SECOND, LessonFiles, Publisher


@dataclass(slots=True)
class GrowingLesson:
    """What the publishers sent reaches the logs a tenth of a second at a time."""

    files: LessonFiles
    packager: LessonPackager = field(init=False)
    _logs: list[tuple[Path, list[Record]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.files.start()
        self.packager = LessonPackager(self.files.layout, self.files.lesson)

    @property
    def folder(self) -> Path:
        return self.files.layout.resource("res_teacher")

    def add(self, publisher: Publisher) -> None:
        records, publisher.records = sorted(publisher.records, key=lambda one: one.arrival_ns), []
        self._logs.append((self.files.add(publisher), records))

    def run(self, from_s: float, until_s: float) -> Iterator[float]:
        """The lesson's time in seconds after each step, everything packaged that can be."""
        for tenth in range(round(from_s * 10), round(until_s * 10)):
            at_ns = BOOT_NS + (tenth + 1) * SECOND // 10
            for path, records in self._logs:
                with path.open("ab") as log:
                    while records and records[0].arrival_ns <= at_ns:
                        log.write(serialize_record(records.pop(0)))
            while self.packager.advance() is Progress.ADVANCED:
                pass
            yield (tenth + 1) / 10

    def end(self, at_s: float) -> None:
        self.files.end(at_s)
        while self.packager.advance() is not Progress.FINISHED:
            pass
