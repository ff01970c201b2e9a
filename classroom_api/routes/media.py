"""The signed media paths that resources are played from: playlists, parts, segments, posters.

A plain route, first of all: hundreds of viewers ask it five times a second each; the REST face's way of
routing and of reading parameters would cost them twice as much.
"""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from classroom_api.live_media import Awaited
from classroom_api.routes.files import file_response
from classroom_api.routes.resources import SIGNED_FOR_S
from classroom_api.service import Service
from recording.store import LIVE_NAME, PART_PREFIX, PLAYLIST_NAME
from streaming.errors import Refused

_PLAYLIST_BYTES = 4 << 20
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}\.(m3u8|mpd|mp4|m4a|m4s|jpg|vtt|zip)")
_NUMBER = re.compile(r"[0-9]{1,7}", re.ASCII)
_CONTENT_TYPES = {
    "m3u8": "application/vnd.apple.mpegurl",
    "mp4": "video/mp4",
    "mpd": "application/dash+xml",
    "m4a": "audio/mp4",
    "m4s": "video/iso.segment",
    "jpg": "image/jpeg",
    "vtt": "text/vtt; charset=utf-8",
    "zip": "application/zip",
}


async def _media_file(request: Request) -> Response:
    """The signature in the path is the permission."""
    service: Service = request.app.state.service
    stamp, resource, name = (request.path_params[part] for part in ("stamp", "resource_id", "name"))
    service.signer.check(stamp, resource, time.time())
    match = _FILE_NAME.fullmatch(name)
    if match is None:
        raise Refused("resource_unknown", "There is no such file.")
    present = None
    if name == LIVE_NAME:
        name = PLAYLIST_NAME
        present = await service.live.playlist(resource, _awaited(request))
    elif name.startswith(PART_PREFIX):
        present = await service.live.part(resource, name)
    headers = {
        "Cache-Control": "no-cache" if match[1] == "m3u8" else "private, max-age=86400, immutable",
        "Access-Control-Allow-Origin": "*",
    }
    if present is not None:
        return Response(present, media_type=_CONTENT_TYPES[match[1]], headers=headers)
    paths = _paths(service, resource, name)
    found = await file_response(request, paths, _CONTENT_TYPES[match[1]], headers)
    return found or await _stored(service, f"resources/{resource}/{name}", headers)


def _paths(service: Service, resource: str, name: str) -> list[Path]:
    """In the data folder, or in a storage that is a folder."""
    stored = service.storage.path_of(f"resources/{resource}/{name}") if service.storage else None
    present = service.resource_folder / resource / name
    return [present] if stored is None else [present, stored]


async def _stored(service: Service, key: str, headers: dict[str, str]) -> Response:
    """What lies in a storage that is no folder. Refused: resource_unknown."""
    storage = service.storage
    if storage is None or storage.path_of(key) is not None:
        raise Refused("resource_unknown", "There is no such file.")
    if key.endswith(".m3u8"):  # what it names is relative to where it comes from
        content = await asyncio.to_thread(storage.read, key, _PLAYLIST_BYTES)
        return Response(content, media_type=_CONTENT_TYPES["m3u8"], headers=headers)
    headers["Cache-Control"] = f"private, max-age={SIGNED_FOR_S // 2}"
    return RedirectResponse(await asyncio.to_thread(storage.sign, key, SIGNED_FOR_S), 307, headers)


def _awaited(request: Request) -> Awaited:
    query = request.query_params
    return Awaited(_number(query.get("_HLS_msn")), _number(query.get("_HLS_part")), "_HLS_skip" in query)


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if _NUMBER.fullmatch(text) is None:
        raise Refused("bad_message", "_HLS_msn and _HLS_part are small whole numbers.")
    return int(text)


route = Route("/media/{stamp}/{resource_id}/{name}", _media_file, methods=["GET"])
"""GET brings HEAD with it."""
