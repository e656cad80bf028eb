"""Questions and decisions are sealed by a key outside of the database. What is there already gets no seal,
and is asked anew: nothing but its own record vouches for it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("approvals", sa.Column("seal", sa.String(64), nullable=False, server_default=sa.text("''")))
