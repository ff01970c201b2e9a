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

from signaling.board_events import (
    BoardEvent,
    DeckReady,
    DeckRemoved,
    InkAdded,
    InkCleared,
    MarkerSet,
    PhotosShown,
    Picked,
    PollAnswered,
    PollClosed,
    PollOpened,
    RoundAnswered,
    RoundOpened,
    RoundPhaseChanged,
    RoundReady,
    SignalRaised,
    SlideShown,
    TextPosted,
    TimerSet,
)
from signaling.control_events import (
    AbilityGranted,
    AdmissionChanged,
    AllForbidden,
    BanLifted,
    ClassroomBlocked,
    ClassroomLocal,
    ControlEvent,
    LessonInterrupted,
    ListeningChanged,
    PolicyChanged,
    SeatBanned,
    SeatReadmitted,
    SeatWaiting,
    SeatWaitingEnded,
    WhisperChanged,
)
from signaling.link_events import DeviceChecked, LinkEvent, ReceiveChanged
from signaling.ports import LessonState, RecordingPolicy, RecordingState
from signaling.roles import Role
from signaling.typed_values import typed_value
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
    video_consent: bool
    voice_consent: bool
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
    """`reason` of an end: None, `shut_down` or `master_lost`."""

    state: LessonState
    started_at_ms: int | None
    ended_at_ms: int | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SeatJoined:
    seat: Seat


@dataclass(frozen=True, slots=True)
class SeatConnectionChanged:
    seat: SeatId
    connected: bool


@dataclass(frozen=True, slots=True)
class SeatLeft:
    """`reason`: `left`, `timeout`, `shut_down`, `ended_locally`, `banned`, or `removed` (such a seat comes
    back only when it is admitted)."""

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
    """`position`: in the queue, 0 is next."""

    seat: SeatId
    position: int


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
class LiveConsentChanged:
    seat: SeatId
    video: bool
    voice: bool


@dataclass(frozen=True, slots=True)
class ConsentDecided:
    """By the seat's student group: see `ports.Decided`."""

    seat: SeatId
    recording: bool | None
    video: bool | None
    voice: bool | None


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
    | LiveConsentChanged
    | ConsentDecided
    | LessonInterrupted
    | ControlEvent
    | BoardEvent
    | LinkEvent
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
        "live_consent_changed": LiveConsentChanged,
        "consent_decided": ConsentDecided,
        "lesson_interrupted": LessonInterrupted,
        "all_forbidden": AllForbidden,
        "classroom_blocked": ClassroomBlocked,
        "classroom_local": ClassroomLocal,
        "admission_changed": AdmissionChanged,
        "seat_waiting": SeatWaiting,
        "seat_waiting_ended": SeatWaitingEnded,
        "seat_readmitted": SeatReadmitted,
        "seat_banned": SeatBanned,
        "ban_lifted": BanLifted,
        "ability_granted": AbilityGranted,
        "policy_changed": PolicyChanged,
        "whisper_changed": WhisperChanged,
        "listening_changed": ListeningChanged,
        "round_opened": RoundOpened,
        "round_phase": RoundPhaseChanged,
        "round_ready": RoundReady,
        "round_answered": RoundAnswered,
        "poll_opened": PollOpened,
        "poll_answered": PollAnswered,
        "poll_closed": PollClosed,
        "signal_raised": SignalRaised,
        "marker_set": MarkerSet,
        "timer_set": TimerSet,
        "picked": Picked,
        "deck_ready": DeckReady,
        "deck_removed": DeckRemoved,
        "slide_shown": SlideShown,
        "ink_added": InkAdded,
        "ink_cleared": InkCleared,
        "photos_shown": PhotosShown,
        "text_posted": TextPosted,
        "device_checked": DeviceChecked,
        "receive_changed": ReceiveChanged,
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
        return typed_value(_TYPES[members.pop("type")], members)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LocalProtocolError("internal_error", f"not an event of ours: {body[:200]!r}") from error
