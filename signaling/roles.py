"""Who may do what in a room: one table, deny by default.

`RIGHTS` is the only place where a role meets an ability.  Everything else (what a seat may publish, whose
packets the server drops, who receives the wall, whom an assistant may mute) asks this module.  The table in
docs/protocol.md is checked against `rights_table()` by a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from streaming.session.media import Source


class Role(StrEnum):
    """The part a seat plays in its lesson."""

    MASTER = "master"
    ASSISTANT = "assistant"
    CLASSROOM = "classroom"
    STUDENT = "student"
    OBSERVER = "observer"


class Right(StrEnum):
    """How far an ability goes."""

    NEVER = "-"
    ALWAYS = "yes"
    ON_STAGE = "on stage"
    OWN_SEAT = "own seat"
    OWN_ROOM = "own room"
    """The own seat, and the classroom and student seats of the same classroom: never another classroom's."""


class Ability(StrEnum):
    """What can be permitted.  `publish_…`: the server accepts the source.  `forward_…`: its packets pass."""

    PUBLISH_CAMERA = "publish_camera"
    PUBLISH_MICROPHONE = "publish_microphone"
    PUBLISH_SCREEN = "publish_screen"
    PUBLISH_SCREEN_AUDIO = "publish_screen_audio"
    FORWARD_CAMERA = "forward_camera"
    FORWARD_MICROPHONE = "forward_microphone"
    FORWARD_SCREEN = "forward_screen"
    FORWARD_SCREEN_AUDIO = "forward_screen_audio"
    SEE_WALL = "see_wall"
    REQUEST_FLOOR = "request_floor"
    BE_GRANTED_FLOOR = "be_granted_floor"
    GRANT_FLOOR = "grant_floor"
    REVOKE_FLOOR = "revoke_floor"
    MUTE = "mute"
    MUTE_ALL = "mute_all"
    REMOVE = "remove"
    CONSENT_TO_RECORDING = "consent_to_recording"
    START_LESSON = "start_lesson"
    END_LESSON = "end_lesson"


_A, _S, _SELF, _ROOM = Right.ALWAYS, Right.ON_STAGE, Right.OWN_SEAT, Right.OWN_ROOM

RIGHTS: Final[Mapping[Role, Mapping[Ability, Right]]] = MappingProxyType(
    {
        Role.MASTER: {
            Ability.PUBLISH_CAMERA: _A,
            Ability.PUBLISH_MICROPHONE: _A,
            Ability.PUBLISH_SCREEN: _A,
            Ability.PUBLISH_SCREEN_AUDIO: _A,
            Ability.FORWARD_CAMERA: _A,
            Ability.FORWARD_MICROPHONE: _A,
            Ability.FORWARD_SCREEN: _A,
            Ability.FORWARD_SCREEN_AUDIO: _A,
            Ability.SEE_WALL: _A,
            Ability.GRANT_FLOOR: _A,
            Ability.REVOKE_FLOOR: _A,
            Ability.MUTE: _A,
            Ability.MUTE_ALL: _A,
            Ability.REMOVE: _A,
            Ability.CONSENT_TO_RECORDING: _SELF,
            Ability.START_LESSON: _A,
            Ability.END_LESSON: _A,
        },
        Role.ASSISTANT: {
            Ability.PUBLISH_CAMERA: _A,
            Ability.PUBLISH_MICROPHONE: _A,
            Ability.FORWARD_CAMERA: _S,
            Ability.FORWARD_MICROPHONE: _S,
            Ability.SEE_WALL: _ROOM,
            Ability.REQUEST_FLOOR: _ROOM,
            Ability.BE_GRANTED_FLOOR: _A,
            Ability.REVOKE_FLOOR: _ROOM,
            Ability.MUTE: _ROOM,
            Ability.REMOVE: _ROOM,
            Ability.CONSENT_TO_RECORDING: _SELF,
        },
        Role.CLASSROOM: {
            Ability.PUBLISH_CAMERA: _A,
            Ability.PUBLISH_MICROPHONE: _A,
            Ability.FORWARD_CAMERA: _A,
            Ability.FORWARD_MICROPHONE: _S,
            Ability.REQUEST_FLOOR: _SELF,
            Ability.BE_GRANTED_FLOOR: _A,
            Ability.REVOKE_FLOOR: _SELF,
            Ability.CONSENT_TO_RECORDING: _SELF,
        },
        Role.STUDENT: {
            Ability.PUBLISH_CAMERA: _S,
            Ability.PUBLISH_MICROPHONE: _S,
            Ability.FORWARD_CAMERA: _S,
            Ability.FORWARD_MICROPHONE: _S,
            Ability.REQUEST_FLOOR: _SELF,
            Ability.BE_GRANTED_FLOOR: _A,
            Ability.REVOKE_FLOOR: _SELF,
            Ability.CONSENT_TO_RECORDING: _SELF,
        },
        Role.OBSERVER: {},
    }
)

_PUBLISH: Final[Mapping[Source, Ability]] = MappingProxyType(
    {
        Source.CAMERA: Ability.PUBLISH_CAMERA,
        Source.MICROPHONE: Ability.PUBLISH_MICROPHONE,
        Source.SCREEN: Ability.PUBLISH_SCREEN,
        Source.SCREEN_AUDIO: Ability.PUBLISH_SCREEN_AUDIO,
    }
)
_FORWARD: Final[Mapping[Source, Ability]] = MappingProxyType(
    {
        Source.CAMERA: Ability.FORWARD_CAMERA,
        Source.MICROPHONE: Ability.FORWARD_MICROPHONE,
        Source.SCREEN: Ability.FORWARD_SCREEN,
        Source.SCREEN_AUDIO: Ability.FORWARD_SCREEN_AUDIO,
    }
)
_OWN_ROOM_ROLES: Final = frozenset({Role.CLASSROOM, Role.STUDENT})


def right_of(role: Role, ability: Ability) -> Right:
    """The right of a role: what the table does not name is `Right.NEVER`."""
    return RIGHTS[role].get(ability, Right.NEVER)


def permissions_of(role: Role) -> tuple[str, ...]:
    """The abilities a client is told of (join answer and welcome): those it has at least sometimes."""
    hidden = {*_FORWARD.values(), Ability.BE_GRANTED_FLOOR}
    return tuple(a.value for a in Ability if a not in hidden and right_of(role, a) is not Right.NEVER)


def publishable_sources(role: Role, *, is_on_stage: bool) -> frozenset[Source]:
    """The sources that the server accepts from a seat of this role now."""
    return frozenset(s for s, ability in _PUBLISH.items() if _holds(right_of(role, ability), is_on_stage))


def is_forwarded(role: Role, source: Source, *, is_on_stage: bool) -> bool:
    """Whether packets of `source` may pass the server (a mute is not looked at here)."""
    return _holds(right_of(role, _FORWARD[source]), is_on_stage)


def may_act_on(
    role: Role,
    ability: Ability,
    *,
    is_own_seat: bool,
    classroom: str | None,
    target_role: Role,
    target_classroom: str | None,
) -> bool:
    """Whether a seat of `role` and `classroom` may use `ability` on the target seat."""
    match right_of(role, ability):
        case Right.ALWAYS:
            return True
        case Right.OWN_SEAT:
            return is_own_seat
        case Right.OWN_ROOM:
            shares_room = classroom is not None and classroom == target_classroom
            return is_own_seat or (shares_room and target_role in _OWN_ROOM_ROLES)
        case Right.NEVER | Right.ON_STAGE:
            return False


def rights_table() -> str:
    """The table as docs/protocol.md shows it (Markdown)."""
    lines = ["| ability | " + " | ".join(Role) + " |", "|---|" + "---|" * len(Role)]
    lines += [f"| `{a}` | " + " | ".join(right_of(role, a) for role in Role) + " |" for a in Ability]
    return "\n".join(lines)


def _holds(right: Right, is_on_stage: bool) -> bool:
    return right is Right.ALWAYS or (right is Right.ON_STAGE and is_on_stage)
