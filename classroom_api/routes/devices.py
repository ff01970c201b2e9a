"""Classroom devices: enrolled once with a code, then by a key of their own, which they renew themselves.

A device has one key. Whoever holds a copy can be in the device's seats, one window at a time, until the key
is renewed by either: then the other's is void, and an administrator enrols the right one anew.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field, StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_api.access import Scope
from classroom_api.access_routes import PREFIX
from classroom_api.auth import Principal
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf, address_of
from classroom_api.routes.audited import AuditedRoute, note_actor
from classroom_api.routes.lessons import PAGE_OF_ROLE
from classroom_api.routes.models import Body, Invitation, Lesson, Seat, lesson_body
from classroom_api.routes.planning import RecordId
from classroom_api.store.credentials import (
    CredentialKind,
    new_device_key,
    new_enrolment,
    void_credentials,
)
from classroom_api.store.lessons import OPEN
from classroom_api.store.planning_schema import CredentialRow
from classroom_api.store.records import KINDS, find_record
from classroom_api.store.schema import LessonRow, SeatRow
from streaming.identifiers import LessonId

router = APIRouter(prefix=PREFIX, tags=["devices"], dependencies=[Authorize], route_class=AuditedRoute)

_LESSONS_SHOWN = 100


class Enrolment(Body):
    code: str = Field(description="typed into the device once; shown once")
    expires_at_ms: int | None


class EnrolmentCode(Body):
    code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class DeviceKey(Body):
    key: str = Field(description="for Authorization: Bearer; shown once")
    endpoint_id: str


@router.post("/endpoints/{record_id}/enrolment", status_code=201)
async def begin_enrolment(record_id: RecordId, service: ServiceOf, caller: CallerOf) -> Enrolment:
    """A code that gives a device its key, once, within 15 minutes. An older code is void."""

    def work(session: Session) -> tuple[CredentialRow, str]:
        _require_endpoint(session, record_id, caller.scope)
        void_credentials(session, CredentialKind.ENROLMENT, endpoint_id=record_id)
        row, code = new_enrolment(record_id, service.planning.now_ms())
        session.add(row)
        return row, code

    row, code = await service.planning.transaction(work)
    return Enrolment(code=code, expires_at_ms=row.expires_at_ms)


@router.delete("/endpoints/{record_id}/key", status_code=204)
async def void_device_key(record_id: RecordId, service: ServiceOf, caller: CallerOf) -> None:
    """A lost or stolen device: its key is void at once."""

    def work(session: Session) -> None:
        _require_endpoint(session, record_id, caller.scope)
        for kind in (CredentialKind.DEVICE, CredentialKind.ENROLMENT):
            void_credentials(session, kind, endpoint_id=record_id)

    await service.planning.transaction(work)


@router.post("/device/enrol", status_code=201)
async def enrol(body: EnrolmentCode, request: Request, service: ServiceOf) -> DeviceKey:
    """The code becomes the device's key."""
    row, key = await service.sign_in.enrol(body.code, address_of(request))
    note_actor(request, Principal(row.endpoint_id or "", endpoint=row.endpoint_id))
    return DeviceKey(key=key, endpoint_id=row.endpoint_id or "")


@router.post("/device/key", status_code=201)
async def renew_key(service: ServiceOf, caller: CallerOf) -> DeviceKey:
    """A new key; the one that asked is void."""
    endpoint = caller.principal.endpoint or ""
    now_ms = service.planning.now_ms()
    _, key = await service.planning.transaction(lambda session: new_device_key(session, endpoint, now_ms))
    return DeviceKey(key=key, endpoint_id=endpoint)


@router.get("/device/lessons")
async def device_lessons(service: ServiceOf, caller: CallerOf) -> list[Lesson]:
    """The lessons that the device has a seat in and that are not over, the earliest first."""
    mine = select(SeatRow.lesson_id).where(SeatRow.endpoint_id == caller.principal.endpoint)
    query = select(LessonRow).where(LessonRow.id.in_(mine), LessonRow.state.in_(tuple(OPEN)))
    query = query.order_by(LessonRow.starts_at_ms, LessonRow.id).limit(_LESSONS_SHOWN)
    rows = await service.planning.transaction(lambda session: session.scalars(query).all())
    return [lesson_body(row, service.occupancy(LessonId(row.id))) for row in rows]


@router.post("/device/lessons/{lesson_id}/invitation", status_code=201)
async def device_invitation(
    lesson_id: LessonId, request: Request, service: ServiceOf, caller: CallerOf
) -> Invitation:
    """The link into the device's own seat."""
    claims, token = await service.invite_device(lesson_id, caller.principal.endpoint or "")
    page = f"{request.base_url}{PAGE_OF_ROLE[claims.role]}/{lesson_id}#token={token}"
    seat = Seat(id=claims.seat, role=claims.role, name=claims.name, classroom=claims.classroom)
    return Invitation(invitation=token, seat=seat, url=page)


def _require_endpoint(session: Session, endpoint: str, scope: Scope) -> None:
    find_record(session, KINDS["endpoints"], endpoint, scope)
