"""Who made a plan that is printed, so that it stays theirs when it is handed back.

A plan file is the person's own word. One that a model made, and that comes back as it was printed, is not:
what went beyond her words is asked about in the run of the file as it would have been in the model's own. A
step that she changed is hers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from deskhand.agent.planners import UNCOVERED
from deskhand.agent.plans.language import Plan, Step
from deskhand.agent.values import Value, digest

HANDED_BACK = "plan of a model"
"""The event of a run whose plan a model had made before it was handed in: {model, uncovered, theirs}.

`theirs` names the steps that came back as they were printed; an earlier Deskhand did not keep them."""

THEIRS = "theirs"


class MadeBy(Value):
    """Which model made a plan, or which planner that is not ours, and what its steps looked like."""

    model: str
    beyond: tuple[str, ...] = ()
    """Writes that the person's own words do not cover."""
    steps: dict[str, str]
    """A hash of each step, by its id."""

    @classmethod
    def of(cls, plan: Plan, answers: Iterable[Mapping[str, Any]]) -> MadeBy | None:
        """By what answered when a plan was made (`models.trying.Tell`), or what was kept of one that was
        handed back: then a step that the person had changed stays hers. None: the rules made it."""
        told = [*answers]
        if not told:
            return None
        beyond = dict.fromkeys(str(id_) for one in told for id_ in one.get(UNCOVERED, ()))
        known = all(THEIRS in one for one in told)
        theirs = {str(id_) for one in told for id_ in one.get(THEIRS, ())}
        return cls(
            model=str(told[-1].get("model", "")), beyond=tuple(beyond),
            steps={s.id: _hash(s) for s in plan.steps if s.id in theirs or not known},
        )  # fmt: skip

    def left_in(self, plan: Plan) -> dict[str, Any] | None:
        """What of a plan is theirs still, as the run keeps it; None where every step is anew."""
        theirs = [s.id for s in plan.steps if self.steps.get(s.id) == _hash(s)]
        if not theirs:
            return None
        beyond = [id_ for id_ in self.beyond if id_ in theirs]
        return {"model": self.model, UNCOVERED: beyond, THEIRS: theirs}


def _hash(step: Step) -> str:
    return digest(step.model_dump(mode="json"))
