"""Lessons, invitations, joining."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query, Request

from classroom_api.auth import ACCESS_TOKEN_S, Principal, bearer
from classroom_api.routes.access import AdminOf, PrincipalOf, ServiceOf
from classroom_api.routes.models import (
    Invitation,
    InvitationDraft,
    Joined,
    Lesson,
    LessonDraft,
    LessonOfSeat,
    Seat,
    lesson_body,
    state_now,
)
from signaling.messages import parse_room_body
from signaling.roles import Role, permissions_of
from streaming.errors import Refused
from streaming.identifiers import LessonId

router = APIRouter(prefix="/api/v1/lessons", tags=["lessons"])

PAGE_OF_ROLE = {
    Role.MASTER: "teach",
    Role.CLASSROOM: "classroom",
    Role.ASSISTANT: "assist",
    Role.STUDENT: "join",
    Role.OBSERVER: "observe",
}


def _require_master(principal: Principal, lesson: LessonId) -> None:
    if not principal.is_master_of(lesson):
        raise Refused("not_permitted", "Only the lesson's master teacher or the admin may do this.")


@router.post("", status_code=201)
async def create_lesson(draft: LessonDraft, service: ServiceOf, _: AdminOf) -> Lesson:
    """Make a lesson. It can be joined at once."""
    row = await service.create_lesson(draft.title, draft.mode, draft.recording_policy, draft.auto_publish)
    return lesson_body(row, 0)


@router.get("")
async def list_lessons(
    service: ServiceOf, _: AdminOf, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> list[Lesson]:
    """The newest lessons, newest first."""
    rows = await service.lessons(limit)
    return [lesson_body(row, service.occupancy(LessonId(row.id))) for row in rows]


@router.get("/{lesson_id}")
async def get_lesson(lesson_id: LessonId, service: ServiceOf, principal: PrincipalOf) -> Lesson:
    """One lesson; for the admin and its seats."""
    service.require_in(principal, lesson_id)
    return lesson_body(await service.lesson(lesson_id), service.occupancy(lesson_id))


@router.post("/{lesson_id}/start")
async def start_lesson(lesson_id: LessonId, service: ServiceOf, principal: PrincipalOf) -> Lesson:
    """Lobby to live: recording begins, as the policy says."""
    _require_master(principal, lesson_id)
    await service.start_lesson(lesson_id)
    return await get_lesson(lesson_id, service, principal)


@router.post("/{lesson_id}/end")
async def end_lesson(lesson_id: LessonId, service: ServiceOf, principal: PrincipalOf) -> Lesson:
    """The lesson is over: everybody leaves, the recording is sealed and becomes a replay."""
    _require_master(principal, lesson_id)
    await service.end_lesson(lesson_id)
    return await get_lesson(lesson_id, service, principal)


@router.post("/{lesson_id}/control", status_code=204)
async def control(
    lesson_id: LessonId, message: Annotated[dict[str, Any], Body()], service: ServiceOf, _: AdminOf
) -> None:
    """A request to the room as on the socket (docs/protocol.md, section 4): pause, forbid all, shut down,
    admit, remove, ban, mute, a notice."""
    await service.control(lesson_id, parse_room_body(message))


@router.post("/{lesson_id}/invitations", status_code=201)
async def invite(
    lesson_id: LessonId, draft: InvitationDraft, request: Request, service: ServiceOf, principal: PrincipalOf
) -> Invitation:
    """A link into a seat. The master's seat is one; a classroom and its assistant share `classroom`."""
    _require_master(principal, lesson_id)
    if draft.role not in PAGE_OF_ROLE:
        raise Refused("not_permitted", f"Nobody is invited as {draft.role}: use the admin key.")
    claims, token = await service.invite(
        lesson_id, draft.role, draft.name, draft.classroom or None, draft.recording_consent
    )
    page = f"{request.base_url}{PAGE_OF_ROLE[claims.role]}/{lesson_id}#token={token}"
    seat = Seat(id=claims.seat, role=claims.role, name=claims.name, classroom=claims.classroom)
    return Invitation(invitation=token, seat=seat, url=page)


@router.post("/{lesson_id}/join")
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
