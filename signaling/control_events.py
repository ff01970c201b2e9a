"""The numbered events of who may enter and what is stopped, and their values (docs/protocol.md)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from signaling.ports import LessonState
from signaling.roles import Ability, Role
from streaming.identifiers import SeatId


class Admission(StrEnum):
    """Who enters that was not in the room before."""

    OPEN = "open"
    WAITING = "waiting"
    LOCKED = "locked"


class Block(StrEnum):
    """Why one classroom's media are dropped."""

    PAUSED = "paused"
    FORBIDDEN = "forbidden"
    SHUT_DOWN = "shut_down"


@dataclass(frozen=True, slots=True)
class WaitingSeat:
    """Somebody who asks to be admitted."""

    id: SeatId
    role: Role
    name: str
    classroom: str | None


@dataclass(frozen=True, slots=True)
class Ban:
    """Holds for the seat, and for a classroom's or an assistant's seat of the same classroom."""

    seat: SeatId
    role: Role
    classroom: str | None
    name: str


@dataclass(frozen=True, slots=True)
class LessonInterrupted:
    """Within a live lesson: `suspended`, `master_lost`, or `live` again."""

    state: LessonState


@dataclass(frozen=True, slots=True)
class AllForbidden:
    forbidden: bool


@dataclass(frozen=True, slots=True)
class ClassroomBlocked:
    """`block` None: no longer.  `by` None: an administrator."""

    classroom: str
    block: Block | None
    by: SeatId | None


@dataclass(frozen=True, slots=True)
class ClassroomLocal:
    classroom: str
    is_local: bool


@dataclass(frozen=True, slots=True)
class AdmissionChanged:
    admission: Admission


@dataclass(frozen=True, slots=True)
class SeatWaiting:
    waiting: WaitingSeat


@dataclass(frozen=True, slots=True)
class SeatWaitingEnded:
    """`reason`: `admitted`, `refused` or `left`."""

    seat: SeatId
    reason: str


@dataclass(frozen=True, slots=True)
class SeatReadmitted:
    """A removed seat may come back."""

    seat: SeatId


@dataclass(frozen=True, slots=True)
class SeatBanned:
    ban: Ban


@dataclass(frozen=True, slots=True)
class BanLifted:
    seat: SeatId


@dataclass(frozen=True, slots=True)
class AbilityGranted:
    seat: SeatId
    ability: Ability
    granted: bool


@dataclass(frozen=True, slots=True)
class PolicyChanged:
    ability: Ability
    allowed: bool


@dataclass(frozen=True, slots=True)
class WhisperChanged:
    """Whom a master's whisper reaches."""

    seat: SeatId
    to: SeatId | None


@dataclass(frozen=True, slots=True)
class ListeningChanged:
    """Which classroom a master hears in its place."""

    seat: SeatId
    to: SeatId | None


ControlEvent = (
    AllForbidden
    | ClassroomBlocked
    | ClassroomLocal
    | AdmissionChanged
    | SeatWaiting
    | SeatWaitingEnded
    | SeatReadmitted
    | SeatBanned
    | BanLifted
    | AbilityGranted
    | PolicyChanged
    | WhisperChanged
    | ListeningChanged
)
"""Those that `Controls` folds."""
