"""Long values of runs are kept once, and not for ever; choices between namesakes are remembered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("shrunk", sa.BigInteger(), nullable=True))
    op.create_table(
        "contents",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "held",
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["hash"], ["contents.hash"]),
        sa.PrimaryKeyConstraint("run", "hash"),
    )
    op.create_index("ix_held_hash", "held", ["hash"])
    op.create_table(
        "choices",
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("word", "run"),
    )
