"""The composition: routes, problems, pages and the service behind them in one FastAPI application."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from classroom_api.pages import install_pages
from classroom_api.problems import install_problem_handlers
from classroom_api.routes import (
    audit,
    captions,
    consents,
    decks,
    devices,
    erasures,
    health,
    imports,
    jobs,
    lessons,
    live,
    media,
    photos,
    planning,
    probes,
    recognition,
    replay_search,
    replays,
    reports,
    resources,
    search,
    sign_in,
    socket,
    versions,
    webhooks,
    webrtc_http,
    xapi,
)
from classroom_api.routes.uploads import BodyBound
from classroom_api.service import Service
from classroom_api.settings import Settings, load_settings

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem (RFC 9457); its `code` is one of docs/protocol.md, section 8.",
        "content": {"application/problem+json": {"schema": {"type": "object"}}},
    }
}


def create_app(settings: Settings) -> FastAPI:
    """The application. Its lifespan opens and closes everything it owns."""
    service = Service(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.open()
        try:
            yield
        finally:
            await service.close()

    app = FastAPI(
        title="Tandem",
        version=version("tandem-classroom"),
        lifespan=lifespan,
        responses=_PROBLEMS,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    install_problem_handlers(app)
    app.add_middleware(BodyBound)
    app.router.routes.insert(0, media.route)
    for part in (
        health.router,
        lessons.router,
        resources.router,
        jobs.router,
        live.router,
        replays.router,
        versions.router,
        captions.router,
        recognition.router,
        replay_search.router,
        decks.router,
        photos.router,
        planning.router,
        reports.router,
        audit.router,
        consents.router,
        search.router,
        imports.router,
        webhooks.router,
        xapi.router,
        erasures.router,
        sign_in.router,
        devices.router,
        probes.router,
        webrtc_http.whip_router,
        webrtc_http.whep_router,
        socket.router,
    ):
        app.include_router(part)
    install_pages(app)
    return app


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document, without starting anything."""
    with tempfile.TemporaryDirectory() as folder:
        return create_app(load_settings({"data_dir": Path(folder)})).openapi()
