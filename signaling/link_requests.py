"""Requests about a seat's devices and link.  Plain functions of the state, as in `requests`."""

from __future__ import annotations

from typing import Final, assert_never

from signaling.device_check import judge
from signaling.events import RoomEvent, Seat
from signaling.link_events import DeviceChecked, ReceiveChanged
from signaling.link_messages import CheckDevices, LinkBody, SetReceive
from signaling.policy import target_of
from signaling.roles import Ability
from signaling.room_state import RoomState
from streaming.errors import Refused

CHECK_INTERVAL_MS: Final = 3_000
"""A check is an event that is kept: a seat makes at most so many."""


def decide_link(state: RoomState, seat: Seat, body: LinkBody, now_ms: int) -> list[RoomEvent]:
    """The events that the request leads to."""
    match body:
        case CheckDevices(measures=measures):
            own = target_of(state, seat, Ability.CHECK_DEVICES, None)
            before = state.links.checks.get(own.id)
            if before is not None and 0 <= now_ms - before.at_ms < CHECK_INTERVAL_MS:
                raise Refused("rate_limited", "At most one device check every 3 s.")
            return [DeviceChecked(own.id, judge(measures, now_ms))]
        case SetReceive(picture=picture):
            target = target_of(state, seat, Ability.SET_RECEIVE, body.seat)
            is_same = state.links.receive_of(target.id) is picture
            return [] if is_same else [ReceiveChanged(target.id, picture)]
        case _:
            assert_never(body)
