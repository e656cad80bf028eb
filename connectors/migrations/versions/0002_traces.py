"""Who wrote to whom, met whom and answered whom when is noted as it comes in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "traces",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("item", "address", "how"),
    )
    op.create_index("traces_unit", "traces", ["unit"])
    op.create_index("traces_address", "traces", ["address", "how", "at"])
    op.create_table(
        "answers",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("mine", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("answered", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "address", "mine", "asked"),
    )
    op.create_index("answers_address", "answers", ["address", "answered"])
