"""Course resources; what they are played from is served by `routes.media`."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query

from classroom_api.access import Ability, scope_of
from classroom_api.auth import Principal
from classroom_api.lesson_timeline import LessonTimeline
from classroom_api.roles import GrantRole
from classroom_api.routes.access import Caller, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute, ReasonOf
from classroom_api.routes.models import Resource
from classroom_api.routes.timeline_models import Timeline
from classroom_api.service import Service
from classroom_api.store.resources import may_replay
from classroom_api.store.schema import LessonRow, ResourceRow
from classroom_api.store.versions import Shown
from signaling.roles import Role
from streaming.errors import Refused
from streaming.identifiers import LessonId

router = APIRouter(tags=["resources"], route_class=AuditedRoute)

SIGNED_FOR_S = 3600
PLAYABLE = frozenset({"playable", "ready"})


def signed_until_s(duration_ms: int) -> int:
    """Long enough to watch it to its end, with an hour of pauses."""
    return int(time.time()) + duration_ms // 1000 + SIGNED_FOR_S


def _signed(service: Service, folder: str, duration_ms: int) -> str:
    return service.signer.prefix(folder, signed_until_s(duration_ms))


def _body(service: Service, row: ResourceRow, lesson: LessonRow, shown: Shown, *, reviews: bool) -> Resource:
    """`reviews`: the caller sees the fast replay too, whatever is published."""
    prefix = _signed(service, row.id, row.duration_ms)
    taught_url = f"{prefix}/{row.playlist}" if row.state in PLAYABLE and row.playlist else None
    poster_url = f"{prefix}/{row.poster}" if row.state in PLAYABLE and row.poster else None
    hls_url = taught_url if reviews or not shown.is_withheld else None
    duration_ms = row.duration_ms
    picture = shown.picture_of(row.id)
    if shown.version is not None and picture is not None:
        duration_ms = shown.duration_ms
        prefix = _signed(service, shown.version, duration_ms)
        hls_url = f"{prefix}/{picture['playlist']}"
        poster_url = f"{prefix}/{picture['poster']}" if picture.get("poster") else None
    return Resource(
        id=row.id,
        lesson=row.lesson_id,
        kind=row.kind,
        seat=row.seat_id,
        title=lesson.title if shown.title is None else shown.title,
        state=row.state,
        hls_url=hls_url,
        poster_url=poster_url if hls_url else None,
        duration_ms=duration_ms,
        version=shown.version if picture is not None else None,
        taught_url=taught_url if reviews else None,
        taught_ms=row.duration_ms,
    )


async def require_reason(service: Service, principal: Principal, lesson: LessonRow, reason: str) -> None:
    """Who sees a lesson's media only because of administering it says why. Refused: reason_required."""
    if not reason.strip() and not principal.is_admin and principal.claims is None:
        scope = scope_of(principal.as_other_than(GrantRole.ADMIN), Ability.RESOURCES_READ)
        try:
            await service.lesson_for(principal, scope, LessonId(lesson.id))
        except Refused:
            raise Refused("reason_required", "Say why you look: ?reason=… is kept in the audit.") from None


async def require_replay(service: Service, principal: Principal, lesson: LessonRow, reason: str) -> None:
    await require_reason(service, principal, lesson, reason)
    if not may_replay(principal.claims.role if principal.claims else None, lesson):
        raise Refused("not_permitted", "The replay is not published yet.")


def reviews_replays(principal: Principal) -> bool:
    """Whether it teaches or edits: others get what is published, of who has consented."""
    return principal.claims is None or principal.claims.role is Role.MASTER


@router.get("/api/v1/lessons/{lesson_id}/resources")
async def lesson_resources(
    lesson_id: LessonId, service: ServiceOf, caller: CallerOf, reason: ReasonOf = ""
) -> list[Resource]:
    """What became of a lesson, the teacher's picture first; unpublished for who teaches or edits it."""
    lesson = await service.lesson_for(caller.principal, caller.scope, lesson_id)
    await require_replay(service, caller.principal, lesson, reason)
    reviews = reviews_replays(caller.principal)
    rows, shown = await service.versions.shown(lesson_id)
    visible = [row for row in rows if reviews or shown.holds(row)]
    return [_body(service, row, lesson, shown, reviews=reviews) for row in visible]


@router.get("/api/v1/resources/{resource_id}")
async def resource(resource_id: str, service: ServiceOf, caller: CallerOf, reason: ReasonOf = "") -> Resource:
    """One resource."""
    row, lesson, shown = await replayed(resource_id, service, caller, reason)
    return _body(service, row, lesson, shown, reviews=reviews_replays(caller.principal))


@router.get("/api/v1/resources/{resource_id}/timeline")
async def timeline(
    resource_id: str,
    service: ServiceOf,
    caller: CallerOf,
    reason: ReasonOf = "",
    as_taught: Annotated[
        bool, Query(description="positions of the lesson, for who reviews; else places of what is served")
    ] = False,
) -> Timeline:
    """What plays beside the picture: chapters, pages, the master's ink, rounds."""
    row, _, shown = await replayed(resource_id, service, caller, reason)
    reviews = reviews_replays(caller.principal)
    if shown.is_withheld and not reviews:
        return Timeline.of(LessonTimeline((), (), (), ()))
    found = await service.versions.timeline(row, is_as_taught=as_taught and reviews)
    return Timeline.of(found, frozenset() if reviews else shown.hidden_seats)


async def replayed(
    resource_id: str, service: Service, caller: Caller, reason: str
) -> tuple[ResourceRow, LessonRow, Shown]:
    """A resource, its lesson and what pupils are shown of it, if the caller may watch them now."""
    row = await service.resource(resource_id)
    try:
        lesson = await service.lesson_for(caller.principal, caller.scope, LessonId(row.lesson_id))
    except Refused:
        raise Refused("resource_unknown", "There is no such resource.") from None
    await require_replay(service, caller.principal, lesson, reason)
    _, shown = await service.versions.shown(LessonId(row.lesson_id))
    if not (reviews_replays(caller.principal) or shown.holds(row)):
        raise Refused("resource_unknown", "There is no such resource.")
    return row, lesson, shown
