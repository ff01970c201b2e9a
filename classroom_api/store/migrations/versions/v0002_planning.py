"""Planning: organizations, people, classrooms, courses, consents, bookings; lessons know of them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = (
    "organizations",
    "users",
    "role_grants",
    "endpoints",
    "student_groups",
    "pairings",
    "courses",
    "units",
    "consents",
    "bookings",
    "credentials",
    "idempotency_keys",
    "search_documents",
    "search_terms",
)
_LESSON_REFERENCES = {
    "organization_id": "organizations",
    "course_id": "courses",
    "unit_id": "units",
    "master_id": "users",
}
_SEAT_REFERENCES = {
    "pairing_id": "pairings",
    "student_group_id": "student_groups",
    "endpoint_id": "endpoints",
    "user_id": "users",
}
_INDEXED = frozenset({"organization_id", "course_id", "master_id", "pairing_id", "endpoint_id", "user_id"})


def upgrade() -> None:
    _create_people()
    _create_courses()
    _create_books()
    with op.batch_alter_table("lessons") as lessons:
        _refer(lessons, "lessons", _LESSON_REFERENCES)
        lessons.add_column(sa.Column("room", sa.String(80)))
        lessons.add_column(sa.Column("starts_at_ms", sa.BigInteger))
        lessons.add_column(sa.Column("ends_at_ms", sa.BigInteger))
        lessons.add_column(sa.Column("version", sa.Integer, nullable=False, server_default="1"))
        lessons.create_index("ix_lessons_starts_at_ms", ["starts_at_ms"])
    with op.batch_alter_table("lessons") as lessons:
        lessons.alter_column("version", server_default=None)
    with op.batch_alter_table("seats") as seats:
        _refer(seats, "seats", _SEAT_REFERENCES)


def downgrade() -> None:
    with op.batch_alter_table("seats") as seats:
        _forget(seats, "seats", _SEAT_REFERENCES)
    with op.batch_alter_table("lessons") as lessons:
        _forget(lessons, "lessons", _LESSON_REFERENCES)
        lessons.drop_index("ix_lessons_starts_at_ms")
        for column in ("room", "starts_at_ms", "ends_at_ms", "version"):
            lessons.drop_column(column)
    for table in reversed(_TABLES):
        op.drop_table(table)


def _refer(batch: BatchOperations, table: str, references: dict[str, str]) -> None:
    for column, target in references.items():
        batch.add_column(sa.Column(column, sa.String(40)))
        batch.create_foreign_key(f"{table}_{column}", target, [column], ["id"])
        if column in _INDEXED:
            batch.create_index(f"ix_{table}_{column}", [column])


def _forget(batch: BatchOperations, table: str, references: dict[str, str]) -> None:
    for column in references:
        if column in _INDEXED:
            batch.drop_index(f"ix_{table}_{column}")
        batch.drop_constraint(f"{table}_{column}", type_="foreignkey")
        batch.drop_column(column)


def _in_organization() -> sa.Column[str]:
    return sa.Column(
        "organization_id", sa.String(40), sa.ForeignKey("organizations.id"), nullable=False, index=True
    )


def _create_record_table(name: str, *columns: sa.Column[Any] | sa.UniqueConstraint) -> None:
    op.create_table(
        name,
        *columns,
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    )


def _create_people() -> None:
    _create_record_table(
        "organizations",
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("parent_id", sa.String(40), sa.ForeignKey("organizations.id"), index=True),
        sa.Column("path", sa.String(400), nullable=False, index=True),
        sa.Column("time_zone", sa.String(60), nullable=False),
    )
    _create_record_table(
        "users",
        _in_organization(),
        sa.Column("login", sa.String(120), nullable=False, unique=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("is_disabled", sa.Boolean, nullable=False),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("oidc_issuer", sa.String(300)),
        sa.Column("oidc_subject", sa.String(255)),
        sa.UniqueConstraint("oidc_issuer", "oidc_subject", name="users_of_oidc"),
    )
    _create_record_table(
        "role_grants",
        _in_organization(),
        sa.Column("user_id", sa.String(40), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.UniqueConstraint("user_id", "organization_id", "role", name="one_grant_of_a_role"),
    )
    _create_record_table(
        "endpoints",
        _in_organization(),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("room", sa.String(80), nullable=False),
    )
    _create_record_table(
        "student_groups",
        _in_organization(),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("grade_levels", sa.JSON, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
    )
    _create_record_table(
        "pairings",
        _in_organization(),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column(
            "student_group_id", sa.String(40), sa.ForeignKey("student_groups.id"), nullable=False, index=True
        ),
        sa.Column("endpoint_id", sa.String(40), sa.ForeignKey("endpoints.id"), index=True),
        sa.Column("assistant_id", sa.String(40), sa.ForeignKey("users.id"), index=True),
    )


def _create_courses() -> None:
    _create_record_table(
        "courses",
        _in_organization(),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("grade", sa.Integer, nullable=False),
        sa.Column("edition", sa.String(80), nullable=False),
    )
    _create_record_table(
        "units",
        _in_organization(),
        sa.Column("course_id", sa.String(40), sa.ForeignKey("courses.id"), nullable=False, index=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("node", sa.String(40), nullable=False),
        sa.Column("week", sa.Integer),
    )
    op.create_table(
        "consents",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        _in_organization(),
        sa.Column("student_group_id", sa.String(40), sa.ForeignKey("student_groups.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.Column("recorded_by", sa.String(60), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("consents_of_group", "consents", ["student_group_id", "kind", "seq"])
    op.create_table(
        "bookings",
        sa.Column(
            "lesson_id", sa.String(40), sa.ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("what", sa.String(160), primary_key=True),
        sa.Column("starts_at_ms", sa.BigInteger, nullable=False),
        sa.Column("ends_at_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("bookings_of_what", "bookings", ["kind", "what", "starts_at_ms"])


def _create_books() -> None:
    op.create_table(
        "credentials",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(40), sa.ForeignKey("users.id", ondelete="CASCADE"), index=True),
        sa.Column(
            "endpoint_id", sa.String(40), sa.ForeignKey("endpoints.id", ondelete="CASCADE"), index=True
        ),
        sa.Column("organization_id", sa.String(40), sa.ForeignKey("organizations.id"), index=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(20)),
        sa.Column("scopes", sa.JSON),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger),
        sa.Column("last_used_at_ms", sa.BigInteger),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.String(60), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "search_documents",
        sa.Column("record_id", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("organization_id", sa.String(40), sa.ForeignKey("organizations.id", ondelete="CASCADE")),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "search_terms",
        sa.Column("term", sa.String(2), primary_key=True),
        sa.Column(
            "record_id",
            sa.String(40),
            sa.ForeignKey("search_documents.record_id", ondelete="CASCADE"),
            primary_key=True,
            index=True,
        ),
    )
