"""Routes that leave audit entries: one wrapper around all of them, so that none is forgotten.

The entry is committed before the answer goes out: who cannot be written down sees nothing. A change is stored
by then; should the entry fail (disk full), the caller is told so, and the server's log has the error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from typing_extensions import override

from classroom_api.audited_routes import OWN_CREDENTIALS, is_audited, leaves_entry
from classroom_api.auth import Principal
from classroom_api.routes.access import address_of
from classroom_api.routes.models import Plain, is_plain
from classroom_api.service import Service
from classroom_api.store.audit import MAXIMUM_REASON_CHARACTERS, OK, AuditEntry, add_entry, place_of
from streaming.errors import TandemError

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
ReasonOf = Annotated[
    str, Query(max_length=MAXIMUM_REASON_CHARACTERS, description="why; kept in the audit"), Plain
]

_CREATED = 201
_MAXIMUM_BODY_BYTES = 100_000


def note_actor(request: Request, principal: Principal) -> None:
    """Who asks; told by the authorization, and by those routes that find out themselves."""
    request.state.actor = principal


class AuditedRoute(APIRoute):
    """What a router's `route_class` is set to."""

    @override
    def get_route_handler(self) -> Handler:
        answer: Handler = super().get_route_handler()
        path = self.path

        async def audited(request: Request) -> Response:
            if not is_audited(request.method, path):
                return await answer(request)
            service: Service = request.app.state.service
            record_id = _record_of(request)
            # Before the route, which deletes the record.
            place = await _place(service, record_id) if request.method == "DELETE" else None
            try:
                response = await answer(request)
            except (TandemError, RequestValidationError) as error:
                code = error.code if isinstance(error, TandemError) else "bad_message"
                await _write(service, request, path, (record_id, place), code)
                raise
            if response.status_code == _CREATED and not record_id:
                record_id, place = _made(response)
            await _write(service, request, path, (record_id, place), OK)
            return response

        return audited


def _record_of(request: Request) -> str | None:
    for name in ("lesson_id", "resource_id", "record_id", "table"):
        if name in request.path_params:
            return str(request.path_params[name])[:80]
    return request.query_params.get("organization_id", "")[:80] or None


async def _place(service: Service, record_id: str | None) -> str | None:
    if record_id is None or not (record_id.isascii() and record_id.isprintable()):
        return None
    return await service.planning.transaction(lambda session: place_of(session, record_id))


def _made(response: Response) -> tuple[str | None, str | None]:
    """(id, organization) of what a POST made, as its answer says."""
    body = bytes(response.body)
    if not 0 < len(body) <= _MAXIMUM_BODY_BYTES:
        return None, None
    members = json.loads(body)
    if not isinstance(members, dict):
        return None, None
    names = ("id", "endpoint_id", "student_group_id", "seat")
    found = [members[name] for name in names if isinstance(members.get(name), str)]
    return found[0] if found else None, members.get("organization_id")


async def _write(
    service: Service, request: Request, path: str, record: tuple[str | None, str | None], outcome: str
) -> None:
    principal: Principal | None = getattr(request.state, "actor", None)
    if principal is None or not leaves_entry(request.method, path, principal, is_refused=outcome != OK):
        return
    record_id, place = record
    if (request.method, path) in OWN_CREDENTIALS:
        record_id = principal.id
    place = place or await _place(service, record_id)
    entry = AuditEntry(
        at_ms=service.planning.now_ms(),
        actor=principal.id[:60],
        action=f"{request.method} {path}"[:120],
        record_id=record_id,
        organization_id=place or _home_of(principal),
        reason=_reason(request),
        outcome=outcome[:40],
        address=address_of(request)[:80],
    )
    await service.planning.transaction(lambda session: add_entry(session, entry))


def _home_of(principal: Principal) -> str | None:
    """The organization of the caller's first grant: its administrators see what it did."""
    paths = sorted(grant.path for grant in principal.grants)
    return paths[0].strip("/").rpartition("/")[2] if paths else None


def _reason(request: Request) -> str:
    text = request.query_params.get("reason", "").strip()[:MAXIMUM_REASON_CHARACTERS]
    try:
        return is_plain(text)
    except ValueError:
        return ""
