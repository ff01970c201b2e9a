"""Control requests from JSON."""

from __future__ import annotations

from typing import Any

import pytest

from signaling.control_events import Admission, Block
from signaling.control_messages import (
    ClassroomBlock,
    GrantAbility,
    Listen,
    LiveConsent,
    SetAdmission,
    Whisper,
)
from signaling.messages import RoomBody, parse_room_body
from signaling.roles import Ability
from streaming.errors import RemoteProtocolError
from streaming.identifiers import SeatId

A = SeatId("a")


@pytest.mark.parametrize(
    ("members", "body"),
    [
        (
            {"type": "classroom_block", "classroom": "c3", "block": "paused"},
            ClassroomBlock("c3", Block.PAUSED),
        ),
        ({"type": "classroom_block", "classroom": "c3"}, ClassroomBlock("c3", None)),
        ({"type": "admission", "admission": "waiting"}, SetAdmission(Admission.WAITING)),
        (
            {"type": "ability_grant", "seat": "a", "ability": "annotate", "granted": True},
            GrantAbility(A, Ability.ANNOTATE, granted=True),
        ),
        ({"type": "live_consent", "video": True, "voice": False}, LiveConsent(True, False, None)),
        ({"type": "whisper", "seat": None}, Whisper(None)),
        ({"type": "listen", "seat": "seat_a"}, Listen(SeatId("seat_a"))),
    ],
)
def test_requests(members: dict[str, Any], body: RoomBody) -> None:
    assert parse_room_body(members) == body


@pytest.mark.parametrize(
    "members",
    [
        {"type": "classroom_block", "classroom": "x" * 81, "block": None},
        {"type": "classroom_block", "classroom": "c3", "block": "stopped"},
        {"type": "admission", "admission": "closed"},
        {"type": "ability_grant", "seat": "a", "ability": "fly", "granted": True},
        {"type": "forbid_all", "forbidden": 1},
        {"type": "ban"},
        {"type": "publish", "sdp": "v=0", "sources": {}},
        {"type": "no such"},
    ],
)
def test_refused(members: dict[str, Any]) -> None:
    with pytest.raises(RemoteProtocolError, match="bad_message"):
        parse_room_body(members)
