"""Files at signed paths, looked for and read off the event loop.

A small one is read whole in one turn of a thread: a segment streamed in pieces costs five. It is opened once
and asked what it is after that, so that a file deleted meanwhile is either sent whole or not there.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

WHOLE_BYTES = 1 << 20
"""What one request may hold in memory: a client that does not read has this much waiting for it."""


class _PiecesResponse(FileResponse):
    """Each piece costs a thread's turn."""

    chunk_size = WHOLE_BYTES


@dataclass(frozen=True, slots=True)
class _Wanted:
    media_type: str
    headers: Mapping[str, str]
    known_tag: str | None
    is_whole: bool


async def file_response(
    request: Request, paths: Sequence[Path], media_type: str, headers: Mapping[str, str]
) -> Response | None:
    """The first of `paths` that is a file, or the 304 or part that was asked for; None: there is none."""
    is_whole = request.method == "GET" and "range" not in request.headers
    wanted = _Wanted(media_type, headers, request.headers.get("if-none-match"), is_whole)
    return await run_in_threadpool(_find, paths, wanted)


def _find(paths: Sequence[Path], wanted: _Wanted) -> Response | None:
    for path in paths:
        with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError), path.open("rb", 0) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                continue
            in_pieces = _PiecesResponse(
                path, media_type=wanted.media_type, headers=wanted.headers, stat_result=status
            )
            if wanted.known_tag == in_pieces.headers["etag"]:
                return Response(status_code=304, headers={**wanted.headers, "ETag": wanted.known_tag})
            if not wanted.is_whole or status.st_size > WHOLE_BYTES:
                return in_pieces
            whole = Response(file.read(), media_type=wanted.media_type, headers=wanted.headers)
            for name in ("accept-ranges", "etag", "last-modified"):
                whole.headers[name] = in_pieces.headers[name]
            return whole
    return None
