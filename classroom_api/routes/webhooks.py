"""Webhooks of organizations: where they go, what was delivered, and what to do when something was not."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field, StringConstraints, field_validator
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from classroom_api.access import scope_of
from classroom_api.access_routes import PREFIX
from classroom_api.auth import Principal
from classroom_api.cursors import Position
from classroom_api.outbox.destinations import MAXIMUM_URL_CHARACTERS
from classroom_api.outbox.events import PING, Happening, serialize_message
from classroom_api.outbox.schedule import DeliveryState
from classroom_api.outbox.signature import serialize_secret, webhook_key
from classroom_api.planning import new_id
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute
from classroom_api.routes.conventions import Created, OnceOf, PageOf, VersionOf, etag
from classroom_api.routes.models import Body, Id
from classroom_api.routes.planning import FiltersOf, RecordId
from classroom_api.routes.planning_models import Record
from classroom_api.service import Service
from classroom_api.store import outbox
from classroom_api.store.outbox_schema import DeliveryRow, WebhookRow
from classroom_api.store.planning_schema import PlanningRow
from classroom_api.store.records import KINDS, create_record, find_record, replace_record, require_version
from streaming.errors import Refused

router = APIRouter(prefix=PREFIX, tags=["webhooks"], dependencies=[Authorize], route_class=AuditedRoute)

_KIND = KINDS["webhooks"]
_MAXIMUM_OF_ORGANIZATION = 20
_RECENT = 2**53
DeliveryId = Annotated[str, Path(max_length=40, pattern="^[a-z0-9_]+$")]


class WebhookDraft(Body):
    organization_id: Id = Field(description="it hears what happens here and in all below")
    url: Annotated[str, StringConstraints(min_length=1, max_length=MAXIMUM_URL_CHARACTERS)] = Field(
        description="https, at a public address"
    )
    events: Annotated[list[Happening], Field(min_length=1, max_length=len(Happening))]
    is_enabled: bool = Field(default=True, description="while it is not, it is told nothing new")

    @field_validator("events")
    @classmethod
    def _each_once(cls, events: list[Happening]) -> list[Happening]:
        return sorted(set(events))


class Webhook(WebhookDraft, Record):
    secret_version: int


class NewWebhook(Webhook):
    secret: str = Field(description="verifies the signatures (Standard Webhooks); shown once")


class Delivery(Body):
    id: str = Field(description="webhook-id of the message: the same however often it is sent")
    lesson_id: str
    kind: str
    state: DeliveryState
    attempts: int
    last_answer: str
    created_at_ms: int
    finished_at_ms: int | None


def _body(row: PlanningRow) -> Webhook:
    return Webhook.model_validate(row, from_attributes=True)


def _kept(row: PlanningRow) -> str:
    """What is kept for the idempotency key; the secret is added when it is answered."""
    location = f"{PREFIX}/webhooks/{row.id}"
    return Created(
        body=_body(row).model_dump_json(), version=row.version, location=location
    ).model_dump_json()


def _with_secret(service: Service, webhook: Webhook) -> NewWebhook:
    key = webhook_key(service.keys.secret, webhook.id, webhook.secret_version)
    return NewWebhook(**webhook.model_dump(), secret=serialize_secret(key))


@router.post("/webhooks", status_code=201, response_model=NewWebhook, summary="Make: webhook")
async def create(draft: WebhookDraft, service: ServiceOf, caller: CallerOf, once: OnceOf) -> Response:
    """Its secret is in this answer alone."""
    service.check_webhook_url(draft.url)
    record_id = new_id(_KIND.prefix)

    def work(session: Session) -> str:
        now_ms = service.planning.now_ms()
        row = create_record(session, _KIND, record_id, draft.model_dump(), caller.principal, now_ms)
        _require_few(session, draft.organization_id)
        return _kept(row)

    created = Created.model_validate_json(await service.planning.once(once, work))
    shown = _with_secret(service, Webhook.model_validate_json(created.body))
    return created.model_copy(update={"body": shown.model_dump_json()}).response()


@router.get("/webhooks", summary="List: webhook")
async def page(service: ServiceOf, caller: CallerOf, page: PageOf, given: FiltersOf) -> list[Webhook]:
    organization = given["organization_id"]
    filters = {"organization_id": organization} if organization is not None else {}
    rows = await service.planning.page(_KIND, caller.principal, filters, page.after, page.take)
    return [_body(row) for row in page.cut(rows)]


@router.get("/webhooks/{record_id}", summary="Read: webhook")
async def find(record_id: RecordId, service: ServiceOf, caller: CallerOf, response: Response) -> Webhook:
    row = await service.planning.find(_KIND, record_id, caller.principal)
    response.headers.update(etag(row))
    return _body(row)


@router.put("/webhooks/{record_id}", summary="Replace: webhook")
async def replace(
    record_id: RecordId,
    draft: WebhookDraft,
    service: ServiceOf,
    caller: CallerOf,
    version: VersionOf,
    response: Response,
) -> Webhook:
    service.check_webhook_url(draft.url)

    def work(session: Session) -> PlanningRow:
        row = replace_record(session, _KIND, record_id, draft.model_dump(), version, caller.principal)
        _require_few(session, draft.organization_id)
        return row

    row = await service.planning.transaction(work)
    response.headers.update(etag(row))
    return _body(row)


@router.delete("/webhooks/{record_id}", status_code=204, summary="Delete: webhook")
async def delete(record_id: RecordId, service: ServiceOf, caller: CallerOf, version: VersionOf) -> None:
    """With all that waited for it."""
    await service.planning.delete(_KIND, record_id, version, caller.principal)
    await service.planning.transaction(lambda session: outbox.forget_destination(session, record_id))


@router.post("/webhooks/{record_id}/secret")
async def renew_secret(
    record_id: RecordId, service: ServiceOf, caller: CallerOf, version: VersionOf, response: Response
) -> NewWebhook:
    """A new secret, in this answer alone. For a day messages are signed with the older one too."""

    def work(session: Session) -> WebhookRow:
        row = _require_webhook(session, record_id, caller.principal)
        require_version(row.version, version)
        row.secret_version += 1
        row.secret_renewed_at_ms = service.planning.now_ms()
        session.flush()
        return row

    row = await service.planning.transaction(work)
    response.headers.update(etag(row))
    return _with_secret(service, _body(row))


@router.post("/webhooks/{record_id}/ping", status_code=202)
async def ping(record_id: RecordId, service: ServiceOf, caller: CallerOf) -> Delivery:
    """A test message on the same way as all others; its delivery says how it went."""

    def work(session: Session) -> DeliveryRow:
        row = _require_webhook(session, record_id, caller.principal)
        now_ms = service.planning.now_ms()
        payload = serialize_message(PING, now_ms, {"webhook": row.id})
        [delivery] = outbox.enqueue(session, row.id, [("", PING, payload, now_ms)])
        return outbox.find_delivery(session, row.id, delivery)

    row = await service.planning.transaction(work)
    return Delivery.model_validate(row, from_attributes=True)


@router.get("/webhooks/{record_id}/deliveries")
async def deliveries(
    record_id: RecordId,
    service: ServiceOf,
    caller: CallerOf,
    page: PageOf,
    state: Annotated[Literal["pending", "delivered", "dead"] | None, Query()] = None,
) -> list[Delivery]:
    """The newest first. Delivered ones are kept for a week, dead ones for a month."""
    before = page.after.at_ms if page.after is not None else _RECENT

    def work(session: Session) -> list[DeliveryRow]:
        row = _require_webhook(session, record_id, caller.principal)
        return list(outbox.list_deliveries(session, row.id, state, before, page.take))

    rows = await service.planning.transaction(work)
    found = page.cut_by(rows, lambda row: Position(row.sequence, "delivery"))
    return [Delivery.model_validate(row, from_attributes=True) for row in found]


@router.post("/webhooks/{record_id}/deliveries/{delivery_id}/retry", status_code=202)
async def retry(
    record_id: RecordId, delivery_id: DeliveryId, service: ServiceOf, caller: CallerOf
) -> Delivery:
    """Try again at once one that is dead or waits. It goes before those of its lesson that wait."""

    def work(session: Session) -> DeliveryRow:
        webhook = _require_webhook(session, record_id, caller.principal)
        row = outbox.find_delivery(session, webhook.id, delivery_id)
        outbox.retry(session, row)
        return row

    row = await service.planning.transaction(work)
    return Delivery.model_validate(row, from_attributes=True)


def _require_few(session: Session, organization: str) -> None:
    """Of those an organization has now, the new one among them. Refused: limit_reached."""
    own = select(func.count()).where(WebhookRow.organization_id == organization)
    if (session.scalar(own) or 0) > _MAXIMUM_OF_ORGANIZATION:
        raise Refused("limit_reached", f"At most {_MAXIMUM_OF_ORGANIZATION} webhooks of an organization.")


def _require_webhook(session: Session, record_id: str, principal: Principal) -> WebhookRow:
    """Refused: record_unknown. Who may write webhooks may read them."""
    row = find_record(session, _KIND, record_id, scope_of(principal, _KIND.read))
    assert isinstance(row, WebhookRow)
    return row
