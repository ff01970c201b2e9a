"""Requests about the board from JSON, and their bounds."""

from __future__ import annotations

from typing import Any

import pytest

from signaling.board_events import Slide
from signaling.board_messages import (
    PickOf,
    PickRandom,
    RoundAnswer,
    RoundOpen,
    RoundPhase,
    ShowPhotos,
    ShowSlide,
)
from signaling.messages import RoomBody, parse_room_body
from signaling.rounds import AnswerKind, Phase
from streaming.errors import RemoteProtocolError
from streaming.identifiers import SeatId

INK: dict[str, Any] = {
    "type": "ink",
    "deck": "d",
    "page": 1,
    "color": "#000000",
    "width": 1,
    "points": [[0, 0]],
}


@pytest.mark.parametrize(
    ("members", "body"),
    [
        ({"type": "round_open", "prompt": "?", "answer": "count"}, RoundOpen("?", AnswerKind.COUNT, ())),
        (
            {"type": "round_phase", "round": 1, "phase": "stage", "seats": ["a"]},
            RoundPhase(1, Phase.STAGE, None, (SeatId("a"),)),
        ),
        (
            {"type": "round_phase", "round": 1, "phase": "report", "seats": ["a"], "local_s": 30},
            RoundPhase(1, Phase.REPORT, None, None),
        ),
        ({"type": "round_answer", "round": 1, "text": "x"}, RoundAnswer(1, (), "x", None)),
        ({"type": "round_answer", "round": 1, "photo": "p"}, RoundAnswer(1, (), None, None, "p")),
        ({"type": "pick", "of": "classroom"}, PickRandom(PickOf.CLASSROOM, 0)),
        ({"type": "slide", "deck": "deck_1", "page": 3}, ShowSlide(Slide("deck_1", 3))),
        ({"type": "slide", "deck": None}, ShowSlide(None)),
        ({"type": "photos", "photos": ["photo_2", "photo_1"]}, ShowPhotos(("photo_2", "photo_1"))),
        ({"type": "photos", "photos": []}, ShowPhotos(())),
    ],
)
def test_requests(members: dict[str, Any], body: RoomBody) -> None:
    assert parse_room_body(members) == body


@pytest.mark.parametrize(
    "members",
    [
        {"type": "round_open", "prompt": "x" * 501, "answer": "text"},
        {"type": "round_open", "prompt": "?", "answer": "choice", "choices": ["one"]},
        {"type": "round_open", "prompt": "?", "answer": "choice", "choices": ["x"] * 9},
        {"type": "round_phase", "round": 1, "phase": "local", "local_s": 4},
        {"type": "round_phase", "round": 1, "phase": "stage", "seats": ["a", "b", "c", "d"]},
        {"type": "round_answer", "round": 1, "counts": [-1, 2]},
        {"type": "round_answer", "round": 1},
        {"type": "poll_answer", "poll": 1, "counts": [1] * 9},
        {"type": "timer", "duration_s": 7201},
        {"type": "pick", "of": "number", "upto": 0},
        {"type": "slide", "deck": "../etc", "page": 1},
        {"type": "photos"},
        {"type": "photos", "photos": ["a", "b", "c", "d", "e"]},
        {"type": "photos", "photos": ["a", "a"]},
        {"type": "photos", "photos": ["a" * 65]},
        {"type": "slide", "deck": "d", "page": 0},
        {"type": "signal", "signal": "bored"},
        {**INK, "points": [[0, 0]] * 201},
        {**INK, "points": [[0, 10_000]]},
        {**INK, "color": "red"},
        {**INK, "width": 0},
    ],
)
def test_out_of_bounds(members: dict[str, Any]) -> None:
    parse_room_body(INK)
    with pytest.raises(RemoteProtocolError, match="bad_message"):
        parse_room_body(members)
