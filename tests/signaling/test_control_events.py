"""The control events on the wire."""

from __future__ import annotations

from signaling.control_events import Ban, Block, ClassroomBlocked, SeatBanned
from signaling.events import parse_event, serialize_event
from signaling.roles import Role
from streaming.identifiers import SeatId


def test_they_come_back_as_they_were() -> None:
    for event in (
        ClassroomBlocked("c3", Block.PAUSED, SeatId("seat_a")),
        ClassroomBlocked("c3", None, None),
        SeatBanned(Ban(SeatId("seat_a"), Role.STUDENT, None, "三班")),
    ):
        assert parse_event(serialize_event(event)) == event
    blocked = '{"type":"classroom_blocked","classroom":"c3","block":"paused","by":"seat_a"}'
    assert serialize_event(ClassroomBlocked("c3", Block.PAUSED, SeatId("seat_a"))) == blocked
