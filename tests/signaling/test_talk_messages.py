"""Pointer and text from JSON."""

from __future__ import annotations

from typing import Any

import pytest

from signaling.messages import RoomBody, parse_room_body
from signaling.talk_messages import DecideText, MovePointer, SendPrivateText, SendText
from streaming.errors import RemoteProtocolError
from streaming.identifiers import SeatId


@pytest.mark.parametrize(
    ("members", "body"),
    [
        ({"type": "pointer", "x": 0, "y": 9999}, MovePointer(0, 9999)),
        ({"type": "pointer"}, MovePointer(None, None)),
        ({"type": "text", "text": "你好"}, SendText("你好")),
        ({"type": "text_decide", "pending": 3, "approved": False}, DecideText(3, approved=False)),
        ({"type": "text_private", "seat": "a", "text": "x"}, SendPrivateText(SeatId("a"), "x")),
    ],
)
def test_requests(members: dict[str, Any], body: RoomBody) -> None:
    assert parse_room_body(members) == body


@pytest.mark.parametrize(
    "members",
    [
        {"type": "pointer", "x": 1},
        {"type": "pointer", "x": 10_000, "y": 0},
        {"type": "text", "text": "x" * 501},
        {"type": "text", "text": ""},
        {"type": "text_private", "text": "x"},
    ],
)
def test_refused(members: dict[str, Any]) -> None:
    with pytest.raises(RemoteProtocolError, match="bad_message"):
        parse_room_body(members)
