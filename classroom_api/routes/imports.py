"""CSV files of timetables, users and student groups."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from classroom_api.access_routes import PREFIX
from classroom_api.imports import Importer
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute
from classroom_api.routes.models import Body
from classroom_api.routes.uploads import bounded_body
from classroom_api.timetable_csv import MAXIMUM_BYTES, ImportTable, parse_table

router = APIRouter(prefix=PREFIX, tags=["imports"], dependencies=[Authorize], route_class=AuditedRoute)


class LineProblem(Body):
    line: int
    column: str | None
    reason: str = Field(description="what is wrong, as a stable word")
    message: str = Field(description="the same as a sentence in English")
    given: str = Field(description="the cell, name or lesson that it is about")


class Imported(Body):
    lines: int = Field(description="lines with content, without the first")
    is_stored: bool
    problems: list[LineProblem]


@router.post(
    "/imports/{table}",
    openapi_extra={
        "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}
    },
)
async def import_table(
    table: ImportTable,
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    organization_id: Annotated[str, Query(max_length=40, pattern="^[a-z0-9_]+$")],
    dry_run: bool = False,
) -> Imported:
    """Store all lines of a CSV file (UTF-8 or GB18030), or none. A dry run only tells what is wrong."""
    lines = parse_table(await bounded_body(request, MAXIMUM_BYTES), table)
    importer = Importer(service, caller.principal, organization_id)
    problems = await importer.run(table, lines, is_dry=dry_run)
    told = [LineProblem.model_validate(problem.as_members()) for problem in problems]
    return Imported(lines=len(lines), is_stored=not dry_run, problems=told)
