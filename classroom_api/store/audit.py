"""The audit: who did or saw what, of which record, why, from where, how it ended. Entries are only added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_api.access import Scope
from classroom_api.store.planning_schema import AuditRow, CredentialRow
from classroom_api.store.records import KINDS, visible
from classroom_api.store.resource_schema import CaptionRow, JobRow, VersionRow
from classroom_api.store.schema import LessonRow, ResourceRow

OK = "ok"
MAXIMUM_REASON_CHARACTERS = 200
_KIND_OF_PREFIX = {kind.prefix: kind for kind in KINDS.values()}


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """`actor`: a principal's id. `action`: method and path of the route. `outcome`: `ok` or an error code."""

    at_ms: int
    actor: str
    action: str
    record_id: str | None
    organization_id: str | None
    reason: str
    outcome: str
    address: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """None: whichever."""

    actor: str | None = None
    record_id: str | None = None
    from_ms: int | None = None
    to_ms: int | None = None


def add_entry(session: Session, entry: AuditEntry) -> None:
    session.add(AuditRow(**{name: getattr(entry, name) for name in entry.__slots__}))


def list_entries(
    session: Session, scope: Scope, wanted: AuditFilter, before: int, limit: int
) -> Sequence[AuditRow]:
    """The newest `limit` entries before number `before`, newest first."""
    query = select(AuditRow).where(visible(AuditRow.organization_id, scope), AuditRow.seq < before)
    if wanted.actor is not None:
        query = query.where(AuditRow.actor == wanted.actor)
    if wanted.record_id is not None:
        query = query.where(AuditRow.record_id == wanted.record_id)
    if wanted.from_ms is not None:
        query = query.where(AuditRow.at_ms >= wanted.from_ms)
    if wanted.to_ms is not None:
        query = query.where(AuditRow.at_ms < wanted.to_ms)
    return session.scalars(query.order_by(AuditRow.seq.desc()).limit(limit)).all()


def place_of(session: Session, record_id: str) -> str | None:
    """The organization that a record belongs to; None for what is gone or belongs to none."""
    prefix = record_id.partition("_")[0]
    if prefix == "les":
        return session.scalar(select(LessonRow.organization_id).where(LessonRow.id == record_id))
    if prefix == "res":
        query = select(LessonRow.organization_id).join(ResourceRow, ResourceRow.lesson_id == LessonRow.id)
        return session.scalar(query.where(ResourceRow.id == record_id))
    if prefix == "job":
        query = select(LessonRow.organization_id).join(JobRow, JobRow.lesson_id == LessonRow.id)
        return session.scalar(query.where(JobRow.id == record_id))
    if prefix == "ver":
        query = select(LessonRow.organization_id).join(VersionRow, VersionRow.lesson_id == LessonRow.id)
        return session.scalar(query.where(VersionRow.id == record_id))
    if prefix == "cap":
        query = select(LessonRow.organization_id).join(CaptionRow, CaptionRow.lesson_id == LessonRow.id)
        return session.scalar(query.where(CaptionRow.id == record_id))
    if prefix == "key":
        return session.scalar(select(CredentialRow.organization_id).where(CredentialRow.id == record_id))
    kind = _KIND_OF_PREFIX.get(prefix)
    row = session.get(kind.row, record_id) if kind is not None else None
    return None if row is None else str(getattr(row, "organization_id", row.id))
