"""The manifest of a lesson's recording: one JSON object a line, appended and never changed.

It says when the lesson began and ended, which sources were recorded into which log, which resources come
of them, and why something is missing.  Times are wall-clock milliseconds of the recorder's clock, which
does not jump within a lesson.  The recorder and the packager both append whole lines; a torn or foreign
line is skipped and counted.

Example:
`{"type":"gap","publication":"pub_…","reason":"crash","from_ms":1767225600000,"until_ms":1767225604200}`
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never, get_type_hints


class GapReason(StrEnum):
    """Why a part of a source is missing."""

    LOSS = "loss"
    """Packets never arrived, or arrived too late to be used."""
    PAUSE = "pause"
    """The publisher sent nothing and was there (its reports came)."""
    RECONNECT = "reconnect"
    """Nothing came from the publisher."""
    ABSENT = "absent"
    """No such source was published: not yet, not any more, or switched off for a while."""
    CRASH = "crash"
    """The recorder was not running."""
    CONSENT = "consent"
    """The recording of this source was not, or no longer, permitted."""
    STORAGE_FULL = "storage_full"
    """The storage took no bytes."""
    BUDGET = "budget"
    """The lesson's logs were as large as they may be."""
    OVERFLOW = "overflow"
    """The recorder came too late for the tap."""
    DAMAGE = "damage"
    """The log has a part that cannot be read."""


class ResourceKind(StrEnum):
    """What a course resource shows."""

    TEACHER = "teacher"
    SCREEN = "screen"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class LessonStarted:
    """First line. `monotonic_ns` was the monotonic clock of machine start `boot` at `started_at_ms`."""

    lesson: str
    policy: str
    started_at_ms: int
    monotonic_ns: int
    boot: str


@dataclass(frozen=True, slots=True)
class LessonSuspended:
    """The lesson's time stands still from here."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class LessonContinued:
    """The lesson's time goes on."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class LessonEnded:
    """The recording is sealed; no source follows."""

    ended_at_ms: int


@dataclass(frozen=True, slots=True)
class LessonPackaged:
    """Every resource is written as far as it can be. Last line."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class ResourceOpened:
    """A course resource that this lesson will give. The order of these lines is the order of the list."""

    resource: str
    kind: str
    seat: str


@dataclass(frozen=True, slots=True)
class SourceStarted:
    """A log was opened. `log`: its path relative to the lesson's folder."""

    publication: str
    seat: str
    role: str
    resource: str
    log: str
    at_ms: int
    peer: str
    kind: str
    source: str
    codec: str
    clock_rate_hz: int
    channels: int
    format_parameters: str


@dataclass(frozen=True, slots=True)
class SourceStopped:
    """A log was sealed: no byte follows."""

    publication: str
    log: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A part of a source (or of all, `publication` empty) is missing, and why."""

    publication: str
    reason: str
    from_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Alive:
    """The recorder ran at this time: the last one dates a crash."""

    at_ms: int


ManifestEntry = (
    LessonStarted
    | LessonSuspended
    | LessonContinued
    | LessonEnded
    | LessonPackaged
    | ResourceOpened
    | SourceStarted
    | SourceStopped
    | Gap
    | Alive
)

_TYPES: dict[str, type[ManifestEntry]] = {
    "lesson_started": LessonStarted,
    "lesson_suspended": LessonSuspended,
    "lesson_continued": LessonContinued,
    "lesson_ended": LessonEnded,
    "lesson_packaged": LessonPackaged,
    "resource_opened": ResourceOpened,
    "source_started": SourceStarted,
    "source_stopped": SourceStopped,
    "gap": Gap,
    "alive": Alive,
}
_NAMES = {entry: name for name, entry in _TYPES.items()}
_FIELDS: dict[str, dict[str, type]] = {name: get_type_hints(entry) for name, entry in _TYPES.items()}


def serialize_entry(entry: ManifestEntry) -> bytes:
    """One line with its newline."""
    name = _NAMES[type(entry)]
    fields = {key: getattr(entry, key) for key in _FIELDS[name]}
    return json.dumps({"type": name, **fields}, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def parse_entry(line: bytes) -> ManifestEntry | None:
    """The entry of one line, or None where the line is torn, damaged or of a later version."""
    try:
        values = json.loads(line)
    except ValueError:
        return None
    if not isinstance(values, dict):
        return None
    name = values.pop("type", None)
    if not isinstance(name, str) or name not in _TYPES:
        return None
    wanted = _FIELDS[name]
    fields = {key: values.get(key) for key in wanted}
    if any(type(fields[key]) is not kind for key, kind in wanted.items()):
        return None
    build: Callable[..., ManifestEntry] = _TYPES[name]
    return build(**fields)


@dataclass(slots=True)
class Manifest:
    """The lines of one lesson, folded.

    Invariants: `sources` and `stopped` are keyed by log; `suspensions` are ordered and only the last may
    be open (its end None); nothing is ever removed.
    """

    started: LessonStarted | None = None
    ended: LessonEnded | None = None
    is_packaged: bool = False
    last_at_ms: int = 0
    resources: dict[str, ResourceOpened] = field(default_factory=dict)
    sources: dict[str, SourceStarted] = field(default_factory=dict)
    stopped: dict[str, SourceStopped] = field(default_factory=dict)
    suspensions: list[tuple[int, int | None]] = field(default_factory=list)
    gaps: dict[Gap, None] = field(default_factory=dict)
    skipped_lines: int = 0

    def apply(self, entry: ManifestEntry) -> None:
        """Take one more line."""
        match entry:
            case LessonStarted(started_at_ms=at_ms):
                self.started = self.started or entry
            case LessonEnded(ended_at_ms=at_ms):
                self.ended = self.ended or entry
            case LessonPackaged():
                self.is_packaged = True
                return
            case LessonSuspended(at_ms=at_ms):
                self._suspend(at_ms)
            case LessonContinued(at_ms=at_ms):
                self._continue(at_ms)
            case ResourceOpened():
                self.resources.setdefault(entry.resource, entry)
                return
            case SourceStarted(at_ms=at_ms):
                self.sources.setdefault(entry.log, entry)
            case SourceStopped(at_ms=at_ms):
                self.stopped.setdefault(entry.log, entry)
            case Gap(until_ms=at_ms):
                self.gaps[entry] = None
                return
            case Alive(at_ms=at_ms):
                pass
            case _:
                assert_never(entry)
        self.last_at_ms = max(self.last_at_ms, at_ms)

    def _suspend(self, at_ms: int) -> None:
        if not self.suspensions or self.suspensions[-1][1] is not None:
            self.suspensions.append((at_ms, None))

    def _continue(self, at_ms: int) -> None:
        if self.suspensions and self.suspensions[-1][1] is None:
            self.suspensions[-1] = (self.suspensions[-1][0], at_ms)

    def apply_lines(self, lines: Iterable[bytes]) -> None:
        """Take lines as they lie in the file; those that cannot be read are counted."""
        for line in lines:
            if not line.strip():
                continue
            entry = parse_entry(line)
            if entry is None:
                self.skipped_lines += 1
            else:
                self.apply(entry)

    def open_logs(self) -> list[SourceStarted]:
        """The sources whose log is not sealed."""
        return [source for log, source in self.sources.items() if log not in self.stopped]

    def resource_of(self, kind: ResourceKind, seat: str) -> ResourceOpened | None:
        """The resource that this seat's sources of this kind belong to, if it was opened."""
        found = (entry for entry in self.resources.values() if (entry.kind, entry.seat) == (kind, seat))
        return next(found, None)
