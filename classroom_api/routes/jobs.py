"""Jobs: what is made of lessons after they end, how far it is, and to stop it or begin it again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from classroom_api.access_routes import PREFIX
from classroom_api.jobs.model import JobState
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute
from classroom_api.routes.conventions import PageOf
from classroom_api.routes.models import Body, Id
from classroom_api.store import jobs
from classroom_api.store.resource_schema import JobRow

router = APIRouter(prefix=PREFIX, tags=["jobs"], dependencies=[Authorize], route_class=AuditedRoute)

JobId = Annotated[str, Path(max_length=40, pattern="^[a-z0-9_]+$")]


class JobBody(Body):
    id: str
    kind: str
    key: str
    lesson_id: str | None
    state: JobState
    is_cancelled: bool = Field(description="somebody has asked for its end")
    progress: float = Field(ge=0, le=1)
    step: str = Field(description="a word for what it does now")
    attempts: int
    error: str | None = Field(description="why it failed, or why it is tried again")
    run_after_ms: int = Field(description="not before")
    created_at_ms: int
    started_at_ms: int | None
    finished_at_ms: int | None


def _body(row: JobRow) -> JobBody:
    return JobBody.model_validate(row, from_attributes=True)


@router.get("/jobs")
async def list_jobs(
    service: ServiceOf,
    caller: CallerOf,
    page: PageOf,
    lesson: Annotated[Id | None, Query()] = None,
    state: Annotated[JobState | None, Query()] = None,
) -> list[JobBody]:
    """The newest first; what is over is kept for a month."""
    query = jobs.Query(caller.scope, lesson, state, page.after)
    return [_body(row) for row in page.cut(await service.jobs.page(query, page.take))]


@router.get("/jobs/{record_id}")
async def read_job(record_id: JobId, service: ServiceOf, caller: CallerOf) -> JobBody:
    """How far one is."""
    return _body(await service.jobs.find(record_id, caller.scope))


@router.post("/jobs/{record_id}/cancel", status_code=202)
async def cancel_job(record_id: JobId, service: ServiceOf, caller: CallerOf) -> JobBody:
    """Ends one that waits; one that runs is ended by its worker within seconds."""
    return _body(await service.jobs.cancel(record_id, caller.scope))


@router.post("/jobs/{record_id}/retry", status_code=202)
async def retry_job(record_id: JobId, service: ServiceOf, caller: CallerOf) -> JobBody:
    """Begins one again that failed or was cancelled, or one that waits, at once."""
    return _body(await service.jobs.retry(record_id, caller.scope))
