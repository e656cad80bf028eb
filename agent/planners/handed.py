"""A planner that was handed in from Python: its plans are held to the person's words, as a model's are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from deskhand.agent.planners import UNCOVERED, Planner
from deskhand.agent.planners._covered import uncovered
from deskhand.agent.planners._drafted import Words, unfounded
from deskhand.agent.plans.language import Call, Plan, Step, Unclear
from deskhand.agent.plans.references import as_ref
from deskhand.agent.profile import Known
from deskhand.connectors.model import Trust

_BEYOND = "The planner goes beyond what you said, so nothing was done."
_TOLD = 3


def _silent(_: Mapping[str, Any]) -> None:
    pass


@dataclass(frozen=True)
class HandedIn:
    """A `Planner` around another one.

    Nobody knows what it was told. So where its literals come from is worked out here, whatever it says; what
    nobody said (an address, an item, a schedule in other words) makes it no plan; and a write that the
    person's words do not cover, by what `rules` read in them, is asked about.
    """

    plans: Planner
    rules: Planner
    tell: Callable[[Mapping[str, Any]], None] = _silent

    def telling(self, tell: Callable[[Mapping[str, Any]], None], _purse: object = None) -> HandedIn:
        """The same planner, that tells of every plan as a model's try is told of (`planners.telling`)."""
        return replace(self, tell=tell)

    def __call__(self, request: str, known: Known) -> Plan | Unclear:
        """See `Planner`."""
        made = self.plans(request, known)
        if isinstance(made, Unclear):
            return made
        words = Words(request, known)
        if wrong := [str(fault) for fault in unfounded(made, words)]:
            return Unclear(message=f"{_BEYOND} {' '.join(wrong[:_TOLD])}")
        open_ = uncovered(made, words, self.rules(request, known))
        self.tell({"model": "planner", "outcome": "answered"} | ({UNCOVERED: open_} if open_ else {}))
        return made.model_copy(update={"steps": tuple(_told(step, words) for step in made.steps)})


def _told(step: Step, words: Words) -> Step:
    beside = step.fallback and step.fallback.model_copy(update={"origins": _origins(step.fallback, words)})
    return step.model_copy(update={"origins": _origins(step, words), "fallback": beside})


def _origins(call: Step | Call, words: Words) -> dict[str, Trust]:
    own = {n: words.trust(value) for n, value in call.args.items() if as_ref(value) is None}
    return {**call.origins, **own}
