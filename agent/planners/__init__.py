"""From a wish to a plan. A planner sees the request and what `Known` holds: never a text from a source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known

if TYPE_CHECKING:
    from deskhand.agent.models.trying import Purse


class Planner(Protocol):
    """Makes plans."""

    def __call__(self, request: str, known: Known) -> Plan | Unclear:
        """The plan for a request, or what is unclear about it. For rules, the same each time."""
        ...


def telling(
    planner: Planner, tell: Callable[[Mapping[str, Any]], None], *, purse: Purse | None = None
) -> Planner:
    """The planner, with `tell` told of every model that it tries and `purse` paying for it; of one that tries
    none, as it is."""
    made: Planner = getattr(planner, "telling", lambda _tell, _purse: planner)(tell, purse)
    return made
