"""The plan that a ladder process is given."""

from __future__ import annotations

import pytest

from recording.edit import Kept
from recording.ladder_plan import LadderInput, LadderPlan, SlideShown, parse_plan, serialize_plan

PLAN = LadderPlan(
    "resources/ver_1",
    "分数",
    10_000,
    (LadderInput("teacher", "teacher", "res_1", "seat_1"),),
    Kept(((0, 4_000), (5_000, 10_000))),
    (SlideShown(0, "decks/les_1/deck_1/1.webp"), SlideShown(900, None)),
)


def test_a_plan_is_read_as_it_was_written() -> None:
    assert parse_plan(serialize_plan(PLAN)) == PLAN


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"folder": 1}', serialize_plan(PLAN).replace("[[0", "[[9000")]
)
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_plan(text)
