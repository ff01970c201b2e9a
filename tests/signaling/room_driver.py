"""Drives a Room in virtual time; its clients fold what they are told, as docs/protocol.md tells them to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from signaling.commands import (
    Administer,
    Ask,
    Command,
    Connect,
    ConnectionId,
    Disconnect,
    MediaHappened,
    PublisherOpened,
    StorageChanged,
    SubscriberOpened,
)
from signaling.effects import Dismiss, Effect, Emit, Greet, SetForbidden, SetSubscriptions, Tell, TellAll
from signaling.messages import ResumePoint, RoomBody
from signaling.ports import LessonFacts, RecordingPolicy, SeatClaims, StoredEvent
from signaling.roles import Role
from signaling.room import Room, RoomLimits
from signaling.server_messages import serialize_direct, serialize_stored_event, serialize_welcome
from streaming.identifiers import LessonId, PeerId, PublicationId, SeatId
from streaming.session.media import (
    Codec,
    MediaEvent,
    Publication,
    PublicationLive,
    Source,
    WantedTrack,
    kind_of,
)
from tests.signaling.room_fold import fold_room

LESSON = LessonId("les_1")
START_NS = 5_000_000_000
UTC_OFFSET_NS = 1_790_000_000_000_000_000
SECOND_NS = 1_000_000_000

T = TypeVar("T")


def facts(policy: RecordingPolicy = RecordingPolicy.MASTER_ONLY) -> LessonFacts:
    return LessonFacts(LESSON, "Fractions", "interactive", policy)


def claims(
    seat: str, role: Role | None = None, classroom: str | None = None, *, consent: bool = False
) -> SeatClaims:
    """Seats are named after their roles: `master`, `classroom_a`, …; `_a` names the classroom."""
    kind = seat.partition("_")[0]
    letter = seat.partition("_")[2][:1] or None
    room = classroom if classroom is not None else letter
    return SeatClaims(LESSON, SeatId(seat), role or Role(kind), f"Name of {seat}", room, consent)


def publication(peer: str, source: Source) -> Publication:
    codec = Codec.OPUS if kind_of(source) == "audio" else Codec.H264
    id_ = PublicationId(f"{peer}/{source}")
    return Publication(id_, PeerId(peer), kind_of(source), source, "0", codec, 90_000, 0, "", ())


@dataclass
class Client:
    """What a client knows: the fold of its messages, as docs/protocol.md tells a client to do it."""

    epoch: str = ""
    seq: int = -1
    room: dict[str, Any] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)
    closed: str | None = None

    def resume(self) -> ResumePoint | None:
        return ResumePoint(self.epoch, self.seq) if self.seq >= 0 else None

    def receive(self, text: str) -> None:
        """A message has come; a client that is slow reads it later."""
        self.read(text)

    def is_closed(self, code: str | None) -> None:
        """The server closed the socket, after all that it had sent."""
        self.closed = code or "left"

    def read(self, text: str) -> None:
        message = json.loads(text)
        if message["type"] == "welcome":
            if not message["resumed"]:
                self.room = message["snapshot"]
                self.seq = message["seq"]
            self.epoch = message["epoch"]
        elif message["type"] in ("event", "events"):
            for event in message.get("events", [message]):
                assert event["seq"] == self.seq + 1, "a gap or a double"
                self.epoch, self.seq = message["epoch"], event["seq"]
                self.apply(event)
        else:
            self.told.append(message)

    def apply(self, event: dict[str, Any]) -> None:
        """One numbered event: `seq`, `at_ms`, `event`."""
        fold_room(self.room, event["event"], event["at_ms"])


class RoomDriver:
    """A room, its event log, and its clients.  Effects go to the clients at once unless `stores` is False.

    `is_full`: nothing can be stored, and the lesson goes on, as `signaling.outbox` has it.
    """

    def __init__(
        self, policy: RecordingPolicy = RecordingPolicy.MASTER_ONLY, *, max_participants: int = 600
    ) -> None:
        self.limits = RoomLimits(UTC_OFFSET_NS, max_participants, max_viewers_per_seat=2)
        self.now_ns = START_NS
        self.facts = facts(policy)
        self.room = Room(self.facts, "ep_1", self.limits)
        self.log: list[StoredEvent] = []
        self.unstored: list[StoredEvent] = []
        self.stored_epoch = self.room.epoch
        self.clients: dict[ConnectionId, Client] = {}
        self.greeted: set[ConnectionId] = set()
        self.connection_of: dict[str, ConnectionId] = {}
        self.forbidden: dict[str, bool] = {}
        self.subscriptions: dict[str, tuple[WantedTrack, ...]] = {}
        self.effects: list[Effect] = []
        self.stores = True
        self.is_full = False
        self._epochs = 1
        self._waiting: list[Effect] = []
        self._connections = 0
        self._peers = 0

    def apply(self, command: Command) -> list[Effect]:
        effects = self.room.apply(command, self.now_ns)
        self.take(effects)
        return effects

    def take(self, effects: Iterable[Effect]) -> None:
        """Media effects work at once; what leaves the room waits for the store."""
        for effect in effects:
            self.effects.append(effect)
            match effect:
                case SetForbidden(publication=id_, forbidden=forbidden):
                    self.forbidden[id_] = forbidden
                case SetSubscriptions(peer=peer, wanted=wanted):
                    self.subscriptions[peer] = wanted
                case _:
                    self._waiting.append(effect)
        if self.stores:
            self.store()

    def store(self) -> None:
        """Commit what waits, then deliver it; what cannot be committed is delivered in a new epoch."""
        waiting, self._waiting = self._waiting, []
        rows = self.unstored + [effect.event for effect in waiting if isinstance(effect, Emit)]
        changed = bool(rows) and bool(self.unstored) is not self.is_full
        if self.is_full and changed:
            self._epochs += 1
            self.room.change_epoch(f"ep_{self._epochs}")
        elif rows and not self.is_full:
            self.log += rows
            self.stored_epoch = self.room.epoch
        self.unstored = rows if self.is_full else []
        for effect in waiting:
            self._deliver(effect)
        if changed:
            self.apply(StorageChanged(self.is_full))

    def _deliver(self, effect: Effect) -> None:
        match effect:
            case Emit(event=event):
                text = serialize_stored_event(event, self.room.epoch)
                for connection in self.greeted:
                    self.clients[connection].receive(text)
            case Greet(connection=connection, welcome=welcome, missed=missed) if connection in self.clients:
                client = self.clients[connection]
                client.receive(serialize_welcome(welcome, self.room.epoch, 5))
                for event in missed:
                    client.receive(serialize_stored_event(event, self.room.epoch))
                self.greeted.add(connection)
            case Tell(connection=connection, message=message) if connection in self.clients:
                self.clients[connection].receive(serialize_direct(message))
            case TellAll(message=message):
                for connection in self.greeted:
                    self.clients[connection].receive(serialize_direct(message))
            case Dismiss(connection=connection, code=code) if connection in self.clients:
                self.clients.pop(connection).is_closed(code)
                self.greeted.discard(connection)
            case _:
                pass

    def connect(self, who: SeatClaims, client: Client | None = None) -> Client:
        """A socket of the seat; with a client of before it resumes."""
        client = client or Client()
        client.closed = None
        for before in [known for known, its in self.clients.items() if its is client]:
            del self.clients[before]  # the client closed that socket; the server has not noticed yet
            self.greeted.discard(before)
        self._connections += 1
        connection = ConnectionId(self._connections)
        self.clients[connection] = client
        try:
            self.apply(Connect(who, connection, client.resume()))
        except Exception:
            del self.clients[connection]
            raise
        self.connection_of[who.seat] = connection
        return client

    def disconnect(self, seat: str) -> None:
        connection = self.connection_of.pop(seat)
        self.clients.pop(connection, None)
        self.greeted.discard(connection)
        self.apply(Disconnect(connection))

    def ask(self, seat: str, body: RoomBody, seed: int = 0) -> list[Effect]:
        return self.apply(Ask(self.connection_of[seat], body, seed))

    def administer(self, body: RoomBody) -> list[Effect]:
        return self.apply(Administer(body))

    def publish(
        self, who: SeatClaims, *sources: Source, is_whip: bool = False, is_live: bool = True
    ) -> PeerId:
        peer = self._new_peer("pub")
        publications = tuple(publication(peer, source) for source in sources)
        self.apply(PublisherOpened(who, peer, publications, is_whip))
        if is_live:
            for offered in publications:
                self.happen(PublicationLive(offered))
        return peer

    def subscribe(self, who: SeatClaims) -> PeerId:
        peer = self._new_peer("sub")
        self.apply(SubscriberOpened(who.seat, peer))
        return peer

    def happen(self, event: MediaEvent) -> list[Effect]:
        return self.apply(MediaHappened(event))

    def received(self, peer: PeerId) -> set[str]:
        """The publications that flow to a subscriber; what is held does not."""
        return {track.publication for track in self.subscriptions.get(peer, ()) if not track.is_held}

    def crash(self) -> None:
        """The process dies: what was not stored is lost, and every socket and peer with it."""
        self._waiting.clear()
        self.clients.clear()
        self.greeted.clear()
        self.connection_of.clear()
        self.forbidden.clear()
        self.subscriptions.clear()
        self.effects.clear()
        self.unstored.clear()
        if not self.log:
            self._epochs += 1
            self.stored_epoch = f"ep_{self._epochs}"
        self.room = Room(self.facts, self.stored_epoch, self.limits, self.log)
        self.take(self.room.recover(self.now_ns))

    def of(self, kind: type[T]) -> list[T]:
        """The effects of a kind so far; they are forgotten by it."""
        found: list[T] = [effect for effect in self.effects if isinstance(effect, kind)]
        self.effects = [effect for effect in self.effects if not isinstance(effect, kind)]
        return found

    def kinds(self) -> list[str]:
        """The kinds of the events since the last call."""
        return [emit.event.kind for emit in self.of(Emit)]

    def _new_peer(self, prefix: str) -> PeerId:
        self._peers += 1
        return PeerId(f"{prefix}_{self._peers}")
