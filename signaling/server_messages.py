"""What the server says on the socket: values and their JSON (docs/protocol.md, sections 2, 3 and 5).

>>> serialize_error("17", "stage_full", "Three seats are on stage.")
'{"type":"error","id":"17","code":"stage_full","message":"Three seats are on stage."}'
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final

from signaling.board_events import Text
from signaling.ports import StoredEvent
from signaling.roles import Role
from streaming.identifiers import PeerId, PublicationId, SeatId
from streaming.session.media import MediaKind, Source


@dataclass(frozen=True, slots=True)
class Welcome:
    """The answer to hello.  `snapshot`: JSON text, None when the client was resumed; `peers` are those
    still alive."""

    seat: SeatId
    role: Role
    seq: int
    resumed: bool
    permissions: tuple[str, ...]
    server_time_ms: int
    peers: tuple[PeerId, ...]
    snapshot: str | None


@dataclass(frozen=True, slots=True)
class OfferSection:
    mid: str
    publication: PublicationId
    seat: SeatId
    source: Source
    kind: MediaKind


@dataclass(frozen=True, slots=True)
class SubscribeOfferMessage:
    peer: PeerId
    offer_id: int
    sdp: str
    sections: tuple[OfferSection, ...]


@dataclass(frozen=True, slots=True)
class PeerClosedMessage:
    peer: PeerId
    reason: str


@dataclass(frozen=True, slots=True)
class EncodingsWantedMessage:
    """Of a simulcast publication nobody gets other encodings than `rids` for now."""

    peer: PeerId
    publication: PublicationId
    mid: str
    rids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Levels:
    """Who speaks: (publication, level in dBov, -127 to 0)."""

    levels: tuple[tuple[PublicationId, int], ...]


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """The first answer to hello while newcomers must be admitted."""


@dataclass(frozen=True, slots=True)
class TextPending:
    """A student's text that waits for this seat's approval."""

    text: Text


@dataclass(frozen=True, slots=True)
class TextDecided:
    id: int
    approved: bool


@dataclass(frozen=True, slots=True)
class TextPrivate:
    """Between master and assistant; kept nowhere."""

    seat: SeatId
    to: SeatId
    text: str


@dataclass(frozen=True, slots=True)
class PointerMessage:
    """Both None: hidden."""

    seat: SeatId
    x: int | None
    y: int | None


DirectMessage = (
    SubscribeOfferMessage
    | PeerClosedMessage
    | EncodingsWantedMessage
    | WaitingMessage
    | TextPending
    | TextDecided
    | TextPrivate
    | PointerMessage
)
_DIRECT_TYPES: Final[Mapping[type[DirectMessage], str]] = MappingProxyType(
    {
        SubscribeOfferMessage: "subscribe_offer",
        PeerClosedMessage: "peer_closed",
        EncodingsWantedMessage: "encodings_wanted",
        WaitingMessage: "waiting",
        TextPending: "text_pending",
        TextDecided: "text_decided",
        TextPrivate: "text_private",
        PointerMessage: "pointer",
    }
)


def serialize_welcome(welcome: Welcome, epoch: str, heartbeat_s: int) -> str:
    members = {
        "type": "welcome",
        "seat": welcome.seat,
        "role": welcome.role,
        "epoch": epoch,
        "seq": welcome.seq,
        "resumed": welcome.resumed,
        "permissions": welcome.permissions,
        "server_time_ms": welcome.server_time_ms,
        "heartbeat_s": heartbeat_s,
        "peers": welcome.peers,
    }
    return f'{_serialize(members)[:-1]},"snapshot":{welcome.snapshot or "null"}}}'


def serialize_stored_event(event: StoredEvent, epoch: str) -> str:
    """The envelope around a stored body, which is not parsed again."""
    head = f'"type":"event","epoch":{json.dumps(epoch)},"seq":{event.seq},"at_ms":{event.at_ms}'
    return f'{{{head},"event":{event.body}}}'


def serialize_stored_events(events: Sequence[StoredEvent], epoch: str) -> str:
    """Several at once, as one message; one alone as if it had come by itself."""
    if len(events) == 1:
        return serialize_stored_event(events[0], epoch)
    parts = (f'{{"seq":{event.seq},"at_ms":{event.at_ms},"event":{event.body}}}' for event in events)
    return f'{{"type":"events","epoch":{json.dumps(epoch)},"events":[{",".join(parts)}]}}'


def serialize_direct(message: DirectMessage) -> str:
    return _serialize({"type": _DIRECT_TYPES[type(message)], **asdict(message)})


def serialize_levels(levels: Levels) -> str:
    heard = [{"publication": publication, "level_dbov": level} for publication, level in levels.levels]
    return _serialize({"type": "levels", "levels": heard})


def serialize_result(request_id: str, members: Mapping[str, Any]) -> str:
    return _serialize({"type": "result", "id": request_id, **members})


def numbers_given(events: Iterable[StoredEvent]) -> dict[str, int]:
    """What the answer says of what a request opened: `{"round": 2}`."""
    opened = {"round_opened": "round", "poll_opened": "poll"}
    return {
        opened[one.kind]: json.loads(one.body)[opened[one.kind]]["id"] for one in events if one.kind in opened
    }


def serialize_error(request_id: str | None, code: str, message: str) -> str:
    return _serialize({"type": "error", "id": request_id, "code": code, "message": message})


def _serialize(members: Mapping[str, Any]) -> str:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))
