"""Signaling under test: real media server, real HTTP server, a store in memory that can be full."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from classroom_api.frame_socket import EXTENSION
from signaling.board_events import Deck
from signaling.ports import (
    UNDECIDED,
    Decided,
    LessonFacts,
    LoadedRoom,
    RecordingPolicy,
    SeatClaims,
    StoredEvent,
)
from signaling.roles import Role
from signaling.rooms import Rooms, RoomsConfig
from signaling.server import HEARTBEAT_S, HEARTBEAT_TIMEOUT_S, serve_socket
from streaming.config import AdvertisedAddress, MediaConfig
from streaming.errors import Refused, RemoteProtocolError, Unavailable
from streaming.identifiers import LessonId, PublicationId, SeatId
from streaming.server import MediaServer
from streaming.session.media import Publication
from tests.signaling.room_driver import LESSON, claims
from tests.streaming.aiortc_peers import host_address
from tests.waiting import until

TIMEOUT_S = 10


class MemoryLog:
    """An EventLog that lives as long as the test.  `is_full`: its disk has no room."""

    def __init__(self, policy: RecordingPolicy = RecordingPolicy.MASTER_ONLY) -> None:
        self.facts = {LESSON: LessonFacts(LESSON, "Fractions", "interactive", policy)}
        self.rows: dict[LessonId, dict[int, tuple[str, StoredEvent]]] = {}
        self.is_full = False
        self.commits = 0
        self.decks: tuple[Deck, ...] = ()

    async def append(self, lesson: LessonId, epoch: str, events: Sequence[StoredEvent]) -> None:
        await asyncio.sleep(0)
        if self.is_full:
            raise Unavailable("storage_full", "No space left on device.")
        self.commits += 1
        rows = self.rows.setdefault(lesson, {})
        rows |= {event.seq: (epoch, event) for event in events}
        assert list(rows) == list(range(1, len(rows) + 1)), "rows are numbered without a gap"

    async def load(self, lesson: LessonId) -> LoadedRoom | None:
        await asyncio.sleep(0)
        rows = tuple(self.rows.get(lesson, {}).values())
        if lesson not in self.facts:
            return None
        epoch = rows[-1][0] if rows else None
        return LoadedRoom(self.facts[lesson], epoch, [event for _, event in rows], self.decks)

    async def unfinished(self) -> Sequence[LessonId]:
        return [*self.rows]


@dataclass
class MemoryPhotos:
    """A PhotoPort: `taken` are (seat, photo); `kept` is who consented when the lesson ended."""

    taken: set[tuple[SeatId, str]] = field(default_factory=set)
    kept: dict[LessonId, frozenset[SeatId]] = field(default_factory=dict)

    async def require_photo(self, claims: SeatClaims, photo: str) -> None:
        if (claims.seat, photo) not in self.taken:
            raise Refused("photo_unknown", "There is no such photo.")

    async def lesson_ended(self, lesson: LessonId, consenting: frozenset[SeatId]) -> None:
        self.kept[lesson] = consenting


@dataclass
class Recorder:
    """A RecorderPort that writes down what it is told."""

    told: list[str] = field(default_factory=list)

    async def lesson_started(self, lesson: LessonId, policy: str, started_at_ms: int) -> None:
        self.told.append(f"lesson {policy}")

    async def lesson_suspended(self, lesson: LessonId, at_ms: int) -> None:
        self.told.append("lesson suspended")

    async def lesson_continued(self, lesson: LessonId, at_ms: int) -> None:
        self.told.append("lesson continued")

    async def lesson_ended(self, lesson: LessonId, ended_at_ms: int) -> None:
        self.told.append("lesson ended")

    async def source_started(
        self, lesson: LessonId, seat: SeatId, role: str, publication: Publication
    ) -> None:
        self.told.append(f"start {seat} {publication.source}")

    async def source_stopped(self, publication: PublicationId) -> None:
        self.told.append("stop")


@dataclass
class Consents:
    """A ConsentPort: what was decided for seats, by their names."""

    decided: dict[str, Decided] = field(default_factory=dict)

    async def with_decisions(self, claims: SeatClaims) -> SeatClaims:
        await asyncio.sleep(0)
        return replace(claims, decided=self.decided.get(claims.seat, UNDECIDED))


class Tokens:
    """Tokens that are the names of seats: `master`, `classroom_a`, … (see `claims`)."""

    def access_token(self, token: str) -> SeatClaims:
        if token == "expired":
            raise Refused("token_expired")
        lesson, _, seat = token.rpartition("/")
        if seat.partition("_")[0] not in set(Role):
            raise Refused("token_invalid")
        found = claims(seat, consent=seat == "master")
        return replace(found, lesson=LessonId(lesson)) if lesson else found

    def resume_key(self, key: str) -> SeatClaims:
        return self.access_token(key)


class StarletteSocket:
    """SocketPort over Starlette."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._write_frame: Callable[[bytes], bool] | None = websocket.scope["extensions"].get(EXTENSION)

    def send_now(self, wire: bytes) -> bool:
        return self._write_frame is not None and self._write_frame(wire)

    async def receive_text(self) -> str | None:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        text = message.get("text")
        if not isinstance(text, str):
            raise RemoteProtocolError("bad_message", "Text frames only.")
        return text

    async def send_text(self, text: str) -> None:
        try:
            await self._websocket.send_text(text)
        except (WebSocketDisconnect, RuntimeError) as error:
            raise ConnectionError("the socket is gone") from error

    async def close(self, code: int, reason: str) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self._websocket.close(code, reason)


class SocketClient:
    """A client over a real WebSocket that folds nothing: it waits for messages."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.messages: list[dict[str, Any]] = []
        self._ids = 0

    async def send(self, message: object) -> None:
        await self.connection.send(json.dumps(message))

    async def hello(self, token: str, **members: object) -> dict[str, Any]:
        await self.send({"type": "hello", "access_token": token, **members})
        return await self.next("welcome")

    async def next(self, kind: str, **members: object) -> dict[str, Any]:
        """The next message of this type and with these members; those before it are kept in `messages`."""
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                message: dict[str, Any] = json.loads(await self.connection.recv())
                self.messages.append(message)
                if message["type"] == kind and all(message.get(k) == v for k, v in members.items()):
                    return message

    async def event(self, kind: str, **members: object) -> dict[str, Any]:
        """The body of the next event of this kind and with these members."""
        while True:
            body: dict[str, Any] = (await self.next("event"))["event"]
            if body["type"] == kind and all(body.get(k) == v for k, v in members.items()):
                return body

    async def request(self, kind: str, **members: object) -> dict[str, Any]:
        """The answer, result or error; what came before it is kept in `messages`."""
        self._ids += 1
        id_ = str(self._ids)
        await self.send({"type": kind, "id": id_, **members})
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                message: dict[str, Any] = json.loads(await self.connection.recv())
                self.messages.append(message)
                if message.get("id") == id_:
                    return message

    async def closed(self) -> tuple[int, str | None]:
        """(close code, code of the breach that was told)."""
        async with asyncio.timeout(TIMEOUT_S):
            with contextlib.suppress(ConnectionClosed):
                while True:
                    self.messages.append(json.loads(await self.connection.recv()))
        errors = [m["code"] for m in self.messages if m["type"] == "error" and m["id"] is None]
        return self.connection.close_code or 0, errors[-1] if errors else None


class Stack:
    """One server process, in the test's event loop."""

    def __init__(self, log: MemoryLog, config: RoomsConfig, heartbeat_s: tuple[float, float]) -> None:
        self.log = log
        self.recorder = Recorder()
        host = host_address()
        self.media = MediaServer(MediaConfig((AdvertisedAddress(host, host),), 0))
        self.photos = MemoryPhotos()
        self.consents = Consents()
        self.rooms = Rooms(self.media, log, self.recorder, self.photos, self.consents, config)
        self.port = 0
        self._server = uvicorn.Server(
            uvicorn.Config(
                Starlette(routes=[WebSocketRoute("/ws", self._serve)]),
                host="127.0.0.1",
                port=0,
                log_level="warning",
                lifespan="off",
                ws_ping_interval=heartbeat_s[0],
                ws_ping_timeout=heartbeat_s[1],
                ws_per_message_deflate=False,
            )
        )
        self._task: asyncio.Task[None] | None = None
        self._clients = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self.media.start()
        await self.rooms.open()
        self._task = asyncio.create_task(self._server.serve())
        await until(lambda: self._server.started)
        listening = self._server.servers[0].sockets[0]
        listening.setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDBUF, 65536
        )  # so that a deaf client is soon noticed
        self.port = listening.getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.rooms.close()
        await self._clients.aclose()
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        await self.media.close()

    async def client(self) -> SocketClient:
        uri = f"ws://127.0.0.1:{self.port}/ws"
        connection = await self._clients.enter_async_context(
            connect(uri, subprotocols=[Subprotocol("tandem.v1")], max_size=None)
        )
        return SocketClient(connection)

    async def seat(self, token: str) -> SocketClient:
        """A client that has been welcomed."""
        client = await self.client()
        await client.hello(token)
        return client

    async def _serve(self, websocket: WebSocket) -> None:
        await websocket.accept(subprotocol="tandem.v1")
        await serve_socket(StarletteSocket(websocket), self.rooms, Tokens())


@contextlib.asynccontextmanager
async def stack(
    log: MemoryLog | None = None,
    config: RoomsConfig | None = None,
    heartbeat_s: tuple[float, float] = (HEARTBEAT_S, HEARTBEAT_TIMEOUT_S),
) -> AsyncIterator[Stack]:
    async with Stack(log or MemoryLog(), config or RoomsConfig(), heartbeat_s) as running:
        yield running
