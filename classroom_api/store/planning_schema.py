"""The tables of planning: who and what a lesson is made of. Deleting what something refers to is refused.

Each row has an `organization_id`: its place in the tree, by which access is scoped.
"""

from __future__ import annotations

from types import MappingProxyType

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from classroom_api.store.schema import Table

IN_ORGANIZATION = "organizations.id"


class PlanningRow(Table):
    """What all of planning's rows have. `version` counts changes; it is the row's ETag."""

    __abstract__ = True

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)

    __mapper_args__ = MappingProxyType({"version_id_col": version})


class OrganizationRow(PlanningRow):
    """A node of the tree. `path` is the ids from the root to here: `/org_a/org_b/`."""

    __tablename__ = "organizations"

    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey(IN_ORGANIZATION), index=True)
    path: Mapped[str] = mapped_column(String(400), index=True)
    time_zone: Mapped[str] = mapped_column(String(60))


class UserRow(PlanningRow):
    """A person who signs in, with a password or through an OpenID Connect provider."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("oidc_issuer", "oidc_subject", name="users_of_oidc"),)

    organization_id: Mapped[str] = mapped_column(ForeignKey(IN_ORGANIZATION), index=True)
    login: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(20))
    is_disabled: Mapped[bool] = mapped_column(Boolean)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    oidc_issuer: Mapped[str | None] = mapped_column(String(300))
    oidc_subject: Mapped[str | None] = mapped_column(String(255))


class RoleGrantRow(PlanningRow):
    """A user's role in an organization and all below it."""

    __tablename__ = "role_grants"
    __table_args__ = (UniqueConstraint("user_id", "organization_id", "role", name="one_grant_of_a_role"),)

    organization_id: Mapped[str] = mapped_column(ForeignKey(IN_ORGANIZATION), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(20))


class EndpointRow(PlanningRow):
    """A classroom device. Its key is a credential."""

    __tablename__ = "endpoints"

    organization_id: Mapped[str] = mapped_column(ForeignKey(IN_ORGANIZATION), index=True)
    name: Mapped[str] = mapped_column(String(80))
    room: Mapped[str] = mapped_column(String(80))


class StudentGroupRow(PlanningRow):
    """Pupils who sit before one screen: how many, of which grades. No names."""

    __tablename__ = "student_groups"

    organization_id: Mapped[str] = mapped_column(ForeignKey(IN_ORGANIZATION), index=True)
    name: Mapped[str] = mapped_column(String(80))
    grade_levels: Mapped[list[int]] = mapped_column(JSON)
    size: Mapped[int] = mapped_column(Integer)


class PairingRow(PlanningRow):
    """A remote classroom as lessons take it: its pupils, their device, the assistant beside them."""

    __tablename__ = "pairings"

    organization_id: Mapped[str] = mapped_column(ForeignKey(IN_ORGANIZATION), index=True)
    name: Mapped[str] = mapped_column(String(80))
    student_group_id: Mapped[str] = mapped_column(ForeignKey("student_groups.id"), index=True)
    endpoint_id: Mapped[str | None] = mapped_column(ForeignKey("endpoints.id"), index=True)
    assistant_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"), index=True)


class CourseRow(PlanningRow):
    """What is taught to a grade by one edition of a textbook."""

    __tablename__ = "courses"

    organization_id: Mapped[str] = mapped_column(ForeignKey(IN_ORGANIZATION), index=True)
    title: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(80))
    grade: Mapped[int] = mapped_column(Integer)
    edition: Mapped[str] = mapped_column(String(80))


class UnitRow(PlanningRow):
    """A node of a course's syllabus, and the week it is meant for."""

    __tablename__ = "units"

    organization_id: Mapped[str] = mapped_column(ForeignKey(IN_ORGANIZATION), index=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    node: Mapped[str] = mapped_column(String(40))
    week: Mapped[int | None] = mapped_column(Integer)


class ConsentRow(Table):
    """One decision; the newest of its group or user and kind holds. Never changed, never deleted."""

    __tablename__ = "consents"
    __table_args__ = (Index("consents_of_group", "student_group_id", "kind", "seq"),)

    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    organization_id: Mapped[str] = mapped_column(ForeignKey(IN_ORGANIZATION), index=True)
    student_group_id: Mapped[str] = mapped_column(ForeignKey("student_groups.id"))
    kind: Mapped[str] = mapped_column(String(20))
    decision: Mapped[str] = mapped_column(String(20))
    recorded_by: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(String(200))
    at_ms: Mapped[int] = mapped_column(BigInteger)


class BookingRow(Table):
    """A teacher, room, device or group that a lesson takes for a time. The end is exclusive."""

    __tablename__ = "bookings"
    __table_args__ = (Index("bookings_of_what", "kind", "what", "starts_at_ms"),)

    lesson_id: Mapped[str] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    what: Mapped[str] = mapped_column(String(160), primary_key=True)
    starts_at_ms: Mapped[int] = mapped_column(BigInteger)
    ends_at_ms: Mapped[int] = mapped_column(BigInteger)


class CredentialRow(Table):
    """A secret that somebody holds, as its SHA-256: session, API key, device key, enrolment code."""

    __tablename__ = "credentials"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    secret_hash: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    endpoint_id: Mapped[str | None] = mapped_column(
        ForeignKey("endpoints.id", ondelete="CASCADE"), index=True
    )
    organization_id: Mapped[str | None] = mapped_column(ForeignKey(IN_ORGANIZATION), index=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str | None] = mapped_column(String(20))
    scopes: Mapped[list[str] | None] = mapped_column(JSON)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    expires_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    last_used_at_ms: Mapped[int | None] = mapped_column(BigInteger)


class IdempotencyRow(Table):
    """The answer to a POST, kept for who sends the same one again."""

    __tablename__ = "idempotency_keys"

    caller: Mapped[str] = mapped_column(String(60), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(Text)
    created_at_ms: Mapped[int] = mapped_column(BigInteger, index=True)


class SearchDocumentRow(Table):
    """The searchable text of one record, folded as queries are."""

    __tablename__ = "search_documents"

    record_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    organization_id: Mapped[str | None] = mapped_column(ForeignKey(IN_ORGANIZATION, ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)


class SearchTermRow(Table):
    """One bigram of a document: the same index on SQLite and PostgreSQL, and for text without spaces."""

    __tablename__ = "search_terms"

    term: Mapped[str] = mapped_column(String(2), primary_key=True)
    record_id: Mapped[str] = mapped_column(
        ForeignKey("search_documents.record_id", ondelete="CASCADE"), primary_key=True, index=True
    )


class AuditRow(Table):
    """Who did or saw what. Added, never changed; a trigger keeps each for six months. It has no foreign keys:
    what was deleted since was there.
    """

    __tablename__ = "audit_entries"

    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger, index=True)
    actor: Mapped[str] = mapped_column(String(60), index=True)
    action: Mapped[str] = mapped_column(String(120))
    record_id: Mapped[str | None] = mapped_column(String(80), index=True)
    organization_id: Mapped[str | None] = mapped_column(String(40), index=True)
    reason: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(80))
