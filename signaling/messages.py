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

from streaming.errors import RemoteProtocolError
from streaming.identifiers import PeerId, PublicationId, SeatId
from streaming.session.media import Source

MAX_MESSAGE_BYTES: Final = 256 * 1024
_MAX_REQUEST_ID: Final = 64
_MAX_IDENTIFIER: Final = 64
_MAX_TOKEN: Final = 4096
_MAX_SDP: Final = 200_000
_MAX_SECTIONS: Final = 64
_MAX_MID: Final = 16
_MAX_NUMBER: Final = 2**53


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
    granted: bool


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

RoomBody = (
    PublicationEnable
    | FloorRequest
    | FloorWithdraw
    | FloorGrant
    | FloorRevoke
    | Mute
    | Unmute
    | MuteAll
    | RecordingConsent
    | LessonStart
    | LessonEnd
    | Remove
    | Leave
)
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
    fields = _Fields(_parse_object(text))
    kind = fields.text("type", _MAX_IDENTIFIER)
    if kind == "hello":
        return _hello(fields)
    parse_body = _BODIES.get(kind)
    if parse_body is None:
        _reject("unknown type")
    return Request(fields.text("id", _MAX_REQUEST_ID), parse_body(fields))


def _parse_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        _reject("not JSON")
    if not isinstance(value, dict):
        _reject("not an object")
    return value


class _Fields:
    """Typed, bounded reads of the members of one object."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def text(self, name: str, limit: int) -> str:
        """A string of 1 to `limit` characters that UTF-8 can carry."""
        return _bounded_text(self._values.get(name), name, limit)

    def text_or_none(self, name: str, limit: int) -> str | None:
        return None if self._values.get(name) is None else self.text(name, limit)

    def number(self, name: str) -> int:
        value = self._values.get(name)
        if type(value) is not int or not 0 <= value < _MAX_NUMBER:
            _reject(f"{name}: a whole number is wanted")
        return value

    def truth(self, name: str) -> bool:
        value = self._values.get(name)
        if not isinstance(value, bool):
            _reject(f"{name}: true or false is wanted")
        return value

    def members(self, name: str) -> dict[str, Any] | None:
        value = self._values.get(name)
        if value is not None and not isinstance(value, dict):
            _reject(f"{name}: an object is wanted")
        return value

    def seat(self) -> SeatId:
        return SeatId(self.text("seat", _MAX_IDENTIFIER))

    def seat_or_none(self) -> SeatId | None:
        seat = self.text_or_none("seat", _MAX_IDENTIFIER)
        return None if seat is None else SeatId(seat)

    def peer(self) -> PeerId:
        return PeerId(self.text("peer", _MAX_IDENTIFIER))


def _hello(fields: _Fields) -> Hello:
    access_token = fields.text_or_none("access_token", _MAX_TOKEN)
    resume_key = fields.text_or_none("resume_key", _MAX_TOKEN)
    if (access_token is None) == (resume_key is None):
        _reject("hello: exactly one of access_token and resume_key")
    members = fields.members("resume")
    resume = None
    if members is not None:
        point = _Fields(members)
        resume = ResumePoint(point.text("epoch", _MAX_IDENTIFIER), point.number("seq"))
    return Hello(access_token, resume_key, resume)


def _publish(fields: _Fields) -> Publish:
    members = fields.members("sources")
    if members is None or len(members) > _MAX_SECTIONS:
        _reject(f"sources: an object of at most {_MAX_SECTIONS} members is wanted")
    sources = {_bounded_text(mid, "mid", _MAX_MID): _source(value) for mid, value in members.items()}
    peer = fields.text_or_none("peer", _MAX_IDENTIFIER)
    return Publish(
        sdp=fields.text("sdp", _MAX_SDP),
        sources=MappingProxyType(sources),
        peer=None if peer is None else PeerId(peer),
    )


def _source(value: object) -> Source:
    try:
        return Source(str(value))
    except ValueError:
        _reject("sources: camera, microphone, screen or screen_audio is wanted")


def _candidate(fields: _Fields) -> Candidate:
    return Candidate(fields.peer())  # the candidate itself is not read: an ICE-lite server needs none


_BODIES: Final[Mapping[str, Callable[[_Fields], Body]]] = MappingProxyType(
    {
        "publish": _publish,
        "unpublish": lambda f: Unpublish(f.peer()),
        "publication_enable": lambda f: PublicationEnable(
            PublicationId(f.text("publication", _MAX_IDENTIFIER)), f.truth("enabled")
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
        "mute": lambda f: Mute(f.seat()),
        "unmute": lambda f: Unmute(f.seat()),
        "mute_all": lambda _: MuteAll(),
        "recording_consent": lambda f: RecordingConsent(f.truth("granted")),
        "lesson_start": lambda _: LessonStart(),
        "lesson_end": lambda _: LessonEnd(),
        "remove": lambda f: Remove(f.seat()),
        "leave": lambda _: Leave(),
        "ping": lambda _: Ping(),
    }
)
REQUEST_TYPES: Final = frozenset(_BODIES)


def _bounded_text(value: object, name: str, limit: int) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= limit or not _is_encodable(value):
        _reject(f"{name}: text of 1 to {limit} characters is wanted")
    return value


def _is_encodable(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _reject(detail: str) -> NoReturn:
    raise RemoteProtocolError("bad_message", detail)
