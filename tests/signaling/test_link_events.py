"""The events of links on the wire."""

from __future__ import annotations

import json

from signaling.device_check import Measures, judge
from signaling.events import parse_event, serialize_event
from signaling.link_events import DeviceChecked, Receive, ReceiveChanged
from streaming.identifiers import SeatId

SEAT = SeatId("seat_a")


def test_a_check_on_the_wire() -> None:
    event = DeviceChecked(SEAT, judge(Measures(down_bps=400_000), 5))
    members = json.loads(serialize_event(event))
    assert (members["type"], members["seat"]) == ("device_checked", "seat_a")
    assert members["check"]["tier"] == "L3"
    assert members["check"]["verdicts"]["down"] == "amber"
    assert members["check"]["measures"]["camera_width"] is None
    assert parse_event(serialize_event(event)) == event


def test_a_changed_receive_on_the_wire() -> None:
    text = serialize_event(ReceiveChanged(SEAT, Receive.NONE))
    assert text == '{"type":"receive_changed","seat":"seat_a","picture":"none"}'
