"""What is found of lessons, on both databases, from what their rooms, decks and captions left."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import delete, func, select, text, true
from sqlalchemy.orm import Session

from classroom_api.access import Scope
from classroom_api.store.captions import CaptionDraft, Origin, add_caption
from classroom_api.store.lessons import LessonState
from classroom_api.store.planning_schema import CourseRow
from classroom_api.store.replay_index import (
    FoundLesson,
    Wanted,
    find_replays,
    index_lesson,
    resources_to_watch,
)
from classroom_api.store.resource_schema import ReplayDocumentRow, VersionRow
from classroom_api.store.schema import DeckPageRow, DeckRow, EventRow, LessonRow, ResourceRow
from classroom_api.store.timetable import visible_lessons
from tests.classroom_api.retention.recorded import MASTER, add_lesson, resource, school

MINUTE_MS = 60_000
PAGES = ("分数的初步认识", "把一个苹果平均分成两份", "Which is larger?")
CAPTIONS = "WEBVTT\n\n00:00:10.000 --> 00:00:12.000\n同学们好\n\n00:25:00.000 --> 00:25:02.000\n苹果在这里\n"


def hold(session: Session, lesson: str, title: str = "第一课", *, minutes: int = 40) -> None:
    """A lesson of which everything is there: pages at 1, 5 and 20 minutes, a marker at 30."""
    add_lesson(session, lesson)
    row = session.get_one(LessonRow, lesson)
    row.title = title
    session.get_one(ResourceRow, resource(lesson, MASTER)).duration_ms = minutes * MINUTE_MS
    session.add(
        DeckRow(id=f"deck_{lesson}", lesson_id=lesson, title="", state="ready", page_count=3, created_at_ms=0)
    )
    session.flush()
    for number, words in enumerate(PAGES, 1):
        page = DeckPageRow(deck_id=f"deck_{lesson}", page=number, sha256="", width=1, height=1, bytes=1)
        page.thumbnail, page.text = "", words
        session.add(page)
    happened: list[tuple[float, dict[str, object]]] = [
        (0, {"type": "lesson_state", "state": "live", "started_at_ms": 1000, "ended_at_ms": None}),
        (0.5, turn(lesson, 2)),
        (0.51, turn(lesson, 1)),
        (5, turn(lesson, 2)),
        (20, turn(lesson, 3)),
        (30, {"type": "marker_set", "marker": {"label": "练习：三角形"}}),
    ]
    for seq, (at, body) in enumerate(happened, 1):
        at_ms = 1000 + round(at * MINUTE_MS)
        session.add(
            EventRow(
                lesson_id=lesson,
                seq=seq,
                epoch="ep",
                at_ms=at_ms,
                body=json.dumps(body, separators=(",", ":")),
            )
        )
    session.flush()
    add_caption(session, f"cap_{lesson}", CaptionDraft(lesson, "zh-CN", "", Origin.UPLOAD, CAPTIONS), 0)


def turn(lesson: str, page: int) -> dict[str, object]:
    return {"type": "slide_shown", "slide": {"deck": f"deck_{lesson}", "page": page}}


def search(
    session: Session,
    words: str,
    subject: str | None = None,
    grade: str | None = None,
    edition: str | None = None,
) -> list[FoundLesson]:
    return find_replays(session, Wanted(words, true(), subject, grade, edition))[0]


def moments(found: Sequence[FoundLesson]) -> list[tuple[str, int]]:
    return [(hit.kind, hit.at_ms // 1000) for each in found for hit in each.hits]


def publish(session: Session, lesson: str, edit: dict[str, object], details: dict[str, str]) -> VersionRow:
    row = VersionRow(
        id=f"ver_{lesson}",
        lesson_id=lesson,
        number=1,
        state="published",
        edit=edit,
        details=details,
        created_by="admin",
        created_at_ms=0,
    )
    session.add(row)
    session.flush()
    index_lesson(session, lesson)
    return row


def test_words_are_found_where_they_were_shown_or_said(database_url: str) -> None:
    with school(database_url) as session:
        hold(session, "les_a")
        assert moments(search(session, "初步认识")) == [("slide", 30)]
        assert moments(search(session, "苹果")) == [("slide", 300), ("caption", 1500)]
        assert moments(search(session, "三角形")) == [("chapter", 1800)]
        assert moments(search(session, "第一课")) == [("title", 0)]
        assert moments(search(session, "LARGER")) == [("slide", 1200)]
        assert search(session, "四角形") == search(session, "!?") == []
        [listed] = search(session, "")
        assert (listed.title, listed.hits) == ("第一课", [])


def test_what_a_version_says_and_cuts_is_what_is_found(database_url: str) -> None:
    with school(database_url) as session:
        hold(session, "les_a")
        row = publish(
            session,
            "les_a",
            {"kept": [[0, 2 * MINUTE_MS], [24 * MINUTE_MS, 40 * MINUTE_MS]], "chapters": None},
            {"title": "分数入门", "subject": "数学", "grade": "3", "edition": "人教版"},
        )
        assert moments(search(session, "苹果")) == [("slide", 30), ("caption", 180)]
        assert search(session, "larger") == search(session, "第一课") == []
        [found] = search(session, "入门", subject="数学", grade="3", edition="人教版")
        assert (found.title, found.duration_ms) == ("分数入门", 18 * MINUTE_MS)
        assert search(session, "入门", grade="4") == []
        row.edit = {"kept": [], "chapters": [{"at_ms": 7000, "title": "圆形"}]}
        index_lesson(session, "les_a")
        assert moments(search(session, "圆形")) == [("chapter", 7)]
        assert search(session, "三角形") == []
        row.state = "withdrawn"
        session.flush()
        index_lesson(session, "les_a")
        assert moments(search(session, "三角形")) == [("chapter", 1800)]


def test_a_course_says_what_no_version_does(database_url: str) -> None:
    with school(database_url) as session:
        hold(session, "les_a")
        course = CourseRow(
            id="crs_a", organization_id="org_a", title="", subject="数学", grade=3, edition="人教版"
        )
        course.created_at_ms = 0
        session.add(course)
        session.flush()
        session.get_one(LessonRow, "les_a").course_id = "crs_a"
        session.flush()
        [found] = search(session, "苹果", subject="数学", grade="3", edition="人教版")
        assert (found.subject, found.grade, found.edition) == ("数学", "3", "人教版")
        assert search(session, "苹果", subject="语文") == []


def test_pages_follow_each_other_and_only_what_is_visible_is_found(database_url: str) -> None:
    with school(database_url) as session:
        for number in range(5):
            hold(session, f"les_{number}", f"分数 {number}")
        add_lesson(session, "les_other", organization=None)
        index_lesson(session, "les_other")
        visible = visible_lessons(Scope(("/org_a/",)))
        assert [each.title for each in find_replays(session, Wanted("", visible))[0]][-1] == "分数 0"
        titles: list[str] = []
        before: int | None = None
        for _ in range(3):
            found, before = find_replays(session, Wanted("分数", visible, before=before, limit=2))
            titles += [each.title for each in found]
        assert titles == [f"分数 {number}" for number in (4, 3, 2, 1, 0)]
        assert before is None


def test_the_index_forgets_with_the_lesson(database_url: str) -> None:
    with school(database_url) as session:
        for lesson in ("les_a", "les_b"):
            hold(session, lesson)
        session.get_one(LessonRow, "les_a").state = LessonState.ERASED
        session.flush()
        index_lesson(session, "les_a")
        assert [each.lesson.id for each in search(session, "苹果")] == ["les_b"]
        session.execute(delete(LessonRow).where(LessonRow.id == "les_b"))
        assert session.scalar(select(func.count()).select_from(ReplayDocumentRow)) == 0
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("INSERT INTO replay_terms (replay_terms) VALUES ('integrity-check')"))
            assert session.scalar(text("SELECT count(*) FROM replay_terms('\"e58886\" *')")) == 0


def test_the_teachers_replay_is_watched_first(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a")
        found = resources_to_watch(session, ["les_a", "les_none"])
        assert [row.kind for row in found["les_a"]] == ["teacher", "stage", "stage"]
