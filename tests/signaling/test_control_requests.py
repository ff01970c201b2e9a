"""The three keys, who enters, and what an assistant may do alone: each with what it must not do."""

from __future__ import annotations

import pytest

from signaling.commands import TimePassed
from signaling.control_events import Admission, Block
from signaling.control_messages import (
    Admit,
    BanSeat,
    ClassroomBlock,
    ForbidAll,
    GoOnLocally,
    GrantAbility,
    LessonResume,
    LessonSuspend,
    LiftBan,
    Listen,
    LiveConsent,
    RefuseAdmission,
    SetAdmission,
    SetPolicy,
    ShutDown,
    Whisper,
)
from signaling.effects import ContinueRecording, SealRecording, SuspendRecording
from signaling.messages import LessonEnd, LessonStart, Remove, RoomBody
from signaling.ports import LessonState
from signaling.roles import Ability
from streaming.errors import Refused
from streaming.identifiers import SeatId
from streaming.session.media import Source
from tests.signaling.room_driver import SECOND_NS, RoomDriver, claims

A, B = SeatId("classroom_a"), SeatId("classroom_b")
ASSISTANT_A = SeatId("assistant_a")
PEOPLE = ("master", A, B, ASSISTANT_A, "assistant_b", "student_a", "observer")
CAMERA, MICROPHONE = Source.CAMERA, Source.MICROPHONE


@pytest.fixture
def driver() -> RoomDriver:
    found = RoomDriver()
    for seat in PEOPLE:
        found.connect(claims(seat, consent=True))
    found.ask("master", LessonStart())
    found.kinds()
    return found


def state(driver: RoomDriver) -> LessonState:
    return driver.room.state.lesson.state


def refused(driver: RoomDriver, seat: str, body: RoomBody) -> str:
    before = driver.room.seq
    with pytest.raises(Refused) as caught:
        driver.ask(seat, body)
    assert driver.room.seq == before
    return caught.value.code


@pytest.mark.parametrize(
    "body",
    [
        LessonSuspend(),
        ForbidAll(forbidden=True),
        ShutDown(),
        SetAdmission(Admission.LOCKED),
        Whisper(ASSISTANT_A),
        Listen(B),
        SetPolicy(Ability.SEND_TEXT, allowed=False),
        ClassroomBlock("b", Block.PAUSED),
        BanSeat(B),
        Admit(B),
        GrantAbility(B, Ability.ANNOTATE, granted=True),
        LiveConsent(True, False, B),
        GoOnLocally(),
    ],
)
@pytest.mark.parametrize("seat", [ASSISTANT_A, A, "student_a", "observer"])
def test_what_others_may_not(driver: RoomDriver, seat: str, body: RoomBody) -> None:
    is_assistant_early = seat == ASSISTANT_A and isinstance(body, GoOnLocally)
    is_absent = seat == ASSISTANT_A and isinstance(body, Admit)
    code = "lesson_state_conflict" if is_assistant_early else "seat_unknown" if is_absent else "not_permitted"
    assert refused(driver, seat, body) == code


def test_pause_stops_everybody_and_the_replays_time(driver: RoomDriver) -> None:
    driver.publish(claims("master"), CAMERA, MICROPHONE)
    driver.publish(claims(A), CAMERA)
    driver.ask("master", LessonSuspend())
    assert state(driver) is LessonState.SUSPENDED
    assert set(driver.forbidden.values()) == {True}
    assert len(driver.of(SuspendRecording)) == 1
    assert refused(driver, "master", LessonSuspend()) == "lesson_state_conflict"
    driver.publish(claims(B), CAMERA)
    assert driver.forbidden["pub_3/camera"]
    driver.ask("master", LessonResume())
    assert set(driver.forbidden.values()) == {False}
    assert len(driver.of(ContinueRecording)) == 1
    assert refused(driver, "master", LessonResume()) == "lesson_state_conflict"


def test_a_restart_keeps_the_pause(driver: RoomDriver) -> None:
    driver.ask("master", LessonSuspend())
    driver.crash()
    assert state(driver) is LessonState.SUSPENDED
    assert len(driver.of(SuspendRecording)) == 1
    driver.connect(claims("master"))
    driver.publish(claims("master"), CAMERA)
    assert driver.forbidden == {"pub_1/camera": True}


def test_forbid_all_outlives_peers_sockets_and_the_server(driver: RoomDriver) -> None:
    driver.publish(claims("master"), CAMERA)
    driver.publish(claims(A), CAMERA)
    driver.ask("master", ForbidAll(forbidden=True))
    assert driver.forbidden == {"pub_2/camera": True}
    driver.disconnect(A)
    driver.connect(claims(A))
    driver.publish(claims(A), CAMERA)
    assert driver.forbidden["pub_3/camera"]
    driver.crash()
    driver.connect(claims(A))
    driver.publish(claims(A), CAMERA)
    assert driver.forbidden == {"pub_4/camera": True}
    driver.administer(ForbidAll(forbidden=False))
    assert driver.forbidden == {"pub_4/camera": False}


def test_shut_down_ends_at_once(driver: RoomDriver) -> None:
    client = driver.clients[driver.connection_of[A]]
    driver.ask("master", ShutDown())
    assert client.room["lesson"]["reason"] == "shut_down"
    assert client.closed == "lesson_ended"
    assert len(driver.of(SealRecording)) == 1
    with pytest.raises(Refused, match="lesson_ended"):
        driver.connect(claims(A))


def test_an_assistant_stops_the_own_room_and_the_master_hears_of_it(driver: RoomDriver) -> None:
    for seat in (A, B):
        driver.publish(claims(seat), CAMERA)
    driver.ask(ASSISTANT_A, ClassroomBlock("a", Block.PAUSED))
    assert driver.forbidden == {"pub_1/camera": True}
    master = driver.clients[driver.connection_of["master"]]
    assert master.room["controls"]["blocks"] == {"a": {"block": "paused", "by": ASSISTANT_A}}
    driver.ask(ASSISTANT_A, ClassroomBlock("a", None))
    driver.ask("master", ClassroomBlock("a", Block.FORBIDDEN))
    assert refused(driver, ASSISTANT_A, ClassroomBlock("a", None)) == "not_permitted"
    assert refused(driver, "master", ClassroomBlock("z", Block.PAUSED)) == "seat_unknown"


def test_a_room_that_is_shut_down_stays_out(driver: RoomDriver) -> None:
    client = driver.clients[driver.connection_of[A]]
    driver.ask(ASSISTANT_A, ClassroomBlock("a", Block.SHUT_DOWN))
    assert client.closed == "classroom_shut_down"
    assert driver.kinds() == ["classroom_blocked", "seat_left", "seat_left"]
    with pytest.raises(Refused, match="classroom_shut_down"):
        driver.connect(claims("student_a2", classroom="a"))
    driver.ask(ASSISTANT_A, ClassroomBlock("a", None))
    driver.connect(claims(A))


def test_the_waiting_room(driver: RoomDriver) -> None:
    driver.ask("master", SetAdmission(Admission.WAITING))
    newcomer = driver.connect(claims("student_b"))
    assert newcomer.told == [{"type": "waiting"}]
    assert newcomer.room == {}
    assert refused(driver, "student_b", LessonStart()) == "not_admitted"
    assert refused(driver, ASSISTANT_A, Admit(SeatId("student_b"))) == "not_permitted"
    driver.ask("assistant_b", Admit(SeatId("student_b")))
    assert newcomer.room["controls"]["waiting"] == []
    assert driver.kinds()[-3:] == ["seat_waiting", "seat_waiting_ended", "seat_joined"]
    driver.disconnect("student_b")
    assert driver.connect(claims("student_b")).room != {}, "who was in the room does not wait again"


def test_who_is_not_admitted(driver: RoomDriver) -> None:
    driver.ask("master", SetAdmission(Admission.WAITING))
    first, second = driver.connect(claims("student_b")), driver.connect(claims("student_b2"))
    driver.ask("master", RefuseAdmission(SeatId("student_b")))
    assert first.closed == "not_admitted"
    driver.disconnect("student_b2")
    assert second.closed is None
    assert driver.room.state.controls.waiting == {}
    third = driver.connect(claims("student_b3"))
    driver.ask("master", SetAdmission(Admission.LOCKED))
    assert third.closed == "not_admitted"
    with pytest.raises(Refused, match="room_locked"):
        driver.connect(claims("student_b4"))
    driver.disconnect(A)
    driver.connect(claims(A))
    driver.connect(claims("assistant_c"))


def test_opening_the_door_admits_all(driver: RoomDriver) -> None:
    driver.ask("master", SetAdmission(Admission.WAITING))
    newcomers = [driver.connect(claims(f"student_b{number}")) for number in range(3)]
    driver.ask("master", SetAdmission(Admission.OPEN))
    assert all(len(client.room["seats"]) >= len(PEOPLE) for client in newcomers)


def test_a_ban_outlives_reconnects_new_tokens_and_restarts(driver: RoomDriver) -> None:
    client = driver.clients[driver.connection_of[A]]
    driver.ask("master", BanSeat(A))
    assert client.closed == "seat_banned"
    driver.crash()
    driver.connect(claims("master"))
    for seat in (A, "classroom_a_with_a_new_token"):
        with pytest.raises(Refused, match="seat_banned"):
            driver.connect(claims(seat, classroom="a"))
    driver.connect(claims("student_a"))
    driver.ask("master", LiftBan(A))
    driver.connect(claims(A))
    assert refused(driver, "master", BanSeat(SeatId("master"))) == "not_permitted"


def test_an_assistant_bans_in_the_own_room_alone(driver: RoomDriver) -> None:
    driver.ask(ASSISTANT_A, BanSeat(SeatId("student_a")))
    assert refused(driver, "assistant_b", LiftBan(SeatId("student_a"))) == "not_permitted"
    assert refused(driver, A, LiftBan(SeatId("nobody"))) == "not_permitted"
    assert refused(driver, "master", LiftBan(SeatId("nobody"))) == "seat_unknown"
    driver.ask(ASSISTANT_A, LiftBan(SeatId("student_a")))


def test_a_removed_seat_is_admitted_again(driver: RoomDriver) -> None:
    driver.ask(ASSISTANT_A, Remove(A))
    with pytest.raises(Refused, match="seat_removed"):
        driver.connect(claims(A))
    assert refused(driver, "assistant_b", Admit(A)) == "not_permitted"
    driver.ask(ASSISTANT_A, Admit(A))
    driver.connect(claims(A))


def lose_the_master(driver: RoomDriver) -> None:
    driver.disconnect("master")
    driver.kinds()


def test_a_lost_master_who_returns(driver: RoomDriver) -> None:
    lose_the_master(driver)
    assert state(driver) is LessonState.MASTER_LOST
    driver.now_ns += 59 * SECOND_NS
    assert refused(driver, ASSISTANT_A, LessonEnd()) == "lesson_state_conflict"
    driver.connect(claims("master"))
    assert state(driver) is LessonState.LIVE
    assert driver.kinds() == ["seat_connection", "lesson_interrupted"]


def test_an_assistant_goes_on_locally_until_the_master_is_back(driver: RoomDriver) -> None:
    lose_the_master(driver)
    driver.now_ns += 60 * SECOND_NS
    driver.apply(TimePassed())
    driver.ask(ASSISTANT_A, GoOnLocally())
    assert driver.room.state.controls.local == {"a"}
    assert refused(driver, A, GoOnLocally()) == "not_permitted"
    driver.connect(claims("master"))
    assert driver.room.state.controls.local == frozenset()


def test_an_assistant_ends_the_own_room_and_the_last_one_the_lesson(driver: RoomDriver) -> None:
    lose_the_master(driver)
    driver.now_ns += 60 * SECOND_NS
    driver.apply(TimePassed())
    assert refused(driver, A, LessonEnd()) == "not_permitted"
    client = driver.clients[driver.connection_of[A]]
    driver.ask(ASSISTANT_A, LessonEnd())
    assert client.closed == "lesson_ended"
    assert set(driver.room.state.seats) == {B, "assistant_b", "observer"}
    assert state(driver) is LessonState.MASTER_LOST
    driver.ask("assistant_b", LessonEnd())
    assert (state(driver), driver.room.state.lesson.reason) == (LessonState.ENDED, "master_lost")


def test_a_second_master_keeps_the_lesson(driver: RoomDriver) -> None:
    driver.connect(claims("master_2"))
    driver.disconnect("master")
    assert state(driver) is LessonState.LIVE


def test_consent_stops_the_picture(driver: RoomDriver) -> None:
    driver.publish(claims(A), CAMERA)
    driver.ask(ASSISTANT_A, LiveConsent(video=False, voice=True, seat=A))
    assert driver.forbidden == {"pub_1/camera": True}
    driver.disconnect(A)
    driver.connect(claims(A))
    assert not driver.room.state.seats[A].video_consent


def test_grants_are_what_the_table_calls_granted(driver: RoomDriver) -> None:
    driver.ask("master", GrantAbility(ASSISTANT_A, Ability.PUBLISH_SCREEN, granted=True))
    assert Source.SCREEN in driver.room.allowed_sources(claims(ASSISTANT_A))
    assert driver.kinds() == ["ability_granted"] * 4
    driver.publish(claims(ASSISTANT_A), Source.SCREEN)
    driver.ask("master", GrantAbility(ASSISTANT_A, Ability.PUBLISH_SCREEN, granted=False))
    assert driver.forbidden == {"pub_1/screen": True}
    assert refused(driver, "master", GrantAbility(A, Ability.MUTE, granted=True)) == "not_permitted"
    driver.ask(ASSISTANT_A, GrantAbility(SeatId("student_a"), Ability.ANNOTATE, granted=True))
    own = GrantAbility(ASSISTANT_A, Ability.ANNOTATE, granted=True)
    assert refused(driver, ASSISTANT_A, own) == "not_permitted"


def test_nobody_is_kept_from_refusing(driver: RoomDriver) -> None:
    no_consent = SetPolicy(Ability.CONSENT_TO_RECORDING, allowed=False)
    assert refused(driver, "master", no_consent) == "not_permitted"


def test_a_master_listens_to_one_classroom_at_a_time(driver: RoomDriver) -> None:
    driver.publish(claims(A), MICROPHONE)
    driver.publish(claims(B), MICROPHONE)
    assert driver.forbidden == {"pub_1/microphone": True, "pub_2/microphone": True}
    driver.ask("master", Listen(A))
    assert driver.forbidden == {"pub_1/microphone": False, "pub_2/microphone": True}
    driver.ask("master", Listen(B))
    assert driver.forbidden == {"pub_1/microphone": True, "pub_2/microphone": False}
    driver.ask("master", SetPolicy(Ability.FORWARD_MICROPHONE, allowed=False))
    assert driver.forbidden["pub_2/microphone"]
    driver.ask("master", SetPolicy(Ability.FORWARD_MICROPHONE, allowed=True))
    driver.ask("master", Listen(None))
    assert set(driver.forbidden.values()) == {True}
    assert refused(driver, "master", Listen(ASSISTANT_A)) == "not_permitted"
    assert refused(driver, "master", Listen(SeatId("nobody"))) == "seat_unknown"


def test_an_administrator_has_no_seat(driver: RoomDriver) -> None:
    driver.administer(LessonSuspend())
    driver.administer(LessonResume())
    driver.administer(Remove(A))
    assert A not in driver.room.state.seats
    with pytest.raises(Refused, match="not_permitted"):
        driver.administer(Whisper(ASSISTANT_A))
    with pytest.raises(Refused, match="not_permitted"):
        driver.connect(claims("admin"))


def test_observers_are_listed_to_both_teachers(driver: RoomDriver) -> None:
    for teacher in ("master", ASSISTANT_A):
        seats = driver.clients[driver.connection_of[teacher]].room["seats"]
        assert "observer" in [seat["role"] for seat in seats]


@pytest.mark.parametrize("ability", [Ability.ADMIT, Ability.BAN, Ability.END_LESSON, Ability.GO_ON_LOCALLY])
def test_what_the_room_denies_an_assistant_has_no_power_over_the_absent_either(ability: Ability) -> None:
    driver = RoomDriver()
    for name in ("master", "assistant_a"):
        driver.connect(claims(name))
    driver.ask("master", LessonStart())
    driver.ask("master", SetPolicy(ability, allowed=False))
    driver.ask("master", SetAdmission(Admission.WAITING))
    driver.connect(claims("classroom_a"))
    driver.disconnect("master")
    driver.now_ns += 61 * SECOND_NS
    bodies: dict[Ability, RoomBody] = {
        Ability.ADMIT: Admit(SeatId("classroom_a")),
        Ability.BAN: LiftBan(SeatId("classroom_a")),
        Ability.END_LESSON: LessonEnd(),
        Ability.GO_ON_LOCALLY: GoOnLocally(),
    }
    with pytest.raises(Refused, match="not_permitted"):
        driver.ask("assistant_a", bodies[ability])
