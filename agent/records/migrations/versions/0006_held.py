"""Effects say when they are due, and how they came into their state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("effects", sa.Column("due", sa.BigInteger(), nullable=True))
    op.add_column("effects", sa.Column("history", sa.JSON(), nullable=True))
    op.create_index(op.f("ix_effects_due"), "effects", ["due"], unique=False)
