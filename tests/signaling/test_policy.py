"""The effective right over the whole table: never more than the table gives, and every other factor takes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.control_events import Block, ClassroomBlocked
from signaling.controls import Controls
from signaling.events import FloorGranted, LessonStateChanged, Seat, SeatJoined
from signaling.policy import (
    effective_right,
    is_blocked,
    may_act,
    may_forward,
    publishable_sources,
    require,
    require_classroom,
    seat_of_claims,
    target_of,
)
from signaling.ports import LessonState
from signaling.roles import FORWARD, Ability, Right, Role, right_of
from signaling.room_state import RoomState
from streaming.errors import Refused
from streaming.identifiers import SeatId
from streaming.session.media import Source
from tests.signaling.room_driver import claims, facts

ABOVE = {Role.MASTER, Role.ADMIN}
SEATS = st.builds(
    Seat,
    id=st.just(SeatId("x")),
    role=st.sampled_from(Role),
    name=st.just(""),
    classroom=st.sampled_from(["a", "b", None]),
    connected=st.just(True),
    muted=st.booleans(),
    recording_consent=st.booleans(),
    video_consent=st.booleans(),
    voice_consent=st.booleans(),
    hand_at_ms=st.none(),
)
ABILITIES = st.frozensets(st.sampled_from(Ability), max_size=8)


@st.composite
def rooms(draw: st.DrawFn) -> tuple[RoomState, Seat]:
    """Any seat in a room with any controls."""
    seat, state = draw(SEATS), RoomState(facts())
    state.fold(SeatJoined(seat), 1)
    state.fold(SeatJoined(seat_of_claims(claims("classroom_a"))), 1)
    state.fold(SeatJoined(seat_of_claims(claims("assistant_a"))), 1)
    state.lesson = LessonStateChanged(draw(st.sampled_from(LessonState)), None, None)
    if draw(st.booleans()):
        state.fold(FloorGranted(seat.id), 2)
    blocks = {"a": ClassroomBlocked("a", Block.PAUSED, None)} if draw(st.booleans()) else {}
    state.controls = Controls(
        is_all_forbidden=draw(st.booleans()),
        denied=draw(ABILITIES),
        grants={seat.id: draw(ABILITIES)},
        blocks=blocks,
        listens={SeatId("master"): seat.id} if draw(st.booleans()) else {},
    )
    return state, seat


@given(rooms(), st.sampled_from(Ability))
def test_nothing_gives_what_the_table_does_not(room: tuple[RoomState, Seat], ability: Ability) -> None:
    state, seat = room
    table, right = right_of(seat.role, ability), effective_right(state, seat, ability)
    is_denied = ability in state.controls.denied and seat.role not in ABOVE
    held = {
        Right.ON_STAGE: state.is_on_stage(seat.id),
        Right.GRANTED: ability in state.controls.grants[seat.id],
    }
    if is_denied or table is Right.NEVER or held.get(table) is False:
        assert right is Right.NEVER
    elif table in held:
        assert right is Right.ALWAYS
    else:
        assert right is table


@given(rooms(), st.sampled_from(Source))
def test_forwarding_wants_all_factors(room: tuple[RoomState, Seat], source: Source) -> None:
    state, seat = room
    is_granted = effective_right(state, seat, FORWARD[source]) is Right.ALWAYS
    hears = source is Source.MICROPHONE and seat.id in state.controls.listens.values()
    is_heard = hears and Ability.FORWARD_MICROPHONE not in state.controls.denied
    stopped = [
        state.lesson.state in (LessonState.SUSPENDED, LessonState.ENDED),
        not is_granted and not is_heard,
        state.controls.is_all_forbidden and seat.role is not Role.MASTER,
        is_blocked(state, seat) and source is not Source.WHISPER,
        source in (Source.MICROPHONE, Source.WHISPER) and (seat.muted or not seat.voice_consent),
        source is Source.CAMERA and not seat.video_consent,
    ]
    assert may_forward(state, seat, source) is not any(stopped)


@given(rooms(), st.sampled_from(Ability))
def test_an_assistants_power_ends_at_the_own_classroom(
    room: tuple[RoomState, Seat], ability: Ability
) -> None:
    state, seat = room
    assistant = replace(seat, role=Role.ASSISTANT)
    for other in state.seats.values():
        acts = may_act(state, assistant, ability, other)
        if acts and right_of(Role.ASSISTANT, ability) is Right.OWN_ROOM and other.id != assistant.id:
            assert assistant.classroom is not None
            assert other.classroom == assistant.classroom
            assert other.role in (Role.CLASSROOM, Role.STUDENT)


def test_targets_and_their_codes() -> None:
    state = RoomState(facts())
    for name in ("assistant_a", "classroom_a", "classroom_b"):
        state.fold(SeatJoined(seat_of_claims(claims(name))), 1)
    assistant = state.seat(SeatId("assistant_a"))
    assert target_of(state, assistant, Ability.MUTE, SeatId("classroom_a")).id == "classroom_a"
    assert target_of(state, assistant, Ability.REQUEST_FLOOR, None) is assistant
    with pytest.raises(Refused, match="not_permitted"):
        target_of(state, assistant, Ability.MUTE, SeatId("classroom_b"))
    with pytest.raises(Refused, match="seat_unknown"):
        target_of(state, assistant, Ability.MUTE, SeatId("nobody"))
    with pytest.raises(Refused, match="not_permitted"):
        target_of(state, assistant, Ability.GRANT_FLOOR, SeatId("nobody"))
    require_classroom(state, assistant, Ability.BLOCK_CLASSROOM, "a")
    with pytest.raises(Refused, match="not_permitted"):
        require_classroom(state, assistant, Ability.BLOCK_CLASSROOM, "b")
    with pytest.raises(Refused, match="not_permitted"):
        require(state, assistant, Ability.PAUSE)


def test_a_broadcast_is_listened_to() -> None:
    state = RoomState(replace(facts(), mode="broadcast"))
    classroom, master = seat_of_claims(claims("classroom_a")), seat_of_claims(claims("master"))
    for seat in (classroom, master):
        state.fold(SeatJoined(seat), 1)
    assert not may_forward(state, classroom, Source.CAMERA)
    assert may_forward(state, master, Source.CAMERA)
    assert effective_right(state, classroom, Ability.REQUEST_FLOOR) is Right.NEVER
    assert effective_right(state, classroom, Ability.ANSWER_ROUND) is Right.OWN_SEAT


@pytest.mark.parametrize(
    ("name", "off_stage", "on_stage"),
    [
        ("master", set(Source), set(Source)),
        (
            "assistant_a",
            {Source.CAMERA, Source.MICROPHONE, Source.WHISPER},
            {Source.CAMERA, Source.MICROPHONE, Source.WHISPER},
        ),
        ("classroom_a", {Source.CAMERA, Source.MICROPHONE}, {Source.CAMERA, Source.MICROPHONE}),
        ("student_a", set(), {Source.CAMERA, Source.MICROPHONE}),
        ("observer", set(), set()),
    ],
)
def test_what_may_be_published(name: str, off_stage: set[Source], on_stage: set[Source]) -> None:
    state, who = RoomState(facts()), claims(name)
    assert publishable_sources(state, who) == off_stage
    state.fold(SeatJoined(seat_of_claims(who)), 1)
    state.fold(FloorGranted(who.seat), 2)
    assert publishable_sources(state, who) == on_stage
