from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.board_events import RoundAnswered, Signal, SignalRaised
from signaling.control_events import LessonInterrupted
from signaling.events import FloorGranted, FloorRequested, RoomEvent, SeatConnectionChanged, SeatLeft
from signaling.lesson_history import LessonHistory, Stretch
from signaling.ports import LessonState
from signaling.roles import Role
from signaling.rounds import Answer
from streaming.identifiers import SeatId
from tests.signaling.chronicle import END, START, connection, history_of, joined, microphone

A = SeatId("c1")


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), max_size=12), st.integers(0, 60))
def test_a_stretch_is_what_was_so(changes: list[tuple[bool, int]], end_ms: int) -> None:
    stretch, now_ms, is_so = Stretch(), 0, False
    expected: set[int] = set()
    for is_next, after_ms in [*changes, (False, 0)]:
        expected |= set(range(now_ms, now_ms + after_ms)) if is_so else set()
        now_ms += after_ms
        stretch.set(is_next, now_ms)
        is_so = is_next
    seen = {moment for start, end in stretch.until(end_ms) for moment in range(start, end)}
    assert seen == {moment for moment in expected if moment < end_ms}


def test_what_is_so_still_goes_on_to_the_end() -> None:
    stretch = Stretch()
    stretch.set(True, 5)
    stretch.set(True, 7)
    assert (stretch.since_ms, stretch.until(9), stretch.until(3)) == (5, ((5, 9),), ())


def test_a_seat_that_lost_its_link_and_timed_out_is_back_when_it_joins_again() -> None:
    history = history_of(
        [
            (0, joined("c1")),
            (10, connection("c1", is_back=False)),
            (70, SeatLeft(A, "timeout")),
            (100, joined("c1")),
            (120, SeatLeft(A, "left")),
        ]
    )
    seat = history.seats[A]
    assert seat.connected.until(200) == ((0, 10), (100, 120))
    assert seat.lost.until(200) == ((10, 100),)
    assert (seat.joins, seat.reconnects) == (2, 1)


def test_what_does_not_fit_changes_nothing() -> None:
    stray: list[RoomEvent] = [
        FloorGranted(A),
        connection("c1", is_back=True),
        SignalRaised(A, Signal.FAULT),
        RoundAnswered(7, Answer(A, "c1", (1, 2), None), (1, 2)),
        microphone("c1", "pub_a"),
    ]
    history = history_of([(0, joined("c1")), (5, SeatLeft(A, "left")), *((9, event) for event in stray)])
    seat = history.seats[A]
    assert (seat.turns, seat.signals.total(), history.rounds_answered) == (0, 0, {})
    assert seat.connected.until(99) == ((0, 5),)
    assert seat.microphone.until(99) == ()


def test_a_hand_that_is_up_already_and_a_second_grant_count_once() -> None:
    history = history_of(
        [
            (0, joined("c1")),
            (1, FloorRequested(A, 0)),
            (3, FloorRequested(A, 0)),
            (6, FloorGranted(A)),
            (7, FloorGranted(A)),
            (8, FloorRequested(A, 0)),
        ]
    )
    seat = history.seats[A]
    assert (seat.hands, seat.hand_waits_ms, seat.turns) == (1, [5], 1)


def test_a_clock_that_was_set_back_stands_still() -> None:
    history = history_of(
        [(100, joined("c1")), (100, START), (40, SeatConnectionChanged(A, False)), (160, END)]
    )
    assert history.seats[A].connected.until(999) == ()
    assert history.seats[A].lost.until(160) == ((100, 160),)


def test_interruptions_end_with_what_comes_next() -> None:
    steps = [LessonState.SUSPENDED, LessonState.MASTER_LOST, LessonState.LIVE]
    told = [(10 * number, LessonInterrupted(state)) for number, state in enumerate(steps, 1)]
    history = history_of([(0, START), *told, (90, END)])
    assert (history.started_at_ms, history.ended_at_ms) == (0, 90)
    assert history.suspended.until(90) == ((10, 20),)
    assert history.master_lost.until(90) == ((20, 30),)


def test_who_sits_in_which_classroom() -> None:
    told = [
        (0, joined("master", Role.MASTER)),
        (0, joined("c1")),
        (0, joined("c1-assistant", Role.ASSISTANT)),
        (0, joined("c2-student", Role.STUDENT)),
        (0, joined("c2-observer", Role.OBSERVER)),
    ]
    history = history_of(told)
    rooms = {room: [seat.role for seat in seats] for room, seats in history.seats_by_room().items()}
    assert rooms == {"c1": [Role.CLASSROOM, Role.ASSISTANT], "c2": [Role.STUDENT]}
    assert history.room_of(SeatId("nobody")) is None
    assert LessonHistory().seats_by_room() == {}
