"""The floor: queue, stage, and their invariants under any sequence."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.floor import STAGE_SEATS, Floor
from streaming.errors import Refused
from streaming.identifiers import SeatId

A, B, C, D = (SeatId(name) for name in "ABCD")


def test_hands_wait_in_order() -> None:
    floor = Floor().request(B).request(A).request(B)
    assert floor.hands == (B, A)
    assert floor.withdraw(B).hands == (A,)


def test_the_queue_is_fair() -> None:
    """Who was never on stage goes first, then who was there longest ago; else who raised the hand first."""
    floor = Floor().grant(A).revoke(A).grant(B).revoke(B)
    floor = floor.request(B).request(A).request(C).request(D)
    assert floor.hands == (C, D, A, B)
    floor = floor.grant(C).revoke(C)
    assert floor.position(C) == 3
    assert floor.vacate(A).request(A).hands == (D, A, B)


def test_a_grant_takes_the_hand_down() -> None:
    floor = Floor().request(A).request(B).grant(A)
    assert floor == Floor(stage=(A,), hands=(B,), turns={A: 1})
    assert floor.request(A) == floor.grant(A) == floor


def test_the_stage_has_three_seats() -> None:
    floor = Floor().grant(A).grant(B).grant(C)
    with pytest.raises(Refused, match="stage_full"):
        floor.grant(D)
    assert floor.revoke(B).grant(D).stage == (A, C, D)


def test_what_is_not_there_cannot_be_taken() -> None:
    with pytest.raises(Refused, match="floor_not_requested"):
        Floor().withdraw(A)
    with pytest.raises(Refused, match="not_on_stage"):
        Floor().request(A).revoke(A)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["request", "withdraw", "grant", "revoke", "vacate"]), st.sampled_from("ABCDE")
        )
    )
)
def test_no_seat_is_in_two_places(steps: list[tuple[str, str]]) -> None:
    floor = Floor()
    for step, seat in steps:
        with suppress(Refused):
            floor = getattr(floor, step)(SeatId(seat))
        assert len(floor.stage) <= STAGE_SEATS
        assert len({*floor.stage, *floor.hands}) == len(floor.stage) + len(floor.hands)
