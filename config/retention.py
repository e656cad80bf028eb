"""How long what is left of finished runs is kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from deskhand.config.people import Section

Days = Annotated[int, Field(ge=0, le=36_500)]


class Retention(Section):
    """What is let go of a finished run; its plan, its answer, decisions and the ledger stay for good."""

    checkpoints_days: Days = 7
    """Days that the graph's states of a finished run are kept: only who looks for a fault reads them."""
    outputs_days: Days = 90
    """Days after which long outputs of its steps shrink to what they were made from, and its events to those
    that tell of the request, decisions and the end; what was spent is forgotten then."""
