"""What runs spend, and what stopped a schedule's due time."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("spending", *_amount(), sa.PrimaryKeyConstraint("run", "day", "what", "of"))
    op.create_index(op.f("ix_spending_day"), "spending", ["day"], unique=False)
    op.create_table(
        "reservations",
        sa.Column("id", sa.Integer(), nullable=False),
        *_amount(),
        sa.PrimaryKeyConstraint("id", "what", "of"),
    )
    op.add_column("slots", sa.Column("why", sa.Text(), nullable=False, server_default=sa.text("''")))


def _amount() -> list[sa.Column[Any]]:
    return [
        *(sa.Column(n, sa.String(), nullable=False) for n in ("run", "schedule", "day", "what", "of")),
        sa.Column("amount", sa.BigInteger(), nullable=False),
    ]
