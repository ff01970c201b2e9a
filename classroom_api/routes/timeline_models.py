"""What plays beside a replay's picture, as JSON."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field

from classroom_api.lesson_timeline import LessonTimeline
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
    kind: Literal["round", "poll"]
    prompt: str
    choices: list[str]
    tally: list[int] = Field(description="the sum over all rooms")


class Timeline(Body):
    """Positions in ms of the replay, ascending."""

    chapters: list[Chapter]
    pages: list[PageTurn]
    ink: list[InkMark]
    questions: list[Question]

    @classmethod
    def of(cls, timeline: LessonTimeline) -> Self:
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
                    kind=one.kind,
                    prompt=one.prompt,
                    choices=list(one.choices),
                    tally=list(one.tally),
                )
                for one in timeline.questions
            ],
        )
