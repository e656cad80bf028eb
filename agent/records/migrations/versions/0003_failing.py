"""Runs say how they are kept, and what they do about their own writes after a failure."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("format", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("runs", sa.Column("amends", sa.JSON(), nullable=True))
