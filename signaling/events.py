"""The numbered events of a room (docs/protocol.md, section 3): values, their JSON and back.

A room's state is the fold of its events, so what an event says is all that the room remembers.

>>> serialize_event(FloorGranted(SeatId("seat_a")))
'{"type":"floor_granted","seat":"seat_a"}'
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final

from signaling.ports import LessonState, RecordingPolicy, RecordingState
from signaling.roles import Role
from streaming.errors import LocalProtocolError
from streaming.identifiers import PublicationId, SeatId
from streaming.session.media import Codec, MediaKind, Source


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in the lesson as everybody sees it.  `hand_at_ms`: when its hand went up (UTC), None while
    down."""

    id: SeatId
    role: Role
    name: str
    classroom: str | None
    connected: bool
    muted: bool
    recording_consent: bool
    hand_at_ms: int | None


@dataclass(frozen=True, slots=True)
class OfferedMedia:
    """A publication as everybody sees it."""

    id: PublicationId
    seat: SeatId
    kind: MediaKind
    source: Source
    codec: Codec
    enabled: bool


@dataclass(frozen=True, slots=True)
class LessonStateChanged:
    state: LessonState
    started_at_ms: int | None
    ended_at_ms: int | None


@dataclass(frozen=True, slots=True)
class SeatJoined:
    seat: Seat


@dataclass(frozen=True, slots=True)
class SeatConnectionChanged:
    seat: SeatId
    connected: bool


@dataclass(frozen=True, slots=True)
class SeatLeft:
    """`reason`: `left`, `timeout` or `removed` (a removed seat does not come back)."""

    seat: SeatId
    reason: str


@dataclass(frozen=True, slots=True)
class PublicationAdded:
    publication: OfferedMedia


@dataclass(frozen=True, slots=True)
class PublicationChanged:
    publication: PublicationId
    enabled: bool


@dataclass(frozen=True, slots=True)
class PublicationRemoved:
    publication: PublicationId


@dataclass(frozen=True, slots=True)
class FloorRequested:
    seat: SeatId


@dataclass(frozen=True, slots=True)
class FloorWithdrawn:
    seat: SeatId


@dataclass(frozen=True, slots=True)
class FloorGranted:
    """The seat is on stage, and its hand is down."""

    seat: SeatId


@dataclass(frozen=True, slots=True)
class FloorRevoked:
    seat: SeatId


@dataclass(frozen=True, slots=True)
class SeatMuted:
    seat: SeatId
    muted: bool


@dataclass(frozen=True, slots=True)
class ConsentChanged:
    seat: SeatId
    recording_consent: bool


@dataclass(frozen=True, slots=True)
class RecordingChanged:
    policy: RecordingPolicy
    state: RecordingState
    reason: str | None


RoomEvent = (
    LessonStateChanged
    | SeatJoined
    | SeatConnectionChanged
    | SeatLeft
    | PublicationAdded
    | PublicationChanged
    | PublicationRemoved
    | FloorRequested
    | FloorWithdrawn
    | FloorGranted
    | FloorRevoked
    | SeatMuted
    | ConsentChanged
    | RecordingChanged
)

_TYPES: Final[Mapping[str, type[RoomEvent]]] = MappingProxyType(
    {
        "lesson_state": LessonStateChanged,
        "seat_joined": SeatJoined,
        "seat_connection": SeatConnectionChanged,
        "seat_left": SeatLeft,
        "publication_added": PublicationAdded,
        "publication_changed": PublicationChanged,
        "publication_removed": PublicationRemoved,
        "floor_requested": FloorRequested,
        "floor_withdrawn": FloorWithdrawn,
        "floor_granted": FloorGranted,
        "floor_revoked": FloorRevoked,
        "seat_muted": SeatMuted,
        "consent_changed": ConsentChanged,
        "recording_state": RecordingChanged,
    }
)
_KINDS: Final = MappingProxyType({event_type: kind for kind, event_type in _TYPES.items()})
EVENT_KINDS: Final = frozenset(_TYPES)


def kind_of(event: RoomEvent) -> str:
    """The `type` member on the wire."""
    return _KINDS[type(event)]


def serialize_event(event: RoomEvent) -> str:
    """Compact JSON, `type` first."""
    return json.dumps({"type": kind_of(event), **asdict(event)}, ensure_ascii=False, separators=(",", ":"))


def parse_event(body: str) -> RoomEvent:
    """The inverse of `serialize_event`, for rows of our own log.  Raises LocalProtocolError on anything
    else."""
    try:
        members: dict[str, Any] = json.loads(body)
        return _build(members.pop("type"), members)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LocalProtocolError("internal_error", f"not an event of ours: {body[:200]!r}") from error


def _build(kind: str, members: dict[str, Any]) -> RoomEvent:
    match kind:
        case "lesson_state":
            return LessonStateChanged(**{**members, "state": LessonState(members["state"])})
        case "seat_joined":
            seat = members["seat"]
            return SeatJoined(Seat(**{**seat, "role": Role(seat["role"])}))
        case "publication_added":
            media = members["publication"]
            typed = {
                "kind": MediaKind(media["kind"]),
                "source": Source(media["source"]),
                "codec": Codec(media["codec"]),
            }
            return PublicationAdded(OfferedMedia(**{**media, **typed}))
        case "recording_state":
            policy, state = RecordingPolicy(members["policy"]), RecordingState(members["state"])
            return RecordingChanged(policy, state, members["reason"])
        case _:
            return _TYPES[kind](**members)
