"""Handwritten lessons with known figures, and what holds of every lesson."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.board_events import (
    PollAnswered,
    PollOpened,
    RoundAnswered,
    RoundOpened,
    Signal,
    SignalRaised,
)
from signaling.control_events import LessonInterrupted
from signaling.events import (
    FloorGranted,
    FloorRequested,
    FloorRevoked,
    FloorWithdrawn,
    PublicationChanged,
    SeatLeft,
    SeatMuted,
)
from signaling.indicators import LessonFigures, RoomFigures, figures_of, gini, nearest_rank
from signaling.link_events import Receive, ReceiveChanged
from signaling.ports import LessonState
from signaling.roles import Role
from signaling.rounds import Answer, AnswerKind, Poll, Round
from signaling.spans import length_ms
from streaming.identifiers import PublicationId, SeatId
from tests.signaling.chronicle import (
    END,
    MINUTE,
    START,
    Told,
    connection,
    history_of,
    joined,
    microphone,
    seat,
)

C1, C2, C3 = SeatId("c1"), SeatId("c2"), SeatId("c3")
MASTER = SeatId("master")


def at(minute: float) -> int:
    return round(minute * MINUTE)


def lesson() -> list[Told]:
    """40 minutes: c1 there from the lobby on, c2 comes late and loses its link, c3 leaves early."""
    choices = ("A", "B")
    return [
        (at(-5), joined("master", Role.MASTER, "Ms Lin")),
        (at(-5), microphone("master", "pub_m")),
        (at(-4), joined("c1", name="Hill school")),
        (at(-3), joined("c1-assistant", Role.ASSISTANT, "Mr Wang")),
        (at(-3), joined("c3")),
        (at(0), START),
        (at(2), joined("c2", name="River school")),
        (at(4), FloorRequested(C1, 0)),
        (at(4.5), FloorRequested(C2, 1)),
        (at(5), FloorGranted(C1)),
        (at(9), FloorRevoked(C1)),
        (at(9), FloorGranted(C2)),
        (at(10), FloorRevoked(C2)),
        (at(11), FloorRequested(C2, 0)),
        (at(12), FloorWithdrawn(C2)),
        (at(13), RoundOpened(Round(1, "How many?", AnswerKind.COUNT, ()))),
        (at(14), RoundAnswered(1, Answer(C1, "c1", (9, 12), None), (9, 12))),
        (at(14), RoundAnswered(1, Answer(C1, "c1", (10, 12), None), (10, 12))),
        (at(15), RoundOpened(Round(2, "Which?", AnswerKind.CHOICE, choices))),
        (at(15), PollOpened(Poll(1, "Clear?", choices))),
        (at(16), PollAnswered(1, Answer(SeatId("c1-assistant"), "c1", (3, 9), None), (3, 9))),
        (at(17), SignalRaised(C2, Signal.CANNOT_HEAR)),
        (at(18), SignalRaised(C2, None)),
        (at(20), connection("c2", is_back=False)),
        (at(21), SeatLeft(C2, "timeout")),
        (at(23), joined("c2", name="River school")),
        (at(23), ReceiveChanged(C1, Receive.LOW)),
        (at(23), ReceiveChanged(SeatId("c1-assistant"), Receive.NONE)),
        (at(24), connection("c1", is_back=False)),
        (at(26), connection("c1", is_back=True)),
        (at(28), LessonInterrupted(LessonState.SUSPENDED)),
        (at(30), LessonInterrupted(LessonState.LIVE)),
        (at(30), ReceiveChanged(C1, Receive.HIGH)),
        (at(30), SeatLeft(C3, "left")),
        (at(31), PublicationChanged(PublicationId("pub_m"), False)),
        (at(32), PublicationChanged(PublicationId("pub_m"), True)),
        (at(33), connection("master", is_back=False)),
        (at(33), LessonInterrupted(LessonState.MASTER_LOST)),
        (at(34), connection("master", is_back=True)),
        (at(34), LessonInterrupted(LessonState.LIVE)),
        (at(35), ReceiveChanged(C2, Receive.NONE)),
        (at(40), END),
    ]


def room(figures: LessonFigures, key: str) -> RoomFigures:
    return next(one for one in figures.rooms if one.classroom == key)


def test_the_lesson_as_a_whole() -> None:
    figures = figures_of(history_of(lesson()), until_ms=at(99))
    assert (figures.started_at_ms, figures.until_ms, figures.duration_ms) == (0, at(40), at(40))
    assert (figures.suspended_ms, figures.master_lost_ms, figures.live_ms) == (at(2), at(1), at(37))
    # 40 minutes without the pause, the minute off and the minute lost.
    assert figures.master_microphone_ms == at(36)
    assert figures.stage_ms == at(5)
    assert (figures.rounds_opened, figures.polls_opened) == (2, 1)
    assert (figures.waits.hands, figures.waits.unanswered) == (3, 1)
    assert (figures.waits.median_ms, figures.waits.p90_ms) == (at(1), at(4.5))
    assert [(who.role, who.name, who.present_ms) for who in figures.people] == [
        (Role.MASTER, "Ms Lin", at(39)),
        (Role.ASSISTANT, "Mr Wang", at(40)),
    ]


def test_each_classroom() -> None:
    figures = figures_of(history_of(lesson()), until_ms=at(99))
    c1, c2, c3 = (room(figures, key) for key in ("c1", "c2", "c3"))
    # The assistant stayed while the classroom's own link was gone: the room is present, and once.
    assert (c1.name, c1.present_ms, c1.present_ratio, c1.disconnected_ms) == ("Hill school", at(40), 1.0, 0)
    assert (c1.joins, c1.reconnects, c1.stage_ms, c1.stage_ratio, c1.turns) == (2, 1, at(4), 0.8, 1)
    assert (c1.rounds_answered, c1.polls_answered, c1.waits.median_ms) == (1, 1, at(1))
    assert (c2.late_ms, c2.present_ms, c2.disconnected_ms, c2.away_ms) == (at(2), at(35), at(3), 0)
    assert c2.disconnected == ((at(20), at(23)),)
    assert (c2.joins, c2.reconnects, c2.signals) == (2, 1, {"cannot_hear": 1})
    assert (c2.waits.hands, c2.waits.unanswered) == (2, 1)
    assert (c3.present_ms, c3.away_ms, c3.stage_ratio) == (at(30), at(10), 0.0)
    # 4, 1 and 0 minutes on stage.
    assert figures.stage_gini == pytest.approx((2 * (2 * 1 + 3 * 4) - 4 * 5) / (3 * 5))


def test_how_long_a_screen_was_sent_a_small_picture_or_none() -> None:
    """Not while it was away, and not because its assistant's own picture was small."""
    figures = figures_of(history_of(lesson()), until_ms=at(99))
    reduced = [room(figures, key).reduced_ms for key in ("c1", "c2", "c3")]
    assert reduced == [at(5), at(5), 0]


def test_a_planned_classroom_that_never_came_is_absent() -> None:
    figures = figures_of(history_of(lesson()), 0, {"c1": "Hill", "c9": "Far school"})
    absent = room(figures, "c9")
    assert (absent.name, absent.present_ms, absent.late_ms, absent.joins) == ("Far school", 0, at(40), 0)
    assert room(figures, "c1").name == "Hill"
    # It was not there to be called: the shares are those of the rooms that came.
    assert figures.stage_gini == figures_of(history_of(lesson()), 0).stage_gini


def test_a_lesson_that_runs_is_told_up_to_now_and_one_that_never_began_is_empty() -> None:
    running = figures_of(history_of(lesson()[:7]), until_ms=at(3))
    assert (running.duration_ms, running.ended_at_ms, room(running, "c2").present_ms) == (at(3), None, at(1))
    assert running.stage_gini is None
    lobby = figures_of(history_of(lesson()[:5]), until_ms=at(3))
    assert (lobby.duration_ms, lobby.live_ms, room(lobby, "c1").present_ratio) == (0, 0, 0.0)


def test_a_stage_that_nobody_can_see_is_none() -> None:
    """Neither while the lesson is suspended nor while the room's own link is lost."""
    told: list[Told] = [
        (0, joined("c1")),
        (0, START),
        (at(1), FloorGranted(C1)),
        (at(2), LessonInterrupted(LessonState.SUSPENDED)),
        (at(3), LessonInterrupted(LessonState.LIVE)),
        (at(4), connection("c1", is_back=False)),
        (at(5), END),
    ]
    assert room(figures_of(history_of(told), 0), "c1").on_stage == ((at(1), at(2)), (at(3), at(4)))


def test_a_muted_master_does_not_speak() -> None:
    told: list[Told] = [
        (0, joined("master", Role.MASTER)),
        (0, START),
        (at(1), microphone("master", "pub_m")),
        (at(2), SeatMuted(MASTER, True)),
        (at(5), SeatMuted(MASTER, False)),
        (at(7), END),
    ]
    assert figures_of(history_of(told), 0).master_microphone_ms == at(3)


def test_pupils_are_counted_and_never_named() -> None:
    told: list[Told] = [(0, START)]
    told += [(0, joined(f"c1-{number}", Role.STUDENT, f"pupil {number}")) for number in range(3)]
    figures = figures_of(history_of(told), at(1))
    assert (room(figures, "c1").students, room(figures, "c1").name, figures.people) == (3, "c1", ())
    assert "pupil" not in str(figures)


@pytest.mark.parametrize(
    ("shares", "expected"), [([], None), ([0, 0], None), ([5], 0), ([3, 3, 3], 0), ([0, 0, 0, 8], 0.75)]
)
def test_known_gini(shares: list[int], expected: float | None) -> None:
    assert gini(shares) == expected


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20), st.integers(1, 50))
def test_gini_is_half_the_mean_difference_over_the_mean(shares: list[int], factor: int) -> None:
    found = gini(shares)
    if sum(shares) == 0:
        assert found is None
        return
    pairs = sum(abs(one - other) for one in shares for other in shares)
    assert found == pytest.approx(pairs / (2 * len(shares) * sum(shares)))
    assert gini([share * factor for share in shares]) == pytest.approx(found)
    assert gini([max(shares)] * len(shares)) == pytest.approx(0)


@settings(deadline=None)
@given(st.lists(st.integers(0, 1000), max_size=30))
def test_nearest_ranks(values: list[int]) -> None:
    median, p90 = nearest_rank(values, 0.5), nearest_rank(values, 0.9)
    if median is None or p90 is None:
        assert values == []
        return
    assert sum(value <= p90 for value in values) >= 0.9 * len(values)
    assert sum(value < p90 for value in values) < 0.9 * len(values)
    assert median <= p90


IDS = ("c1", "c1-assistant", "c1-pupil", "c2", "c3", "master")
ROLE_OF = {"c1-assistant": Role.ASSISTANT, "c1-pupil": Role.STUDENT, "master": Role.MASTER}
STATES = (LessonState.LIVE, LessonState.SUSPENDED, LessonState.MASTER_LOST)


@st.composite
def stories(draw: st.DrawFn) -> list[Told]:
    """Anything that could stand in a log, and much that could not."""
    who = st.sampled_from(IDS)
    seats = who.map(SeatId)
    happening = st.one_of(
        who.map(lambda one: joined(one, ROLE_OF.get(one, Role.CLASSROOM))),
        st.builds(connection, who, is_back=st.booleans()),
        st.builds(SeatLeft, seats, st.sampled_from(["left", "timeout", "removed"])),
        st.builds(FloorRequested, seats, st.just(0)),
        st.builds(FloorGranted, seats),
        st.builds(FloorRevoked, seats),
        st.builds(FloorWithdrawn, seats),
        st.builds(SeatMuted, seats, st.booleans()),
        st.builds(microphone, who, st.sampled_from(["pub_a", "pub_b"]), is_open=st.booleans()),
        st.builds(LessonInterrupted, st.sampled_from(STATES)),
    )
    now_ms, told = 0, []
    began = draw(st.integers(0, 10))
    for number, (after_ms, event) in enumerate(
        draw(st.lists(st.tuples(st.integers(-2, 9), happening), max_size=40))
    ):
        now_ms += after_ms
        told.append((now_ms, START if number == began else event))
    if draw(st.booleans()):
        told.append((now_ms + 1, replace(END)))
    return told


@settings(max_examples=150, deadline=None)
@given(stories(), st.integers(0, 400), st.integers(0, 40))
def test_what_holds_of_every_lesson(told: list[Told], until_ms: int, cut: int) -> None:
    figures = figures_of(history_of(told), until_ms)
    parts = (figures.live_ms, figures.suspended_ms, figures.master_lost_ms)
    assert sum(parts) == figures.duration_ms
    assert min(*parts, figures.master_microphone_ms, figures.stage_ms) >= 0
    assert max(figures.master_microphone_ms, figures.stage_ms) <= figures.live_ms
    assert sum(one.stage_ratio for one in figures.rooms) == pytest.approx(1 if figures.stage_ms else 0)
    assert figures.stage_gini is None or 0 <= figures.stage_gini < 1
    assert 0 <= figures.waits.unanswered <= figures.waits.hands
    for one in figures.rooms:
        kept = (one.present_ms, one.late_ms, one.disconnected_ms, one.away_ms)
        assert min(kept) >= 0
        assert sum(kept) == figures.duration_ms
        assert one.stage_ms <= one.present_ms
        assert length_ms(one.present) == one.present_ms
        assert one.reconnects >= 0
        assert one.waits.median_ms is None or 0 <= one.waits.median_ms <= (one.waits.p90_ms or 0)
    # However many events come at a time, the figures are those of all of them.
    history = history_of(told[:cut])
    figures_of(history, until_ms)
    for at_ms, event in told[cut:]:
        history.fold(event, at_ms)
    assert figures_of(history, until_ms) == figures


def test_a_classroom_seat_that_names_no_classroom_is_one_by_itself() -> None:
    alone = replace(seat("c7"), classroom=None)
    [figures] = figures_of(history_of([(0, START), (0, type(joined("c7"))(alone))]), until_ms=at(1)).rooms
    assert (figures.classroom, figures.present_ms) == ("c7", at(1))
