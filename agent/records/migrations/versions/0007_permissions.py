"""Standing permissions and their uses; which run was planned anew because of a no to another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deskhand.connectors.database import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "permissions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("revoked", Moment()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("n"),
    )
    op.create_table(
        "permission_uses",
        sa.Column("effect", sa.String(), nullable=False),
        sa.Column("permission", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("effect"),
    )
    op.create_index(op.f("ix_permission_uses_permission"), "permission_uses", ["permission"], unique=False)
    for name in ("anew", "instead_of"):
        op.add_column("runs", sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("runs", sa.Column("reasons", sa.JSON()))
