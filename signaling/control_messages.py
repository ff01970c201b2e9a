"""Requests about order in the room: the three keys, who enters, who may what (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from signaling.control_events import Admission, Block
from signaling.fields import Fields
from signaling.roles import Ability
from streaming.identifiers import SeatId

MAX_CLASSROOM: Final = 80


@dataclass(frozen=True, slots=True)
class SwitchRecording:
    is_on: bool


@dataclass(frozen=True, slots=True)
class LessonSuspend:
    pass


@dataclass(frozen=True, slots=True)
class LessonResume:
    pass


@dataclass(frozen=True, slots=True)
class ForbidAll:
    forbidden: bool


@dataclass(frozen=True, slots=True)
class ShutDown:
    pass


@dataclass(frozen=True, slots=True)
class ClassroomBlock:
    classroom: str
    block: Block | None


@dataclass(frozen=True, slots=True)
class GoOnLocally:
    pass


@dataclass(frozen=True, slots=True)
class SetAdmission:
    admission: Admission


@dataclass(frozen=True, slots=True)
class Admit:
    """A waiting seat, or one that was removed."""

    seat: SeatId


@dataclass(frozen=True, slots=True)
class RefuseAdmission:
    seat: SeatId


@dataclass(frozen=True, slots=True)
class BanSeat:
    seat: SeatId


@dataclass(frozen=True, slots=True)
class LiftBan:
    seat: SeatId


@dataclass(frozen=True, slots=True)
class GrantAbility:
    seat: SeatId
    ability: Ability
    granted: bool


@dataclass(frozen=True, slots=True)
class SetPolicy:
    ability: Ability
    allowed: bool


@dataclass(frozen=True, slots=True)
class LiveConsent:
    """`seat` None: the own."""

    video: bool
    voice: bool
    seat: SeatId | None


@dataclass(frozen=True, slots=True)
class Whisper:
    """A master's whisper reaches this assistant; None: nobody."""

    seat: SeatId | None


@dataclass(frozen=True, slots=True)
class Listen:
    """A master hears this classroom in its place, without a stage; None: no classroom."""

    seat: SeatId | None


ControlBody = (
    SwitchRecording
    | LessonSuspend
    | LessonResume
    | ForbidAll
    | ShutDown
    | ClassroomBlock
    | GoOnLocally
    | SetAdmission
    | Admit
    | RefuseAdmission
    | BanSeat
    | LiftBan
    | GrantAbility
    | SetPolicy
    | LiveConsent
    | Whisper
    | Listen
)

CONTROL_BODIES: Final[Mapping[str, Callable[[Fields], ControlBody]]] = MappingProxyType(
    {
        "recording_start": lambda _: SwitchRecording(is_on=True),
        "recording_stop": lambda _: SwitchRecording(is_on=False),
        "lesson_suspend": lambda _: LessonSuspend(),
        "lesson_resume": lambda _: LessonResume(),
        "forbid_all": lambda f: ForbidAll(f.truth("forbidden")),
        "shut_down": lambda _: ShutDown(),
        "classroom_block": lambda f: ClassroomBlock(
            f.text("classroom", MAX_CLASSROOM), f.choice_or_none("block", Block)
        ),
        "go_on_locally": lambda _: GoOnLocally(),
        "admission": lambda f: SetAdmission(f.choice("admission", Admission)),
        "admit": lambda f: Admit(f.seat()),
        "refuse": lambda f: RefuseAdmission(f.seat()),
        "ban": lambda f: BanSeat(f.seat()),
        "lift_ban": lambda f: LiftBan(f.seat()),
        "ability_grant": lambda f: GrantAbility(f.seat(), f.choice("ability", Ability), f.truth("granted")),
        "policy": lambda f: SetPolicy(f.choice("ability", Ability), f.truth("allowed")),
        "live_consent": lambda f: LiveConsent(f.truth("video"), f.truth("voice"), f.seat_or_none()),
        "whisper": lambda f: Whisper(f.seat_or_none()),
        "listen": lambda f: Listen(f.seat_or_none()),
    }
)
