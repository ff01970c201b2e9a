"""What webhooks are told of, and as what: a closed list of types, and their bodies.

A message names what happened and to whom by ids; names of people stay in the database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final


class Happening(StrEnum):
    """The types of messages, which a webhook chooses among."""

    LESSON_SCHEDULED = "lesson.scheduled"
    LESSON_STARTED = "lesson.started"
    LESSON_SUSPENDED = "lesson.suspended"
    LESSON_RESUMED = "lesson.resumed"
    LESSON_MASTER_LOST = "lesson.master_lost"
    LESSON_ENDED = "lesson.ended"
    LESSON_CANCELLED = "lesson.cancelled"
    LESSON_REVIEW_DUE = "lesson.review_due"
    LESSON_PUBLISHED = "lesson.published"
    LESSON_WITHDRAWN = "lesson.withdrawn"
    LESSON_ARCHIVED = "lesson.archived"
    LESSON_ERASED = "lesson.erased"
    SEAT_JOINED = "seat.joined"
    SEAT_LEFT = "seat.left"
    RECORDING_CHANGED = "recording.changed"
    RESOURCE_READY = "resource.ready"
    RESOURCE_FAILED = "resource.failed"
    RESOURCE_ERASED = "resource.erased"
    VERSION_PUBLISHED = "version.published"
    VERSION_WITHDRAWN = "version.withdrawn"
    CONSENT_CHANGED = "consent.changed"


PING: Final = "webhook.ping"
ROOM_EVENTS: Final = frozenset(
    {
        "lesson_state",
        "lesson_interrupted",
        "seat_joined",
        "seat_left",
        "recording_state",
        "consent_changed",
        "live_consent_changed",
    }
)
"""The events of a room of which something is told."""

_OF_STATE: Final[Mapping[str, Happening]] = MappingProxyType(
    {
        "scheduled": Happening.LESSON_SCHEDULED,
        "live": Happening.LESSON_STARTED,
        "suspended": Happening.LESSON_SUSPENDED,
        "master_lost": Happening.LESSON_MASTER_LOST,
        "ended": Happening.LESSON_ENDED,
        "cancelled": Happening.LESSON_CANCELLED,
        "published": Happening.LESSON_PUBLISHED,
        "withdrawn": Happening.LESSON_WITHDRAWN,
        "archived": Happening.LESSON_ARCHIVED,
        "erased": Happening.LESSON_ERASED,
    }
)


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened. `lesson_id` empty: to no lesson. `data`: JSON members besides the ids."""

    kind: Happening
    at_ms: int
    lesson_id: str = ""
    organization_id: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def happening_of_state(state: str) -> Happening | None:
    """What a lesson's arrival in a state is told as; None for states that are not told."""
    return _OF_STATE.get(state)


def told_of_room_event(
    body: Mapping[str, Any], at_ms: int, lesson: str, organization: str | None
) -> Told | None:
    """What an event of a room is told as; most are not."""
    kind: Happening | None = None
    data: dict[str, Any] = {}
    match body["type"]:
        case "lesson_state":
            kind = happening_of_state(body["state"])
            data = {name: body.get(name) for name in ("started_at_ms", "ended_at_ms", "reason")}
        case "lesson_interrupted":
            is_back = body["state"] == "live"
            kind = Happening.LESSON_RESUMED if is_back else happening_of_state(body["state"])
        case "seat_joined":
            kind = Happening.SEAT_JOINED
            data = {"seat": body["seat"]["id"], "role": body["seat"]["role"]}
        case "seat_left":
            kind = Happening.SEAT_LEFT
            data = {"seat": body["seat"], "reason": body["reason"]}
        case "recording_state":
            kind = Happening.RECORDING_CHANGED
            data = {name: body[name] for name in ("policy", "state", "reason")}
        case "consent_changed":
            kind = Happening.CONSENT_CHANGED
            data = {"seat": body["seat"], "kind": "recording", "granted": body["recording_consent"]}
        case "live_consent_changed":
            kind = Happening.CONSENT_CHANGED
            data = {"seat": body["seat"], "kind": "live", "video": body["video"], "voice": body["voice"]}
    return Told(kind, at_ms, lesson, organization, data) if kind is not None else None


def serialize_told(told: Told) -> str:
    """The body of a message, which is signed as it stands.

    >>> serialize_told(Told(Happening.LESSON_ENDED, 0, "les_a"))
    '{"type":"lesson.ended","timestamp":"1970-01-01T00:00:00.000Z","data":{"lesson":"les_a"}}'
    """
    ids = {"lesson": told.lesson_id or None, "organization": told.organization_id}
    data = {name: value for name, value in {**ids, **told.data}.items() if value is not None}
    return serialize_message(told.kind, told.at_ms, data)


def serialize_message(kind: str, at_ms: int, data: Mapping[str, Any]) -> str:
    body = {"type": kind, "timestamp": timestamp(at_ms), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def timestamp(at_ms: int) -> str:
    """UTC, ISO 8601 with milliseconds."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
