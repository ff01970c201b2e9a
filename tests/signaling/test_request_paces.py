"""What a seat may ask how often; what changes nothing is free."""

from __future__ import annotations

import pytest

from signaling.board_events import Slide
from signaling.board_messages import DrawInk
from signaling.link_events import Receive, ReceiveChanged
from signaling.link_messages import SetReceive
from signaling.messages import Leave, RoomBody
from signaling.request_paces import INK_BURST, INK_INTERVAL_NS, RECEIVE_BURST, RequestPaces
from streaming.errors import Refused
from streaming.identifiers import SeatId

SEAT, OTHER = SeatId("a"), SeatId("b")
STROKE = DrawInk(Slide("deck_1", 1), "#000000", 3, ((1, 2),))
CHANGED = [ReceiveChanged(SEAT, Receive.LOW)]


@pytest.mark.parametrize(
    ("body", "burst"), [(STROKE, INK_BURST), (SetReceive(Receive.LOW, None), RECEIVE_BURST)]
)
def test_a_burst_is_taken_and_no_more(body: RoomBody, burst: int) -> None:
    paces = RequestPaces()
    for _ in range(burst):
        paces.check(SEAT, body, CHANGED, 0)
    with pytest.raises(Refused, match="rate_limited"):
        paces.check(SEAT, body, CHANGED, 0)
    paces.check(OTHER, body, CHANGED, 0)
    paces.forget(SEAT)
    paces.check(SEAT, body, CHANGED, 0)


def test_then_one_for_each_interval() -> None:
    paces = RequestPaces()
    for number in range(5 * INK_BURST):
        paces.check(SEAT, STROKE, (), number * INK_INTERVAL_NS)


def test_what_changes_nothing_is_free() -> None:
    paces = RequestPaces()
    for _ in range(3 * RECEIVE_BURST):
        paces.check(SEAT, SetReceive(Receive.LOW, None), (), 0)
        paces.check(SEAT, Leave(), (), 0)
    paces.check(SEAT, SetReceive(Receive.LOW, None), CHANGED, 0)
