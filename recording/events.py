"""What the recorder tells its listener: how the recording of a lesson goes, and what becomes of its
resources.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from recording.live_playlist import LivePosition
from recording.manifest import ResourceKind
from streaming.identifiers import LessonId, ResourceId, SeatId


class ResourceState(StrEnum):
    """How far a course resource is."""

    PENDING = "pending"
    """The lesson runs; the playlist grows."""
    PLAYABLE = "playable"
    """The playlist is closed and has the lesson's length."""
    READY = "ready"
    """Everything is made that will be made."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    """Nothing is being written. reason: `storage_full`, or `storage_failed` for any other error of the
    storage.
    """

    lesson: LessonId
    reason: str


@dataclass(frozen=True, slots=True)
class RecordingResumed:
    """After `RecordingFailed`: it is written again."""

    lesson: LessonId


@dataclass(frozen=True, slots=True)
class ResourceChanged:
    """A resource has a new state.

    seat: whose it is. playlist, poster: names inside the resource's folder; poster may be empty.
    reason: of a failure: `nothing_recorded`, `packager_failed`; else empty.
    """

    lesson: LessonId
    resource_id: ResourceId
    kind: ResourceKind
    seat: SeatId
    state: ResourceState
    duration_ms: int
    playlist: str
    poster: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LiveAdvanced:
    """The live playlist of a resource went on; it is on disk."""

    lesson: LessonId
    resource_id: ResourceId
    position: LivePosition


RecordingEvent = RecordingFailed | RecordingResumed | ResourceChanged | LiveAdvanced
