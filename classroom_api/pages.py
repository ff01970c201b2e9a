"""The built web client: where it lies, and which paths show it."""

from __future__ import annotations

import gzip
from functools import lru_cache, partial
from pathlib import Path

from anyio import to_thread
from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse, HTMLResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.types import Scope
from typing_extensions import override

PAGE_PATHS = (
    "/",
    "/timetable",
    "/school",
    "/teach/{lesson}",
    "/classroom/{lesson}",
    "/assist/{lesson}",
    "/join/{lesson}",
    "/observe/{lesson}",
    "/watch/{resource}",
    "/review/{resource}",
    "/replays",
    "/reports",
    "/reports/{lesson}",
)
_IN_THE_WHEEL = Path(__file__).parent / "pages"
_IN_A_CHECKOUT = Path(__file__).parents[1] / "web_client" / "dist"
_NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>Tandem</title>
<h1>The pages are not built</h1>
<p>Run <code>make setup</code> in the project's folder, then start the server again.</p>
"""
_SECURITY_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; worker-src 'self' blob:; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self)",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
_PACKED = frozenset({".js", ".css"})


@lru_cache(maxsize=256)
def _packed(path: str) -> bytes:
    return gzip.compress(Path(path).read_bytes(), mtime=0)


class Assets(StaticFiles):
    """Files whose names change with their content; scripts and styles packed, once for all who ask."""

    @override
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if not isinstance(response, FileResponse):
            return response
        response.headers.update(_FOR_GOOD)
        asked = Headers(scope=scope)
        if Path(path).suffix not in _PACKED or "range" in asked:
            return response
        if "gzip" not in asked.get("accept-encoding", ""):
            return response
        content = await to_thread.run_sync(_packed, str(response.path))
        headers = _FOR_GOOD | {"Content-Encoding": "gzip"}
        return Response(content, media_type=response.media_type, headers=headers)


def find_pages() -> Path | None:
    """The folder with index.html, or None when nobody has built it."""
    for folder in (_IN_THE_WHEEL, _IN_A_CHECKOUT):
        if (folder / "index.html").is_file():
            return folder
    return None


def install_pages(app: FastAPI) -> None:
    """Serve the one page at each of its paths, and its assets (content-hashed names, cached for long)."""
    folder = find_pages()
    router = APIRouter()

    async def page() -> Response:
        if folder is None:
            return HTMLResponse(_NOT_BUILT, 503)
        return FileResponse(folder / "index.html", media_type="text/html", headers=_SECURITY_HEADERS)

    for path in PAGE_PATHS:
        router.add_api_route(path, page, methods=["GET", "HEAD"], include_in_schema=False)
    if folder is not None:
        # Not a mount at "/": it would answer 404 where another route's wrong method is 405.
        app.mount("/assets", Assets(directory=folder / "assets"), name="assets")
        for file in folder.iterdir():
            if file.is_file() and file.name != "index.html":
                router.add_api_route(f"/{file.name}", partial(FileResponse, file), include_in_schema=False)
    app.include_router(router)
