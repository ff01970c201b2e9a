"""What can happen to a room: the inputs of `Room.apply`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from signaling.board_events import Deck
from signaling.messages import ResumePoint, RoomBody
from signaling.ports import Decided, RecordingState, SeatClaims
from streaming.identifiers import PeerId, PublicationId, SeatId
from streaming.session.media import EncodingsWanted, MediaEvent, Publication, PublicationLevel

ConnectionId = NewType("ConnectionId", int)
"""One socket, numbered by the shell; never used twice in a process."""


class ViewSource(StrEnum):
    """What a WHEP viewer asked to see."""

    MASTER = "master"
    STAGE = "stage"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class Connect:
    """A socket said hello for a seat."""

    claims: SeatClaims
    connection: ConnectionId
    resume: ResumePoint | None


@dataclass(frozen=True, slots=True)
class Disconnect:
    """A socket is gone."""

    connection: ConnectionId


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that the room decides by itself.  `seed`: a random number, for what is left to chance."""

    connection: ConnectionId
    body: RoomBody
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Administer:
    """A request of an administrator, who has no seat."""

    body: RoomBody


@dataclass(frozen=True, slots=True)
class DecideConsent:
    """The student group of a seat, present or not, has decided."""

    seat: SeatId
    decided: Decided


@dataclass(frozen=True, slots=True)
class PublisherOpened:
    """The media server answered a seat's publish offer.  `is_whip`: the peer itself keeps the seat
    connected."""

    claims: SeatClaims
    peer: PeerId
    publications: tuple[Publication, ...]
    is_whip: bool


@dataclass(frozen=True, slots=True)
class PublisherUpdated:
    """A renegotiation: `publications` are all that the peer has now."""

    seat: SeatId
    peer: PeerId
    publications: tuple[Publication, ...]


@dataclass(frozen=True, slots=True)
class SubscriberOpened:
    seat: SeatId
    peer: PeerId


@dataclass(frozen=True, slots=True)
class AnswerApplied:
    """The subscriber answered an offer."""

    peer: PeerId
    offer_id: int


@dataclass(frozen=True, slots=True)
class ViewerOpened:
    """`audio` and `video`: what it was opened with."""

    claims: SeatClaims
    peer: PeerId
    source: ViewSource
    audio: PublicationId | None
    video: PublicationId | None


@dataclass(frozen=True, slots=True)
class EndPeer:
    """Its owner ends a peer (`unpublish`, DELETE)."""

    seat: SeatId
    peer: PeerId


@dataclass(frozen=True, slots=True)
class MediaHappened:
    event: MediaEvent


@dataclass(frozen=True, slots=True)
class StartLesson:
    """Through REST; a master also asks through its socket."""


@dataclass(frozen=True, slots=True)
class EndLesson:
    pass


@dataclass(frozen=True, slots=True)
class DecksChanged:
    """All decks that the lesson has ready now."""

    decks: tuple[Deck, ...]


@dataclass(frozen=True, slots=True)
class RecorderSaid:
    """The recorder failed, or records again."""

    state: RecordingState
    reason: str | None


@dataclass(frozen=True, slots=True)
class StorageChanged:
    """Events cannot be stored, or can again."""

    is_full: bool


@dataclass(frozen=True, slots=True)
class TimePassed:
    """The room's deadline was reached."""


MediaCommand = (
    PublisherOpened
    | PublisherUpdated
    | SubscriberOpened
    | AnswerApplied
    | ViewerOpened
    | EndPeer
    | MediaHappened
)
"""Those that concern peers of the media server."""

Command = (
    Connect
    | Disconnect
    | Ask
    | Administer
    | DecideConsent
    | StartLesson
    | EndLesson
    | DecksChanged
    | RecorderSaid
    | StorageChanged
    | TimePassed
    | MediaCommand
)


def may_change_media(command: Command) -> bool:
    """Whether a command without effects of its own can still ask for others: the frequent ones cannot."""
    match command:
        case TimePassed() | AnswerApplied() | MediaHappened(event=PublicationLevel() | EncodingsWanted()):
            return False
        case _:
            return True
