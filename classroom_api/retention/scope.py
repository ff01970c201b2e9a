"""Which files an erasure is about. One file per source is what makes this possible."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from recording.manifest import SourceStarted

_CHECKPOINT = "packager.json"


class Target(StrEnum):
    """What an erasure names."""

    LESSON = "lesson"
    RESOURCE = "resource"
    SEAT = "seat"
    STUDENT_GROUP = "student_group"
    RAW_TRACKS = "raw_tracks"
    """Of a lesson whose time is over: its resources stay."""


@dataclass(frozen=True, slots=True)
class Scope:
    """`is_whole`: everything of the lesson. Else `logs`, by their names below the recording's folder (all of
    them where `is_raw`), all files of `resources`, and `photos`.
    """

    is_whole: bool = False
    is_raw: bool = False
    logs: frozenset[str] = frozenset()
    seats: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()
    photos: frozenset[str] = frozenset()

    def holds_recording(self, name: str) -> bool:
        """Whether a file below the recording's folder goes; a seat's log even if no manifest names it."""
        if self.is_whole:
            return True
        if self.is_raw:
            return name.endswith((".rtplog", ".rtplog.key")) or name == _CHECKPOINT
        return name.removesuffix(".key") in self.logs or name.partition("/")[0] in self.seats

    def holds_resource(self, resource: str) -> bool:
        """Whether the files of a course resource go."""
        return self.is_whole or resource in self.resources


def scope_of(
    target: Target,
    target_id: str,
    seats: Collection[str],
    sources: Iterable[SourceStarted],
    resources: Iterable[tuple[str, str | None]],
) -> Scope:
    """`seats`: those of the target in this lesson. `sources`: of the lesson's manifest. `resources`: its
    course resources, each with its seat. A rendition that contains an erased source goes with it.
    """
    match target:
        case Target.LESSON:
            return Scope(is_whole=True)
        case Target.RAW_TRACKS:
            return Scope(is_raw=True)
        case Target.RESOURCE:
            logs = frozenset(source.log for source in sources if source.resource == target_id)
            return Scope(logs=logs, resources=frozenset({target_id}))
        case Target.SEAT | Target.STUDENT_GROUP:
            found = [source for source in sources if source.seat in seats]
            shown = {source.resource for source in found}
            shown |= {resource for resource, seat in resources if seat in seats}
            logs = frozenset(source.log for source in found)
            return Scope(logs=logs, seats=frozenset(seats), resources=frozenset(shown))
