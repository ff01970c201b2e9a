from __future__ import annotations

import json
from typing import Any

import pytest

from classroom_api.outbox.events import (
    Happening,
    Told,
    happening_of_state,
    serialize_told,
    timestamp,
    told_of_room_event,
)
from classroom_api.store.lessons import LessonState
from signaling.control_events import LessonInterrupted
from signaling.events import (
    ConsentChanged,
    LessonStateChanged,
    LiveConsentChanged,
    RecordingChanged,
    RoomEvent,
    Seat,
    SeatJoined,
    SeatLeft,
    serialize_event,
)
from signaling.ports import LessonState as RoomState
from signaling.ports import RecordingPolicy, RecordingState
from signaling.roles import Role
from streaming.identifiers import SeatId

SEAT = SeatId("seat_a")
PUPIL = Seat(
    SEAT,
    Role.STUDENT,
    "小明",
    "hill",
    connected=True,
    muted=False,
    recording_consent=True,
    video_consent=True,
    voice_consent=True,
    hand_at_ms=None,
)


def told(event: RoomEvent) -> Told | None:
    return told_of_room_event(json.loads(serialize_event(event)), 7, "les_a", "org_a")


@pytest.mark.parametrize(
    ("event", "kind", "data"),
    [
        (
            LessonStateChanged(RoomState.LIVE, 5, None),
            "lesson.started",
            {"started_at_ms": 5, "ended_at_ms": None, "reason": None},
        ),
        (
            LessonStateChanged(RoomState.ENDED, 5, 9, "shut_down"),
            "lesson.ended",
            {"started_at_ms": 5, "ended_at_ms": 9, "reason": "shut_down"},
        ),
        (LessonInterrupted(RoomState.SUSPENDED), "lesson.suspended", {}),
        (LessonInterrupted(RoomState.MASTER_LOST), "lesson.master_lost", {}),
        (LessonInterrupted(RoomState.LIVE), "lesson.resumed", {}),
        (SeatJoined(PUPIL), "seat.joined", {"seat": SEAT, "role": "student"}),
        (SeatLeft(SEAT, "left"), "seat.left", {"seat": SEAT, "reason": "left"}),
        (
            RecordingChanged(RecordingPolicy.STAGE, RecordingState.RECORDING, None),
            "recording.changed",
            {"policy": "stage", "state": "recording", "reason": None},
        ),
        (
            ConsentChanged(SEAT, recording_consent=False),
            "consent.changed",
            {"seat": SEAT, "kind": "recording", "granted": False},
        ),
        (
            LiveConsentChanged(SEAT, video=False, voice=True),
            "consent.changed",
            {"seat": SEAT, "kind": "live", "video": False, "voice": True},
        ),
    ],
)
def test_events_of_the_room_are_told_by_their_ids(event: RoomEvent, kind: str, data: dict[str, Any]) -> None:
    assert told(event) == Told(Happening(kind), 7, "les_a", "org_a", data)


def test_the_lobby_is_not_told_and_no_name_is() -> None:
    assert told(LessonStateChanged(RoomState.LOBBY, None, None)) is None
    joined = told(SeatJoined(PUPIL))
    assert joined is not None
    assert "小明" not in serialize_told(joined)


def test_what_people_do_to_a_lesson_is_told() -> None:
    silent = {LessonState.DRAFT, LessonState.LOBBY, LessonState.PROCESSING, LessonState.REVIEW}
    assert {state for state in LessonState if happening_of_state(state) is None} == silent


def test_a_message_says_when_it_happened() -> None:
    assert timestamp(1_700_000_000_123) == "2023-11-14T22:13:20.123Z"
    body = json.loads(serialize_told(Told(Happening.SEAT_LEFT, 0, "les_a", None, {"reason": "left"})))
    assert body == {
        "type": "seat.left",
        "timestamp": "1970-01-01T00:00:00.000Z",
        "data": {"lesson": "les_a", "reason": "left"},
    }
