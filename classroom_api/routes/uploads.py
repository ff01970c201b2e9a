"""Bodies that are not JSON, read as they come, bounded in size and time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import Request
from starlette.requests import ClientDisconnect

from streaming.errors import Refused, RemoteProtocolError

CHUNK_TIMEOUT_S = 60.0


def require_content_type(request: Request, *allowed: str) -> None:
    """Refused: content_type_unsupported."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in allowed:
        raise Refused("content_type_unsupported", f"Send it as {' or '.join(allowed)}.")


async def bounded_chunks(
    request: Request, limit_bytes: int, timeout_s: float = CHUNK_TIMEOUT_S
) -> AsyncIterator[bytes]:
    """The body's pieces. RemoteProtocolError: message_too_large, bad_message (it stopped coming)."""
    declared = request.headers.get("content-length", "")
    total = 0
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit_bytes:
        raise RemoteProtocolError("message_too_large", f"It has at most {limit_bytes} bytes.")
    chunks = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(timeout_s):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except (TimeoutError, ClientDisconnect):
            raise RemoteProtocolError("bad_message", "The upload broke off.") from None
        total += len(chunk)
        if total > limit_bytes:
            raise RemoteProtocolError("message_too_large", f"It has at most {limit_bytes} bytes.")
        yield chunk
