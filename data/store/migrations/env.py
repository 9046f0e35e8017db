"""Alembic's entry: runs on the engine that `data.store.operations.migrate` hands over."""

from alembic import context

from data.store.tables import metadata

with context.config.attributes["engine"].begin() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
