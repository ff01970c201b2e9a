"""The effective right: role AND room policy AND not forbidden AND consent.  Deny by default.

`signaling.roles` says what a role may do at best; here the room's state takes away from it.  Nothing here
gives what the table does not.
"""

from __future__ import annotations

from typing import Final

from signaling.events import Seat
from signaling.ports import LessonState, SeatClaims
from signaling.roles import FORWARD, PUBLISH, Ability, Right, Role, may_act_on, right_of
from signaling.room_state import RoomState
from streaming.errors import Refused
from streaming.identifiers import SeatId
from streaming.session.media import Source

ADMINISTRATOR: Final = Seat(
    SeatId("admin"), Role.ADMIN, "", None, True, False, False, False, False, hand_at_ms=None
)
"""Who asks through REST: it is never among a room's seats."""

_ABOVE_POLICY: Final = frozenset({Role.MASTER, Role.ADMIN})
_VOICES: Final = frozenset({Source.MICROPHONE, Source.WHISPER})


def effective_right(state: RoomState, seat: Seat, ability: Ability) -> Right:
    """NEVER, ALWAYS, OWN_SEAT or OWN_ROOM, as things are now."""
    right = right_of(seat.role, ability)
    if ability in state.controls.denied and seat.role not in _ABOVE_POLICY:
        return Right.NEVER
    match right:
        case Right.ON_STAGE:
            return Right.ALWAYS if state.is_on_stage(seat.id) else Right.NEVER
        case Right.GRANTED:
            granted = ability in state.controls.grants.get(seat.id, frozenset())
            return Right.ALWAYS if granted else Right.NEVER
        case _:
            return right


def require(state: RoomState, seat: Seat, ability: Ability) -> None:
    """Raises Refused("not_permitted") unless the seat may, whomever it concerns."""
    if effective_right(state, seat, ability) is not Right.ALWAYS:
        raise _not_permitted(seat, ability)


def may_act(state: RoomState, seat: Seat, ability: Ability, target: Seat) -> bool:
    """Whether the seat may use the ability on the target now."""
    if effective_right(state, seat, ability) is Right.NEVER:
        return False
    if effective_right(state, seat, ability) is Right.ALWAYS:
        return True
    return may_act_on(
        seat.role,
        ability,
        is_own_seat=target.id == seat.id,
        classroom=seat.classroom,
        target_role=target.role,
        target_classroom=target.classroom,
    )


def target_of(state: RoomState, seat: Seat, ability: Ability, target: SeatId | None) -> Seat:
    """The present seat that is acted upon (None: the own).

    Raises Refused: not_permitted first, where seat_unknown would tell who is there.
    """
    if effective_right(state, seat, ability) is Right.NEVER:
        raise _not_permitted(seat, ability)
    found = seat if target in (None, seat.id) else state.seat(target or seat.id)
    if not may_act(state, seat, ability, found):
        raise _not_permitted(seat, ability)
    return found


def require_classroom(state: RoomState, seat: Seat, ability: Ability, classroom: str) -> None:
    """Raises Refused("not_permitted") unless the seat has the ability over that classroom."""
    right = effective_right(state, seat, ability)
    if right is Right.OWN_ROOM and seat.classroom == classroom:
        return
    if right is not Right.ALWAYS:
        raise _not_permitted(seat, ability)


def may_forward(state: RoomState, owner: Seat, source: Source) -> bool:
    """Whether the packets of a source pass the server: for nobody in a suspended or ended lesson, for the
    master alone while all are forbidden."""
    if state.lesson.state in (LessonState.SUSPENDED, LessonState.ENDED):
        return False
    is_granted = effective_right(state, owner, FORWARD[source]) is Right.ALWAYS
    if not is_granted and not (source is Source.MICROPHONE and is_listened_to(state, owner)):
        return False
    if owner.role is not Role.MASTER and state.controls.is_all_forbidden:
        return False
    if source is not Source.WHISPER and is_blocked(state, owner):
        return False
    if source in _VOICES:
        return owner.voice_consent and not owner.muted
    return owner.video_consent or source is not Source.CAMERA


def is_listened_to(state: RoomState, seat: Seat) -> bool:
    """Whether a master hears the classroom in its place, which a policy against its voice ends."""
    is_denied = Ability.FORWARD_MICROPHONE in state.controls.denied
    return not is_denied and seat.id in state.controls.listens.values()


def is_blocked(state: RoomState, seat: Seat) -> bool:
    """Whether the seat's classroom is paused, forbidden or shut down."""
    return seat.classroom in state.controls.blocks


def publishable_sources(state: RoomState, claims: SeatClaims) -> frozenset[Source]:
    """The sources that the server accepts from a seat now; whether they pass is another question."""
    seat = state.seats.get(claims.seat) or seat_of_claims(claims)
    return frozenset(
        source for source, ability in PUBLISH.items() if effective_right(state, seat, ability) is Right.ALWAYS
    )


def seat_of_claims(claims: SeatClaims) -> Seat:
    """The seat as it would be in a room that it has never been in."""
    return Seat(
        id=claims.seat,
        role=claims.role,
        name=claims.name,
        classroom=claims.classroom,
        connected=True,
        muted=False,
        recording_consent=claims.recording_consent and claims.decided.recording is not False,
        video_consent=claims.decided.video is not False,
        voice_consent=claims.decided.voice is not False,
        hand_at_ms=None,
    )


def consenting_seats(state: RoomState) -> frozenset[SeatId]:
    """Who was in the lesson and let it be recorded."""
    seats = (*state.seats.values(), *state.absent.values())
    return frozenset(seat.id for seat in seats if seat.recording_consent)


def _not_permitted(seat: Seat, ability: Ability) -> Refused:
    return Refused("not_permitted", f"The role {seat.role} may not {ability.replace('_', ' ')} here.")
