"""Versions of replays, captions, jobs and views."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _of_lesson() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], ondelete="CASCADE")


def upgrade() -> None:
    _create_versions_and_captions()
    _create_jobs()
    _create_views()


def _create_versions_and_captions() -> None:
    op.create_table(
        "versions",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("lesson_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("edit", sa.JSON, nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("made", sa.JSON, nullable=True),
        sa.Column("reason", sa.String(80), nullable=True),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("published_at_ms", sa.BigInteger, nullable=True),
        sa.Column("revision", sa.Integer, nullable=False),
        _of_lesson(),
        sa.UniqueConstraint("lesson_id", "number", name="versions_of_lesson"),
    )
    op.create_index("ix_versions_state", "versions", ["state"])
    op.create_table(
        "captions",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("lesson_id", sa.String(40), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        _of_lesson(),
    )
    op.create_index("ix_captions_lesson_id", "captions", ["lesson_id"])


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("key", sa.String(120), nullable=False, unique=True),
        sa.Column("lesson_id", sa.String(40), nullable=True),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("run_after_ms", sa.BigInteger, nullable=False),
        sa.Column("lease", sa.String(40), nullable=False),
        sa.Column("leased_until_ms", sa.BigInteger, nullable=False),
        sa.Column("is_cancelled", sa.Boolean, nullable=False),
        sa.Column("progress", sa.Float, nullable=False),
        sa.Column("step", sa.String(40), nullable=False),
        sa.Column("result", sa.JSON, nullable=True),
        sa.Column("error", sa.String(80), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("started_at_ms", sa.BigInteger, nullable=True),
        sa.Column("finished_at_ms", sa.BigInteger, nullable=True),
        _of_lesson(),
    )
    op.create_index("jobs_to_run", "jobs", ["state", "run_after_ms"])
    op.create_index("ix_jobs_lesson_id", "jobs", ["lesson_id"])


def _create_views() -> None:
    op.create_table(
        "view_sessions",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("lesson_id", sa.String(40), nullable=False),
        sa.Column("viewer", sa.String(80), nullable=False),
        sa.Column("started_at_ms", sa.BigInteger, nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger, nullable=False),
        sa.Column("position_ms", sa.BigInteger, nullable=False),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.Column("played", sa.JSON, nullable=False),
        sa.Column("is_completed", sa.Boolean, nullable=False),
        sa.Column("is_playing", sa.Boolean, nullable=False),
        _of_lesson(),
    )
    op.create_index("ix_view_sessions_lesson_id", "view_sessions", ["lesson_id"])
    op.create_index("views_of_viewer", "view_sessions", ["viewer", "lesson_id", "updated_at_ms"])


def downgrade() -> None:
    for table in ("view_sessions", "jobs", "captions", "versions"):
        op.drop_table(table)
