"""Who comes in: the waiting room knows its sockets, and nobody waits after a restart."""

from __future__ import annotations

import pytest

from signaling.control_events import Admission
from signaling.control_messages import Admit, SetAdmission
from signaling.entrance import MAX_WAITING_SEATS
from signaling.messages import LessonEnd, LessonStart
from streaming.errors import Refused, Unavailable
from streaming.identifiers import SeatId
from streaming.session.media import Source
from tests.signaling.room_driver import RoomDriver, claims

STUDENT = claims("student_a")


@pytest.fixture
def driver() -> RoomDriver:
    found = RoomDriver()
    found.connect(claims("master"))
    found.ask("master", SetAdmission(Admission.WAITING))
    found.kinds()
    return found


def test_the_newest_socket_waits(driver: RoomDriver) -> None:
    first = driver.connect(STUDENT)
    second = driver.connect(STUDENT)
    assert (first.closed, second.closed) == ("seat_replaced", None)
    assert driver.kinds() == ["seat_waiting"]
    driver.ask("master", Admit(STUDENT.seat))
    assert second.room["seats"][1]["id"] == STUDENT.seat


def test_nobody_waits_after_a_restart(driver: RoomDriver) -> None:
    driver.connect(STUDENT)
    driver.crash()
    assert driver.room.state.controls.waiting == {}
    driver.connect(claims("master"))
    with pytest.raises(Refused, match="seat_unknown"):
        driver.ask("master", Admit(STUDENT.seat))


def test_who_has_no_socket_cannot_wait(driver: RoomDriver) -> None:
    with pytest.raises(Refused, match="not_admitted"):
        driver.publish(claims("classroom_a"), Source.CAMERA, is_whip=True)
    driver.connect(STUDENT)
    with pytest.raises(Refused, match="not_admitted"):
        driver.room.check_present(STUDENT.seat)
    with pytest.raises(Refused, match="seat_unknown"):
        driver.room.check_present(SeatId("nobody"))


def test_the_waiting_room_is_bounded_and_ends_with_the_lesson(driver: RoomDriver) -> None:
    waiting = [driver.connect(claims(f"student_a{number}")) for number in range(MAX_WAITING_SEATS)]
    with pytest.raises(Unavailable, match="too_many_participants"):
        driver.connect(claims("student_b"))
    driver.ask("master", LessonStart())
    driver.ask("master", LessonEnd())
    assert {client.closed for client in waiting} == {"lesson_ended"}
