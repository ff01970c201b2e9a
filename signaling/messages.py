"""What a client may say on the socket: text in, one frozen value out (docs/protocol.md, sections 2 and 4).

A message that is not JSON, not an object, of an unknown type, or whose fields have the wrong shape or are
too long raises `RemoteProtocolError("bad_message")`; one over 256 KiB
`RemoteProtocolError("message_too_large")`.  Unknown fields are ignored.  Nothing else can come out of here,
whatever goes in.

>>> parse_message('{"type": "floor_grant", "id": "17", "seat": "seat_a"}')
Request(id='17', body=FloorGrant(seat='seat_a'))
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NoReturn

from signaling.board_messages import BOARD_BODIES, STAGE_COUNTS, BoardBody
from signaling.control_messages import CONTROL_BODIES, ControlBody
from signaling.fields import MAX_IDENTIFIER, Fields, bounded_text, reject
from signaling.link_messages import LINK_BODIES, LinkBody
from signaling.talk_messages import TALK_BODIES, TalkBody
from streaming.errors import RemoteProtocolError
from streaming.identifiers import PeerId, PublicationId, SeatId
from streaming.session.media import Source

MAX_MESSAGE_BYTES: Final = 256 * 1024
_MAX_REQUEST_ID: Final = 64
_MAX_TOKEN: Final = 4096
_MAX_SDP: Final = 200_000
_MAX_SECTIONS: Final = 64
_MAX_MID: Final = 16


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """The last event that the client has applied."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message: exactly one of the two credentials."""

    access_token: str | None
    resume_key: str | None
    resume: ResumePoint | None


@dataclass(frozen=True, slots=True)
class Publish:
    sdp: str
    sources: Mapping[str, Source]
    peer: PeerId | None


@dataclass(frozen=True, slots=True)
class Unpublish:
    peer: PeerId


@dataclass(frozen=True, slots=True)
class PublicationEnable:
    publication: PublicationId
    enabled: bool


@dataclass(frozen=True, slots=True)
class Subscribe:
    pass


@dataclass(frozen=True, slots=True)
class SubscribeAnswer:
    peer: PeerId
    offer_id: int
    sdp: str


@dataclass(frozen=True, slots=True)
class SubscribeRestart:
    peer: PeerId


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trickled candidate: accepted and not needed, because the server is ICE-lite."""

    peer: PeerId


@dataclass(frozen=True, slots=True)
class FloorRequest:
    """`seat` None: for the own seat; an assistant names a seat of the own room."""

    seat: SeatId | None


@dataclass(frozen=True, slots=True)
class FloorWithdraw:
    seat: SeatId | None


@dataclass(frozen=True, slots=True)
class FloorGrant:
    seat: SeatId


@dataclass(frozen=True, slots=True)
class FloorRevoke:
    seat: SeatId


@dataclass(frozen=True, slots=True)
class SetStage:
    """These and no others are on stage."""

    seats: tuple[SeatId, ...]


@dataclass(frozen=True, slots=True)
class Mute:
    seat: SeatId


@dataclass(frozen=True, slots=True)
class Unmute:
    seat: SeatId


@dataclass(frozen=True, slots=True)
class MuteAll:
    pass


@dataclass(frozen=True, slots=True)
class RecordingConsent:
    """`seat` None: the own."""

    granted: bool
    seat: SeatId | None = None


@dataclass(frozen=True, slots=True)
class LessonStart:
    pass


@dataclass(frozen=True, slots=True)
class LessonEnd:
    pass


@dataclass(frozen=True, slots=True)
class Remove:
    seat: SeatId


@dataclass(frozen=True, slots=True)
class Leave:
    pass


@dataclass(frozen=True, slots=True)
class Ping:
    pass


MediaBody = Publish | Unpublish | Subscribe | SubscribeAnswer | SubscribeRestart | Candidate
"""Requests that the media server carries out."""

FloorBody = FloorRequest | FloorWithdraw | FloorGrant | FloorRevoke | SetStage

SeatBody = (
    PublicationEnable | Mute | Unmute | MuteAll | RecordingConsent | LessonStart | LessonEnd | Remove | Leave
)

RoomBody = FloorBody | SeatBody | ControlBody | BoardBody | LinkBody | TalkBody
"""Requests that the room decides by itself."""

Body = MediaBody | RoomBody | Ping


@dataclass(frozen=True, slots=True)
class Request:
    """`id`: chosen by the client, given back in the answer."""

    id: str
    body: Body


def parse_message(text: str) -> Hello | Request:
    """One text frame.  Raises RemoteProtocolError (`bad_message`, `message_too_large`)."""
    if len(text) > MAX_MESSAGE_BYTES or len(text.encode(errors="replace")) > MAX_MESSAGE_BYTES:
        raise RemoteProtocolError("message_too_large", f"A message has at most {MAX_MESSAGE_BYTES} bytes.")
    fields = Fields(_parse_object(text))
    if fields.text("type") == "hello":
        return _hello(fields)
    body = _body(fields)
    return Request(fields.text("id", _MAX_REQUEST_ID), body)


def parse_room_body(members: dict[str, Any]) -> RoomBody:
    """A request that comes another way than by the socket.  Raises RemoteProtocolError("bad_message")."""
    body = _body(Fields(members))
    if not isinstance(body, RoomBody):
        reject("type: a request that the room decides is wanted")
    return body


def _body(fields: Fields) -> Body:
    parse_body = _BODIES.get(fields.text("type"))
    if parse_body is None:
        reject("unknown type")
    return parse_body(fields)


def _parse_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        reject("not JSON")
    if not isinstance(value, dict):
        reject("not an object")
    return value


def _hello(fields: Fields) -> Hello:
    access_token = fields.text_or_none("access_token", _MAX_TOKEN)
    resume_key = fields.text_or_none("resume_key", _MAX_TOKEN)
    if (access_token is None) == (resume_key is None):
        reject("hello: exactly one of access_token and resume_key")
    members = fields.members("resume")
    resume = None
    if members is not None:
        point = Fields(members)
        resume = ResumePoint(point.text("epoch", MAX_IDENTIFIER), point.number("seq"))
    return Hello(access_token, resume_key, resume)


def _publish(fields: Fields) -> Publish:
    members = fields.members("sources")
    if members is None or len(members) > _MAX_SECTIONS:
        reject(f"sources: an object of at most {_MAX_SECTIONS} members is wanted")
    sources = {bounded_text(mid, "mid", _MAX_MID): _source(value) for mid, value in members.items()}
    peer = fields.text_or_none("peer", MAX_IDENTIFIER)
    return Publish(
        sdp=fields.text("sdp", _MAX_SDP),
        sources=MappingProxyType(sources),
        peer=None if peer is None else PeerId(peer),
    )


def _source(value: object) -> Source:
    try:
        return Source(str(value))
    except ValueError:
        reject("sources: camera, microphone, screen or screen_audio is wanted")


def _candidate(fields: Fields) -> Candidate:
    return Candidate(fields.peer())  # the candidate itself is not read: an ICE-lite server needs none


_BODIES: Final[Mapping[str, Callable[[Fields], Body]]] = MappingProxyType(
    {
        "publish": _publish,
        "unpublish": lambda f: Unpublish(f.peer()),
        "publication_enable": lambda f: PublicationEnable(
            PublicationId(f.text("publication", MAX_IDENTIFIER)), f.truth("enabled")
        ),
        "subscribe": lambda _: Subscribe(),
        "subscribe_answer": lambda f: SubscribeAnswer(
            f.peer(), f.number("offer_id"), f.text("sdp", _MAX_SDP)
        ),
        "subscribe_restart": lambda f: SubscribeRestart(f.peer()),
        "candidate": _candidate,
        "floor_request": lambda f: FloorRequest(f.seat_or_none()),
        "floor_withdraw": lambda f: FloorWithdraw(f.seat_or_none()),
        "floor_grant": lambda f: FloorGrant(f.seat()),
        "floor_revoke": lambda f: FloorRevoke(f.seat()),
        "stage": lambda f: SetStage(f.seats(STAGE_COUNTS)),
        "mute": lambda f: Mute(f.seat()),
        "unmute": lambda f: Unmute(f.seat()),
        "mute_all": lambda _: MuteAll(),
        "recording_consent": lambda f: RecordingConsent(f.truth("granted"), f.seat_or_none()),
        "lesson_start": lambda _: LessonStart(),
        "lesson_end": lambda _: LessonEnd(),
        "remove": lambda f: Remove(f.seat()),
        "leave": lambda _: Leave(),
        "ping": lambda _: Ping(),
        **CONTROL_BODIES,
        **BOARD_BODIES,
        **LINK_BODIES,
        **TALK_BODIES,
    }
)
REQUEST_TYPES: Final = frozenset(_BODIES)


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
