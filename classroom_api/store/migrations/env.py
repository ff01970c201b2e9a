"""Alembic's entry: migrates on the connection that `upgrade_schema` hands over, or on an ini file's URL."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine

from classroom_api.store.outbox_schema import WebhookRow


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=WebhookRow.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


_given = context.config.attributes.get("connection")
if _given is not None:
    _migrate(_given)
else:
    with create_engine(context.config.get_main_option("sqlalchemy.url") or "sqlite://").begin() as _own:
        _migrate(_own)
