"""How much voice a publisher puts into one packet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lessons", sa.Column("voice_ptime_ms", sa.Integer, nullable=False, server_default="20"))


def downgrade() -> None:
    op.drop_column("lessons", "voice_ptime_ms")
