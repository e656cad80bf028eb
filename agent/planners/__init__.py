"""From a wish to a plan. A planner sees the request and what `Known` holds: never a text from a source."""

from __future__ import annotations

from typing import Protocol

from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known


class Planner(Protocol):
    """Makes plans."""

    def __call__(self, request: str, known: Known) -> Plan | Unclear:
        """The plan for a request, or what is unclear about it. The same arguments give the same plan."""
        ...
