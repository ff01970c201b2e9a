"""What routes take from a request: the service, who is asking, and how far that one may go.

`Authorize` hangs on every router of the REST face: it finds the route in `access_routes.ROUTES` and refuses
what stands not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request

from classroom_api.access import Door, Rule, Scope, Seats, scope_of
from classroom_api.access_routes import ROUTES
from classroom_api.auth import Principal, bearer
from classroom_api.service import Service
from signaling.roles import Role
from streaming.errors import Refused


def address_of(request: Request) -> str:
    """Where a request comes from, as far as failures are counted."""
    return request.client.host if request.client is not None else "nowhere"


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(_service)]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and the records that the route's ability lets it touch. A seat's scope is its own lesson,
    which the route checks by `service.require_in`.
    """

    principal: Principal
    scope: Scope


async def authorize(
    request: Request, service: ServiceOf, authorization: Annotated[str | None, Header()] = None
) -> Caller:
    """Refused: token_missing, token_invalid, token_expired, not_permitted."""
    rule = ROUTES.get((request.method, getattr(request.scope.get("route"), "path", "")))
    if isinstance(rule, Door) and rule in (Door.OPEN, Door.SEAT):
        return Caller(Principal("anyone"), Scope())  # a lesson's token is read by the route itself
    principal = await service.principal(bearer(authorization))
    request.state.actor = principal
    match rule:
        case Door.SIGNED_IN if principal.user is not None:
            return Caller(principal, Scope())
        case Door.KNOWN if principal.claims is None and principal.endpoint is None:
            return Caller(principal, Scope())
        case Door.DEVICE if principal.endpoint is not None:
            return Caller(principal, Scope())
        case Rule(ability=ability, seats=seats):
            if principal.claims is not None and _seat_may(principal, seats):
                return Caller(principal, Scope())
            scope = scope_of(principal, ability)
            if not scope.is_empty:
                return Caller(principal, scope)
    raise Refused("not_permitted", "Your role may not do this here.")


def _seat_may(principal: Principal, seats: Seats) -> bool:
    is_master = principal.claims is not None and principal.claims.role is Role.MASTER
    return seats is Seats.ANY or (seats is Seats.MASTER and is_master)


Authorize = Depends(authorize)
CallerOf = Annotated[Caller, Authorize]
