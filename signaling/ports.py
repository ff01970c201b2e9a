"""What signaling needs from outside, as small Protocols, and the values that cross them.

`streaming.server.MediaServer` satisfies the media ports as it is; classroom_api implements the others over
its database, its recorder and its tokens, and adapts its framework's WebSocket to `SocketPort`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from signaling.board_events import Deck
from signaling.roles import Role
from streaming.identifiers import LessonId, PeerId, PublicationId, SeatId
from streaming.session.media import MediaEvent, Publication, Source, WantedTrack


class LessonState(StrEnum):
    """Where a lesson stands, as far as the room is concerned."""

    LOBBY = "lobby"
    LIVE = "live"
    SUSPENDED = "suspended"
    MASTER_LOST = "master_lost"
    ENDED = "ended"


class RecordingPolicy(StrEnum):
    """Whose sources may be written to disk (with their seat's consent)."""

    OFF = "off"
    MASTER_ONLY = "master_only"
    STAGE = "stage"


class RecordingState(StrEnum):
    OFF = "off"
    RECORDING = "recording"
    PAUSED = "paused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Decided:
    """What a student group has granted (True) or not (False); None where it has decided nothing."""

    recording: bool | None = None
    video: bool | None = None
    voice: bool | None = None

    def permits(self, *, recording: bool = False, video: bool = False, voice: bool = False) -> bool:
        """Whether a seat of the group may grant these."""
        asked = ((recording, self.recording), (video, self.video), (voice, self.voice))
        return not any(wants and decision is False for wants, decision in asked)


UNDECIDED: Final = Decided()


@dataclass(frozen=True, slots=True)
class SeatClaims:
    """Who a token speaks for.

    `recording_consent` is what the invitation says; once the seat has joined, the room's own events are the
    truth.  `decided` is no token's: a `ConsentPort` puts it in.
    """

    lesson: LessonId
    seat: SeatId
    role: Role
    name: str
    classroom: str | None
    recording_consent: bool
    decided: Decided = UNDECIDED


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One room event as it is stored and sent.  `body`: its JSON object (the `event` member on the wire).

    Rows of one lesson are numbered by `seq` without gaps, in all epochs.  `kind` is `body`'s `type`.
    """

    seq: int
    at_ms: int
    kind: str
    body: str


@dataclass(frozen=True, slots=True)
class LessonFacts:
    """What the room takes over from the timetable.

    voice_ptime_ms: how much sound publishers are asked to put into one packet.
    """

    id: LessonId
    title: str
    mode: str
    recording_policy: RecordingPolicy
    voice_ptime_ms: int = 20


@dataclass(frozen=True, slots=True)
class LoadedRoom:
    """A lesson's room as stored: `epoch` is that of the newest row, None while there is none; `decks` are
    those that are ready."""

    facts: LessonFacts
    epoch: str | None
    events: Sequence[StoredEvent]
    decks: tuple[Deck, ...] = ()


class EventLog(Protocol):
    """The ordered events of every lesson, on disk.

    A lesson's state is in its `lesson_state` events: the implementation updates its lesson row in the same
    commit.  A suspended lesson is a live one there.
    """

    async def append(self, lesson: LessonId, epoch: str, events: Sequence[StoredEvent]) -> None:
        """Commit the rows before returning.  Raises Unavailable("storage_full") and stores none of them."""

    async def load(self, lesson: LessonId) -> LoadedRoom | None:
        """The lesson and all its events in order; None for an unknown lesson."""

    async def unfinished(self) -> Sequence[LessonId]:
        """Lessons that are in the lobby or live and have events."""


class RecorderPort(Protocol):
    """The recorder.  `source_started` comes only when policy, consent, role and stage all allow it."""

    async def lesson_started(self, lesson: LessonId, policy: str, started_at_ms: int) -> None:
        """Idempotent: it is called again for each live lesson after a restart of the server."""

    async def lesson_suspended(self, lesson: LessonId, at_ms: int) -> None:
        """Idempotent, as is `lesson_continued`."""

    async def lesson_continued(self, lesson: LessonId, at_ms: int) -> None: ...

    async def lesson_ended(self, lesson: LessonId, ended_at_ms: int) -> None: ...

    async def source_started(
        self, lesson: LessonId, seat: SeatId, role: str, publication: Publication
    ) -> None: ...

    async def source_stopped(self, publication: PublicationId) -> None: ...


class PhotoPort(Protocol):
    """Pictures of what rooms wrote, taken for a round."""

    async def require_photo(self, claims: SeatClaims, photo: str) -> None:
        """Raises Refused("photo_unknown") unless the seat's own room took it in this lesson."""

    async def lesson_ended(self, lesson: LessonId, consenting: frozenset[SeatId]) -> None:
        """The photos of seats that are not among `consenting` go.  Never raises."""


class Authenticator(Protocol):
    """Reads tokens.  Both raise Refused("token_invalid" | "token_expired" | "lesson_ended")."""

    def access_token(self, token: str) -> SeatClaims: ...

    def resume_key(self, key: str) -> SeatClaims: ...


class ConsentPort(Protocol):
    """What student groups have decided."""

    async def with_decisions(self, claims: SeatClaims) -> SeatClaims:
        """The claims with what holds now: a token may be older.  Raises Refused("seat_unknown")."""


class SocketPort(Protocol):
    """One accepted WebSocket of subprotocol `tandem.v1`."""

    async def receive_text(self) -> str | None:
        """The next text frame; None when the connection is gone.

        Raises RemoteProtocolError("bad_message") for a binary frame.
        """

    def send_now(self, wire: bytes) -> bool:
        """Write a whole frame without waiting.  False: it must wait, or this socket has no such way."""

    async def send_text(self, text: str) -> None:
        """Send one frame, waiting while the client does not read.  Raises ConnectionError when it is gone."""

    async def close(self, code: int, reason: str) -> None:
        """Idempotent; never raises because the connection is gone already."""


class PublishPort(Protocol):
    """The media server's side of publish connections (the client offers)."""

    async def open_publisher(
        self,
        offer: str,
        *,
        sources: Mapping[str, Source] | None,
        allowed: frozenset[Source],
        stream_name: str,
        voice_ptime_ms: int,
    ) -> tuple[PeerId, str, tuple[Publication, ...]]: ...

    async def update_publisher(
        self, peer: PeerId, offer: str, *, sources: Mapping[str, Source] | None, allowed: frozenset[Source]
    ) -> tuple[str, tuple[Publication, ...]]: ...

    def set_forbidden(self, publication: PublicationId, forbidden: bool) -> None: ...

    def set_speaker_group(self, publication: PublicationId, group: str | None) -> None: ...


class SubscribePort(Protocol):
    """The media server's side of subscribe connections (the server offers)."""

    async def open_subscriber(self) -> PeerId: ...

    def set_subscriptions(self, peer: PeerId, wanted: Sequence[WantedTrack]) -> None: ...

    async def apply_answer(self, peer: PeerId, offer_id: int, answer: str) -> None: ...

    async def restart_subscriber(self, peer: PeerId) -> None: ...


class ViewPort(Protocol):
    """The media server's side of WHEP viewers."""

    async def open_viewer(
        self,
        offer: str,
        *,
        audio: PublicationId | None,
        video: PublicationId | None,
        max_bitrate_bps: int | None = None,
    ) -> tuple[PeerId, str]: ...

    def set_viewer_sources(
        self, peer: PeerId, *, audio: PublicationId | None, video: PublicationId | None
    ) -> None: ...


class PeerPort(Protocol):
    """What all peers of the media server have."""

    async def patch(self, peer: PeerId, fragment: str) -> str | None: ...

    def ice_ufrag(self, peer: PeerId) -> str: ...

    async def close_peer(self, peer: PeerId, reason: str) -> None: ...

    def add_listener(self, listener: Callable[[MediaEvent], None]) -> None: ...


class MediaPort(PublishPort, SubscribePort, ViewPort, PeerPort, Protocol):
    """All of it: `streaming.server.MediaServer`."""
