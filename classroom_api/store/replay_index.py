"""The index of replays: renewed by whoever changes what is found of a lesson, in the same transaction.

Passages have positions of the lesson. What is found is told in places of the served version, and what that
version cut is not found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    cast,
    column,
    delete,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from classroom_api.lesson_timeline import KINDS, LessonTimeline, PageTurn, timeline_of
from classroom_api.replay_search import (
    MAX_PASSAGE_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    Hit,
    Passage,
    PassageKind,
    hits_in,
    patterns_of,
    terms_of_query,
    terms_of_text,
    words_of_query,
)
from classroom_api.store.events import events_of
from classroom_api.store.lessons import LessonState
from classroom_api.store.planning_schema import CourseRow
from classroom_api.store.resource_schema import CaptionRow, ReplayDocumentRow, VersionRow
from classroom_api.store.schema import DeckPageRow, DeckRow, LessonRow, ResourceRow
from recording.edit import Kept
from recording.webvtt import CaptionsRefused, parse_captions

MAX_HITS: Final = 5
PLAYABLE: Final = frozenset({"playable", "ready"})
Candidates = Select[Any, Any, Any, Any, Any, Any, Any, Any]
_MOST_ROUNDS: Final = 8
_OPENED_FIRST: Final = {"teacher": 0, "screen": 1}
_GLANCE_MS: Final = 3_000
"""A page that was shown for less was leafed through."""
_READ: Final = KINDS - {"ink_added", "ink_cleared"}


def index_lesson(session: Session, lesson: str) -> None:
    """Renew what is found of a lesson; nothing of one that has no replay or is erased."""
    row = session.get(LessonRow, lesson)
    duration_ms = _duration_ms(session, lesson)
    if row is None or row.state == LessonState.ERASED or duration_ms is None:
        session.execute(delete(ReplayDocumentRow).where(ReplayDocumentRow.lesson_id == lesson))
        return
    version = _served(session, [lesson]).get(lesson)
    details = version.details if version is not None else {}
    passages = list(_bounded(_passages(session, row, version, duration_ms)))
    document = session.scalar(select(ReplayDocumentRow).where(ReplayDocumentRow.lesson_id == lesson))
    if document is None:
        document = ReplayDocumentRow(lesson_id=lesson)
        session.add(document)
    for name in ("title", "subject", "grade", "edition"):
        setattr(document, name, details.get(name) or None)
    document.passages = [[each.kind, *each.at_ms] for each in passages]
    document.text = "\n".join(each.text for each in passages)
    document.terms = " ".join(sorted(terms_of_text(each.text for each in passages)))
    session.flush()


def _duration_ms(session: Session, lesson: str) -> int | None:
    return session.scalar(
        select(func.max(ResourceRow.duration_ms)).where(
            ResourceRow.lesson_id == lesson, ResourceRow.state.in_(PLAYABLE)
        )
    )


def _bounded(passages: Iterable[Passage]) -> Iterator[Passage]:
    left = MAX_TEXT_CHARACTERS
    for each in passages:
        text = " ".join(each.text.split())[: min(left, MAX_PASSAGE_CHARACTERS)]
        left -= len(text)
        if text:
            yield Passage(each.kind, each.at_ms, text)


def _passages(
    session: Session, lesson: LessonRow, version: VersionRow | None, duration_ms: int
) -> Iterator[Passage]:
    """What says most first: it is the rest that goes where there is too much."""
    details = version.details if version is not None else {}
    told = [details.get("title") or lesson.title, details.get("description"), *details.get("keywords", ())]
    yield Passage(PassageKind.TITLE, (), " ".join(str(each) for each in told if each))
    timeline = timeline_of(events_of(session, lesson.id, _READ), duration_ms)
    named = version.edit.get("chapters") if version is not None else None
    if named is not None:
        yield from (Passage(PassageKind.CHAPTER, (int(one["at_ms"]),), str(one["title"])) for one in named)
    else:
        yield from (Passage(PassageKind.CHAPTER, (one.start_ms,), one.title) for one in timeline.chapters)
    yield from _slides(session, lesson.id, timeline, duration_ms)
    approved = CaptionRow.is_draft.is_(False)
    texts = session.scalars(select(CaptionRow.text).where(CaptionRow.lesson_id == lesson.id, approved))
    for text in texts:
        yield from _said(text)


def _slides(session: Session, lesson: str, timeline: LessonTimeline, duration_ms: int) -> Iterator[Passage]:
    shown = _showings(timeline.pages, duration_ms)
    query = (
        select(DeckPageRow.deck_id, DeckPageRow.page, DeckPageRow.text)
        .join(DeckRow, DeckRow.id == DeckPageRow.deck_id)
        .where(DeckRow.lesson_id == lesson)
    )
    found = [
        (shown[deck, page], text) for deck, page, text in session.execute(query) if (deck, page) in shown
    ]
    for at_ms, text in sorted(found):
        yield Passage(PassageKind.SLIDE, at_ms, text)


def _showings(pages: Sequence[PageTurn], duration_ms: int) -> dict[tuple[str, int], tuple[int, ...]]:
    """When each page was shown; the times at which it was only leafed through last."""
    shown: dict[tuple[str, int], list[tuple[bool, int]]] = {}
    ends = [*(turn.at_ms for turn in pages[1:]), duration_ms]
    for turn, end_ms in zip(pages, ends, strict=False):
        if turn.deck is not None and turn.page is not None:
            is_glance = end_ms - turn.at_ms < _GLANCE_MS
            shown.setdefault((turn.deck, turn.page), []).append((is_glance, turn.at_ms))
    return {page: tuple(at_ms for _, at_ms in sorted(times)) for page, times in shown.items()}


def _said(captions: str) -> Iterator[Passage]:
    try:
        cues = parse_captions(captions.encode())
    except CaptionsRefused:  # not ours: it is served, and not found
        return
    for cue in cues:
        yield Passage(PassageKind.CAPTION, (cue.begin_ms,), cue.text)


def _served(session: Session, lessons: Sequence[str]) -> dict[str, VersionRow]:
    """The newest published version of each that has one (as `versions.served_version`)."""
    query = select(VersionRow).where(VersionRow.lesson_id.in_(lessons), VersionRow.state == "published")
    return {row.lesson_id: row for row in session.scalars(query.order_by(VersionRow.number))}


@dataclass(frozen=True, slots=True)
class Wanted:
    """`text` empty: all lessons. `before`: those with a lower number. `is_visible` is asked of lessons."""

    text: str
    is_visible: ColumnElement[bool]
    subject: str | None = None
    grade: str | None = None
    edition: str | None = None
    before: int | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True)
class FoundLesson:
    lesson: LessonRow
    title: str
    subject: str | None
    grade: str | None
    edition: str | None
    version: VersionRow | None
    hits: list[Hit] = field(default_factory=list)
    hit_count: int = 0

    @property
    def duration_ms(self) -> int | None:
        """Of what is served, where an edit cut something."""
        kept = Kept.of_edit(self.version.edit) if self.version is not None else None
        return kept.length_ms if kept is not None else None


def find_replays(session: Session, wanted: Wanted) -> tuple[list[FoundLesson], int | None]:
    """The newest lessons in which each word is found, and the number before which the next page begins: None
    where there is none. A page may be short: of candidates too many are looked at in no request.
    """
    words = words_of_query(wanted.text)
    if wanted.text.strip() and not words:
        return [], None
    patterns = patterns_of(words)
    found: list[FoundLesson] = []
    before = wanted.before
    for _ in range(_MOST_ROUNDS):
        rows = session.execute(_candidates(session, wanted, words, before)).all()
        versions = _served(session, [row.LessonRow.id for row in rows])
        for row in rows:
            lesson, before = row.LessonRow, row.number
            version = versions.get(lesson.id)
            hits: list[Hit] = []
            count = 0
            if patterns:
                hits, count = hits_in(row.text, _places(row.passages, version), patterns, MAX_HITS)
                if not hits:
                    continue
            about = (row.subject, row.grade, row.edition)
            found.append(FoundLesson(lesson, row.title or lesson.title, *about, version, hits, count))
            if len(found) == wanted.limit:
                return found, before
        if len(rows) < wanted.limit:
            return found, None
    return found, before


def _candidates(session: Session, wanted: Wanted, words: Sequence[str], before: int | None) -> Candidates:
    document = ReplayDocumentRow
    subject = func.coalesce(document.subject, CourseRow.subject)
    grade = func.coalesce(document.grade, cast(CourseRow.grade, document.grade.type))
    edition = func.coalesce(document.edition, CourseRow.edition)
    query: Candidates = (
        select(
            LessonRow,
            document.number,
            document.title,
            document.passages,
            document.text,
            subject.label("subject"),
            grade.label("grade"),
            edition.label("edition"),
        )
        .join(LessonRow, LessonRow.id == document.lesson_id)
        .join(CourseRow, CourseRow.id == LessonRow.course_id, isouter=True)
        .where(wanted.is_visible)
    )
    for known, value in ((subject, wanted.subject), (grade, wanted.grade), (edition, wanted.edition)):
        if value is not None:
            query = query.where(known == value)
    number: ColumnElement[int] = document.number.expression
    if words and session.get_bind().dialect.name == "sqlite":
        # The full-text table first: it gives the newest that match one after the other, and no more.
        index = table("replay_terms", column("rowid", Integer))
        is_match: ColumnElement[bool] = literal_column("replay_terms").op("MATCH")(_fts_query(words))
        number = index.c.rowid
        query = query.join(index, number == document.number).where(is_match)
    elif words:
        query = query.where(document.terms.op("@@")(cast(_ts_query(words), postgresql.TSQUERY)))
    if before is not None:
        query = query.where(number < before)
    return query.order_by(number.desc()).limit(wanted.limit)


def _fts_query(words: Sequence[str]) -> str:
    return " AND ".join(f'"{term.text}"{" *" * term.is_beginning}' for term in terms_of_query(words))


def _ts_query(words: Sequence[str]) -> str:
    return " & ".join(f"'{term.text}'{':*' * term.is_beginning}" for term in terms_of_query(words))


def _places(
    passages: Iterable[list[Any]], version: VersionRow | None
) -> list[tuple[PassageKind, int | None]]:
    """Of each its place in what is served; None: it was cut."""
    kept = Kept.of_edit(version.edit) if version is not None else None
    return [(PassageKind(kind), _place_ms(positions, kept)) for kind, *positions in passages]


def _place_ms(positions: Sequence[int], kept: Kept | None) -> int | None:
    if not positions or kept is None:
        return positions[0] if positions else 0
    places = (kept.place_ms(position) for position in positions)
    return next((place for place in places if place is not None), None)


def resources_to_watch(session: Session, lessons: Iterable[str]) -> dict[str, list[ResourceRow]]:
    """The replays of each lesson, what a player opens first in front."""
    query = select(ResourceRow).where(
        ResourceRow.lesson_id.in_(list(lessons)), ResourceRow.state.in_(PLAYABLE)
    )
    found: dict[str, list[ResourceRow]] = {}
    rows = session.scalars(query.order_by(ResourceRow.created_at_ms, ResourceRow.id))
    for row in sorted(rows, key=lambda row: _OPENED_FIRST.get(row.kind, len(_OPENED_FIRST))):
        found.setdefault(row.lesson_id, []).append(row)
    return found
