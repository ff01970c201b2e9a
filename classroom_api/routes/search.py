"""Search over all that the caller may read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from classroom_api.access import Ability, scope_of
from classroom_api.access_routes import PREFIX
from classroom_api.auth import Principal
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf
from classroom_api.routes.models import Body
from classroom_api.store.planning_schema import SearchDocumentRow
from classroom_api.store.records import KINDS, visible
from classroom_api.store.schema import LessonRow
from classroom_api.store.search import MAXIMUM_QUERY_CHARACTERS, find_records
from classroom_api.store.timetable import visible_lessons

router = APIRouter(prefix=PREFIX, tags=["search"], dependencies=[Authorize])


class Found(Body):
    kind: str
    record_id: str
    text: str


@router.get("/search")
async def search(
    service: ServiceOf,
    caller: CallerOf,
    q: Annotated[str, Query(min_length=1, max_length=MAXIMUM_QUERY_CHARACTERS)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[Found]:
    """Records whose text contains every word of `q`; words of Chinese need no spaces between them."""

    def work(session: Session) -> list[Found]:
        rows = find_records(session, q, _readable(caller.principal), limit)
        return [Found.model_validate(row, from_attributes=True) for row in rows]

    return await service.planning.transaction(work)


def _readable(principal: Principal) -> ColumnElement[bool]:
    """Of each kind what the caller may read of it; a key may be limited to some."""
    document = SearchDocumentRow
    of_kinds = [
        and_(document.kind == kind.name, visible(document.organization_id, scope_of(principal, kind.read)))
        for kind in KINDS.values()
    ]
    lessons = select(LessonRow.id).where(visible_lessons(scope_of(principal, Ability.LESSONS_READ)))
    return or_(*of_kinds, and_(document.kind == "lessons", document.record_id.in_(lessons)))
