"""Bodies that are not JSON, read as they come, bounded in size and time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from fastapi import Request
from starlette.requests import ClientDisconnect

from streaming.errors import Refused, RemoteProtocolError

PIECE_TIMEOUT_S = 60.0
WHOLE_TIMEOUT_S = 900.0
"""50 MiB over half a megabit a second; a body that drips a byte a minute ends here."""


def require_content_type(request: Request, *allowed: str) -> None:
    """Refused: content_type_unsupported."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in allowed:
        raise Refused("content_type_unsupported", f"Send it as {' or '.join(allowed)}.")


async def bounded_chunks(
    request: Request,
    limit_bytes: int,
    *,
    code: str = "message_too_large",
    piece_timeout_s: float = PIECE_TIMEOUT_S,
    whole_timeout_s: float = WHOLE_TIMEOUT_S,
) -> AsyncIterator[bytes]:
    """The body's pieces, none of them empty.

    RemoteProtocolError: `code` (more than `limit_bytes`: known before the first piece where the client says
    so), bad_message (it stopped coming, or took too long in all).
    """
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit_bytes:
        raise RemoteProtocolError(code, f"At most {limit_bytes} bytes.")
    total = 0
    ends_s = time.monotonic() + whole_timeout_s
    chunks = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(min(piece_timeout_s, ends_s - time.monotonic())):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except (TimeoutError, ClientDisconnect):
            raise RemoteProtocolError("bad_message", "The body broke off.") from None
        total += len(chunk)
        if total > limit_bytes:
            raise RemoteProtocolError(code, f"At most {limit_bytes} bytes.")
        if chunk:
            yield chunk


async def bounded_body(request: Request, limit_bytes: int, *, code: str = "message_too_large") -> bytes:
    """The whole body; refusals as those of `bounded_chunks`."""
    return b"".join([chunk async for chunk in bounded_chunks(request, limit_bytes, code=code)])
