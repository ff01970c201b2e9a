"""What a seat's request changes: permission first, then the state; the answer is the events that follow.

Plain functions: they read the state and change nothing.  They raise Refused with the documented code.
"""

from __future__ import annotations

from typing import assert_never

from signaling.events import (
    ConsentChanged,
    FloorGranted,
    FloorRequested,
    FloorRevoked,
    FloorWithdrawn,
    LessonStateChanged,
    PublicationChanged,
    RoomEvent,
    Seat,
    SeatLeft,
    SeatMuted,
)
from signaling.messages import (
    FloorGrant,
    FloorRequest,
    FloorRevoke,
    FloorWithdraw,
    Leave,
    LessonEnd,
    LessonStart,
    Mute,
    MuteAll,
    PublicationEnable,
    RecordingConsent,
    Remove,
    RoomBody,
    Unmute,
)
from signaling.ports import LessonState
from signaling.roles import Ability, Right, Role, may_act_on, right_of
from signaling.room_state import RoomState
from streaming.errors import Refused
from streaming.identifiers import PublicationId, SeatId
from streaming.session.media import Source


def decide(state: RoomState, seat: Seat, body: RoomBody, now_ms: int) -> list[RoomEvent]:
    """The events that the request of a present seat leads to.  `now_ms`: UTC."""
    match body:
        case FloorRequest() | FloorWithdraw() | FloorGrant() | FloorRevoke():
            return _decide_floor(state, seat, body)
        case Mute(seat=target):
            return _mute(_target(state, seat, Ability.MUTE, target), True)
        case Unmute(seat=target):
            return _mute(_target(state, seat, Ability.MUTE, target), False)
        case MuteAll():
            _require(seat, Ability.MUTE_ALL)
            return _mute_all(state)
        case RecordingConsent(granted=granted):
            _target(state, seat, Ability.CONSENT_TO_RECORDING, seat.id)
            return [] if seat.recording_consent == granted else [ConsentChanged(seat.id, granted)]
        case PublicationEnable(publication=publication, enabled=enabled):
            return _enable(state, seat, publication, enabled)
        case Remove(seat=target):
            removed = _target(state, seat, Ability.REMOVE, target)
            if removed.role is Role.MASTER:
                raise Refused("not_permitted", "The master teacher cannot be removed.")
            return [SeatLeft(removed.id, "removed")]
        case Leave():
            return [SeatLeft(seat.id, "left")]
        case LessonStart():
            _require(seat, Ability.START_LESSON)
            return start_lesson(state, now_ms)
        case LessonEnd():
            _require(seat, Ability.END_LESSON)
            return end_lesson(state, now_ms)
        case _:
            assert_never(body)


def start_lesson(state: RoomState, now_ms: int) -> list[RoomEvent]:
    """From the lobby only.  Raises Refused("lesson_state_conflict")."""
    if state.lesson.state is not LessonState.LOBBY:
        raise Refused("lesson_state_conflict", f"The lesson is {state.lesson.state}.")
    return [LessonStateChanged(LessonState.LIVE, now_ms, None)]


def end_lesson(state: RoomState, now_ms: int) -> list[RoomEvent]:
    """From the lobby (nothing was taught) or from live.  Raises Refused("lesson_state_conflict")."""
    if state.lesson.state is LessonState.ENDED:
        raise Refused("lesson_state_conflict", "The lesson is over.")
    return [LessonStateChanged(LessonState.ENDED, state.lesson.started_at_ms, now_ms)]


def _decide_floor(
    state: RoomState, seat: Seat, body: FloorRequest | FloorWithdraw | FloorGrant | FloorRevoke
) -> list[RoomEvent]:
    match body:
        case FloorRequest():
            target = _target(state, seat, Ability.REQUEST_FLOOR, body.seat or seat.id)
            _check_stageable(target)
            return [] if state.floor.request(target.id) == state.floor else [FloorRequested(target.id)]
        case FloorWithdraw():
            target = _target(state, seat, Ability.REQUEST_FLOOR, body.seat or seat.id)
            state.floor.withdraw(target.id)
            return [FloorWithdrawn(target.id)]
        case FloorGrant():
            target = _target(state, seat, Ability.GRANT_FLOOR, body.seat)
            _check_stageable(target)
            return [] if state.floor.grant(target.id) == state.floor else [FloorGranted(target.id)]
        case FloorRevoke():
            target = _target(state, seat, Ability.REVOKE_FLOOR, body.seat)
            state.floor.revoke(target.id)
            return [FloorRevoked(target.id)]
        case _:
            assert_never(body)


def _mute(target: Seat, muted: bool) -> list[RoomEvent]:
    return [] if target.muted == muted else [SeatMuted(target.id, muted)]


def _mute_all(state: RoomState) -> list[RoomEvent]:
    """Every seat but the masters' that is on stage or publishes a microphone: nobody else can be heard."""
    voices = {media.seat for media in state.publications.values() if media.source is Source.MICROPHONE}
    voices.update(state.floor.stage)
    return [
        SeatMuted(seat.id, True)
        for seat in state.seats.values()
        if seat.id in voices and seat.role is not Role.MASTER and not seat.muted
    ]


def _enable(state: RoomState, seat: Seat, publication: PublicationId, enabled: bool) -> list[RoomEvent]:
    media = state.publications.get(publication)
    if media is None or media.seat != seat.id:
        raise Refused("publication_unknown", "This seat has no such publication.")
    return [] if media.enabled == enabled else [PublicationChanged(publication, enabled)]


def _check_stageable(target: Seat) -> None:
    if right_of(target.role, Ability.BE_GRANTED_FLOOR) is Right.NEVER:
        raise Refused("not_permitted", f"A seat of role {target.role} does not go on stage.")


def _require(seat: Seat, ability: Ability) -> None:
    if right_of(seat.role, ability) is not Right.ALWAYS:
        raise Refused("not_permitted", f"The role {seat.role} may not {ability.replace('_', ' ')}.")


def _target(state: RoomState, seat: Seat, ability: Ability, target_id: SeatId) -> Seat:
    """The seat that is acted upon.  The permission is looked at first where the target's existence would
    tell."""
    if right_of(seat.role, ability) is Right.NEVER:
        raise Refused("not_permitted", f"The role {seat.role} may not {ability.replace('_', ' ')}.")
    target = state.seat(target_id)
    if not may_act_on(
        seat.role,
        ability,
        is_own_seat=target.id == seat.id,
        classroom=seat.classroom,
        target_role=target.role,
        target_classroom=target.classroom,
    ):
        raise Refused("not_permitted", f"The role {seat.role} may not {ability.replace('_', ' ')} here.")
    return target
