"""Requests for the floor: hands, and who is on stage.  Plain functions of the state, as in `requests`."""

from __future__ import annotations

from typing import assert_never

from signaling.events import FloorGranted, FloorRequested, FloorRevoked, FloorWithdrawn, RoomEvent, Seat
from signaling.messages import FloorBody, FloorGrant, FloorRequest, FloorRevoke, FloorWithdraw, SetStage
from signaling.policy import effective_right, require, target_of
from signaling.roles import Ability, Right
from signaling.room_state import RoomState
from streaming.errors import Refused
from streaming.identifiers import SeatId


def decide_floor(state: RoomState, seat: Seat, body: FloorBody) -> list[RoomEvent]:
    """The events that the request leads to."""
    floor = state.floor
    match body:
        case FloorRequest():
            target = target_of(state, seat, Ability.REQUEST_FLOOR, body.seat)
            _check_stageable(state, target)
            if floor.request(target.id) == floor:
                return []
            return [FloorRequested(target.id, floor.position(target.id))]
        case FloorWithdraw():
            target = target_of(state, seat, Ability.REQUEST_FLOOR, body.seat)
            floor.withdraw(target.id)
            return [FloorWithdrawn(target.id)]
        case FloorGrant():
            target = target_of(state, seat, Ability.GRANT_FLOOR, body.seat)
            _check_stageable(state, target)
            return [] if floor.grant(target.id) == floor else [FloorGranted(target.id)]
        case FloorRevoke():
            target = target_of(state, seat, Ability.REVOKE_FLOOR, body.seat)
            floor.revoke(target.id)
            return [FloorRevoked(target.id)]
        case SetStage(seats=seats):
            return set_stage(state, seat, seats)
        case _:
            assert_never(body)


def set_stage(state: RoomState, seat: Seat, wanted: tuple[SeatId, ...]) -> list[RoomEvent]:
    """These and no others are on stage: who leaves goes first, so that there is room."""
    require(state, seat, Ability.GRANT_FLOOR)
    for target in wanted:
        _check_stageable(state, state.seat(target))
    stage = state.floor.stage
    leaving: list[RoomEvent] = [FloorRevoked(target) for target in stage if target not in wanted]
    return leaving + [FloorGranted(target) for target in wanted if target not in stage]


def _check_stageable(state: RoomState, target: Seat) -> None:
    if effective_right(state, target, Ability.BE_GRANTED_FLOOR) is Right.NEVER:
        raise Refused("not_permitted", f"A seat of role {target.role} does not go on stage here.")
