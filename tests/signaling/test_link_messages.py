"""Requests about devices and link: bounded numbers and nothing else."""

from __future__ import annotations

import json

import pytest

from signaling.device_check import BOUNDS, Measures
from signaling.link_events import Receive
from signaling.link_messages import CheckDevices, SetReceive
from signaling.messages import Request, parse_message
from streaming.errors import RemoteProtocolError
from streaming.identifiers import SeatId


def parse(**members: object) -> object:
    found = parse_message(json.dumps({"id": "1", **members}))
    assert isinstance(found, Request)
    return found.body


def test_what_was_not_measured_is_left_out() -> None:
    body = parse(type="device_check", rtt_ms=40, clock_offset_ms=-5, camera_fps=None)
    assert body == CheckDevices(Measures(rtt_ms=40, clock_offset_ms=-5))


@pytest.mark.parametrize("measure", sorted(BOUNDS))
def test_every_measure_is_bounded(measure: str) -> None:
    least, most = BOUNDS[measure]
    for value in (least, most):
        assert parse(type="device_check", **{measure: value}) == CheckDevices(Measures(**{measure: value}))
    wrongs: tuple[object, ...] = (least - 1, most + 1, 1.5, "1", True, [])
    for wrong in wrongs:
        with pytest.raises(RemoteProtocolError, match="bad_message"):
            parse(type="device_check", **{measure: wrong})


def test_receive() -> None:
    assert parse(type="receive", picture="low") == SetReceive(Receive.LOW, None)
    assert parse(type="receive", picture="none", seat="s") == SetReceive(Receive.NONE, SeatId("s"))
    with pytest.raises(RemoteProtocolError, match="bad_message"):
        parse(type="receive", picture="medium")
