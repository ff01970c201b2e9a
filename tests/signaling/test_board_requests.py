"""A round through all its phases, polls, signals, markers, timer, chance, slides and ink."""

from __future__ import annotations

import pytest

from signaling.board import MAX_INK_POINTS, MAX_MARKERS
from signaling.board_events import Deck, Signal, Slide
from signaling.board_messages import (
    ClearInk,
    ClearSignal,
    DrawInk,
    PickOf,
    PickRandom,
    PollAnswer,
    PollClose,
    PollOpen,
    RaiseSignal,
    RoundAnswer,
    RoundDone,
    RoundOpen,
    RoundPhase,
    SetMarker,
    SetTimer,
    ShowSlide,
)
from signaling.commands import DecksChanged, EndLesson, TimePassed
from signaling.control_messages import GrantAbility
from signaling.messages import RoomBody
from signaling.roles import Ability
from signaling.rounds import AnswerKind, Phase
from streaming.errors import Refused
from streaming.identifiers import SeatId
from tests.signaling.room_driver import SECOND_NS, RoomDriver, claims

A, B = SeatId("classroom_a"), SeatId("classroom_b")
PEOPLE = ("master", A, B, "assistant_a", "student_a", "observer")
DECK = Deck("deck_1", "Fractions", 30)
PAGE = Slide("deck_1", 4)
STROKE = tuple((n, n) for n in range(200))


@pytest.fixture
def driver() -> RoomDriver:
    found = RoomDriver()
    for seat in PEOPLE:
        found.connect(claims(seat))
    found.apply(DecksChanged((DECK,)))
    found.kinds()
    return found


def refused(driver: RoomDriver, seat: str, body: RoomBody) -> str:
    before = driver.room.seq
    with pytest.raises(Refused) as caught:
        driver.ask(seat, body)
    assert driver.room.seq == before
    return caught.value.code


def open_round(driver: RoomDriver, kind: AnswerKind = AnswerKind.COUNT) -> int:
    driver.ask("master", RoundOpen("How many?", kind, ("yes", "no") if kind is AnswerKind.CHOICE else ()))
    current = driver.room.state.board.round
    assert current is not None
    return current.id


def test_a_round_through_all_its_phases(driver: RoomDriver) -> None:
    number = open_round(driver)
    assert refused(driver, A, RoundAnswer(number, (1, 2), None, None)) == "round_state_conflict"
    driver.ask("master", RoundPhase(number, Phase.LOCAL, 30, None))
    driver.ask("assistant_a", RoundDone(number))
    driver.ask("assistant_a", RoundAnswer(number, (9, 12), None, None))
    driver.ask("master", RoundPhase(number, Phase.REPORT, None, None))
    driver.ask(A, RoundAnswer(number, (10, 12), None, None))
    driver.ask(B, RoundAnswer(number, (5, 8), None, None))
    driver.ask("master", RoundPhase(number, Phase.STAGE, None, (A, B)))
    assert driver.room.state.floor.stage == (A, B)
    driver.ask("master", RoundPhase(number, Phase.CLOSED, None, None))
    assert driver.kinds() == [
        "round_opened",
        "round_phase",
        "round_ready",
        "round_answered",
        "round_phase",
        "round_answered",
        "round_answered",
        "round_phase",
        "floor_granted",
        "floor_granted",
        "round_phase",
    ]
    board = driver.clients[driver.connection_of["student_a"]].room["board"]
    assert board["round"]["tally"] == [15, 20], "a room's newest answer alone, its assistant's or its own"
    assert board["round"]["ready"] == ["a"]
    assert refused(driver, A, RoundAnswer(number, (1, 2), None, None)) == "round_state_conflict"
    assert refused(driver, "master", RoundPhase(number, Phase.LOCAL, None, None)) == "round_state_conflict"


def test_the_local_timer_runs_on_the_servers_clock(driver: RoomDriver) -> None:
    number = open_round(driver)
    driver.ask("master", RoundPhase(number, Phase.LOCAL, 30, None))
    assert driver.room.deadline_ns() == driver.now_ns + 30 * SECOND_NS
    driver.now_ns += 29 * SECOND_NS
    driver.apply(TimePassed())
    assert refused(driver, "assistant_a", RoundDone(number + 1)) == "round_state_conflict"
    driver.now_ns += SECOND_NS
    driver.kinds()
    driver.apply(TimePassed())
    assert driver.kinds() == ["round_phase"]
    assert driver.room.deadline_ns() is None
    assert refused(driver, "assistant_a", RoundDone(number)) == "round_state_conflict"


@pytest.mark.parametrize("seat", ["assistant_a", A, "student_a", "observer"])
def test_only_the_master_asks(driver: RoomDriver, seat: str) -> None:
    for body in (
        RoundOpen("?", AnswerKind.COUNT, ()),
        PollOpen("?", ("yes", "no")),
        SetMarker("x"),
        SetTimer(5, ""),
        PickRandom(PickOf.CLASSROOM, 0),
        ShowSlide(PAGE),
        ClearSignal(A),
        DrawInk(PAGE, "#000000", 1, STROKE),
    ):
        assert refused(driver, seat, body) == "not_permitted"


def test_an_answer_is_for_the_own_room(driver: RoomDriver) -> None:
    number = open_round(driver, AnswerKind.TEXT)
    driver.ask("master", RoundPhase(number, Phase.REPORT, None, None))
    driver.ask(A, RoundAnswer(number, (), "three quarters", None))
    assert refused(driver, "assistant_a", RoundAnswer(number, (), "x", B)) == "not_permitted"
    assert refused(driver, "student_a", RoundAnswer(number, (), "x", None)) == "not_permitted"
    assert refused(driver, "student_a", RoundAnswer(number, (), None, None, "photo_1")) == "not_permitted"
    assert refused(driver, "observer", RoundAnswer(number, (), "x", None)) == "not_permitted"
    assert refused(driver, B, RoundAnswer(number, (1, 2), None, None)) == "bad_message"
    assert refused(driver, B, RoundAnswer(number + 1, (), "x", None)) == "round_state_conflict"


def test_a_poll(driver: RoomDriver) -> None:
    driver.ask("master", PollOpen("Again?", ("yes", "no")))
    poll = driver.room.state.board.poll
    assert poll is not None
    driver.ask(A, PollAnswer(poll.id, (3, 9), None))
    driver.ask("student_a", PollAnswer(poll.id, (1, 0), None))
    driver.ask("master", PollClose(poll.id))
    shown = driver.clients[driver.connection_of[B]].room["board"]["poll"]
    assert (shown["tally"], shown["is_open"]) == ([4, 9], False)
    assert refused(driver, B, PollAnswer(poll.id, (1, 1), None)) == "round_state_conflict"


def test_signals(driver: RoomDriver) -> None:
    driver.ask("assistant_a", RaiseSignal(Signal.CANNOT_HEAR))
    driver.ask("assistant_a", RaiseSignal(Signal.CANNOT_HEAR))
    driver.ask(A, RaiseSignal(Signal.DONE))
    assert refused(driver, "student_a", RaiseSignal(Signal.FAULT)) == "not_permitted"
    driver.ask("master", ClearSignal(A))
    driver.ask("assistant_a", RaiseSignal(None))
    assert driver.kinds() == ["signal_raised"] * 4
    assert driver.room.state.board.signals == {}


def test_chance_is_the_shells(driver: RoomDriver) -> None:
    picked = []
    for seed in range(4):
        driver.ask("master", PickRandom(PickOf.CLASSROOM, 0), seed)
        pick = driver.room.state.board.pick
        assert pick is not None
        picked.append(pick.seat)
    assert picked == [A, B, A, B]
    driver.ask("master", PickRandom(PickOf.NUMBER, 30), 59)
    pick = driver.room.state.board.pick
    assert pick is not None
    assert (pick.number, pick.of) == (30, 30)
    driver.disconnect(A)
    driver.disconnect(B)
    assert refused(driver, "master", PickRandom(PickOf.CLASSROOM, 0)) == "seat_unknown"


def test_markers_and_timer_are_bounded(driver: RoomDriver) -> None:
    driver.ask("master", SetTimer(60, "read"))
    timer = driver.room.state.board.timer
    assert timer is not None
    assert timer.ends_at_ms - timer.duration_ms == driver.room._ledger.now_ms
    driver.ask("master", SetTimer(None, ""))
    for number in range(MAX_MARKERS):
        driver.ask("master", SetMarker(str(number)))
    assert refused(driver, "master", SetMarker("one more")) == "limit_reached"


def test_ink_is_granted_and_bounded(driver: RoomDriver) -> None:
    driver.ask("master", GrantAbility(A, Ability.ANNOTATE, granted=True))
    driver.ask(A, DrawInk(PAGE, "#00ff00", 5, STROKE))
    for _ in range(MAX_INK_POINTS // len(STROKE) - 1):
        driver.now_ns += SECOND_NS
        driver.ask("master", DrawInk(PAGE, "#ff0000", 5, STROKE))
    driver.now_ns += SECOND_NS
    assert refused(driver, "master", DrawInk(PAGE, "#ff0000", 5, STROKE)) == "limit_reached"
    assert refused(driver, A, ClearInk(PAGE)) == "not_permitted"
    driver.ask("master", ClearInk(PAGE))
    assert driver.room.state.board.ink == ()


def test_ink_has_a_pace(driver: RoomDriver) -> None:
    for _ in range(20):
        driver.ask("master", DrawInk(PAGE, "#ff0000", 5, ((0, 0),)))
    assert refused(driver, "master", DrawInk(PAGE, "#ff0000", 5, ((0, 0),))) == "rate_limited"


def test_pages(driver: RoomDriver) -> None:
    driver.ask("master", ShowSlide(PAGE))
    driver.ask("master", ShowSlide(PAGE))
    assert driver.kinds() == ["slide_shown"]
    assert driver.clients[driver.connection_of[A]].room["board"]["slide"] == {"deck": "deck_1", "page": 4}
    driver.ask("master", ShowSlide(None))
    assert driver.room.state.board.slide is None


def test_a_page_that_nobody_has_is_not_shown(driver: RoomDriver) -> None:
    for page in (Slide("deck_1", 31), Slide("deck_2", 1)):
        assert refused(driver, "master", ShowSlide(page)) == "deck_unknown"
        assert refused(driver, "master", DrawInk(page, "#ff0000", 5, ((0, 0),))) == "deck_unknown"


def test_the_room_follows_what_decks_there_are(driver: RoomDriver) -> None:
    driver.ask("master", ShowSlide(PAGE))
    driver.kinds()
    other = Deck("deck_2", "Decimals", 2)
    driver.apply(DecksChanged((DECK, other)))
    driver.apply(DecksChanged((DECK, other)))
    assert driver.kinds() == ["deck_ready"]
    driver.apply(DecksChanged((other,)))
    assert driver.kinds() == ["deck_removed"]
    board = driver.clients[driver.connection_of[A]].room["board"]
    assert board["decks"] == [{"id": "deck_2", "title": "Decimals", "page_count": 2}]
    assert board["slide"] is None
    driver.apply(EndLesson())
    driver.kinds()
    driver.apply(DecksChanged(()))
    assert driver.kinds() == []


def test_a_photo_answers_for_the_room(driver: RoomDriver) -> None:
    number = open_round(driver, AnswerKind.PHOTO)
    driver.ask("master", RoundPhase(number, Phase.REPORT, None, None))
    driver.ask("assistant_a", RoundAnswer(number, (), None, None, "photo_1"))
    [answer] = driver.clients[driver.connection_of["master"]].room["board"]["round"]["answers"]
    assert answer == {"seat": A, "classroom": "a", "counts": [], "text": None, "photo": "photo_1"}
