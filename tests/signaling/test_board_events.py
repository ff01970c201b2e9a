"""The board's values on the wire."""

from __future__ import annotations

from typing import get_args

from signaling.board_events import BoardEvent, Ink, InkAdded
from signaling.events import parse_event, serialize_event
from streaming.identifiers import SeatId


def test_a_stroke_on_the_wire() -> None:
    event = InkAdded(Ink(7, SeatId("seat_a"), "deck_1", 4, "#d00000", 8, ((0, 0), (9999, 5))))
    text = (
        '{"type":"ink_added","ink":{"id":7,"seat":"seat_a","deck":"deck_1","page":4,"color":"#d00000",'
        '"width":8,"points":[[0,0],[9999,5]]}}'
    )
    assert serialize_event(event) == text
    assert parse_event(text) == event


def test_no_kind_is_named_twice() -> None:
    assert len(set(get_args(BoardEvent))) == len(get_args(BoardEvent)) == 18
