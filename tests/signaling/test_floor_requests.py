"""Hands in their fair order, and a stage that is set in one step."""

from __future__ import annotations

import pytest

from signaling.control_messages import SetPolicy
from signaling.messages import FloorGrant, FloorRequest, FloorRevoke, SetStage
from signaling.roles import Ability
from streaming.errors import Refused
from streaming.identifiers import SeatId
from streaming.session.media import Source
from tests.signaling.room_driver import RoomDriver, claims

A, B, C, D = (SeatId(f"classroom_{letter}") for letter in "abcd")


@pytest.fixture
def driver() -> RoomDriver:
    found = RoomDriver()
    for seat in ("master", A, B, C, D):
        found.connect(claims(seat))
    found.kinds()
    return found


def stage(driver: RoomDriver, *seats: SeatId) -> list[str]:
    driver.ask("master", SetStage(seats))
    return driver.kinds()


def test_the_stage_is_set_in_one_step(driver: RoomDriver) -> None:
    assert stage(driver, A, B, C) == ["floor_granted"] * 3
    assert stage(driver, B, D) == ["floor_revoked", "floor_revoked", "floor_granted"]
    assert driver.room.state.floor.stage == (B, D)
    assert stage(driver, B, D) == []
    assert stage(driver) == ["floor_revoked", "floor_revoked"]


def test_one_who_cannot_leaves_the_stage_as_it_is(driver: RoomDriver) -> None:
    stage(driver, A)
    with pytest.raises(Refused, match="seat_unknown"):
        driver.ask("master", SetStage((B, SeatId("nobody"))))
    with pytest.raises(Refused, match="not_permitted"):
        driver.ask(A, SetStage((A, B)))
    assert driver.room.state.floor.stage == (A,)


def test_least_recently_staged_first(driver: RoomDriver) -> None:
    stage(driver, A)
    stage(driver, B)
    stage(driver)
    client = driver.clients[driver.connection_of["master"]]
    for seat in (B, A, C):
        driver.ask(seat, FloorRequest(None))
    assert client.room["hands"] == [C, A, B]
    driver.ask("master", FloorGrant(C))
    driver.ask("master", FloorRevoke(C))
    driver.ask(C, FloorRequest(None))
    assert client.room["hands"] == [A, B, C]


def test_staged_voices_pass_and_all_others_do_not(driver: RoomDriver) -> None:
    for seat in (A, B):
        driver.publish(claims(seat), Source.MICROPHONE)
    stage(driver, A)
    assert driver.forbidden == {"pub_1/microphone": False, "pub_2/microphone": True}
    stage(driver, B)
    assert driver.forbidden == {"pub_1/microphone": True, "pub_2/microphone": False}


def test_hands_can_be_closed(driver: RoomDriver) -> None:
    driver.ask("master", SetPolicy(Ability.REQUEST_FLOOR, allowed=False))
    with pytest.raises(Refused, match="not_permitted"):
        driver.ask(A, FloorRequest(None))
    assert stage(driver, A) == ["policy_changed", "floor_granted"]
