"""How long media are kept, and what of a lesson is due. Nothing is kept for ever."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from classroom_api.store.lessons import LessonState

DAY_MS = 86_400_000
WITHDRAWAL_MS = 3 * DAY_MS
"""Within 72 hours of a withdrawal its media are gone; they go at once where no lesson holds them up."""

_KEPT = frozenset({LessonState.REVIEW, LessonState.PUBLISHED, LessonState.WITHDRAWN, LessonState.ARCHIVED})
_WITH_RAW = _KEPT | {LessonState.ENDED, LessonState.PROCESSING}


class Due(StrEnum):
    """What is to be done with a lesson now."""

    RAW_TRACKS = "raw_tracks"
    """Its raw tracks go; its resources stay."""
    REVIEW = "review"
    """It leaves the pupils and waits for somebody to decide whether it is kept on."""
    ERASE = "erase"
    """Nobody wanted to keep it: all its media go."""


@dataclass(frozen=True, slots=True)
class Policy:
    """From a lesson's end: days until its raw tracks go, until its resources come up for review, and from
    then until they go if nobody publishes or archives the lesson again.
    """

    raw_track_days: int = 30
    resource_days: int = 1095
    review_days: int = 90


@dataclass(frozen=True, slots=True)
class LessonAge:
    """What retention knows of a lesson. `review_since_ms`: when it came up for review, the last time."""

    state: LessonState
    ended_at_ms: int
    has_raw_tracks: bool
    review_since_ms: int | None


def what_is_due(policy: Policy, lesson: LessonAge, now_ms: int) -> list[Due]:
    """In the order in which it is done. A decision after a review lets the time run anew from that review."""
    age_ms = now_ms - lesson.ended_at_ms
    due = []
    if lesson.has_raw_tracks and lesson.state in _WITH_RAW and age_ms >= policy.raw_track_days * DAY_MS:
        due.append(Due.RAW_TRACKS)
    if lesson.state not in _KEPT:
        return due
    since_ms = lesson.review_since_ms
    if since_ms is not None and lesson.state is LessonState.REVIEW:
        return [*due, Due.ERASE] if now_ms - since_ms >= policy.review_days * DAY_MS else due
    if now_ms - (lesson.ended_at_ms if since_ms is None else since_ms) >= policy.resource_days * DAY_MS:
        due.append(Due.REVIEW)
    return due
