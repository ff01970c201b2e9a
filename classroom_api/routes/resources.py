"""Course resources and the signed media paths they are played from."""

from __future__ import annotations

import re
import time
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import FileResponse, Response

from classroom_api.access import Ability, scope_of
from classroom_api.auth import Principal
from classroom_api.roles import GrantRole
from classroom_api.routes.access import Caller, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute, ReasonOf
from classroom_api.routes.models import Resource
from classroom_api.routes.timeline_models import Timeline
from classroom_api.service import Service
from classroom_api.store.resources import may_replay
from classroom_api.store.schema import LessonRow, ResourceRow
from signaling.roles import Role
from streaming.errors import Refused
from streaming.identifiers import LessonId

router = APIRouter(tags=["resources"], route_class=AuditedRoute)

_SIGNED_FOR_S = 3600
PLAYABLE = frozenset({"playable", "ready"})
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}\.(m3u8|mpd|mp4|m4s|m4a|jpg|vtt)")
_CONTENT_TYPES = {
    "m3u8": "application/vnd.apple.mpegurl",
    "mpd": "application/dash+xml",
    "mp4": "video/mp4",
    "m4s": "video/iso.segment",
    "m4a": "audio/mp4",
    "jpg": "image/jpeg",
    "vtt": "text/vtt; charset=utf-8",
}


def signed_until_s(duration_ms: int) -> int:
    """Long enough to watch it to its end, with an hour of pauses."""
    return int(time.time()) + duration_ms // 1000 + _SIGNED_FOR_S


def _body(service: Service, row: ResourceRow, lesson: LessonRow) -> Resource:
    hls_url = poster_url = None
    if row.state in PLAYABLE:
        expires_at_s = signed_until_s(row.duration_ms)
        prefix = service.signer.prefix(row.id, expires_at_s)
        hls_url = f"{prefix}/{row.playlist}" if row.playlist else None
        poster_url = f"{prefix}/{row.poster}" if row.poster else None
    return Resource(
        id=row.id,
        lesson=row.lesson_id,
        kind=row.kind,
        seat=row.seat_id,
        title=lesson.title,
        state=row.state,
        hls_url=hls_url,
        poster_url=poster_url,
        duration_ms=row.duration_ms,
    )


async def _require_replay(service: Service, principal: Principal, lesson: LessonRow, reason: str) -> None:
    """Who sees a lesson's media only because of administering it says why."""
    if not reason.strip() and not principal.is_admin and principal.claims is None:
        scope = scope_of(principal.as_other_than(GrantRole.ADMIN), Ability.RESOURCES_READ)
        try:
            await service.lesson_for(principal, scope, LessonId(lesson.id))
        except Refused:
            raise Refused("reason_required", "Say why you look: ?reason=… is kept in the audit.") from None
    if not may_replay(principal.claims.role if principal.claims else None, lesson):
        raise Refused("not_permitted", "The replay is not published yet.")


async def hidden_seats(service: Service, principal: Principal, lesson: LessonRow) -> frozenset[str]:
    """Whose resources the principal does not get."""
    role = principal.claims.role if principal.claims else None
    if role in (None, Role.MASTER):
        return frozenset()
    return await service.unpublished_seats(LessonId(lesson.id))


@router.get("/api/v1/lessons/{lesson_id}/resources")
async def lesson_resources(
    lesson_id: LessonId, service: ServiceOf, caller: CallerOf, reason: ReasonOf = ""
) -> list[Resource]:
    """What became of a lesson, the teacher's picture first; unpublished for who teaches or edits it."""
    lesson = await service.lesson_for(caller.principal, caller.scope, lesson_id)
    await _require_replay(service, caller.principal, lesson, reason)
    hidden = await hidden_seats(service, caller.principal, lesson)
    rows = await service.resources(lesson_id)
    return [_body(service, row, lesson) for row in rows if row.seat_id not in hidden]


@router.get("/api/v1/resources/{resource_id}")
async def resource(resource_id: str, service: ServiceOf, caller: CallerOf, reason: ReasonOf = "") -> Resource:
    """One resource."""
    row, lesson = await replayed(resource_id, service, caller, reason)
    return _body(service, row, lesson)


@router.get("/api/v1/resources/{resource_id}/timeline")
async def timeline(resource_id: str, service: ServiceOf, caller: CallerOf, reason: ReasonOf = "") -> Timeline:
    """What plays beside the picture: chapters, pages, the master's ink, rounds."""
    row, lesson = await replayed(resource_id, service, caller, reason)
    found = await service.replays.timeline(row)
    return Timeline.of(found, await hidden_seats(service, caller.principal, lesson))


async def replayed(
    resource_id: str, service: Service, caller: Caller, reason: str
) -> tuple[ResourceRow, LessonRow]:
    """A resource and its lesson, if the caller may watch them now."""
    row = await service.resource(resource_id)
    try:
        lesson = await service.lesson_for(caller.principal, caller.scope, LessonId(row.lesson_id))
    except Refused:
        raise Refused("resource_unknown", "There is no such resource.") from None
    await _require_replay(service, caller.principal, lesson, reason)
    if row.seat_id in await hidden_seats(service, caller.principal, lesson):
        raise Refused("resource_unknown", "There is no such resource.")
    return row, lesson


class MediaResponse(FileResponse):
    """A segment in one piece, or a few: each piece costs a thread's turn."""

    chunk_size = 1 << 20


@router.api_route("/media/{stamp}/{resource_id}/{name}", methods=["GET", "HEAD"], include_in_schema=False)
async def media_file(
    stamp: str,
    resource_id: str,
    name: str,
    service: ServiceOf,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """A playlist, segment or poster, with ranges. The signature in the path is the permission."""
    service.signer.check(stamp, resource_id, time.time())
    match = _FILE_NAME.fullmatch(name)
    path = service.resource_folder / resource_id / name
    if match is None or not path.is_file():
        raise Refused("resource_unknown", "There is no such file.")
    is_playlist = match[1] == "m3u8"
    headers = {
        "Cache-Control": "no-cache" if is_playlist else "private, max-age=86400, immutable",
        "Access-Control-Allow-Origin": "*",
    }
    found = MediaResponse(path, media_type=_CONTENT_TYPES[match[1]], headers=headers, stat_result=path.stat())
    if if_none_match == found.headers["etag"]:
        return Response(status_code=304, headers={**headers, "ETag": if_none_match})
    return found
