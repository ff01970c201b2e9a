"""Who did and saw what: entries are added and never changed, not even by a bug of ours."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# At least six months: 184 days is the longest half of a year.
_KEPT_MS = 184 * 86_400_000

_STAY = "audit entries are never changed, and kept for six months"
_SQLITE = (
    f"""CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
        BEGIN SELECT RAISE(ABORT, '{_STAY}'); END""",
    f"""CREATE TRIGGER audit_entries_last BEFORE DELETE ON audit_entries
        WHEN OLD.at_ms > CAST(strftime('%s', 'now') AS INTEGER) * 1000 - {_KEPT_MS}
        BEGIN SELECT RAISE(ABORT, '{_STAY}'); END""",
)
_POSTGRESQL = (
    f"""CREATE FUNCTION keep_audit_entries() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW' THEN
            IF OLD.at_ms <= (extract(epoch from now()) * 1000)::bigint - {_KEPT_MS} THEN RETURN OLD; END IF;
        END IF;
        RAISE EXCEPTION '{_STAY}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    """CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE ON audit_entries
        FOR EACH ROW EXECUTE FUNCTION keep_audit_entries()""",
    """CREATE TRIGGER audit_entries_last BEFORE TRUNCATE ON audit_entries
        FOR EACH STATEMENT EXECUTE FUNCTION keep_audit_entries()""",
)


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False, index=True),
        sa.Column("actor", sa.String(60), nullable=False, index=True),
        sa.Column("action", sa.String(120), nullable=False),
        sa.Column("record_id", sa.String(80), index=True),
        sa.Column("organization_id", sa.String(40), index=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("address", sa.String(80), nullable=False),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("audit_entries")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION keep_audit_entries()")
