"""Bad input, of every type of request: refused with its code, nothing changed, the others unharmed.

Generated from the catalogue of requests: a new type is tried as soon as it stands there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signaling.commands import Ask, EndLesson, StartLesson
from signaling.connection import Connection, Frame
from signaling.effects import Tell, TellAll
from signaling.messages import MAX_MESSAGE_BYTES, Request, RoomBody, parse_message
from signaling.snapshot import serialize_snapshot
from streaming.errors import Refused, RemoteProtocolError, TandemError
from streaming.identifiers import SeatId
from tests.signaling import room_oracle
from tests.signaling.request_catalogue import MEDIA_REQUESTS, ROOM_REQUESTS, request_of
from tests.signaling.room_driver import Client, RoomDriver, claims
from tests.signaling.room_oracle import Person, Scene

KINDS = sorted({**ROOM_REQUESTS, **MEDIA_REQUESTS})
WRONG: tuple[object, ...] = (
    *(None, True, 17, -1, 1.5, 2**60, "", "x" * 4097, "\ud800"),
    *([], [None], {}, {"a": 1}, [[1]], ["x"] * 1000),
)
REFUSALS = frozenset(
    {
        *("not_permitted", "seat_unknown", "publication_unknown", "text_unknown", "lesson_state_conflict"),
        *("round_state_conflict", "floor_not_requested", "not_on_stage", "photo_unknown"),
    }
)
SEATS = ("master", "assistant_a", "assistant_b", "classroom_a", "classroom_b", "student_a", "observer")
PERSONS = {seat: Person(seat, claims(seat).role, claims(seat).classroom) for seat in SEATS}
FULL = {"peer": "peer_1", "sdp": "v=0", "sources": {"0": "camera"}, "candidate": {}}


def teach(*, is_live: bool = True) -> RoomDriver:
    driver = RoomDriver()
    for seat in SEATS:
        driver.connect(claims(seat))
    if is_live:
        driver.apply(StartLesson())
    return driver


def body_of(message: dict[str, Any]) -> RoomBody:
    request = parse_message(json.dumps(message))
    assert isinstance(request, Request)
    assert isinstance(request.body, RoomBody)
    return request.body


def known(driver: RoomDriver) -> tuple[str, int]:
    return serialize_snapshot(driver.room.state), driver.room.seq


def wrong_members(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in message:
        for value in WRONG:
            yield {**message, name: value}
        yield {key: value for key, value in message.items() if key != name}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_wrong_types_and_oversized_text(kind: str, data: st.DataObject) -> None:
    """Each member in turn: the message is refused as a whole, or means what it said without that member."""
    drawn = data.draw(request_of(kind))
    message = {**(FULL if kind in MEDIA_REQUESTS else {}), **drawn}
    message = {**message, "peer": "peer_1"} if "peer" in message else message
    for wrong in wrong_members(message):
        connection = Connection(0)
        connection.handle_text('{"type": "hello", "access_token": "t"}', 0)
        if connection.handle_text(json.dumps(wrong), 1) is None:
            output = connection.take_output()
            assert isinstance(output, Frame)
            assert json.loads(output.text)["code"] == "bad_message"
            assert connection.is_closing


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_of_any_type_is_bounded(kind: str) -> None:
    text = json.dumps({"type": kind, "id": "1", "padding": "x" * MAX_MESSAGE_BYTES})
    with pytest.raises(RemoteProtocolError, match="message_too_large"):
        parse_message(text)


@pytest.mark.parametrize("kind", sorted(ROOM_REQUESTS))
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), who=st.sampled_from(SEATS), is_live=st.booleans())
def test_the_wrong_phase_and_the_wrong_room(kind: str, data: st.DataObject, who: str, is_live: bool) -> None:
    """Whoever may not is refused; who may and cannot now is told why; either way nothing has happened."""
    driver = teach(is_live=is_live)
    message, before = data.draw(request_of(kind)), known(driver)
    scene = Scene(json.loads(before[0]), PERSONS, {}, driver.room._at_ms(driver.now_ns))
    may = room_oracle.may(scene, PERSONS[who], message)
    driver.effects.clear()
    try:
        driver.ask(who, body_of(message))
    except TandemError as error:
        code = error.code
    else:
        assert may
        return
    assert known(driver) == before
    assert not [effect for effect in driver.effects if isinstance(effect, Tell | TellAll)]
    assert may or code in REFUSALS


@pytest.mark.parametrize("kind", sorted(ROOM_REQUESTS))
def test_after_the_end_nothing_is_changed(kind: str) -> None:
    driver = teach()
    connections = dict(driver.connection_of)
    driver.apply(EndLesson())
    before = known(driver)

    @settings(max_examples=3, deadline=None, database=None)
    @given(request_of(kind))
    def ask(message: dict[str, Any]) -> None:
        with pytest.raises(Refused, match="lesson_ended"):
            driver.apply(Ask(connections["classroom_b"], replace_seat(message)))
        assert known(driver) == before

    ask()


def replace_seat(message: dict[str, Any]) -> RoomBody:
    """About another room's seat, where it is about a seat."""
    return body_of({**message, "seat": "classroom_a"} if "seat" in message else message)


@pytest.mark.parametrize("kind", sorted(ROOM_REQUESTS))
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), who=st.sampled_from(("master", "classroom_a", "assistant_a")))
def test_a_request_that_comes_twice(kind: str, data: st.DataObject, who: str) -> None:
    """A replayed id is one more request: it is decided anew, and its events are told once, in order."""
    driver = teach()
    watcher = driver.connect(claims("student_b"))
    message = data.draw(request_of(kind))
    for _ in range(2):
        seq = driver.room.seq
        try:
            driver.ask(who, body_of(message))
        except (TandemError, KeyError):  # refused, or the first has ended the seat's part
            assert driver.room.seq == seq
    if watcher.closed is None:
        assert watcher.seq == driver.room.seq
        assert watcher.room == json.loads(serialize_snapshot(driver.room.state))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_thousand_a_second_of_any_type(kind: str, data: st.DataObject) -> None:
    """Two hundred at once and fifty a second are taken, then the socket is closed with its code."""
    connection, taken = Connection(0), 0
    connection.handle_text('{"type": "hello", "access_token": "t"}', 0)
    message = {**(FULL if kind in MEDIA_REQUESTS else {}), **data.draw(request_of(kind))}
    text = json.dumps({**message, "peer": "peer_1"} if "peer" in message else message)
    for number in range(1000):
        taken += connection.handle_text(text, number * 1_000_000) is not None
    outputs = [json.loads(f.text) for f in iter(connection.take_output, None) if isinstance(f, Frame)]
    assert [output["code"] for output in outputs] == ["rate_limited"]
    assert 199 <= taken <= 250


def test_two_masters_teach_together() -> None:
    """Both may all; the lesson has lost its master when the last of them is gone."""
    driver = teach()
    driver.connect(replace(claims("master_b"), seat=SeatId("second_master")))
    driver.ask("second_master", body_of({"type": "floor_grant", "id": "1", "seat": "classroom_a"}))
    with pytest.raises(Refused, match="not_permitted"):
        driver.ask("master", body_of({"type": "remove", "id": "1", "seat": "second_master"}))
    driver.disconnect("master")
    assert driver.room.state.lesson.state == "live"
    driver.disconnect("second_master")
    assert driver.room.state.lesson.state == "master_lost"


def test_an_assistant_of_two_rooms_has_two_seats() -> None:
    """A seat has one classroom: the power of each ends there, whoever sits in both."""
    driver = teach()
    for seat, own, other in (
        ("assistant_a", "classroom_a", "classroom_b"),
        ("assistant_b", "classroom_b", "classroom_a"),
    ):
        driver.ask(seat, body_of({"type": "mute", "id": "1", "seat": own}))
        with pytest.raises(Refused, match="not_permitted"):
            driver.ask(seat, body_of({"type": "mute", "id": "1", "seat": other}))


def test_a_token_that_is_used_twice_gives_the_newest_socket_the_seat() -> None:
    driver = teach()
    first = driver.connection_of["classroom_a"]
    before: Client = driver.clients[first]
    driver.connect(claims("classroom_a"))
    assert before.closed == "seat_replaced"
    with pytest.raises(Refused, match="seat_replaced"):
        driver.apply(Ask(first, body_of({"type": "floor_request", "id": "1"})))
