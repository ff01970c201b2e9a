"""A lesson that runs, to be watched and listened to by HLS: for passive viewers, and to catch up."""

from __future__ import annotations

import time

from fastapi import APIRouter

from classroom_api.routes.access import CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute, ReasonOf
from classroom_api.routes.models import LiveResource
from classroom_api.routes.resources import require_reason, reviews_replays
from recording.store import LIVE_NAME
from streaming.identifiers import LessonId

router = APIRouter(tags=["resources"], route_class=AuditedRoute)

_SIGNED_FOR_S = 6 * 3600
_ROUNDED_TO_S = 900


@router.get("/api/v1/lessons/{lesson_id}/live")
async def live(
    lesson_id: LessonId, service: ServiceOf, caller: CallerOf, reason: ReasonOf = ""
) -> list[LiveResource]:
    """What of a lesson can be followed now, the teacher's picture first; empty where nothing is recorded."""
    lesson = await service.lesson_for(caller.principal, caller.scope, lesson_id)
    await require_reason(service, caller.principal, lesson, reason)
    is_staff = reviews_replays(caller.principal)
    _, shown = await service.versions.shown(lesson_id)
    hidden = frozenset() if is_staff else shown.hidden_seats
    # One address for all who ask within a quarter of an hour: what stands between can keep what it names.
    expires_at_s = (int(time.time()) // _ROUNDED_TO_S + 1) * _ROUNDED_TO_S + _SIGNED_FOR_S
    return [
        LiveResource(
            resource=row.id,
            kind=row.kind,
            seat=row.seat_id,
            live_url=f"{service.signer.prefix(row.id, expires_at_s)}/{LIVE_NAME}",
        )
        for row in await service.resources(lesson_id)
        if service.live.is_live(row.id) and row.seat_id not in hidden
    ]
