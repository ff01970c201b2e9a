"""Lessons, invitations, joining."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query, Request, Response
from sqlalchemy.orm import Session

from classroom_api.access_routes import PREFIX
from classroom_api.auth import ACCESS_TOKEN_S, bearer
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute
from classroom_api.routes.conventions import MAXIMUM_PAGE, Created, OnceOf, PageOf, VersionOf, etag
from classroom_api.routes.models import (
    Invitation,
    InvitationDraft,
    Joined,
    Lesson,
    LessonDraft,
    LessonOfSeat,
    LessonPlan,
    PlannedSeat,
    Seat,
    Time,
    TimetableLesson,
    TimetableSeat,
    lesson_body,
    state_now,
)
from classroom_api.store.lessons import STEPS, LessonState, seats_of
from classroom_api.store.timetable import lessons_between, page_of_lessons, planned_seats
from signaling.messages import parse_room_body
from signaling.roles import Role, permissions_of
from signaling.rooms import Occupancy
from streaming.identifiers import LessonId

router = APIRouter(prefix=PREFIX, tags=["lessons"], dependencies=[Authorize], route_class=AuditedRoute)

PAGE_OF_ROLE = {
    Role.MASTER: "teach",
    Role.CLASSROOM: "classroom",
    Role.ASSISTANT: "assist",
    Role.STUDENT: "join",
    Role.OBSERVER: "observe",
}


@router.post("/lessons", status_code=201, response_model=Lesson)
async def create_lesson(draft: LessonDraft, service: ServiceOf, caller: CallerOf, once: OnceOf) -> Response:
    """Make a lesson. One that is scheduled can be joined at once."""

    def work(session: Session) -> str:
        row = service.plan_new(session, draft.plan(), caller.principal, LessonState(draft.state))
        body = lesson_body(row, Occupancy()).model_dump_json()
        location = f"{PREFIX}/lessons/{row.id}"
        return Created(body=body, version=row.version, location=location).model_dump_json()

    return Created.model_validate_json(await service.planning.once(once, work)).response()


@router.get("/lessons")
async def list_lessons(service: ServiceOf, caller: CallerOf, page: PageOf) -> list[Lesson]:
    """Lessons, the newest first."""
    rows = await service.planning.transaction(
        lambda session: page_of_lessons(session, caller.scope, page.after, page.take)
    )
    return [lesson_body(row, service.occupancy(LessonId(row.id))) for row in page.cut(rows)]


@router.get("/timetable")
async def timetable(
    service: ServiceOf,
    caller: CallerOf,
    from_ms: Annotated[Time, Query()],
    to_ms: Annotated[Time, Query()],
    organization_id: Annotated[
        str | None, Query(max_length=40, pattern="^[a-z0-9_]+$", description="and all below it")
    ] = None,
) -> list[TimetableLesson]:
    """The lessons that overlap a time (at most 500), the earliest first."""

    def work(session: Session) -> list[TimetableLesson]:
        rows = lessons_between(session, caller.scope, from_ms, to_ms, organization_id, MAXIMUM_PAGE)
        seats = planned_seats(session, [row.id for row in rows])
        return [
            TimetableLesson(
                **lesson_body(row, service.occupancy(LessonId(row.id))).model_dump(),
                seats=[
                    TimetableSeat.model_validate(seat, from_attributes=True) for seat in seats.get(row.id, ())
                ],
            )
            for row in rows
        ]

    return await service.planning.transaction(work)


@router.get("/lessons/{lesson_id}")
async def get_lesson(lesson_id: LessonId, service: ServiceOf, caller: CallerOf, response: Response) -> Lesson:
    """One lesson; for its seats too."""
    row = await service.lesson_for(caller.principal, caller.scope, lesson_id)
    response.headers.update(etag(row))
    return lesson_body(row, service.occupancy(lesson_id))


@router.put("/lessons/{lesson_id}")
async def replace_lesson(
    lesson_id: LessonId,
    plan: LessonPlan,
    service: ServiceOf,
    caller: CallerOf,
    version: VersionOf,
    response: Response,
) -> Lesson:
    """Plan a lesson anew, until it begins. Classrooms that stay keep their seats and links."""
    row = await service.planning.transaction(
        lambda session: service.plan_again(session, lesson_id, plan.plan(), caller.principal, version)
    )
    response.headers.update(etag(row))
    return lesson_body(row, service.occupancy(lesson_id))


@router.post("/lessons/{lesson_id}/start")
async def start_lesson(
    lesson_id: LessonId, service: ServiceOf, caller: CallerOf, response: Response
) -> Lesson:
    """Lobby to live: recording begins, as the policy says."""
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    await service.start_lesson(lesson_id)
    return await get_lesson(lesson_id, service, caller, response)


@router.post("/lessons/{lesson_id}/end")
async def end_lesson(lesson_id: LessonId, service: ServiceOf, caller: CallerOf, response: Response) -> Lesson:
    """The lesson is over: everybody leaves, the recording is sealed and becomes a replay."""
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    await service.end_lesson(lesson_id)
    return await get_lesson(lesson_id, service, caller, response)


def _add_step(step: str) -> None:
    async def take(lesson_id: LessonId, service: ServiceOf, caller: CallerOf, response: Response) -> Lesson:
        row = await service.step_lesson(lesson_id, caller.scope, step)
        response.headers.update(etag(row))
        return lesson_body(row, service.occupancy(lesson_id))

    moves = ", ".join(f"{before} to {after}" for before, after in STEPS[step].items())
    path = f"/lessons/{{lesson_id}}/{step}"
    router.add_api_route(path, take, methods=["POST"], name=f"{step}_lesson", description=moves)


for _step in STEPS:
    _add_step(_step)


@router.get("/lessons/{lesson_id}/seats")
async def lesson_seats(lesson_id: LessonId, service: ServiceOf, caller: CallerOf) -> list[PlannedSeat]:
    """The places of a lesson, which outlive connections."""
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    rows = await service.planning.transaction(lambda session: seats_of(session, lesson_id))
    return [PlannedSeat.model_validate(row, from_attributes=True) for row in rows]


@router.post("/lessons/{lesson_id}/control", status_code=204)
async def control(
    lesson_id: LessonId, message: Annotated[dict[str, Any], Body()], service: ServiceOf, caller: CallerOf
) -> None:
    """A request to the room as on the socket (docs/protocol.md, section 4): pause, forbid all, shut down,
    admit, remove, ban, mute, a notice."""
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    await service.control(lesson_id, parse_room_body(message))


@router.post("/lessons/{lesson_id}/invitations", status_code=201)
async def invite(
    lesson_id: LessonId, draft: InvitationDraft, request: Request, service: ServiceOf, caller: CallerOf
) -> Invitation:
    """A link into a seat. The master's seat is one; a classroom and its assistant share `classroom`: for
    planned ones the pairing's id.
    """
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    claims, token = await service.invite(
        lesson_id, draft.role, draft.name, draft.classroom or None, draft.recording_consent
    )
    page = f"{request.base_url}{PAGE_OF_ROLE[claims.role]}/{lesson_id}#token={token}"
    seat = Seat(id=claims.seat, role=claims.role, name=claims.name, classroom=claims.classroom)
    return Invitation(invitation=token, seat=seat, url=page)


@router.post("/lessons/{lesson_id}/join")
async def join(
    lesson_id: LessonId,
    request: Request,
    service: ServiceOf,
    authorization: Annotated[str | None, Header()] = None,
) -> Joined:
    """Turn an invitation (or a resume key) into an access token."""
    pass_ = await service.join(lesson_id, bearer(authorization))
    scheme = "wss" if request.url.scheme == "https" else "ws"
    claims, row = pass_.claims, pass_.lesson
    return Joined(
        access_token=pass_.access_token,
        expires_in_s=ACCESS_TOKEN_S,
        resume_key=pass_.resume_key,
        seat=Seat(id=claims.seat, role=claims.role, name=claims.name, classroom=claims.classroom),
        lesson=LessonOfSeat(
            id=row.id,
            title=row.title,
            mode=row.mode,
            state=state_now(row, 1),
            recording_policy=row.recording_policy,
        ),
        ws_url=f"{scheme}://{request.url.netloc}/ws",
        ice_servers=[],
        permissions=sorted(permissions_of(claims.role)),
    )
