"""The index of replays: renewed by whoever changes what is found of a lesson, in the same transaction.

Passages have positions of the lesson. What is found is told in places of the served version, and what that
version cut is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    cast,
    column,
    delete,
    func,
    literal_column,
    or_,
    select,
    table,
    true,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from classroom_api.access import Scope
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
from classroom_api.store.planning_schema import CourseRow, UnitRow
from classroom_api.store.records import visible
from classroom_api.store.resource_schema import CaptionRow, ReplayDocumentRow, VersionRow
from classroom_api.store.schema import DeckPageRow, DeckRow, LessonRow, ResourceRow, SeatRow
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
    for name in ("title", "subject", "grade", "edition", "syllabus_node"):
        setattr(document, name, details.get(name) or None)
    for name in ("organization_id", "course_id", "unit_id", "started_at_ms"):
        setattr(document, name, getattr(row, name))
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
class Filters:
    """Lessons that began at `from_ms` or later, before `to_ms`; None: any."""

    subject: str | None = None
    grade: str | None = None
    edition: str | None = None
    syllabus_node: str | None = None
    from_ms: int | None = None
    to_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """`text` empty: all lessons. `before`: those with a lower number. `is_visible` is asked of documents."""

    text: str
    is_visible: ColumnElement[bool]
    filters: Filters = Filters()
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


def visible_documents(scope: Scope) -> ColumnElement[bool]:
    """Those of `visible_lessons`, each part by an index of its own."""
    if scope.paths is None:
        return true()
    within = visible(ReplayDocumentRow.organization_id, scope)
    if scope.own is None:
        return within
    taught = documents_of(LessonRow.master_id == scope.own)
    if scope.is_taught:
        return or_(within, taught)
    sits_in = select(SeatRow.lesson_id).where(SeatRow.user_id == scope.own)
    return or_(within, taught, ReplayDocumentRow.lesson_id.in_(sits_in))


def documents_of(are_lessons: ColumnElement[bool]) -> ColumnElement[bool]:
    """For a few lessons."""
    return ReplayDocumentRow.lesson_id.in_(select(LessonRow.id).where(are_lessons))


def find_replays(session: Session, wanted: Wanted) -> tuple[list[FoundLesson], int | None]:
    """The newest lessons in which each word is found, and the number before which the next page begins: None
    where there is none. A page may be short: of candidates too many are looked at in no request.
    """
    words = words_of_query(wanted.text)
    if wanted.text.strip() and not words:
        return [], None
    patterns = patterns_of(words)
    most = wanted.limit * (_MOST_ROUNDS if patterns else 1)
    numbers = _candidates(session, wanted, words, most)
    found: list[FoundLesson] = []
    for start in range(0, len(numbers), wanted.limit):
        rows = session.execute(_documents(numbers[start : start + wanted.limit])).all()
        versions = _served(session, [row.LessonRow.id for row in rows])
        for row in rows:
            lesson = row.LessonRow
            version = versions.get(lesson.id)
            hits: list[Hit] = []
            count = 0
            if patterns:
                hits, count = hits_in(row.text, _place_of(row.passages, version), patterns, MAX_HITS)
                if not hits:
                    continue
            about = (row.subject, row.grade, row.edition)
            found.append(FoundLesson(lesson, row.title or lesson.title, *about, version, hits, count))
            if len(found) == wanted.limit:
                return found, row.number
    return found, numbers[-1] if len(numbers) == most else None


def _candidates(session: Session, wanted: Wanted, words: Sequence[str], limit: int) -> Sequence[int]:
    """The numbers of the newest documents that the index gives.

    No planner knows what is dear here, reading what is long in a document. So each is told its way: all that
    the index of words names, and of each what stands beside the long columns.
    """
    document = ReplayDocumentRow
    number: ColumnElement[int] = document.number.expression
    conditions = list(_conditions(wanted))
    query = select(number).where(*conditions).with_hint(document, "INDEXED BY replay_facets", "sqlite")
    if words and session.get_bind().dialect.name == "sqlite":
        index = table("replay_terms", column("rowid", Integer))
        beside = query.where(number == index.c.rowid).correlate(index)
        number = index.c.rowid
        query = select(number).where(literal_column("replay_terms").op("MATCH")(_fts_query(words)))
        if conditions:  # of each match, as they come: a join would begin with the documents
            query = query.where(beside.exists())
    elif words:
        session.execute(sql("SET LOCAL enable_seqscan = off; SET LOCAL jit = off"))
        query = query.where(document.terms.op("@@")(cast(_ts_query(words), postgresql.TSQUERY)))
        number = number + 0  # or documents are tried one after the other, in their order
    if wanted.before is not None:
        query = query.where(number < wanted.before)
    return session.scalars(query.order_by(number.desc()).limit(limit)).all()


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    document, filters = ReplayDocumentRow, wanted.filters
    grade = cast(CourseRow.grade, document.grade.type)
    for value, told, plan, planned in (
        (filters.subject, document.subject, document.course_id, (CourseRow.id, CourseRow.subject)),
        (filters.grade, document.grade, document.course_id, (CourseRow.id, grade)),
        (filters.edition, document.edition, document.course_id, (CourseRow.id, CourseRow.edition)),
        (filters.syllabus_node, document.syllabus_node, document.unit_id, (UnitRow.id, UnitRow.node)),
    ):
        if value is not None:
            plans = select(planned[0]).where(planned[1] == value)
            yield or_(told == value, and_(told.is_(None), plan.in_(plans)))
    if filters.from_ms is not None:
        yield document.started_at_ms >= filters.from_ms
    if filters.to_ms is not None:
        yield document.started_at_ms < filters.to_ms
    if wanted.is_visible is not true():
        yield wanted.is_visible


def _documents(numbers: Sequence[int]) -> Candidates:
    document = ReplayDocumentRow
    grade = cast(CourseRow.grade, document.grade.type)
    return (
        select(
            LessonRow,
            document.number,
            document.title,
            document.passages,
            document.text,
            func.coalesce(document.subject, CourseRow.subject).label("subject"),
            func.coalesce(document.grade, grade).label("grade"),
            func.coalesce(document.edition, CourseRow.edition).label("edition"),
        )
        .join(LessonRow, LessonRow.id == document.lesson_id)
        .join(CourseRow, CourseRow.id == document.course_id, isouter=True)
        .where(document.number.in_(numbers))
        .order_by(document.number.desc())
    )


def _fts_query(words: Sequence[str]) -> str:
    return " AND ".join(f'"{term.text}"{" *" * term.is_beginning}' for term in terms_of_query(words))


def _ts_query(words: Sequence[str]) -> str:
    return " & ".join(f"'{term.text}'{':*' * term.is_beginning}" for term in terms_of_query(words))


def _place_of(
    passages: Sequence[list[Any]], version: VersionRow | None
) -> Callable[[int], tuple[PassageKind, int | None]]:
    """Of each its place in what is served; None: it was cut."""
    kept = Kept.of_edit(version.edit) if version is not None else None

    def place_of(passage: int) -> tuple[PassageKind, int | None]:
        kind, *positions = passages[passage]
        return PassageKind(kind), _place_ms(positions, kept)

    return place_of


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
