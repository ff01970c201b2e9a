"""Client messages: every type, every wrong shape, and anything at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.messages import (
    MAX_MESSAGE_BYTES,
    REQUEST_TYPES,
    Body,
    Candidate,
    FloorGrant,
    FloorRequest,
    FloorWithdraw,
    Hello,
    Mute,
    PublicationEnable,
    Publish,
    RecordingConsent,
    Request,
    ResumePoint,
    SubscribeAnswer,
    parse_message,
)
from streaming.errors import RemoteProtocolError
from streaming.identifiers import PeerId, PublicationId, SeatId
from streaming.session.media import Source

SEAT = SeatId("seat_a")
VALID: dict[str, tuple[dict[str, Any], Body]] = {
    "publish": (
        {"sdp": "v=0", "sources": {"0": "camera"}, "peer": None},
        Publish("v=0", {"0": Source.CAMERA}, None),
    ),
    "publication_enable": (
        {"publication": "pub_a", "enabled": False},
        PublicationEnable(PublicationId("pub_a"), enabled=False),
    ),
    "subscribe_answer": (
        {"peer": "peer_a", "offer_id": 3, "sdp": "v=0"},
        SubscribeAnswer(PeerId("peer_a"), 3, "v=0"),
    ),
    "candidate": ({"peer": "peer_a", "candidate": {"any": "thing"}}, Candidate(PeerId("peer_a"))),
    "floor_request": ({}, FloorRequest(None)),
    "floor_withdraw": ({"seat": "seat_a"}, FloorWithdraw(SEAT)),
    "floor_grant": ({"seat": "seat_a", "unknown": [1]}, FloorGrant(SEAT)),
    "mute": ({"seat": "seat_a"}, Mute(SEAT)),
    "recording_consent": ({"granted": True}, RecordingConsent(granted=True)),
}
FULL = {
    "id": "1",
    "sdp": "v=0",
    "sources": {"0": "camera"},
    "peer": "peer_a",
    "publication": "pub_a",
    "seats": ["seat_a"],
    "photos": ["photo_a"],
    "forbidden": True,
    "classroom": "c3",
    "block": "paused",
    "admission": "waiting",
    "ability": "annotate",
    "allowed": False,
    "video": True,
    "voice": False,
    "prompt": "How many?",
    "question": "Who agrees?",
    "answer": "choice",
    "choices": ["yes", "no"],
    "round": 1,
    "poll": 2,
    "phase": "local",
    "counts": [3, 4],
    "text": "Page 12.",
    "signal": "fault",
    "label": "Example 2",
    "duration_s": 60,
    "of": "number",
    "upto": 30,
    "deck": "deck_a",
    "page": 4,
    "color": "#d00000",
    "width": 8,
    "points": [[0, 0], [9999, 9999]],
    "approved": True,
    "pending": 1,
    "enabled": True,
    "offer_id": 1,
    "seat": "seat_a",
    "granted": True,
    "picture": "low",
}


def refused(text: str) -> str:
    with pytest.raises(RemoteProtocolError) as caught:
        parse_message(text)
    return caught.value.code


@pytest.mark.parametrize("kind", VALID)
def test_valid_requests(kind: str) -> None:
    members, body = VALID[kind]
    assert parse_message(json.dumps({"type": kind, "id": "17", **members})) == Request("17", body)


@pytest.mark.parametrize("kind", sorted(REQUEST_TYPES))
def test_every_type_is_known_and_needs_an_id(kind: str) -> None:
    assert isinstance(parse_message(json.dumps({**FULL, "type": kind})), Request)
    assert refused(json.dumps({**FULL, "type": kind, "id": ""})) == "bad_message"
    assert refused(json.dumps({**FULL, "type": kind, "id": "x" * 65})) == "bad_message"


@pytest.mark.parametrize(
    ("kind", "member", "value"),
    [
        ("publish", "sdp", "x" * 200_001),
        ("publish", "sdp", ""),
        ("publish", "sources", None),
        ("publish", "sources", {"0": "kitchen"}),
        ("publish", "sources", {"0": ["camera"]}),
        ("publish", "sources", {"m" * 17: "camera"}),
        ("publish", "sources", {str(n): "camera" for n in range(65)}),
        ("publish", "peer", 3),
        ("publication_enable", "enabled", 1),
        ("subscribe_answer", "offer_id", True),
        ("subscribe_answer", "offer_id", -1),
        ("subscribe_answer", "offer_id", 2**60),
        ("subscribe_answer", "offer_id", 1.5),
        ("floor_grant", "seat", None),
        ("floor_grant", "seat", {"a": 1}),
        ("floor_request", "seat", ""),
        ("mute", "seat", "\ud800"),
        ("recording_consent", "granted", "yes"),
    ],
)
def test_a_wrong_shape_is_refused(kind: str, member: str, value: object) -> None:
    assert refused(json.dumps({**FULL, "type": kind, member: value})) == "bad_message"


NO_MESSAGES = (
    *("", "nonsense", "[]", "null", '"hello"', "{}", '{"type": 7}', '{"type": "grant"}'),
    '{"type":"ping","id":NaN}',
    "[" * 100_000,
    '{"type":"ping","id":' + "9" * 5000 + "}",
)


@pytest.mark.parametrize("text", NO_MESSAGES, ids=lambda text: text[:16])
def test_what_is_no_message_is_refused(text: str) -> None:
    assert refused(text) == "bad_message"


def test_hello() -> None:
    assert parse_message('{"type": "hello", "access_token": "t"}') == Hello("t", None, None)
    text = '{"type": "hello", "resume_key": "k", "resume": {"epoch": "ep_a", "seq": 41}}'
    assert parse_message(text) == Hello(None, "k", ResumePoint("ep_a", 41))
    assert refused('{"type": "hello"}') == "bad_message"
    assert refused('{"type": "hello", "access_token": "t", "resume_key": "k"}') == "bad_message"
    assert refused('{"type": "hello", "access_token": "t", "resume": 4}') == "bad_message"


def test_a_message_has_at_most_256_kib() -> None:
    assert refused("x" * (MAX_MESSAGE_BYTES + 1)) == "message_too_large"
    assert refused("课" * (MAX_MESSAGE_BYTES // 3 + 1)) == "message_too_large"
    assert refused("x" * MAX_MESSAGE_BYTES) == "bad_message"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    assert refused(text) in {"bad_message", "message_too_large"}


@given(st.sampled_from(["hello", *sorted(REQUEST_TYPES)]), st.dictionaries(st.sampled_from(list(FULL)), JSON))
def test_any_members_are_parsed_or_refused(kind: str, members: dict[str, Any]) -> None:
    text = json.dumps({**FULL, **members, "type": kind})
    try:
        parsed = parse_message(text)
    except RemoteProtocolError:
        assert refused(text) == "bad_message"
    else:
        assert isinstance(parsed, Hello | Request)
