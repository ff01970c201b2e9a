"""Webhooks, the outbox, retention policies and erasures with their proof."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = (
    "webhooks",
    "deliveries",
    "delivery_streams",
    "retention_policies",
    "lesson_retention",
    "erasures",
    "erasure_parts",
    "erased_objects",
)


def upgrade() -> None:
    _create_outbox()
    _create_retention()
    _create_erasures()


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _create_outbox() -> None:
    op.create_table(
        "webhooks",
        sa.Column(
            "organization_id", sa.String(40), sa.ForeignKey("organizations.id"), nullable=False, index=True
        ),
        _text("url", 500),
        sa.Column("events", sa.JSON, nullable=False),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        _number("secret_version"),
        _time("secret_renewed_at_ms"),
        sa.Column("id", sa.String(40), primary_key=True),
        _number("version"),
        _time("created_at_ms"),
    )
    op.create_table(
        "deliveries",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("id", sa.String(40), nullable=False, unique=True),
        _text("destination", 40),
        _text("lesson_id", 40),
        _text("kind", 40),
        sa.Column("payload", sa.Text, nullable=False),
        _text("state", 20),
        _number("attempts"),
        _time("created_at_ms"),
        _time("tried_since_ms", nullable=True),
        _time("finished_at_ms", nullable=True),
        _text("last_answer", 80),
    )
    op.create_index("deliveries_of_stream", "deliveries", ["destination", "lesson_id", "state", "sequence"])
    op.create_index("deliveries_done", "deliveries", ["state", "finished_at_ms"])
    op.create_table(
        "delivery_streams",
        sa.Column("destination", sa.String(40), primary_key=True),
        sa.Column("lesson_id", sa.String(40), primary_key=True),
        sa.Column("is_waiting", sa.Boolean, nullable=False),
        _time("next_attempt_ms"),
        _text("lease", 40),
        _time("leased_until_ms"),
    )
    op.create_index("streams_due", "delivery_streams", ["is_waiting", "next_attempt_ms"])


def _create_retention() -> None:
    op.create_table(
        "retention_policies",
        sa.Column(
            "organization_id", sa.String(40), sa.ForeignKey("organizations.id"), nullable=False, unique=True
        ),
        _number("raw_track_days"),
        _number("resource_days"),
        _number("review_days"),
        sa.Column("id", sa.String(40), primary_key=True),
        _number("version"),
        _time("created_at_ms"),
    )
    op.create_table(
        "lesson_retention",
        sa.Column(
            "lesson_id", sa.String(40), sa.ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("raw_erasure_id", sa.String(40)),
        _time("review_since_ms", nullable=True),
    )


def _create_erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organization_id", sa.String(40), sa.ForeignKey("organizations.id"), index=True),
        _text("target", 20),
        _text("target_id", 40),
        _text("reason", 20),
        _text("note", 200),
        _text("requested_by", 60),
        _time("created_at_ms"),
        _time("due_at_ms"),
        sa.Column("finished_at_ms", sa.BigInteger, index=True),
    )
    op.create_table(
        "erasure_parts",
        sa.Column("erasure_id", sa.String(40), sa.ForeignKey("erasures.id"), primary_key=True),
        sa.Column("lesson_id", sa.String(40), primary_key=True),
        _text("state", 20),
        _time("finished_at_ms", nullable=True),
        sa.Column("listing", sa.JSON),
    )
    op.create_index("erasure_parts_open", "erasure_parts", ["state"])
    op.create_table(
        "erased_objects",
        sa.Column("erasure_id", sa.String(40), sa.ForeignKey("erasures.id"), primary_key=True),
        sa.Column("key", sa.String(300), primary_key=True),
        _text("lesson_id", 40),
        _text("sha256", 64),
        _time("size_bytes"),
        _time("deleted_at_ms", nullable=True),
    )
