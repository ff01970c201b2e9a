"""What requests lead to, and what is refused before anything changes."""

from __future__ import annotations

import pytest

from signaling.messages import (
    FloorGrant,
    FloorRequest,
    FloorRevoke,
    FloorWithdraw,
    LessonEnd,
    LessonStart,
    Mute,
    MuteAll,
    PublicationEnable,
    RecordingConsent,
    Remove,
    RoomBody,
    Unmute,
)
from streaming.errors import Refused
from streaming.identifiers import PublicationId, SeatId
from streaming.session.media import Source
from tests.signaling.room_driver import RoomDriver, claims

PEOPLE = ("master", "master_2", "classroom_a", "classroom_b", "assistant_a", "student_a", "observer")


@pytest.fixture
def driver() -> RoomDriver:
    found = RoomDriver()
    for seat in PEOPLE:
        found.connect(claims(seat))
    found.kinds()
    return found


def kinds(driver: RoomDriver, seat: str, body: RoomBody) -> list[str]:
    driver.ask(seat, body)
    return driver.kinds()


@pytest.mark.parametrize(
    ("seat", "body", "code"),
    [
        ("observer", FloorRequest(None), "not_permitted"),
        ("master", FloorRequest(None), "not_permitted"),
        ("assistant_a", FloorRequest(SeatId("classroom_b")), "not_permitted"),
        ("classroom_a", FloorRequest(SeatId("classroom_b")), "not_permitted"),
        ("classroom_a", FloorWithdraw(None), "floor_not_requested"),
        ("classroom_a", FloorGrant(SeatId("classroom_a")), "not_permitted"),
        ("assistant_a", FloorGrant(SeatId("classroom_a")), "not_permitted"),
        ("master", FloorGrant(SeatId("observer")), "not_permitted"),
        ("master", FloorGrant(SeatId("nobody")), "seat_unknown"),
        ("student_a", FloorGrant(SeatId("nobody")), "not_permitted"),
        ("master", FloorRevoke(SeatId("classroom_a")), "not_on_stage"),
        ("classroom_a", FloorRevoke(SeatId("classroom_b")), "not_permitted"),
        ("assistant_a", Mute(SeatId("classroom_b")), "not_permitted"),
        ("assistant_a", Mute(SeatId("master")), "not_permitted"),
        ("classroom_a", Unmute(SeatId("classroom_a")), "not_permitted"),
        ("assistant_a", MuteAll(), "not_permitted"),
        ("assistant_a", Remove(SeatId("classroom_b")), "not_permitted"),
        ("master", Remove(SeatId("master_2")), "not_permitted"),
        ("observer", RecordingConsent(granted=True), "not_permitted"),
        ("assistant_a", LessonStart(), "not_permitted"),
        ("classroom_a", LessonEnd(), "not_permitted"),
        ("master", PublicationEnable(PublicationId("pub_x"), enabled=False), "publication_unknown"),
    ],
)
def test_refusals(driver: RoomDriver, seat: str, body: RoomBody, code: str) -> None:
    with pytest.raises(Refused) as caught:
        driver.ask(seat, body)
    assert caught.value.code == code
    assert driver.kinds() == []


def test_the_stage_is_full(driver: RoomDriver) -> None:
    for seat in ("classroom_a", "classroom_b", "student_a"):
        driver.ask("master", FloorGrant(SeatId(seat)))
    with pytest.raises(Refused, match="stage_full"):
        driver.ask("master", FloorGrant(SeatId("assistant_a")))


def test_hands(driver: RoomDriver) -> None:
    assert kinds(driver, "assistant_a", FloorRequest(SeatId("classroom_a"))) == ["floor_requested"]
    assert kinds(driver, "classroom_a", FloorRequest(None)) == []
    assert kinds(driver, "assistant_a", FloorWithdraw(SeatId("classroom_a"))) == ["floor_withdrawn"]
    assert kinds(driver, "master", FloorGrant(SeatId("classroom_a"))) == ["floor_granted"]
    assert kinds(driver, "master", FloorGrant(SeatId("classroom_a"))) == []
    assert kinds(driver, "classroom_a", FloorRequest(None)) == []
    assert kinds(driver, "classroom_a", FloorRevoke(SeatId("classroom_a"))) == ["floor_revoked"]


def test_mutes(driver: RoomDriver) -> None:
    assert kinds(driver, "assistant_a", Mute(SeatId("classroom_a"))) == ["seat_muted"]
    assert kinds(driver, "master", Mute(SeatId("classroom_a"))) == []
    assert kinds(driver, "master", Unmute(SeatId("classroom_a"))) == ["seat_muted"]
    driver.publish(claims("classroom_a"), Source.MICROPHONE)
    driver.publish(claims("master"), Source.MICROPHONE)
    driver.ask("master", FloorGrant(SeatId("student_a")))
    driver.kinds()
    assert kinds(driver, "master", MuteAll()) == ["seat_muted", "seat_muted"]
    muted = {seat.id for seat in driver.room.state.seats.values() if seat.muted}
    assert muted == {"classroom_a", "student_a"}


def test_own_publications_and_consent(driver: RoomDriver) -> None:
    driver.publish(claims("classroom_a"), Source.CAMERA)
    driver.kinds()
    camera = PublicationId("pub_1/camera")
    assert kinds(driver, "classroom_a", PublicationEnable(camera, enabled=False)) == ["publication_changed"]
    assert kinds(driver, "classroom_a", PublicationEnable(camera, enabled=False)) == []
    with pytest.raises(Refused, match="publication_unknown"):
        driver.ask("master", PublicationEnable(camera, enabled=True))
    assert kinds(driver, "classroom_a", RecordingConsent(granted=True)) == ["consent_changed"]
    assert kinds(driver, "classroom_a", RecordingConsent(granted=True)) == []


def test_an_assistant_removes_in_the_own_room(driver: RoomDriver) -> None:
    assert kinds(driver, "assistant_a", Remove(SeatId("student_a"))) == ["seat_left"]


def test_start_and_end(driver: RoomDriver) -> None:
    assert kinds(driver, "master", LessonStart()) == ["lesson_state", "recording_state"]
    with pytest.raises(Refused, match="lesson_state_conflict"):
        driver.ask("master", LessonStart())
    assert kinds(driver, "master", LessonEnd()) == ["lesson_state", "recording_state"]
