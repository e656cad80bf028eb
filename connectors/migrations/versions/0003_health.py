"""Where a source is and how it does is noted beside it; texts can be looked up by who uses them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sources", sa.Column("place", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("sources", sa.Column("health", sa.JSON(), nullable=True))
    op.create_index("versions_text", "versions", ["text"])
