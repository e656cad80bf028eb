"""The audit chain tells of schedules and choices too. No table changes: a Deskhand of before, which would
keep them without their lines, is refused by the number.
"""

from __future__ import annotations

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is there already gets its lines when the home is opened (`Audit._tell_more`)."""
