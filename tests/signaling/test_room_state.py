"""The fold: what events do, and that events which do not fit do nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.events import (
    FloorGranted,
    FloorRequested,
    RoomEvent,
    Seat,
    SeatJoined,
    SeatLeft,
    SeatMuted,
)
from signaling.roles import Role
from signaling.room_state import RoomState
from streaming.errors import Refused
from streaming.identifiers import SeatId
from tests.signaling.room_driver import facts

A = SeatId("a")
SEAT = Seat(A, Role.CLASSROOM, "Room A", "a", True, False, False, True, True, None)


def test_a_hand_knows_since_when() -> None:
    state = RoomState(facts())
    state.fold(SeatJoined(SEAT), 1)
    state.fold(FloorRequested(A, 0), 5)
    state.fold(FloorRequested(A, 0), 9)
    assert state.seat(A).hand_at_ms == 5
    state.fold(FloorGranted(A), 10)
    assert state.seat(A).hand_at_ms is None
    assert state.is_on_stage(A)


def test_who_left_is_remembered_without_stage_and_hand() -> None:
    state = RoomState(facts())
    state.fold(SeatJoined(SEAT), 1)
    state.fold(SeatMuted(A, True), 2)
    state.fold(FloorGranted(A), 3)
    state.fold(SeatLeft(A, "timeout"), 4)
    assert state.absent == {A: replace(SEAT, connected=False, muted=True)}
    assert (state.floor.stage, state.removed) == ((), set())
    with pytest.raises(Refused, match="seat_unknown"):
        state.seat(A)


@given(st.lists(st.one_of([st.from_type(event_type) for event_type in get_args(RoomEvent)]), max_size=20))
def test_any_events_fold_to_a_sound_state(events: list[RoomEvent]) -> None:
    state, again = RoomState(facts()), RoomState(facts())
    for at_ms, event in enumerate(events):
        state.fold(event, at_ms)
        again.fold(event, at_ms)
    assert state == again
    assert not state.seats.keys() & state.absent.keys()
    assert {media.seat for media in state.publications.values()} <= state.seats.keys()
    assert {*state.floor.stage, *state.floor.hands} <= state.seats.keys()
