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
    ADMIN = "admin"
    """An administrator asks through REST and has no seat."""


class Right(StrEnum):
    """How far an ability goes."""

    NEVER = "-"
    ALWAYS = "yes"
    ON_STAGE = "on stage"
    GRANTED = "granted"
    """By an act of the master, or of the own room's assistant, that names the seat and the ability."""
    OWN_SEAT = "own seat"
    OWN_ROOM = "own room"
    """The own seat, and the classroom and student seats of the same classroom: never another classroom's."""


class Ability(StrEnum):
    """What can be permitted.  `publish_…`: the server accepts the source.  `forward_…`: its packets pass."""

    PUBLISH_CAMERA = "publish_camera"
    PUBLISH_MICROPHONE = "publish_microphone"
    PUBLISH_SCREEN = "publish_screen"
    PUBLISH_SCREEN_AUDIO = "publish_screen_audio"
    PUBLISH_WHISPER = "publish_whisper"
    FORWARD_CAMERA = "forward_camera"
    FORWARD_MICROPHONE = "forward_microphone"
    FORWARD_SCREEN = "forward_screen"
    FORWARD_SCREEN_AUDIO = "forward_screen_audio"
    FORWARD_WHISPER = "forward_whisper"
    WHISPER_TO = "whisper_to"
    SEE_WALL = "see_wall"
    REQUEST_FLOOR = "request_floor"
    BE_GRANTED_FLOOR = "be_granted_floor"
    GRANT_FLOOR = "grant_floor"
    REVOKE_FLOOR = "revoke_floor"
    MUTE = "mute"
    MUTE_ALL = "mute_all"
    LOCK = "lock"
    ADMIT = "admit"
    REMOVE = "remove"
    BAN = "ban"
    PAUSE = "pause"
    FORBID_ALL = "forbid_all"
    SHUT_DOWN = "shut_down"
    BLOCK_CLASSROOM = "block_classroom"
    GRANT_ABILITY = "grant_ability"
    SET_POLICY = "set_policy"
    CONSENT_TO_LIVE = "consent_to_live"
    CONSENT_TO_RECORDING = "consent_to_recording"
    REFUSE_RECORDING = "refuse_recording"
    START_RECORDING = "start_recording"
    START_LESSON = "start_lesson"
    END_LESSON = "end_lesson"
    GO_ON_LOCALLY = "go_on_locally"
    OPEN_ROUND = "open_round"
    CHECK_DEVICES = "check_devices"
    SET_RECEIVE = "set_receive"
    RUN_LOCAL_PART = "run_local_part"
    ANSWER_ROUND = "answer_round"
    RAISE_SIGNAL = "raise_signal"
    CLEAR_SIGNAL = "clear_signal"
    SET_MARKER = "set_marker"
    SET_TIMER = "set_timer"
    PICK = "pick"
    SHOW_SLIDE = "show_slide"
    SHOW_PHOTOS = "show_photos"
    ANNOTATE = "annotate"
    SEND_TEXT = "send_text"
    SEND_PRIVATE_TEXT = "send_private_text"
    MODERATE_TEXT = "moderate_text"
    SHARE_FILES = "share_files"
    PUBLISH_RESOURCE = "publish_resource"
    PROPOSE_RESOURCE = "propose_resource"
    APPROVE_RESOURCE = "approve_resource"


_A, _S, _G, _SELF, _ROOM = Right.ALWAYS, Right.ON_STAGE, Right.GRANTED, Right.OWN_SEAT, Right.OWN_ROOM


def _rights(right: Right, *abilities: Ability) -> dict[Ability, Right]:
    return dict.fromkeys(abilities, right)


_MEDIA: Final = (
    Ability.PUBLISH_CAMERA,
    Ability.PUBLISH_MICROPHONE,
    Ability.FORWARD_CAMERA,
    Ability.FORWARD_MICROPHONE,
)
_SCREEN: Final = (
    Ability.PUBLISH_SCREEN,
    Ability.PUBLISH_SCREEN_AUDIO,
    Ability.FORWARD_SCREEN,
    Ability.FORWARD_SCREEN_AUDIO,
)
_WHISPER: Final = (Ability.PUBLISH_WHISPER, Ability.FORWARD_WHISPER)
_ORDER: Final = (Ability.ADMIT, Ability.REMOVE, Ability.BAN, Ability.MUTE, Ability.BLOCK_CLASSROOM)
"""What an assistant may do as well, in the own room."""
_KEYS: Final = (Ability.PAUSE, Ability.FORBID_ALL, Ability.SHUT_DOWN, Ability.LOCK, Ability.MUTE_ALL)
_TEACHING: Final = (
    Ability.WHISPER_TO,
    Ability.SEE_WALL,
    Ability.GRANT_FLOOR,
    Ability.GRANT_ABILITY,
    Ability.START_RECORDING,
    Ability.START_LESSON,
    Ability.END_LESSON,
    Ability.OPEN_ROUND,
    Ability.CLEAR_SIGNAL,
    Ability.SET_MARKER,
    Ability.SET_TIMER,
    Ability.PICK,
    Ability.SHOW_SLIDE,
    Ability.SHOW_PHOTOS,
    Ability.ANNOTATE,
    Ability.SEND_TEXT,
    Ability.SEND_PRIVATE_TEXT,
    Ability.MODERATE_TEXT,
    Ability.SHARE_FILES,
    Ability.PUBLISH_RESOURCE,
)
_CONSENTS: Final = (Ability.CONSENT_TO_LIVE, Ability.CONSENT_TO_RECORDING)
_LINK: Final = (Ability.CHECK_DEVICES, Ability.SET_RECEIVE)
_IN_CLASS: Final = (Ability.REQUEST_FLOOR, Ability.REVOKE_FLOOR, Ability.ANSWER_ROUND, *_CONSENTS, *_LINK)

RIGHTS: Final[Mapping[Role, Mapping[Ability, Right]]] = MappingProxyType(
    {
        Role.MASTER: {
            **_rights(_A, *_MEDIA, *_SCREEN, *_WHISPER, *_TEACHING, *_ORDER, *_KEYS),
            **_rights(_A, Ability.REVOKE_FLOOR, Ability.SET_POLICY, Ability.SET_RECEIVE),
            **_rights(_SELF, *_CONSENTS, Ability.CHECK_DEVICES),
        },
        Role.ASSISTANT: {
            **_rights(_A, Ability.PUBLISH_CAMERA, Ability.PUBLISH_MICROPHONE, *_WHISPER),
            **_rights(_S, Ability.FORWARD_CAMERA, Ability.FORWARD_MICROPHONE),
            **_rights(_G, *_SCREEN, Ability.ANNOTATE),
            **_rights(_A, Ability.BE_GRANTED_FLOOR, Ability.SEND_TEXT, Ability.SEND_PRIVATE_TEXT),
            **_rights(_A, Ability.RAISE_SIGNAL, Ability.PROPOSE_RESOURCE),
            **_rights(_ROOM, *_ORDER, Ability.SEE_WALL, Ability.REQUEST_FLOOR, Ability.REVOKE_FLOOR),
            **_rights(_ROOM, Ability.GRANT_ABILITY, Ability.RUN_LOCAL_PART, Ability.ANSWER_ROUND),
            **_rights(_ROOM, Ability.MODERATE_TEXT, Ability.SHARE_FILES, Ability.REFUSE_RECORDING),
            **_rights(_ROOM, Ability.CONSENT_TO_LIVE, Ability.END_LESSON, Ability.GO_ON_LOCALLY),
            **_rights(_ROOM, Ability.SET_RECEIVE),
            **_rights(_SELF, Ability.CONSENT_TO_RECORDING, Ability.CHECK_DEVICES),
        },
        Role.CLASSROOM: {
            **_rights(_A, Ability.PUBLISH_CAMERA, Ability.PUBLISH_MICROPHONE, Ability.FORWARD_CAMERA),
            **_rights(_S, Ability.FORWARD_MICROPHONE),
            **_rights(_G, Ability.ANNOTATE),
            **_rights(_A, Ability.BE_GRANTED_FLOOR, Ability.RAISE_SIGNAL),
            **_rights(_SELF, *_IN_CLASS),
        },
        Role.STUDENT: {
            **_rights(_S, *_MEDIA),
            **_rights(_G, Ability.ANNOTATE, Ability.SEND_TEXT),
            **_rights(_A, Ability.BE_GRANTED_FLOOR),
            **_rights(_SELF, *_IN_CLASS),
        },
        Role.OBSERVER: {},
        Role.ADMIN: {
            **_rights(_A, *_ORDER, *_KEYS, Ability.REVOKE_FLOOR, Ability.SET_POLICY),
            **_rights(_A, Ability.START_LESSON, Ability.END_LESSON, Ability.START_RECORDING),
            **_rights(_A, Ability.SEND_TEXT, Ability.APPROVE_RESOURCE, Ability.REFUSE_RECORDING),
        },
    }
)

PUBLISH: Final[Mapping[Source, Ability]] = MappingProxyType(
    {
        Source.CAMERA: Ability.PUBLISH_CAMERA,
        Source.MICROPHONE: Ability.PUBLISH_MICROPHONE,
        Source.SCREEN: Ability.PUBLISH_SCREEN,
        Source.SCREEN_AUDIO: Ability.PUBLISH_SCREEN_AUDIO,
        Source.WHISPER: Ability.PUBLISH_WHISPER,
    }
)
FORWARD: Final[Mapping[Source, Ability]] = MappingProxyType(
    {
        Source.CAMERA: Ability.FORWARD_CAMERA,
        Source.MICROPHONE: Ability.FORWARD_MICROPHONE,
        Source.SCREEN: Ability.FORWARD_SCREEN,
        Source.SCREEN_AUDIO: Ability.FORWARD_SCREEN_AUDIO,
        Source.WHISPER: Ability.FORWARD_WHISPER,
    }
)
OWN_ROOM_ROLES: Final = frozenset({Role.CLASSROOM, Role.STUDENT})


def right_of(role: Role, ability: Ability) -> Right:
    """The right of a role: what the table does not name is `Right.NEVER`."""
    return RIGHTS[role].get(ability, Right.NEVER)


def permissions_of(role: Role) -> tuple[str, ...]:
    """The abilities a client is told of (join answer and welcome): those it has at least sometimes without a
    grant; a grant is an event."""
    hidden, absent = {*FORWARD.values(), Ability.BE_GRANTED_FLOOR}, (Right.NEVER, Right.GRANTED)
    return tuple(a.value for a in Ability if a not in hidden and right_of(role, a) not in absent)


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
            return is_own_seat or (shares_room and target_role in OWN_ROOM_ROLES)
        case Right.NEVER | Right.ON_STAGE | Right.GRANTED:
            return False


def rights_table() -> str:
    """The table as docs/protocol.md shows it (Markdown)."""
    lines = ["| ability | " + " | ".join(Role) + " |", "|---|" + "---|" * len(Role)]
    lines += [f"| `{a}` | " + " | ".join(right_of(role, a) for role in Role) + " |" for a in Ability]
    return "\n".join(lines)
