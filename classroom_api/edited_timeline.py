"""What plays beside an edited replay: a lesson's timeline, in places of what an edit keeps. Pure.

The page and the ink at a cut are those at the moment behind it. What came and went within a cut is left out:
who cut it did not want it shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from classroom_api.lesson_timeline import InkMark, LessonTimeline, PageTurn, Question, Turn
from recording.chapters import Beginning, Cause, Chapter, chapters_of
from recording.edit import Kept
from streaming.errors import Refused


def kept_of(edit: Mapping[str, Any], length_ms: int) -> Kept:
    """What an edit keeps of a lesson of `length_ms`. Refused: edit_invalid."""
    parts = [(begin, min(end, length_ms)) for begin, end in edit["kept"]] or [(0, length_ms)]
    try:
        return Kept(tuple((int(begin), int(end)) for begin, end in parts))
    except ValueError as error:
        raise Refused("edit_invalid", f"This cannot be kept: {error}.") from None


def edited(timeline: LessonTimeline, edit: Mapping[str, Any], length_ms: int) -> LessonTimeline:
    """`timeline` in places of the edited replay. Refused: edit_invalid."""
    kept = kept_of(edit, length_ms)
    chapters = timeline.chapters if edit["chapters"] is None else named(edit["chapters"], length_ms)
    return LessonTimeline(
        _chapters(chapters, kept),
        _pages(timeline.pages, kept),
        _ink(timeline.ink, kept),
        _lasting(timeline.questions, kept),
        _lasting(timeline.stage, kept),
        _lasting(timeline.screens, kept),
        _lasting(timeline.photos, kept),
    )


def named(chapters: Sequence[Mapping[str, Any]], length_ms: int) -> tuple[Chapter, ...]:
    """Those that somebody has named, in positions of the lesson."""
    found = [Beginning(int(one["at_ms"]), Cause.MARKER, str(one["title"])) for one in chapters]
    return chapters_of(found, length_ms)


def _chapters(chapters: Sequence[Chapter], kept: Kept) -> tuple[Chapter, ...]:
    """A chapter of which nothing is kept is gone; one that lost its beginning begins where its rest does."""
    found = []
    for one in chapters:
        start_ms, end_ms = kept.next_place_ms(one.start_ms), kept.next_place_ms(one.end_ms)
        if start_ms < end_ms:
            found.append(Chapter(start_ms, end_ms, one.cause, one.title, one.page))
    return tuple(found)


def _pages(pages: Sequence[PageTurn], kept: Kept) -> tuple[PageTurn, ...]:
    shown: dict[int, PageTurn] = {}
    for one in pages:
        place_ms = kept.next_place_ms(one.at_ms)
        shown[place_ms] = PageTurn(place_ms, one.deck, one.page)
    return tuple(one for place_ms, one in shown.items() if place_ms < kept.length_ms)


def _ink(ink: Sequence[InkMark], kept: Kept) -> tuple[InkMark, ...]:
    found: list[InkMark] = []
    for one in ink:
        place_ms = kept.next_place_ms(one.at_ms)
        if place_ms >= kept.length_ms:
            break
        if not one.points:
            found = [mark for mark in found if not _is_of(mark, place_ms, one)]
        found.append(InkMark(place_ms, one.deck, one.page, one.color, one.width, one.points))
    return tuple(found)


def _is_of(mark: InkMark, place_ms: int, cleared: InkMark) -> bool:
    """Whether nobody would see `mark`, as its page is cleared at the same place."""
    return mark.at_ms == place_ms and (mark.deck, mark.page) == (cleared.deck, cleared.page)


Lasting = TypeVar("Lasting", Question, Turn)


def _lasting(found: Sequence[Lasting], kept: Kept) -> tuple[Lasting, ...]:
    """What lasted is gone where all of it was cut."""
    placed = [
        replace(one, at_ms=kept.next_place_ms(one.at_ms), until_ms=kept.next_place_ms(one.until_ms))
        for one in found
    ]
    return tuple(one for one in placed if one.at_ms < one.until_ms)
