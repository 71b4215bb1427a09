"""Alembic's environment: always run by `store.migrate`, never by its own command line."""

from __future__ import annotations

from alembic import context

from nubemox_bot.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
