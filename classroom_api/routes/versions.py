"""Review of replays: versions proposed, made, published, withdrawn."""

from __future__ import annotations

from fastapi import APIRouter, Response

from classroom_api.access import EVERYTHING, Ability, Scope, scope_of
from classroom_api.access_routes import PREFIX
from classroom_api.routes.access import Authorize, Caller, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute, ReasonOf
from classroom_api.routes.conventions import Created, OnceOf, VersionOf
from classroom_api.routes.planning import RecordId
from classroom_api.routes.resources import require_reason, signed_until_s
from classroom_api.routes.version_models import Proposal, Version, VersionDetail, Withdrawal
from classroom_api.service import Service
from classroom_api.store.resource_schema import VersionRow
from classroom_api.versions import Proposal as Proposed
from streaming.errors import Refused
from streaming.identifiers import LessonId

router = APIRouter(prefix=PREFIX, tags=["versions"], dependencies=[Authorize], route_class=AuditedRoute)


async def _scope(service: Service, caller: Caller, version: str) -> Scope:
    """A seat's is its own lesson. Refused: version_unknown."""
    claims = caller.principal.claims
    if claims is None:
        return caller.scope
    row, _, _ = await service.versions.find(version, EVERYTHING)
    if row.lesson_id != claims.lesson:
        raise Refused("version_unknown", "There is no such version.")
    return EVERYTHING


def _answer(row: VersionRow, response: Response) -> Version:
    response.headers["ETag"] = f'"{row.revision}"'
    return Version.of(row)


@router.get("/lessons/{lesson_id}/versions")
async def lesson_versions(lesson_id: LessonId, service: ServiceOf, caller: CallerOf) -> list[Version]:
    """The newest first; of those that are published the newest is served."""
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    return [Version.of(row) for row in await service.versions.listed(lesson_id)]


@router.post("/lessons/{lesson_id}/versions", status_code=201, response_model=Version)
async def propose(lesson_id: LessonId, service: ServiceOf, caller: CallerOf, once: OnceOf) -> Response:
    """A new draft, with edit and details of the newest version."""
    lesson = await service.lesson_for(caller.principal, caller.scope, lesson_id)

    def answer(row: VersionRow) -> str:
        body = Version.of(row).model_dump_json()
        return Created(
            body=body, version=row.revision, location=f"{PREFIX}/versions/{row.id}"
        ).model_dump_json()

    text = await service.versions.propose(lesson, caller.principal.id, once, answer)
    return Created.model_validate_json(text).response()


@router.get("/versions/{record_id}")
async def find_version(
    record_id: RecordId, service: ServiceOf, caller: CallerOf, response: Response, reason: ReasonOf = ""
) -> VersionDetail:
    """With the job that makes it, or its files."""
    scope = await _scope(service, caller, record_id)
    row, lesson, jobs = await service.versions.find(record_id, scope)
    response.headers["ETag"] = f'"{row.revision}"'
    if caller.principal.claims is None and scope_of(caller.principal, Ability.RESOURCES_READ).is_empty:
        # Who may only propose sees no media before the pupils do.
        return VersionDetail.with_files(row, jobs, None)
    await require_reason(service, caller.principal, lesson, reason)
    prefix = service.signer.prefix(row.id, signed_until_s((row.made or {}).get("duration_ms", 0)))
    return VersionDetail.with_files(row, jobs, prefix)


@router.put("/versions/{record_id}")
async def change(
    record_id: RecordId,
    proposal: Proposal,
    service: ServiceOf,
    caller: CallerOf,
    version: VersionOf,
    response: Response,
) -> Version:
    """Edit and details of a draft."""
    scope = await _scope(service, caller, record_id)
    wanted = Proposed(proposal.edit.model_dump(mode="json"), proposal.details.model_dump(mode="json"))
    return _answer(await service.versions.change(record_id, scope, wanted, version), response)


@router.post("/versions/{record_id}/make")
async def make(record_id: RecordId, service: ServiceOf, caller: CallerOf, response: Response) -> Version:
    """A job makes it; what failed, anew."""
    scope = await _scope(service, caller, record_id)
    return _answer(await service.versions.make(record_id, scope), response)


@router.post("/versions/{record_id}/package")
async def pack(record_id: RecordId, service: ServiceOf, caller: CallerOf, response: Response) -> Version:
    """A zip that plays from disk without a network; a job makes it, and it is among the downloads then."""
    scope = await _scope(service, caller, record_id)
    return _answer(await service.versions.pack(record_id, scope), response)


@router.post("/versions/{record_id}/publish")
async def publish(record_id: RecordId, service: ServiceOf, caller: CallerOf, response: Response) -> Version:
    """Pupils see it from now on, and the lesson is published."""
    scope = await _scope(service, caller, record_id)
    return _answer(await service.versions.publish(record_id, scope), response)


@router.post("/versions/{record_id}/withdraw")
async def withdraw(
    record_id: RecordId, withdrawal: Withdrawal, service: ServiceOf, caller: CallerOf, response: Response
) -> Version:
    """Nobody is served it any more, and its files are erased, with proof."""
    scope = await _scope(service, caller, record_id)
    author = caller.principal.id
    row = await service.versions.withdraw(record_id, scope, withdrawal.reason, author)
    return _answer(row, response)
