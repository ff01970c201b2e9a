"""What a student group decides holds for its seat: at once, for who comes later, and whatever a link says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from signaling.commands import DecideConsent
from signaling.control_messages import LiveConsent
from signaling.messages import Leave, LessonStart, RecordingConsent
from signaling.ports import Decided
from streaming.errors import Refused
from streaming.identifiers import PublicationId, SeatId
from streaming.session.media import Source
from tests.signaling.room_driver import RoomDriver, claims

ROOM = SeatId("classroom_a")
GRANTED = Decided(recording=True, video=True, voice=True)
REFUSED = Decided(recording=False, video=False, voice=False)


@pytest.fixture
def driver() -> RoomDriver:
    found = RoomDriver()
    for name in ("master", "assistant_a"):
        found.connect(claims(name))
    return found


def come(driver: RoomDriver, decided: Decided) -> None:
    driver.connect(replace(claims("classroom_a", consent=True), decided=decided))


def consents(driver: RoomDriver) -> tuple[bool, bool, bool]:
    seat = driver.room.state.seats[ROOM]
    return seat.recording_consent, seat.video_consent, seat.voice_consent


@pytest.mark.parametrize("leaves", [False, True])
def test_who_returns_after_a_withdrawal_is_held_to_it(driver: RoomDriver, leaves: bool) -> None:
    come(driver, GRANTED)
    assert consents(driver) == (True, True, True)
    if leaves:
        driver.ask(ROOM, Leave())
    come(driver, REFUSED)
    assert consents(driver) == (False, False, False)


def test_a_decision_stops_packets_at_once(driver: RoomDriver) -> None:
    come(driver, GRANTED)
    peer = driver.publish(claims("classroom_a"), Source.CAMERA)
    camera = PublicationId(f"{peer}/camera")
    assert not driver.forbidden.get(camera, False)
    driver.kinds()
    driver.apply(DecideConsent(ROOM, replace(GRANTED, video=False)))
    assert driver.forbidden[camera]
    assert driver.kinds() == ["consent_decided", "live_consent_changed"]


def test_a_decision_overtakes_the_claims_of_who_comes(driver: RoomDriver) -> None:
    driver.apply(DecideConsent(ROOM, REFUSED))
    come(driver, GRANTED)
    assert consents(driver) == (False, False, False)
    driver.crash()
    come(driver, GRANTED)  # read after the restart: newer than what was stored
    assert driver.room.state.decided_of(ROOM) == GRANTED


@pytest.mark.parametrize("who", ["classroom_a", "assistant_a"])
def test_nobody_grants_what_the_group_has_not(driver: RoomDriver, who: str) -> None:
    come(driver, Decided(recording=False, video=False))
    with pytest.raises(Refused, match="not_permitted"):
        driver.ask(who, LiveConsent(video=True, voice=True, seat=ROOM))
    driver.ask(who, LiveConsent(video=False, voice=False, seat=ROOM))
    driver.ask(who, LiveConsent(video=False, voice=True, seat=ROOM))
    with pytest.raises(Refused, match="not_permitted"):
        driver.ask(who, RecordingConsent(granted=True, seat=ROOM))
    assert consents(driver) == (False, False, True)


def test_a_page_takes_its_own_refusal_back(driver: RoomDriver) -> None:
    come(driver, GRANTED)
    for granted in (False, True):
        driver.ask(ROOM, RecordingConsent(granted=granted))
        driver.ask(ROOM, LiveConsent(granted, granted, None))
        assert consents(driver) == (granted, granted, granted)


def test_a_later_grant_turns_nothing_on_by_itself(driver: RoomDriver) -> None:
    come(driver, REFUSED)
    driver.ask("master", LessonStart())
    driver.apply(DecideConsent(ROOM, GRANTED))
    assert consents(driver) == (False, False, False)
    driver.ask(ROOM, RecordingConsent(granted=True))
    assert consents(driver) == (True, False, False)
