"""A lesson as xAPI statements: the same that go to the configured learning record store."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request

from classroom_api.access_routes import PREFIX
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute
from classroom_api.store.statements import read_stated
from streaming.identifiers import LessonId

router = APIRouter(prefix=PREFIX, tags=["xapi"], dependencies=[Authorize], route_class=AuditedRoute)


@router.get("/lessons/{lesson_id}/xapi")
async def lesson_statements(
    lesson_id: LessonId, request: Request, service: ServiceOf, caller: CallerOf
) -> list[dict[str, object]]:
    """Virtual classroom profile, in the order of what happened. Asked for again, the ids are the same."""
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    home_page = service.site_url or str(request.base_url).rstrip("/")
    read = await service.planning.transaction(lambda session: read_stated(session, lesson_id, home_page))
    return list((await asyncio.to_thread(read.statements)).values())
