"""What is found of lessons, on both databases, from what their rooms, decks and captions left."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import delete, func, select, text, true
from sqlalchemy.orm import Session

from classroom_api.access import Scope
from classroom_api.replay_search import fold, patterns_of, terms_of_text, words_of_query
from classroom_api.store.captions import CaptionDraft, Origin, add_caption
from classroom_api.store.lessons import LessonState
from classroom_api.store.planning_schema import CourseRow
from classroom_api.store.replay_index import (
    Filters,
    FoundLesson,
    Wanted,
    find_replays,
    index_lesson,
    resources_to_watch,
    visible_documents,
)
from classroom_api.store.resource_schema import ReplayDocumentRow, VersionRow
from classroom_api.store.schema import DeckPageRow, DeckRow, EventRow, LessonRow, ResourceRow
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
    return find_replays(session, Wanted(words, true(), Filters(subject, grade, edition)))[0]


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
        index_lesson(session, "les_a")
        [found] = search(session, "苹果", subject="数学", grade="3", edition="人教版")
        assert (found.subject, found.grade, found.edition) == ("数学", "3", "人教版")
        assert search(session, "苹果", subject="语文") == []
        course.subject = "语文"
        session.flush()
        assert [each.subject for each in search(session, "苹果", subject="语文")] == ["语文"]


def test_pages_follow_each_other_and_only_what_is_visible_is_found(database_url: str) -> None:
    with school(database_url) as session:
        for number in range(5):
            hold(session, f"les_{number}", f"分数 {number}")
        add_lesson(session, "les_other", organization=None)
        index_lesson(session, "les_other")
        visible = visible_documents(Scope(("/org_a/",)))
        assert [each.title for each in find_replays(session, Wanted("", visible))[0]][-1] == "分数 0"
        own = visible_documents(Scope(own="usr_none"))
        assert find_replays(session, Wanted("分数", own)) == ([], None)
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


LESSONS, PASSAGES = 60, 6


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Made up: each lesson's document, newest first, and what its course says."""

    documents: list[ReplayDocumentRow]
    courses: dict[str, CourseRow]

    def expected(self, wanted: Wanted, organization: str | None) -> list[str]:
        """By reading them all."""
        patterns = patterns_of(words_of_query(wanted.text))
        return [
            each.lesson_id
            for each in self.documents
            if all(pattern.search(fold(each.text)) for pattern in patterns)
            and self._passes(each, wanted.filters)
            and organization in (None, each.organization_id)
        ]

    def _passes(self, document: ReplayDocumentRow, filters: Filters) -> bool:
        course = self.courses[document.course_id or ""]
        known = (document.subject or course.subject, document.grade or str(course.grade))
        began_ms = document.started_at_ms or 0
        return (
            filters.subject in (None, known[0])
            and filters.grade in (None, known[1])
            and filters.syllabus_node in (None, document.syllabus_node)
            and (filters.from_ms is None or filters.from_ms <= began_ms)
            and (filters.to_ms is None or began_ms < filters.to_ms)
        )


def make_up(session: Session, source: random.Random) -> Catalogue:
    courses = {
        f"crs_{n}": CourseRow(id=f"crs_{n}", organization_id="org_a", title="", subject=subject, grade=n)
        for n, subject in enumerate(("数学", "语文"))
    }
    for course in courses.values():
        course.edition, course.created_at_ms = "", 0
        session.add(course)
    documents = []
    for number in range(LESSONS):
        lesson = LessonRow(id=f"les_{number}", title="", mode="interactive", state="published")
        lesson.recording_policy, lesson.auto_publish, lesson.created_at_ms = "off", True, 0
        session.add(lesson)
        session.flush()
        lines = ["".join(source.choices("分数的形 ab1", k=source.randrange(1, 9))) for _ in range(PASSAGES)]
        document = ReplayDocumentRow(lesson_id=lesson.id, text="\n".join(lines), started_at_ms=number)
        document.terms = " ".join(sorted(terms_of_text(lines)))
        document.passages = [["caption", 0]] * PASSAGES
        document.course_id = source.choice(list(courses))
        document.organization_id = source.choice(("org_a", None))
        document.subject = source.choice((None, None, "数学", "音乐"))
        document.grade, document.syllabus_node = source.choice((None, "1")), source.choice((None, "3.1"))
        session.add(document)
        session.flush()
        documents.append(document)
    return Catalogue(documents[::-1], courses)


T = TypeVar("T")


def draw_query(source: random.Random) -> Wanted:
    """Mostly with few conditions, so that much is found."""

    def rarely(values: Sequence[T]) -> T | None:
        return source.choice(values) if source.random() < 0.25 else None

    lengths = [source.choice((1, 1, 2, 3)) for _ in range(source.randrange(3))]
    text = " ".join("".join(source.choices("分数的形ab1", k=length)) for length in lengths)
    filters = Filters(
        subject=rarely(("数学", "语文", "音乐", "天文")),
        grade=rarely(("0", "1")),
        syllabus_node=rarely(("3.1",)),
        from_ms=rarely(range(30)),
        to_ms=rarely(range(30, LESSONS)),
    )
    return Wanted(text, true(), filters, limit=source.choice((5, 50)))


def test_any_search_finds_what_reading_all_would_in_pages_of_any_length(database_url: str) -> None:
    source = random.Random(11)
    within = visible_documents(Scope(("/org_a/",)))
    with school(database_url) as session:
        catalogue = make_up(session, source)
        lengths = []
        for number in range(60):
            wanted, scope = draw_query(source), "org_a" if number % 3 == 0 else None
            expected = catalogue.expected(wanted, scope)
            asked = replace(wanted, is_visible=within) if scope is not None else wanted
            assert all_pages(session, asked) == expected, wanted
            lengths.append(len(expected))
        assert (min(lengths), max(lengths)) == (0, LESSONS)


def all_pages(session: Session, wanted: Wanted) -> list[str]:
    found, before = find_replays(session, wanted)
    lessons = [each.lesson.id for each in found]
    while before is not None:
        found, before = find_replays(session, replace(wanted, before=before))
        lessons += [each.lesson.id for each in found]
    return lessons
