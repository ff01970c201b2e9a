"""Sessions of people, and API keys for programs. Secrets are shown once, when they are made."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Header, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import Field, StringConstraints, field_validator
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from classroom_api.access import Ability, Reach, Scope, abilities_of
from classroom_api.access_routes import PREFIX
from classroom_api.auth import Principal, bearer
from classroom_api.oidc import PENDING_S, OpenIdProvider
from classroom_api.passwords import MAXIMUM_CHARACTERS, MINIMUM_CHARACTERS
from classroom_api.refused_sign_in import CALLBACK
from classroom_api.roles import GrantRole
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf, address_of
from classroom_api.routes.audited import AuditedRoute, note_actor
from classroom_api.routes.conventions import PageOf
from classroom_api.routes.models import Body, Id, Time
from classroom_api.routes.planning import RecordId
from classroom_api.routes.planning_models import Name
from classroom_api.service import Service
from classroom_api.store.credentials import CredentialKind, new_credential, require_credential
from classroom_api.store.planning_schema import CredentialRow, UserRow
from classroom_api.store.records import require_place, visible
from streaming.errors import Refused

router = APIRouter(prefix=PREFIX, tags=["sign-in"], dependencies=[Authorize], route_class=AuditedRoute)

_A_YEAR_MS = 400 * 86_400_000
_PENDING = "tandem_sign_in"
Given = Annotated[str, StringConstraints(min_length=1, max_length=MAXIMUM_CHARACTERS)]
Chosen = Annotated[str, StringConstraints(min_length=MINIMUM_CHARACTERS, max_length=MAXIMUM_CHARACTERS)]


class LocalSignIn(Body):
    login: Given
    password: Given


class SignedIn(Body):
    token: str = Field(description="for Authorization: Bearer; shown once")
    user_id: str
    expires_at_ms: int | None


class PasswordDraft(Body):
    password: Chosen


class PasswordChange(Body):
    present: Given
    password: Chosen


class Ways(Body):
    has_provider: bool = Field(description="GET /sign-in/oidc leads to an OpenID Connect provider")


class Me(Body):
    user_id: str | None = Field(description="null: the admin key, or an API key")
    login: str
    name: str
    language: str
    roles: list[dict[str, str]]
    abilities: dict[str, Reach] = Field(description="what the roles allow, and how far each goes")


class ApiKeyDraft(Body):
    organization_id: Id = Field(description="the key's role holds here and in all below")
    name: Name
    role: GrantRole
    scopes: Annotated[list[Ability], Field(max_length=len(Ability))] | None = Field(
        default=None, description="the abilities it is limited to; without it, all of its role"
    )
    expires_at_ms: Time

    @field_validator("scopes")
    @classmethod
    def _each_once(cls, scopes: list[Ability] | None) -> list[Ability] | None:
        return sorted(set(scopes)) if scopes is not None else None


class ApiKey(Body):
    id: str
    organization_id: str
    name: str
    role: GrantRole
    scopes: list[str] | None
    created_at_ms: int
    expires_at_ms: int | None
    last_used_at_ms: int | None


class NewApiKey(ApiKey):
    key: str = Field(description="for Authorization: Bearer; shown once")


@router.get("/sign-in")
async def ways_to_sign_in(service: ServiceOf) -> Ways:
    """How one can sign in here, besides a login and its password."""
    return Ways(has_provider=service.oidc is not None)


@router.post("/sign-in")
async def sign_in(body: LocalSignIn, request: Request, service: ServiceOf) -> SignedIn:
    """A session of twelve hours for a login and its password."""

    def note(user: str) -> None:
        note_actor(request, Principal(user, user=user))

    row, token = await service.sign_in.with_password(body.login, body.password, address_of(request), note)
    return SignedIn(token=token, user_id=row.user_id or "", expires_at_ms=row.expires_at_ms)


@router.get("/sign-in/oidc", status_code=303, response_class=RedirectResponse)
async def begin_oidc(request: Request, service: ServiceOf) -> RedirectResponse:
    """To the school's sign-in provider."""
    provider = _provider(service)
    url, kept = await provider.begin(f"{request.base_url}{CALLBACK.removeprefix('/')}")
    response = RedirectResponse(url, 303)
    response.set_cookie(
        _PENDING,
        kept,
        max_age=PENDING_S,
        path=CALLBACK,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/sign-in/oidc/callback", status_code=303, response_class=RedirectResponse)
async def finish_oidc(
    request: Request,
    service: ServiceOf,
    state: Annotated[str, Query(max_length=200)],
    code: Annotated[str, Query(max_length=4000)],
    tandem_sign_in: Annotated[str, Cookie(max_length=4000)] = "",
) -> RedirectResponse:
    """Back from the provider: the session's token goes into the page's fragment, which no log sees."""
    identity = await _provider(service).finish(tandem_sign_in, state, code)
    row, token = await service.sign_in.with_identity(identity)
    note_actor(request, Principal(row.user_id or "", user=row.user_id))
    response = RedirectResponse(f"/#session={token}", 303)
    response.delete_cookie(_PENDING, path=CALLBACK)
    return response


def _provider(service: Service) -> OpenIdProvider:
    if service.oidc is None:
        raise Refused("not_permitted", "No OpenID Connect provider is set up here.")
    return service.oidc


@router.post("/sign-out", status_code=204)
async def sign_out(
    service: ServiceOf, _: CallerOf, authorization: Annotated[str | None, Header()] = None
) -> None:
    """The session ends."""
    now_ms = service.planning.now_ms()
    text = bearer(authorization)
    await service.planning.transaction(
        lambda session: session.delete(require_credential(session, text, now_ms))
    )


@router.get("/me")
async def me(service: ServiceOf, caller: CallerOf) -> Me:
    """Who asks, the roles, and what they allow."""
    principal = caller.principal
    user_id = principal.user
    user = (
        await service.planning.transaction(lambda session: session.get_one(UserRow, user_id))
        if user_id is not None
        else None
    )
    return Me(
        user_id=user_id,
        login=user.login if user is not None else "",
        name=user.name if user is not None else "",
        language=user.language if user is not None else "",
        roles=[{"role": grant.role.value, "path": grant.path} for grant in principal.grants],
        abilities=abilities_of(principal),
    )


@router.put("/me/password", status_code=204)
async def change_password(body: PasswordChange, service: ServiceOf, caller: CallerOf) -> None:
    """A new password; all sessions end, this one too."""
    await service.sign_in.change_password(caller.principal.user or "", body.present, body.password)


@router.put("/users/{record_id}/password", status_code=204)
async def set_password(
    record_id: RecordId, body: PasswordDraft, service: ServiceOf, caller: CallerOf
) -> None:
    """Give a user a password; all its sessions end."""
    await service.sign_in.set_password(record_id, body.password, caller.principal)


@router.post("/api-keys", status_code=201)
async def make_api_key(draft: ApiKeyDraft, service: ServiceOf, caller: CallerOf) -> NewApiKey:
    """A key for a program. It can do no more than who makes it."""
    now_ms = service.planning.now_ms()
    if not now_ms < draft.expires_at_ms <= now_ms + _A_YEAR_MS:
        raise Refused("bad_message", "expires_at_ms: in the future, at most 400 days.")

    def work(session: Session) -> NewApiKey:
        require_place(session, draft.organization_id, caller.scope)
        row, key = new_credential(CredentialKind.API_KEY, now_ms, draft.expires_at_ms - now_ms)
        row.organization_id, row.name, row.role = draft.organization_id, draft.name, draft.role
        row.scopes = None if draft.scopes is None else [scope.value for scope in draft.scopes]
        limit = caller.principal.scopes
        if limit is not None:
            row.scopes = sorted(limit if row.scopes is None else limit.intersection(row.scopes))
        session.add(row)
        session.flush()
        return NewApiKey(key=key, **_fields(row))

    return await service.planning.transaction(work)


@router.get("/api-keys")
async def list_api_keys(service: ServiceOf, caller: CallerOf, page: PageOf) -> list[ApiKey]:
    """Keys without their secrets, the first made first."""
    position = page.after
    query = select(CredentialRow).where(*_own_keys(caller.scope))
    if position is not None:
        query = query.where(
            (CredentialRow.created_at_ms > position.at_ms)
            | ((CredentialRow.created_at_ms == position.at_ms) & (CredentialRow.id > position.id))
        )
    query = query.order_by(CredentialRow.created_at_ms, CredentialRow.id).limit(page.take)
    rows = await service.planning.transaction(lambda session: session.scalars(query).all())
    return [ApiKey(**_fields(row)) for row in page.cut(rows)]


@router.delete("/api-keys/{record_id}", status_code=204)
async def delete_api_key(record_id: RecordId, service: ServiceOf, caller: CallerOf) -> None:
    """The key is void at once."""
    query = delete(CredentialRow).where(CredentialRow.id == record_id, *_own_keys(caller.scope))
    found = await service.planning.transaction(
        lambda session: session.execute(query.returning(CredentialRow.id)).first()
    )
    if found is None:
        raise Refused("record_unknown", "There is no such key in your organizations.")


def _own_keys(scope: Scope) -> tuple[Any, ...]:
    return (
        CredentialRow.kind == CredentialKind.API_KEY,
        visible(CredentialRow.organization_id, scope),
    )


def _fields(row: CredentialRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ApiKey.model_fields}
