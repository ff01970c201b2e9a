"""Differences only, prohibitions first, and cheap for many subscribers."""

from __future__ import annotations

from signaling.effects import SetForbidden, SetSpeakerGroup, SetSubscriptions
from signaling.enforcement import Enforcement
from signaling.messages import FloorGrant, FloorRequest, FloorRevoke
from signaling.peers import Subscriber
from streaming.identifiers import PeerId, SeatId
from streaming.session.media import Source
from tests.signaling.room_driver import RoomDriver, claims


def staged() -> RoomDriver:
    driver = RoomDriver()
    for seat in ("master", "classroom_a", "observer"):
        driver.connect(claims(seat))
    driver.publish(claims("master"), Source.CAMERA)
    driver.publish(claims("classroom_a"), Source.CAMERA, Source.MICROPHONE)
    driver.subscribe(claims("observer"))
    driver.of(SetSubscriptions)
    return driver


def test_nothing_is_told_twice() -> None:
    driver = staged()
    assert Enforcement().update(driver.room.state, driver.room._peers) != []
    assert driver.room._enforcement.update(driver.room.state, driver.room._peers) == []
    driver.ask("classroom_a", FloorRequest(None))
    assert driver.of(SetSubscriptions) == []


def test_prohibitions_come_first() -> None:
    driver = staged()
    effects = driver.ask("master", FloorGrant(SeatId("classroom_a")))
    kinds = [type(effect) for effect in effects if isinstance(effect, SetForbidden | SetSubscriptions)]
    assert kinds == [SetForbidden, SetSubscriptions]


def test_a_voice_competes_as_long_as_it_is_on_stage() -> None:
    driver = staged()
    room = SeatId("classroom_a")
    granted = [e for e in driver.ask("master", FloorGrant(room)) if isinstance(e, SetSpeakerGroup)]
    assert [effect.group for effect in granted] == [driver.room.state.facts.id]
    revoked = [e for e in driver.ask("master", FloorRevoke(room)) if isinstance(e, SetSpeakerGroup)]
    assert [(e.publication, e.group) for e in revoked] == [(granted[0].publication, None)]


def test_those_who_get_the_same_share_one_tuple() -> None:
    driver = staged()
    for number in range(3):
        driver.connect(claims(f"student_{number}"))
        driver.subscribe(claims(f"student_{number}"))
    told = [effect.wanted for effect in driver.of(SetSubscriptions)]
    assert len({id(wanted) for wanted in told}) == 1


def test_a_subscriber_without_a_seat_gets_nothing() -> None:
    driver = staged()
    driver.room._peers.add_subscriber(Subscriber(PeerId("sub_x"), SeatId("nobody")))
    assert driver.room._enforcement.update(driver.room.state, driver.room._peers) == []
