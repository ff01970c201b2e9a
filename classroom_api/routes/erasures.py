"""Erasure of media on request, and the proof of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints, model_validator
from sqlalchemy.orm import Session

from classroom_api.access_routes import PREFIX
from classroom_api.cursors import Position
from classroom_api.planning import new_id
from classroom_api.retention.scope import Target
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute
from classroom_api.routes.conventions import Created, OnceOf, PageOf
from classroom_api.routes.models import Body, Id, Plain
from classroom_api.routes.planning import RecordId
from classroom_api.store import erasures as store
from classroom_api.store.outbox_schema import ErasurePartRow, ErasureRow

router = APIRouter(prefix=PREFIX, tags=["erasures"], dependencies=[Authorize], route_class=AuditedRoute)


class ErasureDraft(Body):
    """What is to be erased: exactly one of the four."""

    lesson_id: Id | None = None
    resource_id: Id | None = None
    student_group_id: Id | None = None
    seat_id: Id | None = None
    reason: Literal["withdrawal", "request", "mistake", "law"]
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), Plain] = ""

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if len(self.targets()) != 1:
            raise ValueError("exactly one of lesson_id, resource_id, student_group_id, seat_id")
        return self

    def targets(self) -> list[tuple[Target, str]]:
        """Those that are named."""
        given = {
            Target.LESSON: self.lesson_id,
            Target.RESOURCE: self.resource_id,
            Target.STUDENT_GROUP: self.student_group_id,
            Target.SEAT: self.seat_id,
        }
        return [(target, name) for target, name in given.items() if name is not None]


class Erasure(Body):
    id: str
    organization_id: str | None
    target: str
    target_id: str
    reason: str
    note: str
    requested_by: str
    created_at_ms: int
    due_at_ms: int
    finished_at_ms: int | None = Field(description="None while something of it waits")


class ErasurePart(Body):
    lesson_id: str
    state: Literal["waiting", "erasing", "done"] = Field(description="waiting: until the lesson is over")
    finished_at_ms: int | None


class ErasedObject(Body):
    key: str
    sha256: str = Field(description="of its content, taken before it was deleted")
    size_bytes: int
    deleted_at_ms: int | None


class ErasureProof(Erasure):
    parts: list[ErasurePart]
    objects_total: int
    objects: list[ErasedObject] = Field(description=f"the first {store.SHOWN_OBJECTS} by key")


class ListedObject(Body):
    key: str
    size_bytes: int


class LessonListing(Body):
    lesson_id: str
    taken_at_ms: int | None
    objects: list[ListedObject] | None = Field(description="None until the part is done")


def _body(row: ErasureRow) -> Erasure:
    return Erasure.model_validate(row, from_attributes=True)


@router.post("/erasures", status_code=201, response_model=Erasure)
async def request_erasure(
    draft: ErasureDraft, service: ServiceOf, caller: CallerOf, once: OnceOf
) -> Response:
    """Media go at once: raw tracks, segments, posters, and every rendition that shows an erased source."""
    [(target, target_id)] = draft.targets()
    wanted = store.Request(target, target_id, draft.reason, draft.note, caller.principal.id)

    def work(session: Session) -> str:
        now_ms = service.planning.now_ms()
        row = store.request_erasure(session, new_id("era"), wanted, caller.scope, now_ms)
        service.versions.withdraw_erased(session, row)
        body = _body(row).model_dump_json()
        return Created(body=body, version=1, location=f"{PREFIX}/erasures/{row.id}").model_dump_json()

    created = Created.model_validate_json(await service.planning.once(once, work))
    service.erase_soon()
    return created.response()


@router.get("/erasures")
async def list_erasures(service: ServiceOf, caller: CallerOf, page: PageOf) -> list[Erasure]:
    """The newest first; those of retention too."""
    rows = await service.planning.transaction(
        lambda session: store.list_erasures(session, caller.scope, page.after, page.take)
    )
    return [_body(row) for row in page.cut(rows)]


@router.get("/erasures/{record_id}")
async def find_erasure(record_id: RecordId, service: ServiceOf, caller: CallerOf) -> ErasureProof:
    """The proof: which objects, their SHA-256, when, and for whom."""

    def work(session: Session) -> ErasureProof:
        row = store.find_erasure(session, record_id, caller.scope)
        total, objects = store.objects_of(session, row.id)
        return ErasureProof(
            **_body(row).model_dump(),
            parts=[
                ErasurePart.model_validate(part, from_attributes=True)
                for part in store.parts_of(session, row.id)
            ],
            objects_total=total,
            objects=[ErasedObject.model_validate(each, from_attributes=True) for each in objects],
        )

    return await service.planning.transaction(work)


@router.get("/erasures/{record_id}/listing")
async def listing(
    record_id: RecordId, service: ServiceOf, caller: CallerOf, page: PageOf
) -> list[LessonListing]:
    """What the storage holds of each lesson, listed after the deletion."""
    after = page.after.id if page.after is not None else ""

    def work(session: Session) -> Sequence[ErasurePartRow]:
        row = store.find_erasure(session, record_id, caller.scope)
        return store.parts_of(session, row.id, after, page.take)

    parts = await service.planning.transaction(work)
    found = page.cut_by(parts, lambda part: Position(0, part.lesson_id))
    return [
        LessonListing.model_validate(
            {"lesson_id": part.lesson_id, "taken_at_ms": part.finished_at_ms, "objects": part.listing}
        )
        for part in found
    ]
