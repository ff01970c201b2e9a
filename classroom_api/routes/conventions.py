"""What all routes of planning share: pages by cursor, ETags, idempotency keys."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Header, Query, Request, Response
from pydantic import BaseModel

from classroom_api.cursors import MAXIMUM_CURSOR_CHARACTERS, Position, parse_cursor, serialize_cursor
from classroom_api.planning import Once
from classroom_api.routes.access import CallerOf
from classroom_api.store.idempotency import MAXIMUM_KEY_CHARACTERS
from streaming.errors import Refused, RemoteProtocolError

MAXIMUM_PAGE = 500
_ETAG = re.compile(r'"(\d{1,9})"')


class Versioned(Protocol):
    version: int


class Placed(Protocol):
    """What has a place in a list."""

    @property
    def id(self) -> str: ...
    @property
    def created_at_ms(self) -> int: ...


def etag(row: Versioned) -> dict[str, str]:
    return {"ETag": f'"{row.version}"'}


def _version(if_match: Annotated[str | None, Header(max_length=40)] = None) -> int | None:
    """The version that the client has read; None for `*`. Refused: precondition_required."""
    if if_match is None:
        raise Refused("precondition_required", "Send If-Match with the ETag that you have read.")
    if if_match.strip() == "*":
        return None
    tag = _ETAG.fullmatch(if_match.strip())
    if tag is None:
        raise Refused("precondition_failed", "If-Match does not fit: take the ETag unchanged.")
    return int(tag[1])


VersionOf = Annotated[int | None, Depends(_version)]


async def _once(
    request: Request,
    caller: CallerOf,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=MAXIMUM_KEY_CHARACTERS)] = None,
) -> Once:
    if idempotency_key is not None and not (idempotency_key.isascii() and idempotency_key.isprintable()):
        raise RemoteProtocolError("bad_message", "Idempotency-Key: printable ASCII alone.")
    parts = (request.method.encode(), str(request.url.path).encode(), await request.body())
    fingerprint = hashlib.sha256(b"\n".join(parts)).hexdigest()
    return Once(caller.principal.id, idempotency_key, fingerprint)


OnceOf = Annotated[Once, Depends(_once)]


T = TypeVar("T", bound=Placed)
R = TypeVar("R")


class Page:
    """The wanted part of a list. Takes one record more than it gives, to know whether there are more."""

    def __init__(
        self,
        request: Request,
        response: Response,
        limit: Annotated[int, Query(ge=1, le=MAXIMUM_PAGE)] = 100,
        cursor: Annotated[str | None, Query(max_length=MAXIMUM_CURSOR_CHARACTERS)] = None,
    ) -> None:
        self._request = request
        self._response = response
        self._limit = limit
        self.take = limit + 1
        self.after: Position | None = parse_cursor(cursor) if cursor is not None else None

    def cut(self, rows: Sequence[T]) -> Sequence[T]:
        """The page; if there is more, the response links to it (RFC 8288)."""
        return self.cut_by(rows, lambda row: Position(row.created_at_ms, row.id))

    def cut_by(self, rows: Sequence[R], place: Callable[[R], Position]) -> Sequence[R]:
        """The same for rows with another place in their list."""
        if len(rows) <= self._limit:
            return rows
        rows = rows[: self._limit]
        following = self._request.url.include_query_params(cursor=serialize_cursor(place(rows[-1])))
        self._response.headers["Link"] = f'<{following}>; rel="next"'
        return rows


PageOf = Annotated[Page, Depends()]


class Created(BaseModel):
    """The answer to a POST as it is kept for its idempotency key."""

    body: str
    version: int
    location: str

    def response(self) -> Response:
        headers = {"ETag": f'"{self.version}"', "Location": self.location}
        return Response(self.body, 201, headers, media_type="application/json")
