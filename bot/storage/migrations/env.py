"""Runs migrations on the connection that the application hands over."""

from alembic import context

from bot.storage import desk_tables, line_tables, staff_tables  # noqa: F401 - they add their tables to the metadata
from bot.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
