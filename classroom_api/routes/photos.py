"""Photos of rounds: upload by a classroom or its assistant, the list for master and own room, pictures."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request, Response

from classroom_api.access_routes import PREFIX
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute
from classroom_api.routes.decks import signed_until_s
from classroom_api.routes.files import file_response
from classroom_api.routes.models import Body
from classroom_api.routes.uploads import bounded_body, require_content_type
from classroom_api.service import Service
from classroom_api.store.schema import PhotoRow
from signaling.roles import Role
from streaming.errors import Refused
from streaming.identifiers import LessonId, is_identifier

router = APIRouter(tags=["photos"])
rest = APIRouter(prefix=PREFIX, tags=["photos"], dependencies=[Authorize], route_class=AuditedRoute)

MAX_PHOTO_BYTES = 5 << 20
_IMAGES = ("image/jpeg", "image/png", "image/webp")
_SHOWN_FOR_S = 600
_TAKES = frozenset({Role.CLASSROOM, Role.ASSISTANT})


class Photo(Body):
    id: str
    seat: str
    classroom: str | None
    width: int
    height: int
    created_at_ms: int
    url: str


def _body(service: Service, row: PhotoRow, until_s: int | None = None) -> Photo:
    resource = f"{row.lesson_id}/{row.id}"
    prefix = service.signer.prefix(resource, until_s or signed_until_s(), "photos")
    return Photo(
        id=row.id,
        seat=row.seat_id,
        classroom=row.classroom,
        width=row.width,
        height=row.height,
        created_at_ms=row.created_at_ms,
        url=f"{prefix}.jpg",
    )


@rest.post(
    "/lessons/{lesson_id}/photos",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _IMAGES},
        }
    },
)
async def upload_photo(lesson_id: LessonId, request: Request, service: ServiceOf, caller: CallerOf) -> Photo:
    """Upload a photo of what was written, to name it in `round_answer`."""
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    claims = caller.principal.claims
    if claims is None or claims.role not in _TAKES:
        raise Refused("not_permitted", "Photos are taken by a classroom or its assistant.")
    service.rooms.require_present(claims)
    require_content_type(request, *_IMAGES)
    data = await bounded_body(request, MAX_PHOTO_BYTES)
    return _body(service, await service.photos.add(claims, data))


@rest.get("/lessons/{lesson_id}/photos")
async def lesson_photos(lesson_id: LessonId, service: ServiceOf, caller: CallerOf) -> list[Photo]:
    """The photos of a lesson for its master; for a classroom and its assistant those of the own room and
    those that the master shows to all."""
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    claims = caller.principal.claims
    if claims is not None and claims.role not in (Role.MASTER, *_TAKES):
        raise Refused("not_permitted", "Photos are for the master and the room that took them.")
    if claims is None or claims.role is Role.MASTER:
        return [_body(service, row) for row in await service.photos.listed(lesson_id, None)]
    shown = service.rooms.shown_photos(claims)
    rows = await service.photos.listed(lesson_id, claims, shown)
    return [_body(service, row, _briefly_s() if row.id in shown else None) for row in rows]


def _briefly_s() -> int:
    """Until when a photo that is shown to all can be fetched: the master may take it away at any time."""
    return (int(time.time()) // _SHOWN_FOR_S + 2) * _SHOWN_FOR_S


@router.api_route("/photos/{stamp}/{lesson_id}/{name}", methods=["GET", "HEAD"], include_in_schema=False)
async def photo_file(stamp: str, lesson_id: str, name: str, request: Request, service: ServiceOf) -> Response:
    """A photo. The signature in the path is the permission."""
    photo = name.removesuffix(".jpg")
    service.signer.check(stamp, f"{lesson_id}/{photo}", time.time())
    is_named = is_identifier(lesson_id, "les") and is_identifier(photo, "photo")
    left_s = min(86_400, int(stamp.partition(".")[0]) - int(time.time()))
    headers = {"Cache-Control": f"private, max-age={left_s}, immutable"}
    found = None
    if is_named and name.endswith(".jpg"):
        path = service.photos.path(lesson_id, photo)
        found = await file_response(request, [path], "image/jpeg", headers)
    if found is None:
        raise Refused("resource_unknown", "There is no such photo.")
    return found


router.include_router(rest)
