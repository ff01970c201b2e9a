"""Who keeps a seat in the room, and what it gives up when it goes."""

from __future__ import annotations

import pytest

from signaling.commands import EndPeer, TimePassed
from signaling.messages import FloorGrant, FloorRequest, Leave, Remove
from streaming.identifiers import SeatId
from streaming.session.media import Source
from tests.signaling.room_driver import SECOND_NS, RoomDriver, claims

A, B = SeatId("classroom_a"), SeatId("classroom_b")


@pytest.fixture
def driver() -> RoomDriver:
    found = RoomDriver()
    for name in ("master", A, B):
        found.connect(claims(name))
    found.kinds()
    return found


def test_what_a_seat_held_is_given_up_before_it_leaves(driver: RoomDriver) -> None:
    driver.publish(claims(A), Source.CAMERA)
    driver.ask("master", FloorGrant(A))
    driver.ask(B, FloorRequest(None))
    driver.kinds()
    driver.ask(A, Leave())
    assert driver.kinds() == ["floor_revoked", "publication_removed", "seat_left"]
    driver.ask(B, Leave())
    assert driver.kinds() == ["floor_withdrawn", "seat_left"]


def test_a_peer_keeps_a_seat_that_has_no_socket(driver: RoomDriver) -> None:
    peer = driver.publish(claims(A), Source.CAMERA, is_whip=True)
    driver.kinds()
    driver.disconnect(A)
    driver.now_ns += 3600 * SECOND_NS
    driver.apply(TimePassed())
    assert driver.kinds() == []
    assert driver.room.state.seats[A].connected
    driver.apply(EndPeer(A, peer))
    assert A not in driver.room.state.seats


@pytest.mark.parametrize(("waited_s", "is_there"), [(59, True), (60, False)])
def test_a_seat_that_nothing_keeps_is_waited_for(driver: RoomDriver, waited_s: int, is_there: bool) -> None:
    driver.disconnect(A)
    assert driver.kinds() == ["seat_connection"]
    driver.now_ns += waited_s * SECOND_NS
    driver.apply(TimePassed())
    assert (A in driver.room.state.seats) is is_there


def test_the_socket_hears_why(driver: RoomDriver) -> None:
    removed, left = (driver.clients[driver.connection_of[seat]] for seat in (A, B))
    driver.ask("master", Remove(A))
    driver.ask(B, Leave())
    assert (removed.closed, left.closed) == ("seat_removed", "left")
