"""Search in replays: titles, chapters, slides and captions, each hit with its moment."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Session

from classroom_api.access_routes import PREFIX
from classroom_api.cursors import MAXIMUM_CURSOR_CHARACTERS, Position, parse_cursor, serialize_cursor
from classroom_api.replay_search import MAX_QUERY_CHARACTERS, Hit, PassageKind
from classroom_api.routes.access import Authorize, Caller, CallerOf, ServiceOf
from classroom_api.routes.models import Body, Time
from classroom_api.store.lessons import LessonState
from classroom_api.store.replay_index import (
    Filters,
    FoundLesson,
    Wanted,
    documents_of,
    find_replays,
    resources_to_watch,
    visible_documents,
)
from classroom_api.store.resources import unpublished_seats
from classroom_api.store.schema import LessonRow, ResourceRow
from signaling.roles import Role

router = APIRouter(prefix=PREFIX, tags=["search"], dependencies=[Authorize])

_CURSOR_ID = "replay"
Filter = Annotated[str | None, Query(max_length=80)]


class HitPart(Body):
    text: str
    is_match: bool


class ReplayHit(Body):
    kind: PassageKind
    at_ms: int = Field(description="place in the replay that is served")
    parts: list[HitPart] = Field(description="an excerpt, its matches apart")


class FoundReplay(Body):
    lesson: str
    resource: str = Field(description="what /watch/{resource} opens")
    title: str
    subject: str | None
    grade: str | None
    edition: str | None
    state: str
    started_at_ms: int | None
    duration_ms: int
    hits: list[ReplayHit]
    hit_count: int = Field(description="hits are its first few")


@router.get("/replays")
async def replays(
    request: Request,
    response: Response,
    service: ServiceOf,
    caller: CallerOf,
    q: Annotated[str, Query(max_length=MAX_QUERY_CHARACTERS)] = "",
    subject: Filter = None,
    grade: Filter = None,
    edition: Filter = None,
    syllabus_node: Filter = None,
    from_ms: Annotated[Time | None, Query(description="began then or later")] = None,
    to_ms: Annotated[Time | None, Query(description="began before")] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    cursor: Annotated[str | None, Query(max_length=MAXIMUM_CURSOR_CHARACTERS)] = None,
) -> list[FoundReplay]:
    """Lessons in which every word of `q` is found, the newest first; words of Chinese need no spaces between
    them. Without `q` all lessons that have a replay."""
    before = parse_cursor(cursor).at_ms if cursor is not None else None
    filters = Filters(subject, grade, edition, syllabus_node, from_ms, to_ms)
    wanted = Wanted(q, _visible(caller), filters, before, limit)
    claims = caller.principal.claims
    own = claims.lesson if claims is not None and claims.role is not Role.MASTER else None

    def work(session: Session) -> tuple[list[FoundReplay], int | None]:
        found, following = find_replays(session, wanted)
        rows = resources_to_watch(session, [each.lesson.id for each in found])
        hidden = unpublished_seats(session, own) if own is not None else frozenset()
        bodies = []
        for each in found:
            watched = [row for row in rows.get(each.lesson.id, ()) if row.seat_id not in hidden]
            if watched:
                bodies.append(_body(each, watched[0]))
        return bodies, following

    found, following = await service.planning.transaction(work)
    if following is not None:
        mark = serialize_cursor(Position(following, _CURSOR_ID))
        response.headers["Link"] = f'<{request.url.include_query_params(cursor=mark)}>; rel="next"'
    return found


def _visible(caller: Caller) -> ColumnElement[bool]:
    """What the caller may watch: a seat its own lesson, before it is published only the master's."""
    claims = caller.principal.claims
    if claims is None:
        return visible_documents(caller.scope)
    own = LessonRow.id == claims.lesson
    is_published = LessonRow.state == LessonState.PUBLISHED
    return documents_of(own if claims.role is Role.MASTER else and_(own, is_published))


def _body(found: FoundLesson, watched: ResourceRow) -> FoundReplay:
    lesson = found.lesson
    return FoundReplay(
        lesson=lesson.id,
        resource=watched.id,
        title=found.title,
        subject=found.subject,
        grade=found.grade,
        edition=found.edition,
        state=lesson.state,
        started_at_ms=lesson.started_at_ms,
        duration_ms=found.duration_ms or watched.duration_ms,
        hits=[_hit(hit) for hit in found.hits],
        hit_count=found.hit_count,
    )


def _hit(hit: Hit) -> ReplayHit:
    parts = [HitPart(text=part.text, is_match=part.is_match) for part in hit.parts]
    return ReplayHit(kind=hit.kind, at_ms=hit.at_ms, parts=parts)
