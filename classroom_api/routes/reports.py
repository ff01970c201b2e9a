"""Reports: what a lesson, and what many lessons came to. Figures alone, per classroom."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response

from classroom_api.access_routes import PREFIX
from classroom_api.languages import CHINESE, language_of
from classroom_api.report_csv import lesson_table, sums_table
from classroom_api.report_sums import LessonReport, SummedReport
from classroom_api.routes.access import Authorize, Caller, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute
from classroom_api.routes.models import Time
from classroom_api.service import Service
from streaming.errors import RemoteProtocolError
from streaming.identifiers import LessonId

router = APIRouter(prefix=PREFIX, tags=["reports"], dependencies=[Authorize], route_class=AuditedRoute)

_LONGEST_MS = 400 * 86_400_000
_Filter = Annotated[str | None, Query(max_length=40, pattern="^[a-z0-9_]+$")]
_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "one line a classroom"}
}


def _is_chinese(accept_language: Annotated[str | None, Header()] = None) -> bool:
    return language_of(accept_language) == CHINESE


ChineseOf = Annotated[bool, Depends(_is_chinese)]


async def _of_lesson(service: Service, caller: Caller, lesson: LessonId) -> LessonReport:
    row = await service.lesson_for(caller.principal, caller.scope, lesson)
    return await service.reports.of_lesson(row)


async def _of_lessons(
    service: ServiceOf,
    caller: CallerOf,
    from_ms: Annotated[Time, Query()],
    to_ms: Annotated[Time, Query()],
    organization_id: _Filter = None,
    course_id: _Filter = None,
) -> SummedReport:
    if not from_ms < to_ms <= from_ms + _LONGEST_MS:
        raise RemoteProtocolError("bad_message", "to_ms: after from_ms, at most 400 days.")
    return await service.reports.of_lessons(caller.scope, organization_id, course_id, (from_ms, to_ms))


SumOf = Annotated[SummedReport, Depends(_of_lessons)]


@router.get("/lessons/{lesson_id}/report")
async def lesson_report(lesson_id: LessonId, service: ServiceOf, caller: CallerOf) -> LessonReport:
    """A lesson's figures; of one that runs, up to now."""
    return await _of_lesson(service, caller, lesson_id)


@router.get("/lessons/{lesson_id}/report.csv", response_class=Response, responses=_CSV)
async def lesson_report_csv(
    lesson_id: LessonId, service: ServiceOf, caller: CallerOf, is_chinese: ChineseOf
) -> Response:
    """The same as a table; its headings in English or Chinese, by Accept-Language."""
    report = await _of_lesson(service, caller, lesson_id)
    return _download(lesson_table(report, is_chinese=is_chinese), f"report-{report.lesson_id}.csv")


@router.get("/reports")
async def reports(report: SumOf) -> SummedReport:
    """The lessons that began within a time, and each classroom's sums over them."""
    return report


@router.get("/reports.csv", response_class=Response, responses=_CSV)
async def reports_csv(report: SumOf, is_chinese: ChineseOf) -> Response:
    """The classrooms' sums as a table."""
    return _download(sums_table(report, is_chinese=is_chinese), "reports.csv")


def _download(table: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(table, headers=headers, media_type="text/csv; charset=utf-8")
