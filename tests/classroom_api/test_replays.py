from __future__ import annotations

import pytest

from classroom_api.replays import served_parts
from classroom_api.store.resource_schema import VersionRow
from recording.edit import Kept


@pytest.mark.parametrize(
    ("kept", "made", "found"),
    [
        ([[0, 10], [20, 99]], {"bytes": 1}, Kept(((0, 10), (20, 50)))),
        ([], {"bytes": 1}, Kept(((0, 50),))),
        ([[0, 10]], None, None),
    ],
)
def test_what_is_served_of_a_lesson(
    kept: list[list[int]], made: dict[str, int] | None, found: Kept | None
) -> None:
    assert served_parts(VersionRow(edit={"kept": kept}, made=made), 50) == found


def test_the_fast_replay_keeps_all() -> None:
    assert served_parts(None, 50) is None
