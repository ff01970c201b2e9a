"""The links as a fold."""

from __future__ import annotations

from signaling.device_check import Measures, judge
from signaling.link_events import DeviceChecked, Receive, ReceiveChanged
from signaling.links import Links
from streaming.identifiers import SeatId

A, B = SeatId("a"), SeatId("b")


def test_who_is_sent_everything_is_not_in_the_list() -> None:
    low = Links().fold(ReceiveChanged(A, Receive.LOW))
    assert (low.receive_of(A), low.receive_of(B)) == (Receive.LOW, Receive.HIGH)
    assert low.snapshot()["receive"] == {A: "low"}
    assert low.fold(ReceiveChanged(A, Receive.HIGH)) == Links()


def test_the_newest_check_holds() -> None:
    first, second = judge(Measures(), 1), judge(Measures(down_bps=0), 2)
    links = Links().fold(DeviceChecked(A, first)).fold(DeviceChecked(B, first)).fold(DeviceChecked(A, second))
    assert links.snapshot()["checks"] == {A: second, B: first}
