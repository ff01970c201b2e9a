"""Slide decks: upload, list, deletion, and the page images at signed paths."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from classroom_api.access_routes import PREFIX
from classroom_api.decks import ListedDeck
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute
from classroom_api.routes.files import file_response
from classroom_api.routes.models import Body
from classroom_api.routes.uploads import bounded_chunks, require_content_type
from classroom_api.service import Service
from classroom_api.store.schema import DeckPageRow, DeckRow
from streaming.errors import Refused
from streaming.identifiers import LessonId, is_identifier

router = APIRouter(tags=["decks"])
rest = APIRouter(prefix=PREFIX, tags=["decks"], dependencies=[Authorize], route_class=AuditedRoute)

MAX_PDF_BYTES = 50 << 20
_SIGNED_FOR_S = 86_400
_IMAGE_NAME = re.compile(r"[0-9a-f]{64}\.webp")
_PDFS = ("application/pdf", "application/octet-stream")
"""What is in it decides, whatever a client calls it."""


class DeckPage(Body):
    page: int
    sha256: str
    width: int
    height: int
    bytes: int
    url: str
    thumbnail_url: str


class Deck(Body):
    id: str
    title: str
    state: str = Field(description="processing, ready or failed")
    reason: str | None = Field(description="why it failed: an error code")
    page_count: int | None = Field(description="None until the PDF was opened")
    pages_done: int
    created_at_ms: int
    pages: list[DeckPage]


def signed_until_s() -> int:
    """The same for an hour, so that the same image has the same address and caches know it."""
    return (int(time.time()) // 3600 + 1) * 3600 + _SIGNED_FOR_S


def page_bodies(service: Service, row: DeckRow, pages: Iterable[DeckPageRow]) -> list[DeckPage]:
    """Pages of a deck at signed addresses."""
    prefix = service.signer.prefix(f"{row.lesson_id}/{row.id}", signed_until_s(), "slides")
    return [
        DeckPage(
            page=page.page,
            sha256=page.sha256,
            width=page.width,
            height=page.height,
            bytes=page.bytes,
            url=f"{prefix}/{page.sha256}.webp",
            thumbnail_url=f"{prefix}/{page.thumbnail}.webp",
        )
        for page in pages
    ]


def _body(service: Service, deck: ListedDeck) -> Deck:
    row = deck.row
    return Deck(
        id=row.id,
        title=row.title,
        state=row.state,
        reason=row.reason,
        page_count=deck.page_count,
        pages_done=deck.pages_done,
        created_at_ms=row.created_at_ms,
        pages=page_bodies(service, row, deck.pages),
    )


@rest.post(
    "/lessons/{lesson_id}/decks",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _PDFS},
        }
    },
)
async def upload_deck(
    lesson_id: LessonId,
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    title: Annotated[str, Query(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")] = "",
) -> Deck:
    """Upload a PDF; its pages are drawn by and by."""
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    require_content_type(request, *_PDFS)
    deck = await service.decks.add(lesson_id, title.strip(), bounded_chunks(request, MAX_PDF_BYTES))
    return _body(service, deck)


@rest.get("/lessons/{lesson_id}/decks")
async def lesson_decks(lesson_id: LessonId, service: ServiceOf, caller: CallerOf) -> list[Deck]:
    """The decks of a lesson with their page images, in the order of their upload."""
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    return [_body(service, deck) for deck in await service.decks.listed(lesson_id)]


@rest.delete("/lessons/{lesson_id}/decks/{deck_id}", status_code=204)
async def delete_deck(lesson_id: LessonId, deck_id: str, service: ServiceOf, caller: CallerOf) -> None:
    """Delete a deck with all its pages."""
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    await service.decks.remove(lesson_id, deck_id)


@router.api_route(
    "/slides/{stamp}/{lesson_id}/{deck_id}/{name}", methods=["GET", "HEAD"], include_in_schema=False
)
async def page_image(
    stamp: str, lesson_id: str, deck_id: str, name: str, request: Request, service: ServiceOf
) -> Response:
    """A page image or a thumbnail. The signature in the path is the permission."""
    service.signer.check(stamp, f"{lesson_id}/{deck_id}", time.time())
    is_named = is_identifier(lesson_id, "les") and is_identifier(deck_id, "deck")
    headers = {"Cache-Control": "private, max-age=31536000, immutable", "Access-Control-Allow-Origin": "*"}
    found = None
    if is_named and _IMAGE_NAME.fullmatch(name) is not None:
        path = service.decks.path(lesson_id, deck_id, name)
        found = await file_response(request, [path], "image/webp", headers)
    if found is None:
        raise Refused("resource_unknown", "There is no such file.")
    return found


router.include_router(rest)
