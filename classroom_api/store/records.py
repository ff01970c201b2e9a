"""Planning's records: one way to make, read, list, change and delete all kinds, each scoped by the tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from classroom_api.access import Ability, Scope, require, scope_of
from classroom_api.auth import Principal
from classroom_api.cursors import Position
from classroom_api.store.outbox_schema import RetentionPolicyRow, WebhookRow
from classroom_api.store.planning_schema import (
    CourseRow,
    EndpointRow,
    OrganizationRow,
    PairingRow,
    PlanningRow,
    RoleGrantRow,
    StudentGroupRow,
    UnitRow,
    UserRow,
)
from classroom_api.store.search import forget_record, index_record
from streaming.errors import Refused

Values = Mapping[str, Any]

MAXIMUM_DEPTH = 10
_UNKNOWN = "There is no such record, or it is not in your organizations."


@dataclass(frozen=True, slots=True)
class Kind:
    """What is special to one kind. `references`: field -> kind; `searched`: fields whose text is indexed."""

    name: str
    prefix: str
    row: type[PlanningRow]
    read: Ability
    write: Ability
    references: Mapping[str, str] = field(default_factory=dict)
    searched: tuple[str, ...] = ("name",)


_A = Ability
KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("organizations", "org", OrganizationRow, _A.ORGANIZATIONS_READ, _A.ORGANIZATIONS_WRITE),
            Kind("users", "usr", UserRow, _A.USERS_READ, _A.USERS_WRITE, searched=("name", "login")),
            Kind(
                "role-grants", "grt", RoleGrantRow, _A.GRANTS_READ, _A.GRANTS_WRITE, {"user_id": "users"}, ()
            ),
            Kind(
                "endpoints",
                "end",
                EndpointRow,
                _A.ENDPOINTS_READ,
                _A.ENDPOINTS_WRITE,
                searched=("name", "room"),
            ),
            Kind("student-groups", "grp", StudentGroupRow, _A.GROUPS_READ, _A.GROUPS_WRITE),
            Kind(
                "pairings",
                "pair",
                PairingRow,
                _A.PAIRINGS_READ,
                _A.PAIRINGS_WRITE,
                {"student_group_id": "student-groups", "endpoint_id": "endpoints", "assistant_id": "users"},
            ),
            Kind(
                "courses",
                "crs",
                CourseRow,
                _A.COURSES_READ,
                _A.COURSES_WRITE,
                searched=("title", "subject", "edition"),
            ),
            Kind(
                "units",
                "unit",
                UnitRow,
                _A.UNITS_READ,
                _A.UNITS_WRITE,
                {"course_id": "courses"},
                ("title", "node"),
            ),
            Kind("webhooks", "whk", WebhookRow, _A.WEBHOOKS_READ, _A.WEBHOOKS_WRITE, searched=()),
            Kind(
                "retention-policies",
                "ret",
                RetentionPolicyRow,
                _A.RETENTION_READ,
                _A.RETENTION_WRITE,
                searched=(),
            ),
        )
    }
)


def visible(column: InstrumentedAttribute[Any], scope: Scope) -> ColumnElement[bool]:
    """The rows whose organization, named by `column`, lies in `scope`."""
    if scope.paths is None:
        return true()
    if not scope.paths:
        return false()
    below = or_(*(OrganizationRow.path.startswith(path, autoescape=True) for path in scope.paths))
    return column.in_(select(OrganizationRow.id).where(below))


def _place(kind: Kind) -> InstrumentedAttribute[Any]:
    column: InstrumentedAttribute[Any] = getattr(kind.row, "organization_id", kind.row.id)
    return column


def find_record(session: Session, kind: Kind, record_id: str, scope: Scope) -> PlanningRow:
    """Refused: record_unknown."""
    row = session.scalar(select(kind.row).where(kind.row.id == record_id, visible(_place(kind), scope)))
    if row is None:
        raise Refused("record_unknown", _UNKNOWN)
    return row


def list_records(
    session: Session, kind: Kind, scope: Scope, filters: Values, after: Position | None, limit: int
) -> Sequence[PlanningRow]:
    """At most `limit` records in the order of their making."""
    row = kind.row
    query = select(row).where(visible(_place(kind), scope))
    for name, value in filters.items():
        query = query.where(getattr(row, name) == value)
    if after is not None:
        later = and_(row.created_at_ms == after.at_ms, row.id > after.id)
        query = query.where(or_(row.created_at_ms > after.at_ms, later))
    return session.scalars(query.order_by(row.created_at_ms, row.id).limit(limit)).all()


def create_record(
    session: Session, kind: Kind, record_id: str, values: Values, principal: Principal, now_ms: int
) -> PlanningRow:
    """Refused: not_permitted, reference_unknown, organization_misplaced."""
    row = kind.row(id=record_id, created_at_ms=now_ms)
    _save(session, kind, row, values, principal)
    return row


def replace_record(
    session: Session, kind: Kind, record_id: str, values: Values, version: int | None, principal: Principal
) -> PlanningRow:
    """`version` None: whichever. Refused: record_unknown, precondition_failed, and as `create_record`."""
    row = _changeable(session, kind, record_id, version, principal)
    _save(session, kind, row, values, principal)
    return row


def delete_record(
    session: Session, kind: Kind, record_id: str, version: int | None, principal: Principal
) -> None:
    """Refused: record_unknown, precondition_failed, not_permitted, still_in_use (by the database)."""
    row = _changeable(session, kind, record_id, version, principal)
    forget_record(session, record_id)
    session.delete(row)
    session.flush()


def _changeable(
    session: Session, kind: Kind, record_id: str, version: int | None, principal: Principal
) -> PlanningRow:
    readable = scope_of(principal, kind.read)
    writable = require(principal, kind.write)
    row = find_record(session, kind, record_id, readable)
    require_version(row.version, version)
    organization = session.get_one(OrganizationRow, getattr(row, "organization_id", row.id))
    if not writable.covers(organization.path):
        raise Refused("not_permitted", "You may read this, and not change it.")
    return row


def require_version(present: int, wanted: int | None) -> None:
    """Refused: precondition_failed."""
    if wanted is not None and present != wanted:
        raise Refused("precondition_failed", "Somebody else changed it: read it again.")


def require_references(
    session: Session, references: Mapping[str, str], values: Values, principal: Principal
) -> None:
    """Each id among `values` names a record that `principal` may see. Refused: reference_unknown."""
    for member, name in references.items():
        wanted = values.get(member)
        if wanted is None or wanted == principal.user:
            continue
        kind = KINDS[name]
        scope = scope_of(principal, kind.read)
        if (
            session.scalar(select(kind.row.id).where(kind.row.id == wanted, visible(_place(kind), scope)))
            is None
        ):
            raise Refused("reference_unknown", f"{member}: there is no such record in your organizations.")


def require_place(session: Session, organization_id: str | None, scope: Scope) -> OrganizationRow | None:
    """The organization that a record is to belong to (None: to none, for the admin key alone).

    Refused: not_permitted.
    """
    place = session.get(OrganizationRow, organization_id) if organization_id is not None else None
    if scope.paths is not None and (place is None or not scope.covers(place.path)):
        raise Refused("not_permitted", "This organization is not yours to change.")
    if organization_id is not None and place is None:
        raise Refused("reference_unknown", "organization_id: there is no such organization.")
    return place


def _save(session: Session, kind: Kind, row: PlanningRow, values: Values, principal: Principal) -> None:
    scope = require(principal, kind.write)
    require_references(session, kind.references, values, principal)
    if isinstance(row, OrganizationRow):
        _place_organization(session, row, values["parent_id"], scope)
    elif isinstance(row, UnitRow):
        course = session.get_one(CourseRow, values["course_id"])
        require_place(session, course.organization_id, scope)
        row.organization_id = course.organization_id
    else:
        require_place(session, values["organization_id"], scope)
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    if kind.searched:
        texts = [str(getattr(row, name)) for name in kind.searched]
        index_record(session, row.id, kind.name, getattr(row, "organization_id", row.id), texts)


def _place_organization(session: Session, row: OrganizationRow, parent_id: str | None, scope: Scope) -> None:
    """Give `row` its path; one that moves takes all below it along."""
    old = row.path or None
    if old is not None and row.parent_id == parent_id:
        return
    parent = require_place(session, parent_id, scope)
    path = f"{parent.path if parent is not None else '/'}{row.id}/"
    if old is not None and path.startswith(old):
        raise Refused("organization_misplaced", "An organization cannot be moved below itself.")
    below = (
        session.scalars(
            select(OrganizationRow).where(OrganizationRow.path.startswith(old, autoescape=True))
        ).all()
        if old is not None
        else []
    )
    moved = [path + each.path.removeprefix(old or "") for each in below]
    if max(each.count("/") for each in [path, *moved]) - 1 > MAXIMUM_DEPTH:
        raise Refused("organization_misplaced", f"Organizations lie at most {MAXIMUM_DEPTH} deep.")
    for each, new in zip(below, moved, strict=True):
        each.path = new
    row.path = path
