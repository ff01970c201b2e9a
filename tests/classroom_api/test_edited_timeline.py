from __future__ import annotations

from typing import Any

import pytest

from classroom_api.edited_timeline import edited, kept_of, named
from classroom_api.lesson_timeline import InkMark, LessonTimeline, PageTurn, Question, Turn
from recording.chapters import Beginning, Cause, chapters_of
from streaming.errors import Refused

LENGTH_MS = 600_000
S = 1000


def edit(*kept: tuple[int, int], chapters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"kept": [list(part) for part in kept], "without": [], "chapters": chapters}


def lesson() -> LessonTimeline:
    """Ten minutes: a page each two minutes, ink, a question in the sixth minute."""
    beginnings = [Beginning(n * 120 * S, Cause.PAGE, page=n + 1) for n in range(5)]
    stroke = ((1, 1), (2, 2))
    return LessonTimeline(
        chapters_of(beginnings, LENGTH_MS),
        tuple(PageTurn(n * 120 * S, "deck_a", n + 1) for n in range(5)),
        (
            InkMark(10 * S, "deck_a", 1, "#000000", 3, stroke),
            InkMark(130 * S, "deck_a", 2, "#111111", 3, stroke),
            InkMark(140 * S, "deck_a", 2),
            InkMark(150 * S, "deck_a", 2, "#222222", 3, stroke),
            InkMark(590 * S, "deck_a", 5, "#333333", 3, stroke),
        ),
        (Question(300 * S, "round", "why?", ("a", "b"), (1, 2), 320 * S),),
    )


def test_without_an_edit_all_stays_where_it_is() -> None:
    assert edited(lesson(), edit(), LENGTH_MS) == lesson()


def test_the_state_at_a_cut_is_the_one_behind_it() -> None:
    found = edited(lesson(), edit((60 * S, 100 * S), (200 * S, 420 * S)), LENGTH_MS)
    assert [(one.at_ms, one.page) for one in found.pages] == [(0, 1), (40 * S, 2), (80 * S, 3), (200 * S, 4)]
    # What was drawn and wiped away within the cut is in no answer.
    assert [(one.at_ms, one.color) for one in found.ink] == [
        (0, "#000000"),
        (40 * S, ""),
        (40 * S, "#222222"),
    ]
    assert [one.at_ms for one in found.questions] == [140 * S]


def test_what_lasts_is_there_as_far_as_it_is_kept() -> None:
    stage = (Turn(32 * S, "seat_room", "Hill", 38 * S), Turn(40 * S, "seat_b", "Lake", 50 * S))
    screens = (Turn(5 * S, "pub_s", "", 35 * S),)
    asked = Question(10 * S, "round", "3/4?", (), (), 30 * S)
    taught = LessonTimeline((), (), (), (asked,), stage, screens, screens)
    found = edited(taught, edit((12 * S, 22 * S), (39 * S, 60 * S)), LENGTH_MS)
    assert [(one.at_ms, one.until_ms) for one in found.questions] == [(0, 10 * S)]
    assert found.stage == (Turn(11 * S, "seat_b", "Lake", 21 * S),)
    assert found.screens == found.photos == (Turn(0, "pub_s", "", 10 * S),)


def test_pages_leafed_through_in_a_cut_are_left_out() -> None:
    found = edited(lesson(), edit((0, 10 * S), (500 * S, 600 * S)), LENGTH_MS)
    assert [(one.at_ms, one.page) for one in found.pages] == [(0, 1), (10 * S, 5)]
    assert found.questions == ()


def test_chapters_that_lost_all_are_gone_and_the_others_are_whole() -> None:
    found = edited(lesson(), edit((60 * S, 100 * S), (250 * S, 420 * S)), LENGTH_MS).chapters
    assert [(one.start_ms, one.end_ms, one.page) for one in found] == [
        (0, 40 * S, 1),
        (40 * S, 150 * S, 3),
        (150 * S, 210 * S, 4),
    ]


def test_chapters_can_be_named_anew() -> None:
    names = [
        {"at_ms": 0, "title": "引入"},
        {"at_ms": 65 * S, "title": "分一分"},
        {"at_ms": 70 * S, "title": "x"},
    ]
    assert [one.title for one in named(names, LENGTH_MS)] == ["引入", "分一分", "x"]
    found = edited(lesson(), edit((60 * S, 300 * S), chapters=names), LENGTH_MS).chapters
    assert [(one.start_ms, one.title) for one in found] == [(0, "引入"), (5 * S, "分一分"), (10 * S, "x")]
    assert edited(lesson(), edit(chapters=[]), LENGTH_MS).chapters[0].cause is Cause.OPENING


@pytest.mark.parametrize("parts", [((5, 5),), ((0, 9), (5, 20)), ((LENGTH_MS, LENGTH_MS + 1),), ((-1, 5),)])
def test_parts_that_cannot_be_kept_are_refused(parts: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(Refused, match="edit_invalid"):
        kept_of(edit(*parts), LENGTH_MS)


def test_an_end_behind_the_lessons_is_the_lessons() -> None:
    assert kept_of(edit((5, LENGTH_MS + 40)), LENGTH_MS).length_ms == LENGTH_MS - 5
