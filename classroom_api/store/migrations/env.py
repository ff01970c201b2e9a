"""Alembic's entry: migrates on the connection that `upgrade_schema` hands over, or on an ini file's URL."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine

from classroom_api.store.outbox_schema import WebhookRow
from classroom_api.store.resource_schema import VersionRow, is_of_tables

_WITH_ALL_TABLES = (WebhookRow, VersionRow)


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=_WITH_ALL_TABLES[0].metadata,
        render_as_batch=True,
        include_name=is_of_tables,
    )
    with context.begin_transaction():
        context.run_migrations()


_given = context.config.attributes.get("connection")
if _given is not None:
    _migrate(_given)
else:
    with create_engine(context.config.get_main_option("sqlalchemy.url") or "sqlite://").begin() as _own:
        _migrate(_own)
