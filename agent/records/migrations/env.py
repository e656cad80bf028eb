"""Alembic's way in: runs the runs' migrations over the connection that `open_database` made."""

from alembic import context

with context.begin_transaction():
    context.run_migrations()
