"""What is said outside the numbered events reaches those it is for, and nobody else."""

from __future__ import annotations

import pytest

from signaling.control_messages import GrantAbility
from signaling.conversation import MAX_PENDING_TEXTS, POINTER_BURST
from signaling.messages import Leave
from signaling.roles import Ability
from signaling.talk_messages import DecideText, MovePointer, SendPrivateText, SendText
from streaming.errors import Refused
from streaming.identifiers import SeatId
from tests.signaling.room_driver import RoomDriver, claims

STUDENT = SeatId("student_a")
PEOPLE = ("master", "classroom_a", "assistant_a", "assistant_b", STUDENT, "student_b", "observer")


@pytest.fixture
def driver() -> RoomDriver:
    found = RoomDriver()
    for seat in PEOPLE:
        found.connect(claims(seat))
    found.ask("master", GrantAbility(STUDENT, Ability.SEND_TEXT, granted=True))
    found.kinds()
    return found


def told(driver: RoomDriver) -> dict[str, list[str]]:
    """The types that each client was told besides events; they are forgotten by it."""
    found = {}
    for seat, connection in driver.connection_of.items():
        client = driver.clients.get(connection)
        if client is not None and client.told:
            found[seat] = [message["type"] for message in client.told]
            client.told = []
    return found


def test_what_a_student_writes_waits_for_a_teacher(driver: RoomDriver) -> None:
    driver.ask(STUDENT, SendText("why?"))
    assert driver.kinds() == []
    assert told(driver) == {"master": ["text_pending"], "assistant_a": ["text_pending"]}
    with pytest.raises(Refused, match="not_permitted"):
        driver.ask("assistant_b", DecideText(1, approved=True))
    with pytest.raises(Refused, match="not_permitted"):
        driver.ask("student_b", DecideText(1, approved=True))
    driver.ask("assistant_a", DecideText(1, approved=True))
    assert driver.kinds() == ["text_posted"]
    assert told(driver) == {"master": ["text_decided"], "assistant_a": ["text_decided"]}
    with pytest.raises(Refused, match="text_unknown"):
        driver.ask("master", DecideText(1, approved=True))


def test_what_is_rejected_is_seen_by_nobody(driver: RoomDriver) -> None:
    driver.ask(STUDENT, SendText("rude"))
    driver.ask("master", DecideText(1, approved=False))
    assert driver.kinds() == []
    assert "student_b" not in told(driver)


def test_a_teacher_who_returns_is_told_what_waits(driver: RoomDriver) -> None:
    driver.ask(STUDENT, SendText("why?"))
    driver.disconnect("master")
    assert [message["type"] for message in driver.connect(claims("master")).told] == ["text_pending"]
    assert driver.connect(claims("assistant_b")).told == []


def test_an_author_who_leaves_takes_the_text_along(driver: RoomDriver) -> None:
    driver.ask(STUDENT, SendText("why?"))
    told(driver)
    driver.ask(STUDENT, Leave())
    assert told(driver)["master"] == ["text_decided"]
    with pytest.raises(Refused, match="text_unknown"):
        driver.ask("master", DecideText(1, approved=True))


def test_who_may_write(driver: RoomDriver) -> None:
    for seat in ("classroom_a", "student_b", "observer"):
        with pytest.raises(Refused, match="not_permitted"):
            driver.ask(seat, SendText("hello"))
    for seat in ("master", "assistant_b"):
        driver.ask(seat, SendText("hello"))
    driver.administer(SendText("The server restarts at noon."))
    assert driver.kinds() == ["text_posted"] * 3
    texts = driver.clients[driver.connection_of["observer"]].room["board"]["texts"]
    assert [text["seat"] for text in texts] == ["master", "assistant_b", None]


def test_no_more_wait_than_can_be_read(driver: RoomDriver) -> None:
    for _ in range(MAX_PENDING_TEXTS):
        driver.ask(STUDENT, SendText("why?"))
    with pytest.raises(Refused, match="limit_reached"):
        driver.ask(STUDENT, SendText("why?"))


def test_a_private_text_has_two_ends(driver: RoomDriver) -> None:
    driver.ask("assistant_a", SendPrivateText(SeatId("master"), "psst"))
    assert driver.kinds() == []
    assert told(driver) == {"master": ["text_private"], "assistant_a": ["text_private"]}
    for seat, to in (("assistant_a", "assistant_b"), ("master", STUDENT), ("master", "classroom_a")):
        with pytest.raises(Refused, match="not_permitted"):
            driver.ask(seat, SendPrivateText(SeatId(to), "psst"))
    with pytest.raises(Refused, match="not_permitted"):
        driver.ask(STUDENT, SendPrivateText(SeatId("student_b"), "psst"))
    driver.disconnect("master")
    with pytest.raises(Refused, match="seat_not_connected"):
        driver.ask("assistant_a", SendPrivateText(SeatId("master"), "psst"))


def test_the_pointer_is_thinned_and_not_stored(driver: RoomDriver) -> None:
    for number in range(50):
        driver.ask("master", MovePointer(number, 0))
    driver.ask("master", MovePointer(None, None))
    assert driver.kinds() == []
    assert told(driver)["classroom_a"] == ["pointer"] * (POINTER_BURST + 1)
    with pytest.raises(Refused, match="not_permitted"):
        driver.ask("classroom_a", MovePointer(0, 0))
