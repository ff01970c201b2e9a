"""Liveness, readiness and figures."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from classroom_api.service import Service

_METRICS: dict[int | str, dict[str, Any]] = {
    200: {"content": {CONTENT_TYPE_LATEST: {"schema": {"type": "string"}}}}
}
router = APIRouter()


@router.get("/healthz", tags=["health"])
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", tags=["health"])
async def readyz(request: Request) -> dict[str, str]:
    """Database and media plane answer: lessons can be joined."""
    service: Service = request.app.state.service
    await service.check_ready()
    return {"status": "ready"}


@router.get("/metrics", tags=["health"], responses=_METRICS, response_class=Response)
async def metrics(request: Request) -> Response:
    """Prometheus text."""
    service: Service = request.app.state.service
    return Response(service.metrics(request.app.state.refusals), media_type=CONTENT_TYPE_LATEST)
