"""What student groups have consented to: written down, never changed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import StringConstraints
from sqlalchemy.orm import Session

from classroom_api.access_routes import PREFIX
from classroom_api.cursors import Position
from classroom_api.outbox.events import Happening, Told
from classroom_api.planning import new_id
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute
from classroom_api.routes.conventions import Created, OnceOf, PageOf
from classroom_api.routes.models import Body, Id, Plain
from classroom_api.store import consents as consent_store
from classroom_api.store import outbox
from classroom_api.store.consents import ConsentKind, Decision
from classroom_api.store.erasures import erase_withdrawn
from classroom_api.store.planning_schema import ConsentRow

router = APIRouter(prefix=PREFIX, tags=["consents"], dependencies=[Authorize], route_class=AuditedRoute)

OF_REPLAYS = frozenset({ConsentKind.RECORDING, ConsentKind.PUBLICATION})


class ConsentDraft(Body):
    student_group_id: Id
    kind: ConsentKind
    decision: Decision
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), Plain] = ""


class Consent(ConsentDraft):
    seq: int
    recorded_by: str
    at_ms: int


@router.post("/consents", status_code=201, response_model=Consent)
async def record_consent(draft: ConsentDraft, service: ServiceOf, caller: CallerOf, once: OnceOf) -> Response:
    """Write a decision down. Without one, a group has not consented; the newest of a kind holds."""
    consent = consent_store.Consent(recorded_by=caller.principal.id, **draft.model_dump())

    def work(session: Session) -> str:
        now_ms = service.planning.now_ms()
        row = consent_store.record_consent(session, consent, caller.scope, now_ms)
        _follow(session, row, now_ms)
        if row.kind in OF_REPLAYS and row.decision != Decision.GRANTED:
            service.versions.withdraw_group(session, row.student_group_id, row.recorded_by)
        body = Consent.model_validate(row, from_attributes=True).model_dump_json()
        location = f"{PREFIX}/consents?student_group_id={row.student_group_id}"
        return Created(body=body, version=1, location=location).model_dump_json()

    created = Created.model_validate_json(await service.planning.once(once, work))
    await service.follow_decisions(draft.student_group_id)
    if draft.kind in OF_REPLAYS and draft.decision is not Decision.GRANTED:
        service.erase_soon()
    return created.response()


def _follow(session: Session, row: ConsentRow, now_ms: int) -> None:
    """A decision is told, and what was recorded without it, or before it was taken back, goes."""
    data = {"student_group": row.student_group_id, "kind": row.kind, "decision": row.decision}
    told = Told(Happening.CONSENT_CHANGED, now_ms, "", row.organization_id, data)
    outbox.tell(session, told)
    if row.kind == ConsentKind.RECORDING and row.decision != Decision.GRANTED:
        erase_withdrawn(
            session, new_id("era"), row.student_group_id, row.organization_id, row.recorded_by, now_ms
        )


@router.get("/consents")
async def list_consents(
    service: ServiceOf,
    caller: CallerOf,
    page: PageOf,
    student_group_id: Annotated[str | None, Query(max_length=40, pattern="^[a-z0-9_]+$")] = None,
) -> list[Consent]:
    """All decisions, the newest first."""
    before = page.after or Position(2**53, "")
    rows = await service.planning.transaction(
        lambda session: consent_store.list_consents(
            session, caller.scope, student_group_id, before.at_ms, page.take
        )
    )
    found = page.cut_by(rows, lambda row: Position(row.seq, "consent"))
    return [Consent.model_validate(row, from_attributes=True) for row in found]
