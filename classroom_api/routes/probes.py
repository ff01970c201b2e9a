"""Transfers by which a seat measures its rates before the lesson (docs/protocol.md, section 4)."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from classroom_api.access_routes import PREFIX
from classroom_api.probes import MAXIMUM_BYTES, TIMEOUT_S, Arrival, Probes, random_pieces
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute
from classroom_api.routes.models import Body
from classroom_api.routes.uploads import bounded_chunks
from streaming.errors import Unavailable
from streaming.identifiers import LessonId

router = APIRouter(prefix=PREFIX, tags=["device check"], dependencies=[Authorize], route_class=AuditedRoute)


class Probed(Body):
    bytes: int
    timed_bytes: int = Field(description="without the first piece, whose time nobody knows")
    duration_ms: int = Field(description="from the first piece to the last")


class _ProbeResponse(StreamingResponse):
    """Counts as running for as long as it is sent."""

    def __init__(self, probes: Probes, name: str, count: int) -> None:
        headers = {"Content-Length": str(count), "Cache-Control": "no-store"}
        super().__init__(random_pieces(count), media_type="application/octet-stream", headers=headers)
        self._probes = probes
        self._name = name

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._probes.transfer(self._name, _now_ms()), suppress(TimeoutError):
            async with asyncio.timeout(TIMEOUT_S):
                await super().__call__(scope, receive, send)


@router.get("/lessons/{lesson_id}/probe", response_class=Response)
async def probe_down(
    lesson_id: LessonId,
    service: ServiceOf,
    caller: CallerOf,
    count: Annotated[int, Query(alias="bytes", ge=1, le=MAXIMUM_BYTES)],
) -> Response:
    """So many random bytes."""
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    return _ProbeResponse(service.probes, caller.principal.id, count)


@router.post(
    "/lessons/{lesson_id}/probe",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def probe_up(lesson_id: LessonId, request: Request, service: ServiceOf, caller: CallerOf) -> Probed:
    """Takes the body and says how long it took to arrive."""
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    arrival = Arrival()
    with service.probes.transfer(caller.principal.id, _now_ms()):
        try:
            async with asyncio.timeout(TIMEOUT_S):
                async for piece in bounded_chunks(request, MAXIMUM_BYTES):
                    arrival.handle_piece(len(piece), time.monotonic_ns())
        except TimeoutError:
            raise Unavailable("unavailable", f"It took longer than {TIMEOUT_S:.0f} s: send less.") from None
    return Probed(bytes=arrival.bytes, timed_bytes=arrival.timed_bytes, duration_ms=arrival.duration_ms)


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
