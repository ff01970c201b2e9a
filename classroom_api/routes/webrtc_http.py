"""WHIP (RFC 9725) and WHEP: the same exchange in two directions, so one set of handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.routing import APIRoute
from typing_extensions import override

from classroom_api.auth import bearer
from classroom_api.cors import cors_headers
from classroom_api.routes.access import ServiceOf
from classroom_api.routes.uploads import bounded_body, require_content_type
from classroom_api.service import Service
from signaling.commands import ViewSource
from signaling.ports import SeatClaims
from streaming.errors import Refused, RemoteProtocolError
from streaming.identifiers import LessonId, PeerId

SDP_TYPE = "application/sdp"
FRAGMENT_TYPE = "application/trickle-ice-sdpfrag"
MAXIMUM_SDP_BYTES = 256 * 1024

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "OPTIONS, POST, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    "Access-Control-Max-Age": "86400",
    "Accept-Post": SDP_TYPE,
}

Authorization = Annotated[str | None, Header()]
MaxBitrate = Annotated[
    int | None, Query(ge=50_000, le=1_000_000_000, description="WHEP alone: bits a second")
]


@dataclass(frozen=True, slots=True)
class View:
    """What a WHEP client asks to see, and what its path carries."""

    source: ViewSource
    max_bitrate_bps: int | None


Open = Callable[[Service, SeatClaims, str, View], Awaitable[tuple[PeerId, str]]]


class _CorsRoute(APIRoute):
    """Answers are for every origin; refusals get theirs where they are made (problems.py)."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            response = await handle(request)
            response.headers.update(cors_headers(request.url.path))
            return response

        return answer


async def _open_whip(service: Service, claims: SeatClaims, offer: str, _: View) -> tuple[PeerId, str]:
    return await service.rooms.whip(claims, offer)


async def _open_whep(service: Service, claims: SeatClaims, offer: str, view: View) -> tuple[PeerId, str]:
    return await service.rooms.whep(claims, offer, view.source, max_bitrate_bps=view.max_bitrate_bps)


async def body_text(request: Request, content_type: str) -> str:
    """The body, read no further than it may be long.

    Codes: content_type_unsupported, sdp_too_large, sdp_malformed, bad_message (it broke off).
    """
    require_content_type(request, content_type)
    body = await bounded_body(request, MAXIMUM_SDP_BYTES, code="sdp_too_large")
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise RemoteProtocolError("sdp_malformed", "The body is not UTF-8.") from None


def make_router(face: str, open_peer: Open) -> APIRouter:
    """Routes of `/whip` or `/whep`."""
    router = APIRouter(prefix=f"/{face}", tags=[face], route_class=_CorsRoute)

    @router.options("/{lesson_id}", include_in_schema=False)
    @router.options("/{lesson_id}/{peer_id}", include_in_schema=False)
    async def preflight() -> Response:
        """CORS preflight, for any origin: the token is the permission."""
        return Response(status_code=204, headers=_PREFLIGHT)

    @router.post("/{lesson_id}", status_code=201)
    async def post(
        lesson_id: LessonId,
        request: Request,
        service: ServiceOf,
        authorization: Authorization = None,
        source: Annotated[ViewSource, Query(description="WHEP alone")] = ViewSource.MASTER,
        max_bitrate: MaxBitrate = None,
    ) -> Response:
        """An offer becomes an answer and a resource."""
        claims = await service.seat_of(bearer(authorization), lesson_id)
        offer = await body_text(request, SDP_TYPE)
        peer, answer = await open_peer(service, claims, offer, View(source, max_bitrate))
        headers = {
            "Location": f"/{face}/{lesson_id}/{peer}",
            "ETag": _etag(await service.rooms.ice_ufrag(claims, peer)),
            "Accept-Patch": FRAGMENT_TYPE,
        }
        return Response(answer, 201, headers, SDP_TYPE)

    @router.patch("/{lesson_id}/{peer_id}")
    async def patch(
        lesson_id: LessonId,
        peer_id: PeerId,
        request: Request,
        service: ServiceOf,
        authorization: Authorization = None,
        if_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Trickled candidates (204), or an ICE restart (200 with the new credentials)."""
        claims = await service.seat_of(bearer(authorization), lesson_id)
        fragment = await body_text(request, FRAGMENT_TYPE)
        current = _etag(await service.rooms.ice_ufrag(claims, peer_id))
        if if_match not in (None, "*", current):
            raise Refused("precondition_failed", "The ICE session is another one by now.")
        answer = await service.rooms.patch(claims, peer_id, fragment)
        headers = {"ETag": _etag(await service.rooms.ice_ufrag(claims, peer_id))}
        if answer is None:
            return Response(status_code=204, headers=headers)
        return Response(answer, 200, headers, FRAGMENT_TYPE)

    @router.delete("/{lesson_id}/{peer_id}")
    async def delete(
        lesson_id: LessonId, peer_id: PeerId, service: ServiceOf, authorization: Authorization = None
    ) -> Response:
        """The end of this resource."""
        claims = await service.seat_of(bearer(authorization), lesson_id)
        await service.rooms.end_resource(claims, peer_id)
        return Response(status_code=200)

    return router


def _etag(ice_ufrag: str) -> str:
    return f'"{ice_ufrag}"'


whip_router = make_router("whip", _open_whip)
whep_router = make_router("whep", _open_whep)
