"""From a wish to a plan. A planner sees the request and what `Known` holds: never a text from a source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known

if TYPE_CHECKING:
    from deskhand.agent.models.trying import Purse


UNCOVERED = "uncovered"
"""What an answered try tells where it planned writes beyond the person's own words: their ids."""


class Planner(Protocol):
    """Makes plans."""

    def __call__(self, request: str, known: Known) -> Plan | Unclear:
        """The plan for a request, or what is unclear about it. For rules, the same each time."""
        ...


@dataclass(frozen=True, slots=True)
class Read:
    """What a planner made of a request, and how well it read it."""

    plan: Plan | Unclear
    sure: float | None = None
    """From 0 to 1; None: the planner does not say."""
    unread: tuple[str, ...] = ()
    """Words that nothing of the plan shows."""


def reading(planner: Planner, request: str, known: Known) -> Read:
    """The plan of a planner, with how sure it is where it can tell (`reads`); of a question nothing is
    said."""
    reads = getattr(planner, "reads", None)
    made: Read = reads(request, known) if reads is not None else Read(planner(request, known))
    return Read(made.plan) if isinstance(made.plan, Unclear) else made


def telling(
    planner: Planner, tell: Callable[[Mapping[str, Any]], None], *, purse: Purse | None = None
) -> Planner:
    """The planner, with `tell` told of every model that it tries and `purse` paying for it; of one that tries
    none, as it is."""
    made: Planner = getattr(planner, "telling", lambda _tell, _purse: planner)(tell, purse)
    return made
