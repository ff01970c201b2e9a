"""Captions by a recogniser: whether there is one, to ask it, how far it is."""

from __future__ import annotations

from typing import Self

from fastapi import APIRouter
from pydantic import Field

from classroom_api.access_routes import PREFIX
from classroom_api.jobs.model import JobState
from classroom_api.recognise_job import ask_for_recognition, last_recognition
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute
from classroom_api.routes.models import Body
from classroom_api.store.resource_schema import JobRow
from streaming.errors import Refused
from streaming.identifiers import LessonId

router = APIRouter(prefix=PREFIX, tags=["captions"], dependencies=[Authorize], route_class=AuditedRoute)


class Recognising(Body):
    """A job."""

    id: str
    state: JobState
    progress: float = Field(ge=0, le=1)
    step: str
    error: str | None = Field(description="why it failed, or why it is tried again")

    @classmethod
    def of(cls, row: JobRow) -> Self:
        return cls.model_validate(row, from_attributes=True)


class Recognition(Body):
    is_available: bool = Field(description="this server has a recogniser")
    language: str = Field(description="which it understands (BCP 47); empty without one")
    job: Recognising | None = Field(description="the last that was asked for")


@router.get("/lessons/{lesson_id}/recognition")
async def recognition(lesson_id: LessonId, service: ServiceOf, caller: CallerOf) -> Recognition:
    """Whether captions can be made of the teacher's voice, and how far that is."""
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    row = await service.planning.transaction(lambda session: last_recognition(session, lesson_id))
    language = service.recognised_language
    job = Recognising.of(row) if row is not None else None
    return Recognition(is_available=language is not None, language=language or "", job=job)


@router.post("/lessons/{lesson_id}/recognition", status_code=202)
async def recognise(lesson_id: LessonId, service: ServiceOf, caller: CallerOf) -> Recognising:
    """A job makes a draft of captions; asked twice while it is under way, it is one."""
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    if service.recognised_language is None:
        raise Refused("recogniser_missing", "This server has no recogniser.")
    now_ms = service.planning.now_ms()
    row = await service.planning.transaction(lambda session: ask_for_recognition(session, lesson_id, now_ms))
    return Recognising.of(row)
