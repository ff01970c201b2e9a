"""Versions of replays, captions, jobs and views."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

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
    _create_search()
    op.drop_table("device_checks")  # nobody read it: the events say the same


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
        sa.Column("sources", sa.JSON, nullable=False),
        sa.Column("is_to_be_published", sa.Boolean, nullable=False),
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
        sa.Column("is_draft", sa.Boolean, nullable=False),
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


def _create_search() -> None:
    op.create_table(
        "picture_changes",
        sa.Column("resource_id", sa.String(40), primary_key=True),
        sa.Column("at_ms", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], ondelete="CASCADE"),
    )
    op.create_table(
        "replay_documents",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("lesson_id", sa.String(40), nullable=False, unique=True),
        sa.Column("title", sa.String(200), nullable=True),
        sa.Column("subject", sa.String(80), nullable=True),
        sa.Column("grade", sa.String(80), nullable=True),
        sa.Column("edition", sa.String(80), nullable=True),
        sa.Column("syllabus_node", sa.String(80), nullable=True),
        sa.Column("organization_id", sa.String(40), nullable=True),
        sa.Column("course_id", sa.String(40), nullable=True),
        sa.Column("unit_id", sa.String(40), nullable=True),
        sa.Column("started_at_ms", sa.BigInteger, nullable=True),
        sa.Column("passages", sa.JSON, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("terms", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        _of_lesson(),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _FULL_TEXT if is_sqlite else _GIN:
        op.execute(statement)


_GIN = (
    "CREATE INDEX replay_terms ON replay_documents USING gin (terms) WITH (fastupdate = off)",
    # What is long goes out of the row, so that many rows are looked through quickly.
    "ALTER TABLE replay_documents SET (toast_tuple_target = 128)",
)
_OPTIONS = (
    "content='replay_documents', content_rowid='number', detail='none', tokenize='ascii', "
    "prefix='2 4 6'"  # of terms in hexadecimal: one letter, two, one Chinese character
)
_ADD = "INSERT INTO replay_terms (rowid, terms) VALUES (new.number, new.terms);"
_REMOVE = "INSERT INTO replay_terms (replay_terms, rowid, terms) VALUES ('delete', old.number, old.terms);"
_FACETS = (
    "number, subject, grade, edition, syllabus_node, organization_id, course_id, unit_id, started_at_ms, "
    "lesson_id"
)
_CHANGED = "AFTER UPDATE OF terms ON replay_documents"
_FULL_TEXT = (
    f"CREATE INDEX replay_facets ON replay_documents ({_FACETS})",
    f"CREATE VIRTUAL TABLE replay_terms USING fts5(terms, {_OPTIONS})",
    f"CREATE TRIGGER replay_terms_added AFTER INSERT ON replay_documents BEGIN {_ADD} END",
    f"CREATE TRIGGER replay_terms_removed AFTER DELETE ON replay_documents BEGIN {_REMOVE} END",
    f"CREATE TRIGGER replay_terms_changed {_CHANGED} BEGIN {_REMOVE} {_ADD} END",
)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("replay_terms")
    for table in ("replay_documents", "picture_changes", "view_sessions", "jobs", "captions", "versions"):
        op.drop_table(table)
    _create_device_checks()


def _create_device_checks() -> None:
    """As 0007 did, without what was in it."""
    op.create_table(
        "device_checks",
        sa.Column("lesson_id", sa.String(40), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("seat_id", sa.String(40), nullable=False, index=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.Column("tier", sa.String(2), nullable=True),
        sa.Column("body", sa.Text, nullable=False),
        _of_lesson(),
    )
