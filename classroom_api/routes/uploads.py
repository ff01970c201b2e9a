"""Bodies: JSON bounded for every route, what is not JSON read as it comes, bounded in size and time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from fastapi import HTTPException, Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streaming.errors import Refused, RemoteProtocolError

MAXIMUM_JSON_BYTES: Final = 8 << 20
_ALLOWANCE: Final = "tandem.body_allowance"
_BEYOND_BYTES: Final = 1 << 20
"""More than a server hands over at once: the reader itself says, in its own word, that it is too much."""
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "OPTIONS"})

PIECE_TIMEOUT_S = 60.0
WHOLE_TIMEOUT_S = 900.0
"""50 MiB over half a megabit a second; a body that drips a byte a minute ends here."""


@dataclass(slots=True)
class _Allowance:
    limit_bytes: int


class BodyBound:
    """ASGI: no body is read beyond `MAXIMUM_JSON_BYTES`, but where `bounded_chunks` reads it.

    FastAPI reads the JSON of a request into memory before it asks who sends it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _WITHOUT_BODY:
            await self._app(scope, receive, send)
            return
        allowance = _Allowance(MAXIMUM_JSON_BYTES)
        scope[_ALLOWANCE] = allowance
        total = 0

        async def receive_bounded() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > allowance.limit_bytes:
                raise HTTPException(413, f"At most {allowance.limit_bytes} bytes.")
            return message

        await self._app(scope, receive_bounded, send)


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
    allowance: _Allowance | None = request.scope.get(_ALLOWANCE)
    if allowance is not None:
        allowance.limit_bytes = max(allowance.limit_bytes, limit_bytes + _BEYOND_BYTES)
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
