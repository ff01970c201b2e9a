"""What plays beside a replay's picture, as JSON."""

from __future__ import annotations

from collections.abc import Container
from typing import Literal, Self

from pydantic import Field

from classroom_api.lesson_timeline import LessonTimeline
from classroom_api.lesson_timeline import Turn as RecordedTurn
from classroom_api.routes.models import Body
from recording.chapters import Cause
from recording.chapters import Chapter as RecordedChapter


class Chapter(Body):
    start_ms: int
    end_ms: int
    kind: Cause
    title: str = Field(description="empty for the opening and for a page")
    page: int | None

    @classmethod
    def of(cls, chapter: RecordedChapter) -> Self:
        return cls(
            start_ms=chapter.start_ms,
            end_ms=chapter.end_ms,
            kind=chapter.cause,
            title=chapter.title,
            page=chapter.page,
        )


class PageTurn(Body):
    at_ms: int
    deck: str | None
    page: int | None


class InkMark(Body):
    at_ms: int
    deck: str
    page: int
    color: str
    width: int
    points: list[tuple[int, int]] = Field(
        description="ten-thousandths of the page; without points all ink of that page is gone"
    )


class Question(Body):
    at_ms: int
    until_ms: int
    kind: Literal["round", "poll"]
    prompt: str
    choices: list[str]
    tally: list[int] = Field(description="the sum over all rooms")


class Turn(Body):
    at_ms: int
    until_ms: int
    seat: str
    name: str = Field(description="the classroom's; empty for others")


class Timeline(Body):
    """Places in ms of the replay that is served, ascending."""

    chapters: list[Chapter]
    pages: list[PageTurn]
    ink: list[InkMark]
    questions: list[Question]
    stage: list[Turn]
    screens: list[Turn] = Field(description="when the master shared a screen")
    photos: list[Turn] = Field(description="when the master showed a room's photo to all; never the photo")

    @classmethod
    def of(cls, timeline: LessonTimeline, hidden: Container[str] = ()) -> Self:
        """`hidden`: seats that are not told of."""
        return cls(
            chapters=[Chapter.of(chapter) for chapter in timeline.chapters],
            pages=[PageTurn(at_ms=one.at_ms, deck=one.deck, page=one.page) for one in timeline.pages],
            ink=[
                InkMark(
                    at_ms=one.at_ms,
                    deck=one.deck,
                    page=one.page,
                    color=one.color,
                    width=one.width,
                    points=list(one.points),
                )
                for one in timeline.ink
            ],
            questions=[
                Question(
                    at_ms=one.at_ms,
                    until_ms=one.until_ms,
                    kind=one.kind,
                    prompt=one.prompt,
                    choices=list(one.choices),
                    tally=list(one.tally),
                )
                for one in timeline.questions
            ],
            stage=[_turn(one) for one in timeline.stage if one.seat not in hidden],
            screens=[_turn(one) for one in timeline.screens],
            photos=[_turn(one) for one in timeline.photos if one.seat not in hidden],
        )


def _turn(turn: RecordedTurn) -> Turn:
    return Turn(at_ms=turn.at_ms, until_ms=turn.until_ms, seat=turn.seat, name=turn.name)
