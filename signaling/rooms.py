"""SHELL: the rooms of this process, and their faces towards sockets, REST, WHIP, WHEP and the recorder."""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
import time
from dataclasses import dataclass
from typing import Final

from signaling.board_events import Deck
from signaling.board_messages import RoundAnswer
from signaling.commands import (
    Administer,
    Ask,
    Connect,
    ConnectionId,
    DecideConsent,
    DecksChanged,
    Disconnect,
    EndLesson,
    EndPeer,
    RecorderSaid,
    StartLesson,
    ViewSource,
)
from signaling.lifecycle import INTERRUPTED
from signaling.live_room import LiveRoom, Outlet
from signaling.media_requests import MediaRequests
from signaling.media_router import MediaRouter
from signaling.messages import MediaBody, Ping, Request, ResumePoint, RoomBody
from signaling.policy import consenting_seats
from signaling.ports import (
    ConsentPort,
    Decided,
    EventLog,
    LessonState,
    MediaPort,
    PhotoPort,
    RecorderPort,
    RecordingState,
    SeatClaims,
)
from signaling.room import Room, RoomLimits
from signaling.server_messages import serialize_result
from streaming.errors import Refused, TandemError, Unavailable
from streaming.identifiers import RANDOM_BYTES, LessonId, PeerId, SeatId, format_identifier

logger = logging.getLogger(__name__)

DRAIN_TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class RoomsConfig:
    """Bounds.  `max_participants`: present seats of one room; `max_viewers`: WHEP viewers of the process."""

    max_participants: int = 600
    max_viewers: int = 2000
    max_viewers_per_seat: int = 200
    max_rooms: int = 1000
    max_sockets: int = 4000
    seat_timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class RoomSummary:
    """What REST and the metrics show of one room."""

    lesson: LessonId
    state: LessonState
    participants: int
    connected: int
    on_stage: int
    hands: int
    publications: int
    viewers: int
    sockets: int
    events: int
    unstored_events: int
    recording: RecordingState


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Present seats of a lesson's room; whether it is live and stands still all the same."""

    participants: int = 0
    interruption: LessonState | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A socket's place in a room."""

    room: LiveRoom
    claims: SeatClaims
    connection: ConnectionId


class Rooms:
    """Owner of all rooms.  `open` and `close` once each, in the event loop that serves."""

    def __init__(
        self,
        media: MediaPort,
        events: EventLog,
        recorder: RecorderPort,
        photos: PhotoPort,
        consents: ConsentPort,
        config: RoomsConfig,
    ) -> None:
        self._media = media
        self._events = events
        self._recorder = recorder
        self._photos = photos
        self._consents = consents
        self._config = config
        self._rooms: dict[LessonId, LiveRoom] = {}
        self._loading: dict[LessonId, asyncio.Task[LiveRoom]] = {}
        self._ending: dict[asyncio.Task[None], LiveRoom] = {}
        self._router = MediaRouter()
        self._requests = MediaRequests(media, self._router)
        self._connection_ids = itertools.count(1)
        self._sockets = 0
        self._is_closed = False

    async def open(self) -> None:
        """Follow the media server, and rebuild the rooms of lessons in the lobby or live after a restart."""
        self._media.add_listener(self._router.route)
        for lesson in await self._events.unfinished():
            try:
                await self._room(lesson)
            except TandemError as error:
                logger.warning("%s: not rebuilt: %s", lesson, error)

    async def close(self) -> None:
        """Tell every client to come back later, store what waits, end the tasks.  Idempotent."""
        self._is_closed = True
        for loading in tuple(self._loading.values()):
            loading.cancel()
        rooms = tuple(self._rooms.values())
        for room in rooms:
            room.dismiss_all("server_stopping")
        await asyncio.gather(*(self._drain(room) for room in rooms))
        # An ended lesson's photos are settled by what its room knows: the next start would delete them all.
        over = [ending for ending, room in self._ending.items() if room.over.is_set()]
        if over:
            await asyncio.wait(over, timeout=DRAIN_TIMEOUT_S)
        endings = tuple(self._ending)
        for ending in endings:
            ending.cancel()
        await asyncio.gather(*endings, return_exceptions=True)
        await asyncio.gather(*(room.close() for room in rooms))
        self._rooms.clear()

    async def start_lesson(self, lesson: LessonId) -> None:
        """Returns once the start is stored and told to the recorder.

        Raises Refused: lesson_unknown, lesson_ended, lesson_state_conflict.
        """
        room = await self._room(lesson)
        room.perform(StartLesson())
        await self._drain(room)

    async def end_lesson(self, lesson: LessonId) -> None:
        """Returns once the end is stored.  Raises Refused: lesson_unknown, lesson_ended."""
        room = await self._room(lesson)
        room.perform(EndLesson())
        await room.over.wait()

    async def administer(self, lesson: LessonId, body: RoomBody) -> None:
        """A request of an administrator, returned from once its events are stored.  Raises Refused."""
        room = await self._room(lesson)
        room.perform(Administer(body))
        await self._drain(room)

    async def decide_consent(self, lesson: LessonId, seat: SeatId, decided: Decided) -> None:
        """The student group of a seat has decided.  A lesson without a room learns it when the seat comes."""
        room = self._rooms.get(lesson)
        if room is not None:
            room.perform(DecideConsent(seat, decided))
            await self._drain(room)

    async def whip(self, claims: SeatClaims, offer: str) -> tuple[PeerId, str]:
        """Publish in the seat of the token: (peer, SDP answer).  A second call replaces the first."""
        room = await self._room(claims.lesson)
        claims = await self._consents.with_decisions(claims)
        return await self._requests.open_whip(room, claims, offer)

    async def whep(
        self,
        claims: SeatClaims,
        offer: str,
        source: ViewSource = ViewSource.MASTER,
        *,
        max_bitrate_bps: int | None = None,
    ) -> tuple[PeerId, str]:
        """View the room: (peer, SDP answer).  max_bitrate_bps: what the viewer's path carries."""
        room = await self._room(claims.lesson)
        if sum(live.room.viewer_count() for live in self._rooms.values()) >= self._config.max_viewers:
            raise Unavailable("too_many_participants", "The server has too many viewers.")
        claims = await self._consents.with_decisions(claims)
        return await self._requests.open_whep(room, claims, offer, source, max_bitrate_bps)

    async def patch(self, claims: SeatClaims, peer: PeerId, fragment: str) -> str | None:
        """A WHIP or WHEP resource: trickle (None) or ICE restart (the fragment to answer with)."""
        return await self._requests.patch(await self._room(claims.lesson), claims, peer, fragment)

    async def ice_ufrag(self, claims: SeatClaims, peer: PeerId) -> str:
        """Names the present ICE session of a resource (for its ETag)."""
        return self._requests.ice_ufrag(await self._room(claims.lesson), claims, peer)

    async def end_resource(self, claims: SeatClaims, peer: PeerId) -> None:
        """DELETE of a WHIP or WHEP resource.  Raises Refused("peer_unknown")."""
        (await self._room(claims.lesson)).perform(EndPeer(claims.seat, peer))

    async def recording_state(self, lesson: LessonId, state: RecordingState, reason: str | None) -> None:
        """The recorder failed or works again; a lesson without a room does not mind."""
        room = self._rooms.get(lesson)
        if room is not None:
            room.perform(RecorderSaid(state, reason))

    async def decks_changed(self, lesson: LessonId, decks: tuple[Deck, ...]) -> None:
        """All decks that are ready now; a lesson without a room learns them when it gets one."""
        if lesson in self._rooms or lesson in self._loading:
            (await self._room(lesson)).perform(DecksChanged(decks))

    def require_present(self, claims: SeatClaims) -> None:
        """Raises Refused("not_admitted" | "seat_unknown") unless the seat is in the lesson's open room."""
        room = self._rooms.get(claims.lesson)
        if room is None:
            raise Refused("seat_unknown", "Nobody is in this lesson now.")
        room.room.check_present(claims.seat)

    def shown_photos(self, claims: SeatClaims) -> frozenset[str]:
        """The photos that all rooms see now; none for a seat that is not in the lesson's open room."""
        room = self._rooms.get(claims.lesson)
        if room is None or claims.seat not in room.room.state.seats:
            return frozenset()
        return frozenset(one.photo for one in room.room.state.board.photos)

    def occupancy(self, lesson: LessonId) -> Occupancy:
        """Nobody, and no interruption, where a lesson has no room."""
        room = self._rooms.get(lesson)
        if room is None:
            return Occupancy()
        state = room.room.state.lesson.state
        return Occupancy(len(room.room.state.seats), state if state in INTERRUPTED else None)

    def summary(self, lesson: LessonId) -> RoomSummary | None:
        room = self._rooms.get(lesson)
        return None if room is None else _summary(room)

    def summaries(self) -> tuple[RoomSummary, ...]:
        """Of all rooms in this process."""
        return tuple(_summary(room) for room in self._rooms.values())

    async def enter(self, claims: SeatClaims, outlet: Outlet, resume: ResumePoint | None) -> Ticket:
        """A socket said hello.  Raises Refused or Unavailable with the code to close with."""
        if self._is_closed:
            raise Unavailable("server_stopping", "The server is stopping.")
        room = await self._room(claims.lesson)
        # Once the room is there: of two that meet, this reading and a decision, one sees the other.
        claims = await self._consents.with_decisions(claims)
        ticket = Ticket(room, claims, ConnectionId(next(self._connection_ids)))
        room.attach(ticket.connection, outlet)
        try:
            room.perform(Connect(claims, ticket.connection, resume))
        except TandemError:
            room.detach(ticket.connection)
            raise
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """The socket is gone."""
        ticket.room.detach(ticket.connection)
        ticket.room.perform(Disconnect(ticket.connection))

    async def request(self, ticket: Ticket, request: Request) -> None:
        """Carry out one request and answer it.  Raises the error to answer with instead."""
        room, body = ticket.room, request.body
        if isinstance(body, Ping):
            now_ms = time.time_ns() // 1_000_000
            room.reply(ticket.connection, serialize_result(request.id, {"server_time_ms": now_ms}))
        elif isinstance(body, MediaBody):
            members = await self._requests.carry_out(room, ticket.claims, body)
            room.reply(ticket.connection, serialize_result(request.id, members))
        else:
            if isinstance(body, RoundAnswer) and body.photo is not None:
                await self._photos.require_photo(ticket.claims, body.photo)
            ask = Ask(ticket.connection, body, secrets.randbits(63))
            room.perform_and_reply(ask, request.id)

    def open_socket(self) -> None:
        """Count a socket, said hello or not.  Raises Unavailable("too_many_participants")."""
        if self._sockets >= self._config.max_sockets:
            raise Unavailable("too_many_participants", "The server has too many sockets.")
        self._sockets += 1

    def close_socket(self) -> None:
        self._sockets -= 1

    async def _room(self, lesson: LessonId) -> LiveRoom:
        """The room of a lesson, loaded once however many ask for it at the same time."""
        found = self._rooms.get(lesson)
        if found is not None:
            return found
        loading = self._loading.get(lesson)
        if loading is None:
            loading = asyncio.get_running_loop().create_task(self._load(lesson))
            self._loading[lesson] = loading
            loading.add_done_callback(lambda _: self._loading.pop(lesson, None))
        return await asyncio.shield(loading)

    async def _load(self, lesson: LessonId) -> LiveRoom:
        loaded = await self._events.load(lesson)
        if loaded is None:
            raise Refused("lesson_unknown", "There is no such lesson.")
        if len(self._rooms) >= self._config.max_rooms:
            raise Unavailable("unavailable", "The server has too many rooms.")
        limits = RoomLimits(
            utc_offset_ns=time.time_ns() - time.monotonic_ns(),
            max_participants=self._config.max_participants,
            max_viewers_per_seat=self._config.max_viewers_per_seat,
            seat_timeout_ns=int(self._config.seat_timeout_s * 1e9),
        )
        room = Room(loaded.facts, loaded.epoch or _make_epoch(), limits, loaded.events)
        if room.state.lesson.state is LessonState.ENDED:
            raise Refused("lesson_ended", "The lesson is over.")
        live = LiveRoom(room, self._media, self._events, self._recorder, make_epoch=_make_epoch)
        live.open(is_recovered=bool(loaded.events))
        live.perform(DecksChanged(loaded.decks))
        self._rooms[lesson] = live
        ending = asyncio.get_running_loop().create_task(self._end(live))
        self._ending[ending] = live
        ending.add_done_callback(self._ending.pop)
        logger.info("%s: room opened, %d events", lesson, room.seq)
        return live

    async def _end(self, room: LiveRoom) -> None:
        """Once the lesson is over and everything about it is stored, the room goes."""
        await room.over.wait()
        await room.drain()
        await room.close()
        await self._photos.lesson_ended(room.lesson, consenting_seats(room.room.state))
        self._rooms.pop(room.lesson, None)
        logger.info("%s: room closed, %d events", room.lesson, room.room.seq)

    async def _drain(self, room: LiveRoom) -> None:
        try:
            async with asyncio.timeout(DRAIN_TIMEOUT_S):
                await room.drain()
        except TimeoutError:
            logger.warning("%s: %d events were not stored", room.lesson, room.unstored_events)


def _summary(live: LiveRoom) -> RoomSummary:
    state = live.room.state
    return RoomSummary(
        lesson=live.lesson,
        state=state.lesson.state,
        participants=len(state.seats),
        connected=sum(seat.connected for seat in state.seats.values()),
        on_stage=len(state.floor.stage),
        hands=len(state.floor.hands),
        publications=len(state.publications),
        viewers=live.room.viewer_count(),
        sockets=live.sockets,
        events=live.room.seq,
        unstored_events=live.unstored_events,
        recording=state.recording.state,
    )


def _make_epoch() -> str:
    return format_identifier("ep", secrets.token_bytes(RANDOM_BYTES))
