"""Course resources and the signed media paths they are played from."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, RedirectResponse, Response

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
_PLAYLIST_BYTES = 4 << 20
_PLAYABLE = frozenset({"playable", "ready"})
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}\.(m3u8|mpd|mp4|m4a|m4s|jpg|vtt|zip)")
_CONTENT_TYPES = {
    "m3u8": "application/vnd.apple.mpegurl",
    "mpd": "application/dash+xml",
    "mp4": "video/mp4",
    "m4a": "audio/mp4",
    "m4s": "video/iso.segment",
    "jpg": "image/jpeg",
    "vtt": "text/vtt",
    "zip": "application/zip",
}


def _signed(service: Service, folder: str, duration_ms: int) -> str:
    return service.signer.prefix(folder, int(time.time()) + duration_ms // 1000 + SIGNED_FOR_S)


def _body(service: Service, row: ResourceRow, lesson: LessonRow, shown: Shown, *, reviews: bool) -> Resource:
    """`reviews`: the caller sees the fast replay too, whatever is published."""
    prefix = _signed(service, row.id, row.duration_ms)
    taught_url = f"{prefix}/{row.playlist}" if row.state in _PLAYABLE and row.playlist else None
    poster_url = f"{prefix}/{row.poster}" if row.state in _PLAYABLE and row.poster else None
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


def _reviews(principal: Principal) -> bool:
    """Whether it teaches or edits: others get what is published, of who has consented."""
    return principal.claims is None or principal.claims.role is Role.MASTER


@router.get("/api/v1/lessons/{lesson_id}/resources")
async def lesson_resources(
    lesson_id: LessonId, service: ServiceOf, caller: CallerOf, reason: ReasonOf = ""
) -> list[Resource]:
    """What became of a lesson, the teacher's picture first; unpublished for who teaches or edits it."""
    lesson = await service.lesson_for(caller.principal, caller.scope, lesson_id)
    await _require_replay(service, caller.principal, lesson, reason)
    reviews = _reviews(caller.principal)
    rows, shown = await service.versions.shown(lesson_id)
    visible = [row for row in rows if reviews or shown.holds(row)]
    return [_body(service, row, lesson, shown, reviews=reviews) for row in visible]


@router.get("/api/v1/resources/{resource_id}")
async def resource(resource_id: str, service: ServiceOf, caller: CallerOf, reason: ReasonOf = "") -> Resource:
    """One resource."""
    row, lesson, shown = await _replayed(resource_id, service, caller, reason)
    return _body(service, row, lesson, shown, reviews=_reviews(caller.principal))


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
    row, _, shown = await _replayed(resource_id, service, caller, reason)
    reviews = _reviews(caller.principal)
    if shown.is_withheld and not reviews:
        return Timeline.of(LessonTimeline((), (), (), ()))
    return Timeline.of(await service.versions.timeline(row, is_as_taught=as_taught and reviews))


async def _replayed(
    resource_id: str, service: Service, caller: Caller, reason: str
) -> tuple[ResourceRow, LessonRow, Shown]:
    row = await service.resource(resource_id)
    try:
        lesson = await service.lesson_for(caller.principal, caller.scope, LessonId(row.lesson_id))
    except Refused:
        raise Refused("resource_unknown", "There is no such resource.") from None
    await _require_replay(service, caller.principal, lesson, reason)
    _, shown = await service.versions.shown(LessonId(row.lesson_id))
    if not (_reviews(caller.principal) or shown.holds(row)):
        raise Refused("resource_unknown", "There is no such resource.")
    return row, lesson, shown


@router.api_route("/media/{stamp}/{resource_id}/{name}", methods=["GET", "HEAD"], include_in_schema=False)
async def media_file(stamp: str, resource_id: str, name: str, service: ServiceOf) -> Response:
    """A playlist, segment or poster, with ranges. The signature in the path is the permission."""
    service.signer.check(stamp, resource_id, time.time())
    match = _FILE_NAME.fullmatch(name)
    if match is None:
        raise Refused("resource_unknown", "There is no such file.")
    path = _path_of(service, resource_id, name)
    is_playlist = match[1] == "m3u8"
    headers = {
        "Cache-Control": "no-cache" if is_playlist else "private, max-age=86400, immutable",
        "Access-Control-Allow-Origin": "*",
    }
    if path is not None:
        return FileResponse(path, media_type=_CONTENT_TYPES[match[1]], headers=headers)
    storage, key = service.storage, f"resources/{resource_id}/{name}"
    if storage is None or storage.path_of(key) is not None:
        raise Refused("resource_unknown", "There is no such file.")
    if is_playlist:  # what it names is relative to where it comes from
        content = await asyncio.to_thread(storage.read, key, _PLAYLIST_BYTES)
        return Response(content, media_type=_CONTENT_TYPES["m3u8"], headers=headers)
    headers["Cache-Control"] = f"private, max-age={SIGNED_FOR_S // 2}"
    return RedirectResponse(await asyncio.to_thread(storage.sign, key, SIGNED_FOR_S), 307, headers)


def _path_of(service: Service, resource_id: str, name: str) -> Path | None:
    """In the data folder, or in a storage that is a folder."""
    stored = service.storage.path_of(f"resources/{resource_id}/{name}") if service.storage else None
    for path in (service.resource_folder / resource_id / name, stored):
        if path is not None and path.is_file():
            return path
    return None
