"""A room's photo is for all rooms only by the master's act, and while its room may be seen."""

from __future__ import annotations

import pytest

from signaling.board_events import ShownPhoto
from signaling.board_messages import RoundAnswer, RoundOpen, RoundPhase, ShowPhotos
from signaling.commands import DecideConsent
from signaling.control_events import Block
from signaling.control_messages import ClassroomBlock, ForbidAll, LiveConsent
from signaling.messages import Leave, RoomBody
from signaling.ports import Decided
from signaling.rounds import AnswerKind, Phase
from streaming.errors import Refused
from streaming.identifiers import SeatId
from tests.signaling.room_driver import RoomDriver, claims

A, B = SeatId("classroom_a"), SeatId("classroom_b")
ONE, TWO = ShownPhoto("photo_1", A, "a"), ShownPhoto("photo_2", B, "b")


@pytest.fixture
def driver() -> RoomDriver:
    found = RoomDriver()
    for seat in ("master", A, B, "assistant_a"):
        found.connect(claims(seat))
    ask_for_photos(found)
    answer(found, A, "photo_1")
    answer(found, B, "photo_2")
    found.kinds()
    return found


def ask_for_photos(driver: RoomDriver) -> None:
    driver.ask("master", RoundOpen("Show it.", AnswerKind.PHOTO, ()))
    driver.ask("master", RoundPhase(number(driver), Phase.REPORT, None, None))


def number(driver: RoomDriver) -> int:
    assert driver.room.state.board.round is not None
    return driver.room.state.board.round.id


def answer(driver: RoomDriver, seat: SeatId, photo: str) -> None:
    driver.ask(seat, RoundAnswer(number(driver), (), None, None, photo))


def shown(driver: RoomDriver) -> tuple[ShownPhoto, ...]:
    return driver.room.state.board.photos


def refused(driver: RoomDriver, seat: str, *photos: str) -> str:
    with pytest.raises(Refused) as error:
        driver.ask(seat, ShowPhotos(photos))
    return error.value.code


def test_the_master_shows_several_and_takes_them_away(driver: RoomDriver) -> None:
    assert shown(driver) == ()
    for photos in (("photo_2", "photo_1"), ("photo_1",), ("photo_1",), ()):
        driver.ask("master", ShowPhotos(photos))
        assert tuple(one.photo for one in shown(driver)) == photos
    assert driver.kinds() == 3 * ["photos_shown"]


@pytest.mark.parametrize("seat", [A, "assistant_a"])
def test_nobody_else_shows_or_takes_away(driver: RoomDriver, seat: str) -> None:
    assert refused(driver, seat, "photo_1") == "not_permitted"
    driver.ask("master", ShowPhotos(("photo_1",)))
    assert refused(driver, seat) == "not_permitted"


def test_only_answers_of_the_present_round(driver: RoomDriver) -> None:
    assert refused(driver, "master", "photo_1", "photo_9") == "photo_unknown"
    driver.ask("master", ShowPhotos(("photo_1", "photo_2")))
    ask_for_photos(driver)
    assert driver.kinds() == ["photos_shown", "round_opened", "photos_shown", "round_phase"]
    assert shown(driver) == ()
    assert refused(driver, "master", "photo_1") == "photo_unknown"


@pytest.mark.parametrize(
    ("who", "ends", "begins"),
    [
        (A, LiveConsent(video=False, voice=True, seat=None), LiveConsent(video=True, voice=True, seat=None)),
        ("assistant_a", ClassroomBlock("a", Block.FORBIDDEN), ClassroomBlock("a", None)),
    ],
)
def test_what_may_not_be_seen_goes_and_stays_away(
    driver: RoomDriver, who: str, ends: RoomBody, begins: RoomBody
) -> None:
    driver.ask("master", ShowPhotos(("photo_1", "photo_2")))
    driver.ask(who, ends)
    assert shown(driver) == (TWO,)
    assert refused(driver, "master", "photo_1") == "photo_withheld"
    driver.ask(who, begins)
    assert shown(driver) == (TWO,)
    driver.ask("master", ShowPhotos(("photo_1", "photo_2")))
    assert shown(driver) == (ONE, TWO)


def test_forbid_all_takes_all_away(driver: RoomDriver) -> None:
    driver.ask("master", ShowPhotos(("photo_1", "photo_2")))
    driver.ask("master", ForbidAll(forbidden=True))
    assert shown(driver) == ()
    assert refused(driver, "master", "photo_2") == "photo_withheld"


def test_a_group_refuses_also_for_a_room_that_has_left(driver: RoomDriver) -> None:
    driver.ask("master", ShowPhotos(("photo_1", "photo_2")))
    driver.ask(A, Leave())
    assert shown(driver) == (ONE, TWO)
    driver.apply(DecideConsent(A, Decided(video=False)))
    assert shown(driver) == (TWO,)


def test_a_new_answer_is_not_shown_by_itself(driver: RoomDriver) -> None:
    driver.ask("master", ShowPhotos(("photo_1", "photo_2")))
    answer(driver, A, "photo_3")
    assert shown(driver) == (TWO,)


def test_a_restart_shows_the_same(driver: RoomDriver) -> None:
    driver.ask("master", ShowPhotos(("photo_2",)))
    driver.crash()
    assert shown(driver) == (TWO,)
