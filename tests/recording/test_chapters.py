from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from recording.chapters import SHORTEST_MS, Beginning, Cause, Chapter, chapters_of

LESSON_MS = 600_000
BEGINNINGS = st.lists(
    st.builds(
        Beginning,
        at_ms=st.integers(-10_000, LESSON_MS + 10_000),
        cause=st.sampled_from([Cause.PAGE, Cause.ROUND, Cause.MARKER]),
    ),
    max_size=30,
)


@given(BEGINNINGS)
def test_they_cover_the_replay_and_keep_each_marker(beginnings: list[Beginning]) -> None:
    chapters = chapters_of(beginnings, LESSON_MS)
    assert chapters[0].start_ms == 0
    assert chapters[-1].end_ms == LESSON_MS
    assert all(first.end_ms == second.start_ms for first, second in pairwise(chapters))
    inside = [one for one in beginnings if 0 <= one.at_ms < LESSON_MS]
    markers = sum(one.cause is Cause.MARKER for one in inside)
    assert sum(one.cause is Cause.MARKER for one in chapters) == markers
    for one, after in pairwise(chapters):
        if after.cause is Cause.PAGE:
            assert one.end_ms - one.start_ms >= SHORTEST_MS or one.start_ms == 0


def test_leafing_makes_no_chapters_and_a_marker_takes_the_place_of_its_page() -> None:
    chapters = chapters_of(
        [
            Beginning(1_000, Cause.PAGE, page=1),
            Beginning(60_000, Cause.PAGE, page=2),
            Beginning(61_000, Cause.PAGE, page=3),
            Beginning(62_000, Cause.MARKER, "Example 2"),
            Beginning(300_000, Cause.ROUND, "How many got 3/4?"),
        ],
        LESSON_MS,
    )
    assert chapters == (
        Chapter(0, 62_000, Cause.PAGE, "", 1),
        Chapter(62_000, 300_000, Cause.MARKER, "Example 2", None),
        Chapter(300_000, LESSON_MS, Cause.ROUND, "How many got 3/4?", None),
    )


def test_a_lesson_without_events_is_one_chapter() -> None:
    assert chapters_of([], LESSON_MS) == (Chapter(0, LESSON_MS, Cause.OPENING, "", None),)
    assert chapters_of([], 0) == ()
