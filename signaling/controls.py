"""Who may enter and what is stopped, as the fold of the control events.

Invariants: a value is never changed, `fold` gives the next; a seat waits or is banned at most once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, TypeVar, assert_never

from signaling.control_events import (
    AbilityGranted,
    Admission,
    AdmissionChanged,
    AllForbidden,
    Ban,
    BanLifted,
    Block,
    ClassroomBlocked,
    ClassroomLocal,
    ControlEvent,
    ListeningChanged,
    PolicyChanged,
    SeatBanned,
    SeatReadmitted,
    SeatWaiting,
    SeatWaitingEnded,
    WaitingSeat,
    WhisperChanged,
)
from signaling.roles import OWN_ROOM_ROLES, Ability, Role
from streaming.identifiers import SeatId

MODE_DENIES: Final[Mapping[str, frozenset[Ability]]] = MappingProxyType(
    {
        "broadcast": frozenset(
            {
                Ability.REQUEST_FLOOR,
                Ability.BE_GRANTED_FLOOR,
                Ability.FORWARD_CAMERA,
                Ability.FORWARD_MICROPHONE,
            }
        )
    }
)
"""What a lesson's mode takes away from all but the master, until the master allows it."""

_BANNED_BY_CLASSROOM: Final = frozenset({Role.CLASSROOM, Role.ASSISTANT})

EntranceEvent = AdmissionChanged | SeatWaiting | SeatWaitingEnded | SeatReadmitted | SeatBanned | BanLifted

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Controls:
    """See the module's text.  `whispers`: whom a master's whisper reaches, `listens`: which
    classroom a master hears off stage; both by the master's seat."""

    is_all_forbidden: bool = False
    admission: Admission = Admission.OPEN
    denied: frozenset[Ability] = frozenset()
    grants: Mapping[SeatId, frozenset[Ability]] = field(default_factory=dict)
    blocks: Mapping[str, ClassroomBlocked] = field(default_factory=dict)
    local: frozenset[str] = frozenset()
    waiting: Mapping[SeatId, WaitingSeat] = field(default_factory=dict)
    bans: Mapping[SeatId, Ban] = field(default_factory=dict)
    whispers: Mapping[SeatId, SeatId] = field(default_factory=dict)
    listens: Mapping[SeatId, SeatId] = field(default_factory=dict)

    def fold(self, event: ControlEvent) -> Controls:
        """The controls after one event.  What a readmission undoes is the room's."""
        if isinstance(event, EntranceEvent):
            return self._fold_entrance(event)
        match event:
            case AllForbidden(forbidden=forbidden):
                return replace(self, is_all_forbidden=forbidden)
            case ClassroomBlocked(classroom=classroom, block=block):
                blocked = None if block is None else event
                return replace(self, blocks=_with(self.blocks, classroom, blocked))
            case ClassroomLocal(classroom=classroom, is_local=is_local):
                return replace(self, local=_toggled(self.local, classroom, is_local))
            case AbilityGranted(seat=seat, ability=ability, granted=granted):
                held = _toggled(self.grants.get(seat, frozenset()), ability, granted)
                return replace(self, grants=_with(self.grants, seat, held or None))
            case PolicyChanged(ability=ability, allowed=allowed):
                return replace(self, denied=_toggled(self.denied, ability, not allowed))
            case WhisperChanged(seat=seat, to=to):
                return replace(self, whispers=_with(self.whispers, seat, to))
            case ListeningChanged(seat=seat, to=to):
                return replace(self, listens=_with(self.listens, seat, to))
            case _:
                assert_never(event)

    def _fold_entrance(self, event: EntranceEvent) -> Controls:
        match event:
            case AdmissionChanged(admission=admission):
                return replace(self, admission=admission)
            case SeatWaiting(waiting=waiting):
                return replace(self, waiting=_with(self.waiting, waiting.id, waiting))
            case SeatWaitingEnded(seat=seat):
                return replace(self, waiting=_with(self.waiting, seat, None))
            case SeatBanned(ban=ban):
                return replace(self, bans=_with(self.bans, ban.seat, ban))
            case BanLifted(seat=seat):
                return replace(self, bans=_with(self.bans, seat, None))
            case SeatReadmitted():
                return self
            case _:
                assert_never(event)

    def without_seat(self, seat: SeatId) -> Controls:
        """A seat left: what was granted to it ends, and who whispers or listens to whom."""
        changed = replace(
            self,
            grants=_with(self.grants, seat, None),
            whispers=_without_end(self.whispers, seat),
            listens=_without_end(self.listens, seat),
        )
        return self if changed == self else changed

    def ban_of(self, seat: SeatId, role: Role, classroom: str | None) -> Ban | None:
        """The ban that keeps a seat out: its own, or that of the same role in the same classroom."""
        if seat in self.bans or not self.bans:
            return self.bans.get(seat)
        if role not in _BANNED_BY_CLASSROOM or classroom is None:
            return None
        same = (ban for ban in self.bans.values() if (ban.role, ban.classroom) == (role, classroom))
        return next(same, None)

    def is_shut_down(self, role: Role, classroom: str | None) -> bool:
        """Whether the seat's classroom was shut down; its assistant may still come."""
        block = None if classroom is None else self.blocks.get(classroom)
        return block is not None and block.block is Block.SHUT_DOWN and role in OWN_ROOM_ROLES

    def snapshot(self) -> Mapping[str, Any]:
        """The members of docs/protocol.md, section 3."""
        return {
            "is_all_forbidden": self.is_all_forbidden,
            "admission": self.admission,
            "denied": sorted(self.denied),
            "grants": {seat: sorted(held) for seat, held in self.grants.items()},
            "blocks": {room: {"block": found.block, "by": found.by} for room, found in self.blocks.items()},
            "local": sorted(self.local),
            "waiting": list(self.waiting.values()),
            "bans": list(self.bans.values()),
            "whispers": dict(self.whispers),
            "listens": dict(self.listens),
        }


def _with(items: Mapping[K, V], key: K, value: V | None) -> Mapping[K, V]:
    changed = {**items}
    changed.pop(key, None)
    if value is not None:
        changed[key] = value
    return changed


def _without_end(pairs: Mapping[SeatId, SeatId], seat: SeatId) -> Mapping[SeatId, SeatId]:
    return {a: b for a, b in pairs.items() if seat not in (a, b)}


def _toggled(items: Iterable[K], item: K, is_in: bool) -> frozenset[K]:
    return frozenset(items) | {item} if is_in else frozenset(items) - {item}
