"""Course resources and the signed media paths they are played from."""

from __future__ import annotations

import re
import time
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse, Response

from classroom_api.access import Ability, scope_of
from classroom_api.auth import Principal
from classroom_api.lesson_timeline import LessonTimeline
from classroom_api.live_media import Awaited
from classroom_api.roles import GrantRole
from classroom_api.routes.access import Caller, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute, ReasonOf
from classroom_api.routes.models import Resource
from classroom_api.routes.timeline_models import Timeline
from classroom_api.service import Service
from classroom_api.store.resources import may_replay
from classroom_api.store.schema import LessonRow, ResourceRow
from classroom_api.store.versions import Shown
from recording.store import LIVE_NAME, PART_PREFIX, PLAYLIST_NAME
from signaling.roles import Role
from streaming.errors import Refused
from streaming.identifiers import LessonId

router = APIRouter(tags=["resources"], route_class=AuditedRoute)

_SIGNED_FOR_S = 3600
_MOST_SEGMENTS = 1_000_000
PLAYABLE = frozenset({"playable", "ready"})
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}\.(m3u8|mpd|mp4|m4a|m4s|jpg|vtt|zip)")
_CONTENT_TYPES = {
    "m3u8": "application/vnd.apple.mpegurl",
    "mpd": "application/dash+xml",
    "mp4": "video/mp4",
    "m4a": "audio/mp4",
    "m4s": "video/iso.segment",
    "jpg": "image/jpeg",
    "vtt": "text/vtt; charset=utf-8",
    "zip": "application/zip",
}


def _awaited(
    media_sequence: Annotated[int | None, Query(alias="_HLS_msn", ge=0, le=_MOST_SEGMENTS)] = None,
    part: Annotated[int | None, Query(alias="_HLS_part", ge=0, le=_MOST_SEGMENTS)] = None,
    skip: Annotated[Literal["YES", "v2"] | None, Query(alias="_HLS_skip")] = None,
) -> Awaited:
    return Awaited(media_sequence, part, skip is not None)


AwaitedOf = Annotated[Awaited, Depends(_awaited)]


def signed_until_s(duration_ms: int) -> int:
    """Long enough to watch it to its end, with an hour of pauses."""
    return int(time.time()) + duration_ms // 1000 + _SIGNED_FOR_S


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


async def _require_replay(service: Service, principal: Principal, lesson: LessonRow, reason: str) -> None:
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
    await _require_replay(service, caller.principal, lesson, reason)
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
    await _require_replay(service, caller.principal, lesson, reason)
    _, shown = await service.versions.shown(LessonId(row.lesson_id))
    if not (reviews_replays(caller.principal) or shown.holds(row)):
        raise Refused("resource_unknown", "There is no such resource.")
    return row, lesson, shown


@router.api_route("/media/{stamp}/{resource_id}/{name}", methods=["GET", "HEAD"], include_in_schema=False)
async def media_file(
    stamp: str, resource_id: str, name: str, service: ServiceOf, awaited: AwaitedOf
) -> Response:
    """A playlist, part, segment or poster. The signature in the path is the permission."""
    service.signer.check(stamp, resource_id, time.time())
    match = _FILE_NAME.fullmatch(name)
    if match is None:
        raise Refused("resource_unknown", "There is no such file.")
    is_playlist = match[1] == "m3u8"
    headers = {
        "Cache-Control": "no-cache" if is_playlist else "private, max-age=86400, immutable",
        "Access-Control-Allow-Origin": "*",
    }
    path, present = service.resource_folder / resource_id / name, None
    if name == LIVE_NAME:
        path = path.with_name(PLAYLIST_NAME)
        present = await service.live.playlist(resource_id, awaited)
    elif name.startswith(PART_PREFIX):
        present = await service.live.part(resource_id, name)
    if present is not None:
        return Response(present, media_type=_CONTENT_TYPES[match[1]], headers=headers)
    if not path.is_file():
        raise Refused("resource_unknown", "There is no such file.")
    return FileResponse(path, media_type=_CONTENT_TYPES[match[1]], headers=headers)
