"""What a room wants done: the outputs of `Room.apply`.

`Outbound` effects go to clients, in this order, and none of them before the events queued ahead of it are
stored. `MediaEffect`s are for the media server and are carried out at once; `RecorderEffect`s go to the
recorder in order.
"""

from __future__ import annotations

from dataclasses import dataclass

from signaling.commands import ConnectionId
from signaling.ports import RecordingPolicy, StoredEvent
from signaling.server_messages import DirectMessage, Levels, Welcome
from streaming.identifiers import PeerId, PublicationId, SeatId
from streaming.session.media import Publication, WantedTrack


@dataclass(frozen=True, slots=True)
class Emit:
    """Store the event, then send it to every greeted connection."""

    event: StoredEvent


@dataclass(frozen=True, slots=True)
class Greet:
    """Send the welcome, then the missed events; from here on the connection gets every event."""

    connection: ConnectionId
    welcome: Welcome
    missed: tuple[StoredEvent, ...]


@dataclass(frozen=True, slots=True)
class Tell:
    """A message for one client."""

    connection: ConnectionId
    message: DirectMessage


@dataclass(frozen=True, slots=True)
class TellLevels:
    """For every greeted connection; may be lost."""

    levels: Levels


@dataclass(frozen=True, slots=True)
class TellAll:
    """A message for every greeted connection that no client misses if it is lost."""

    message: DirectMessage


@dataclass(frozen=True, slots=True)
class Dismiss:
    """Close the connection after what was sent to it.  `code`: an error code, None for a wished leave."""

    connection: ConnectionId
    code: str | None


@dataclass(frozen=True, slots=True)
class RoomOver:
    """The lesson ended: nothing follows, the room can be dropped."""


@dataclass(frozen=True, slots=True)
class SetForbidden:
    publication: PublicationId
    forbidden: bool


@dataclass(frozen=True, slots=True)
class SetSpeakerGroup:
    """The voice is heard if it is among the loudest of the group; None: always."""

    publication: PublicationId
    group: str | None


@dataclass(frozen=True, slots=True)
class SetSubscriptions:
    peer: PeerId
    wanted: tuple[WantedTrack, ...]


@dataclass(frozen=True, slots=True)
class SetViewerSources:
    peer: PeerId
    audio: PublicationId | None
    video: PublicationId | None


@dataclass(frozen=True, slots=True)
class ClosePeer:
    peer: PeerId
    reason: str


@dataclass(frozen=True, slots=True)
class StartSource:
    """Policy, consent, role and stage allow this publication to be written."""

    seat: SeatId
    role: str
    publication: Publication


@dataclass(frozen=True, slots=True)
class StopSource:
    publication: PublicationId


@dataclass(frozen=True, slots=True)
class OpenRecording:
    policy: RecordingPolicy
    started_at_ms: int


@dataclass(frozen=True, slots=True)
class SuspendRecording:
    """The replays' time stands still from here."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class ContinueRecording:
    at_ms: int


@dataclass(frozen=True, slots=True)
class SealRecording:
    ended_at_ms: int


Outbound = Emit | Greet | Tell | TellAll | TellLevels | Dismiss | RoomOver
MediaEffect = SetForbidden | SetSpeakerGroup | SetSubscriptions | SetViewerSources | ClosePeer
RecorderEffect = (
    StartSource | StopSource | OpenRecording | SuspendRecording | ContinueRecording | SealRecording
)
Effect = Outbound | MediaEffect | RecorderEffect
