"""A seat's check is judged and kept; its pictures are lowered by hand, by those who may."""

from __future__ import annotations

import pytest

from signaling.device_check import Measures, Tier
from signaling.link_events import Receive
from signaling.link_messages import CheckDevices, LinkBody, SetReceive
from signaling.messages import Leave
from streaming.errors import Refused
from streaming.identifiers import SeatId
from streaming.session.media import Source
from tests.signaling.room_driver import SECOND_NS, RoomDriver, claims

A, B, ASSISTANT_A = SeatId("classroom_a"), SeatId("classroom_b"), SeatId("assistant_a")
CHECK = CheckDevices(Measures(down_bps=300_000))


@pytest.fixture
def driver() -> RoomDriver:
    found = RoomDriver()
    for seat in ("master", A, B, ASSISTANT_A, "assistant_b", "student_a", "observer"):
        found.connect(claims(seat))
    found.kinds()
    return found


def refused(driver: RoomDriver, seat: str, body: LinkBody) -> str:
    with pytest.raises(Refused) as caught:
        driver.ask(seat, body)
    return caught.value.code


def test_a_check_is_told_to_all_and_outlives_the_seats_absence(driver: RoomDriver) -> None:
    driver.ask(A, CHECK)
    assert driver.kinds() == ["device_checked"]
    driver.ask(A, Leave())
    found = driver.room.state.links.checks[A]
    assert (found.tier, found.measures) == (Tier.L4, CHECK.measures)


def test_a_seat_checks_so_often(driver: RoomDriver) -> None:
    driver.ask(A, CHECK)
    assert refused(driver, A, CHECK) == "rate_limited"
    driver.ask(B, CHECK)
    driver.now_ns += 3 * SECOND_NS
    driver.ask(A, CHECK)


def test_an_observer_checks_and_chooses_nothing(driver: RoomDriver) -> None:
    assert refused(driver, "observer", CHECK) == "not_permitted"
    assert refused(driver, "observer", SetReceive(Receive.LOW, None)) == "not_permitted"


@pytest.mark.parametrize(
    ("who", "whose"),
    [
        (A, None),
        (ASSISTANT_A, A),
        (ASSISTANT_A, None),
        ("master", B),
        ("master", "observer"),
        ("student_a", None),
    ],
)
def test_who_may_lower(driver: RoomDriver, who: str, whose: str | None) -> None:
    seat = SeatId(whose or who)
    driver.ask(who, SetReceive(Receive.LOW, None if whose is None else seat))
    assert driver.kinds() == ["receive_changed"]
    assert driver.room.state.links.receive_of(seat) is Receive.LOW
    driver.ask(who, SetReceive(Receive.LOW, None if whose is None else seat))
    assert driver.kinds() == []


@pytest.mark.parametrize(
    ("who", "whose"), [(A, B), ("assistant_b", A), ("student_a", A), (ASSISTANT_A, "master")]
)
def test_who_may_not(driver: RoomDriver, who: str, whose: str) -> None:
    assert refused(driver, who, SetReceive(Receive.NONE, SeatId(whose))) == "not_permitted"


def test_the_server_sends_no_more_than_was_chosen(driver: RoomDriver) -> None:
    driver.publish(claims("master"), Source.CAMERA, Source.MICROPHONE, Source.SCREEN)
    peer, other = driver.subscribe(claims(A)), driver.subscribe(claims(B))

    def sent(to: str) -> dict[str, tuple[bool, bool]]:
        return {
            track.publication.partition("/")[2]: (track.low_layer, track.is_held)
            for track in driver.subscriptions[to]
        }

    everything = {"microphone": (False, False), "camera": (False, False), "screen": (False, False)}
    assert sent(peer) == sent(other) == everything
    driver.ask(A, SetReceive(Receive.LOW, None))
    assert sent(peer) == {**everything, "camera": (True, False), "screen": (True, False)}
    driver.ask("master", SetReceive(Receive.NONE, A))
    assert sent(peer) == {**everything, "camera": (True, True), "screen": (True, True)}
    driver.ask(ASSISTANT_A, SetReceive(Receive.HIGH, A))
    assert sent(peer) == everything
    assert sent(other) == everything
