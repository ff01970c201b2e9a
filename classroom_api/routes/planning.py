"""Organizations, users, role grants, endpoints, student groups, pairings, courses and units: five routes
for each kind, made from one table.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import GenericAlias
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from classroom_api.access_routes import PREFIX
from classroom_api.routes import planning_models as models
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute
from classroom_api.routes.conventions import Created, OnceOf, PageOf, VersionOf, etag
from classroom_api.routes.models import Body
from classroom_api.store.planning_schema import PlanningRow
from classroom_api.store.records import KINDS, Kind

router = APIRouter(prefix=PREFIX, tags=["planning"], dependencies=[Authorize], route_class=AuditedRoute)

RecordId = Annotated[str, Path(max_length=40, pattern="^[a-z0-9_]+$")]
Filter = Annotated[str | None, Query(max_length=40, pattern="^[a-z0-9_]+$")]


@dataclass(frozen=True, slots=True)
class Face:
    """The bodies of one kind, and which of its fields a list can be filtered by."""

    draft: type[Body]
    record: type[models.Record]
    filters: tuple[str, ...] = ("organization_id",)


FACES = {
    "organizations": Face(models.OrganizationDraft, models.Organization, ("parent_id",)),
    "users": Face(models.UserDraft, models.User),
    "role-grants": Face(models.RoleGrantDraft, models.RoleGrant, ("organization_id", "user_id")),
    "endpoints": Face(models.EndpointDraft, models.Endpoint),
    "student-groups": Face(models.StudentGroupDraft, models.StudentGroup),
    "pairings": Face(models.PairingDraft, models.Pairing, ("organization_id", "student_group_id")),
    "courses": Face(models.CourseDraft, models.Course),
    "units": Face(models.UnitDraft, models.Unit, ("organization_id", "course_id")),
    "retention-policies": Face(models.RetentionPolicyDraft, models.RetentionPolicy),
}


def _filters(
    organization_id: Filter = None,
    parent_id: Filter = None,
    user_id: Filter = None,
    student_group_id: Filter = None,
    course_id: Filter = None,
) -> dict[str, str | None]:
    return {
        "organization_id": organization_id,
        "parent_id": parent_id,
        "user_id": user_id,
        "student_group_id": student_group_id,
        "course_id": course_id,
    }


FiltersOf = Annotated[dict[str, str | None], Depends(_filters)]


def _add_routes(kind: Kind, face: Face) -> None:
    def body(row: PlanningRow) -> models.Record:
        return face.record.model_validate(row, from_attributes=True)

    def kept(row: PlanningRow) -> str:
        location = f"{PREFIX}/{kind.name}/{row.id}"
        created = Created(body=body(row).model_dump_json(), version=row.version, location=location)
        return created.model_dump_json()

    async def create(draft: Body, service: ServiceOf, caller: CallerOf, once: OnceOf) -> Response:
        answer = await service.planning.create(kind, draft.model_dump(), caller.principal, once, kept)
        return Created.model_validate_json(answer).response()

    async def page(
        service: ServiceOf,
        caller: CallerOf,
        page: PageOf,
        given: FiltersOf,
    ) -> list[models.Record]:
        filters = {field: given[field] for field in face.filters if given[field] is not None}
        rows = await service.planning.page(kind, caller.principal, filters, page.after, page.take)
        return [body(row) for row in page.cut(rows)]

    async def find(
        record_id: RecordId, service: ServiceOf, caller: CallerOf, response: Response
    ) -> models.Record:
        row = await service.planning.find(kind, record_id, caller.principal)
        response.headers.update(etag(row))
        return body(row)

    async def replace(
        record_id: RecordId,
        draft: Body,
        service: ServiceOf,
        caller: CallerOf,
        version: VersionOf,
        response: Response,
    ) -> models.Record:
        row = await service.planning.replace(kind, record_id, draft.model_dump(), version, caller.principal)
        response.headers.update(etag(row))
        return body(row)

    async def delete(record_id: RecordId, service: ServiceOf, caller: CallerOf, version: VersionOf) -> None:
        await service.planning.delete(kind, record_id, version, caller.principal)

    for function in (create, replace):
        function.__annotations__["draft"] = face.draft
    many, one = f"/{kind.name}", f"/{kind.name}/{{record_id}}"
    noun = kind.name.replace("ies", "ys").removesuffix("s").replace("-", " ")
    add = router.add_api_route
    add(many, create, methods=["POST"], status_code=201, response_model=face.record, summary=f"Make: {noun}")
    records = GenericAlias(list, (face.record,))
    add(many, page, methods=["GET"], response_model=records, summary=f"List: {noun}")
    add(one, find, methods=["GET"], response_model=face.record, summary=f"Read: {noun}")
    add(one, replace, methods=["PUT"], response_model=face.record, summary=f"Replace: {noun}")
    add(one, delete, methods=["DELETE"], status_code=204, summary=f"Delete: {noun}")


for _name, _face in FACES.items():
    _add_routes(KINDS[_name], _face)
