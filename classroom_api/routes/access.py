"""What routes take from a request: the service, and who is asking."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request

from classroom_api.auth import Principal, bearer
from classroom_api.service import Service
from streaming.errors import Refused


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(_service)]


def _principal(service: ServiceOf, authorization: Annotated[str | None, Header()] = None) -> Principal:
    return service.principal(bearer(authorization))


PrincipalOf = Annotated[Principal, Depends(_principal)]


def _admin(principal: PrincipalOf) -> Principal:
    if not principal.is_admin:
        raise Refused("not_permitted", "This needs the admin key.")
    return principal


AdminOf = Annotated[Principal, Depends(_admin)]
