"""Room events and their JSON."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.events import (
    EVENT_KINDS,
    RoomEvent,
    Seat,
    SeatJoined,
    kind_of,
    parse_event,
    serialize_event,
)
from signaling.roles import Role
from streaming.errors import LocalProtocolError
from streaming.identifiers import SeatId


@given(st.one_of([st.from_type(event_type) for event_type in get_args(RoomEvent)]))
def test_round_trip(event: RoomEvent) -> None:
    assert kind_of(event) in EVENT_KINDS
    assert parse_event(serialize_event(event)) == event


def test_a_seat_on_the_wire() -> None:
    seat = Seat(SeatId("seat_a"), Role.CLASSROOM, "三班", "c3", True, False, False, True, True, None)
    assert serialize_event(SeatJoined(seat)) == (
        '{"type":"seat_joined","seat":{"id":"seat_a","role":"classroom","name":"三班","classroom":"c3",'
        '"connected":true,"muted":false,"recording_consent":false,"video_consent":true,"voice_consent":true,'
        '"hand_at_ms":null}}'
    )


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"type":"no"}', '{"type":"floor_granted"}', '{"type":"seat_joined","seat":{}}']
)
def test_what_is_no_event_of_ours_is_a_bug(body: str) -> None:
    with pytest.raises(LocalProtocolError):
        parse_event(body)
