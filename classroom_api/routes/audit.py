"""The audit as administrators read it. There is no route that changes it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from classroom_api.access_routes import PREFIX
from classroom_api.cursors import Position
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute
from classroom_api.routes.conventions import PageOf
from classroom_api.routes.models import Body, Time
from classroom_api.store.audit import AuditFilter, list_entries

router = APIRouter(prefix=PREFIX, tags=["audit"], dependencies=[Authorize], route_class=AuditedRoute)

_Wanted = Annotated[str | None, Query(max_length=60, pattern="^[a-z0-9_]+$")]


class Entry(Body):
    seq: int
    at_ms: int
    actor: str
    action: str
    record_id: str | None
    organization_id: str | None
    reason: str
    outcome: str
    address: str


@router.get("/audit")
async def list_audit(
    service: ServiceOf,
    caller: CallerOf,
    page: PageOf,
    actor: _Wanted = None,
    record_id: _Wanted = None,
    from_ms: Annotated[Time | None, Query()] = None,
    to_ms: Annotated[Time | None, Query()] = None,
) -> list[Entry]:
    """Who did and saw what, the newest first."""
    before = page.after or Position(2**53, "")
    wanted = AuditFilter(actor, record_id, from_ms, to_ms)
    rows = await service.planning.transaction(
        lambda session: list_entries(session, caller.scope, wanted, before.at_ms, page.take)
    )
    found = page.cut_by(rows, lambda row: Position(row.seq, "audit"))
    return [Entry.model_validate(row, from_attributes=True) for row in found]
