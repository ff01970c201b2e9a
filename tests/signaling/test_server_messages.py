"""Server messages as docs/protocol.md shows them."""

from __future__ import annotations

import json

from signaling.ports import StoredEvent
from signaling.roles import Role
from signaling.server_messages import (
    EncodingsWantedMessage,
    Levels,
    OfferSection,
    PeerClosedMessage,
    SubscribeOfferMessage,
    Welcome,
    numbers_given,
    serialize_direct,
    serialize_error,
    serialize_levels,
    serialize_result,
    serialize_stored_event,
    serialize_welcome,
)
from streaming.identifiers import PeerId, PublicationId, SeatId
from streaming.session.media import MediaKind, Source


def test_welcome() -> None:
    welcome = Welcome(SeatId("s"), Role.STUDENT, 57, True, ("request_floor",), 1, (PeerId("p"),), None)
    assert json.loads(serialize_welcome(welcome, "ep_1", 5)) == {
        "type": "welcome",
        "seat": "s",
        "role": "student",
        "epoch": "ep_1",
        "seq": 57,
        "resumed": True,
        "permissions": ["request_floor"],
        "server_time_ms": 1,
        "heartbeat_s": 5,
        "peers": ["p"],
        "snapshot": None,
    }


def test_the_body_of_an_event_is_passed_on_as_it_was_stored() -> None:
    text = serialize_stored_event(StoredEvent(58, 7, "x", '{"type":"x","name":"三班"}'), 'ep"1')
    event = {"type": "x", "name": "三班"}
    assert json.loads(text) == {"type": "event", "epoch": 'ep"1', "seq": 58, "at_ms": 7, "event": event}


def test_messages_for_one_client() -> None:
    section = OfferSection("0", PublicationId("pub"), SeatId("s"), Source.CAMERA, MediaKind.VIDEO)
    offer = json.loads(serialize_direct(SubscribeOfferMessage(PeerId("p"), 3, "v=0", (section,))))
    assert (offer["type"], offer["offer_id"]) == ("subscribe_offer", 3)
    assert offer["sections"] == [
        {"mid": "0", "publication": "pub", "seat": "s", "source": "camera", "kind": "video"}
    ]
    closed = json.loads(serialize_direct(PeerClosedMessage(PeerId("p"), "replaced")))
    assert closed == {"type": "peer_closed", "peer": "p", "reason": "replaced"}
    wanted = EncodingsWantedMessage(PeerId("p"), PublicationId("pub"), "1", ("l", "m"))
    assert json.loads(serialize_direct(wanted)) == {
        "type": "encodings_wanted",
        "peer": "p",
        "publication": "pub",
        "mid": "1",
        "rids": ["l", "m"],
    }


def test_an_answer_says_what_was_opened() -> None:
    opened = StoredEvent(7, 1, "poll_opened", '{"type": "poll_opened", "poll": {"id": 4}}')
    joined = StoredEvent(8, 1, "seat_joined", '{"type": "seat_joined"}')
    assert numbers_given([joined, opened]) == {"poll": 4}


def test_answers_and_levels() -> None:
    assert json.loads(serialize_result("7", {"peer": "p"})) == {"type": "result", "id": "7", "peer": "p"}
    assert json.loads(serialize_error(None, "bad_message", "no"))["id"] is None
    levels = json.loads(serialize_levels(Levels(((PublicationId("pub"), -30),))))
    assert levels == {"type": "levels", "levels": [{"publication": "pub", "level_dbov": -30}]}
