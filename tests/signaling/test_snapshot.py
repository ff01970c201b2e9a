"""The snapshot has the shape of docs/protocol.md."""

from __future__ import annotations

import json
from pathlib import Path

from signaling.events import EVENT_KINDS
from signaling.messages import FloorGrant, FloorRequest
from signaling.snapshot import serialize_snapshot
from streaming.identifiers import SeatId
from streaming.session.media import Source
from tests.signaling.room_driver import RoomDriver, claims
from tests.signaling.room_fold import fold_room
from tests.signaling.room_history import VECTOR, room_history

DOCUMENT = Path(__file__).parents[2] / "docs" / "protocol.md"


def test_the_members_are_those_of_the_document() -> None:
    text = DOCUMENT.read_text(encoding="utf-8").partition("Snapshot:")[2]
    shown = json.loads(text.partition("```json")[2].partition("```")[0])
    driver = RoomDriver()
    for seat in ("master", "classroom_a", "classroom_b"):
        driver.connect(claims(seat))
    driver.publish(claims("master"), Source.CAMERA)
    driver.ask("master", FloorGrant(SeatId("classroom_a")))
    driver.ask("classroom_b", FloorRequest(None))
    snapshot = json.loads(serialize_snapshot(driver.room.state))
    assert snapshot.keys() == shown.keys()
    assert snapshot["lesson"].keys() == shown["lesson"].keys()
    assert snapshot["recording"].keys() == shown["recording"].keys()
    assert snapshot["seats"][0].keys() == shown["seats"][0].keys()
    assert snapshot["publications"][0].keys() == shown["publications"][0].keys()
    assert (snapshot["stage"], snapshot["hands"]) == (["classroom_a"], ["classroom_b"])


def test_the_vector_for_other_languages_is_what_a_room_tells() -> None:
    history = room_history()
    assert {each["event"]["type"] for each in history["events"]} == set(EVENT_KINDS)
    assert json.loads(VECTOR.read_text(encoding="utf-8")) == history, "run tests.signaling.room_history"
    room = history["start"]
    for each in history["events"]:
        fold_room(room, each["event"], each["at_ms"])
    assert room == history["end"]
