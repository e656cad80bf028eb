"""What must be right about a plan before anything of it runs, whoever made it."""

from __future__ import annotations

from deskhand.agent.actions import actions
from deskhand.agent.plans.language import EACH, Plan, Step
from deskhand.agent.references import looks_into, needs
from deskhand.connectors.operations import OPERATIONS

MOST_STEPS = 100
"""A plan of more is no plan but a loop written out."""


def faults(plan: Plan) -> list[str]:
    """What is wrong with a plan, each in a sentence; [] when it can be carried out.

    Known operations and arguments, unique ids, references to steps that exist, no step waiting for itself.
    """
    if not plan.steps:
        return ["It has no steps."]
    if len(plan.steps) > MOST_STEPS:
        return [f"It has {len(plan.steps)} steps; at most {MOST_STEPS} are carried out."]
    ids = [s.id for s in plan.steps]
    found = [f"Two steps are called {i}." for i in sorted({i for i in ids if ids.count(i) > 1})]
    for step in plan.steps:
        found += _arguments(step)
        found += [f"{step.id} needs {n}, which is no step." for n in sorted(needs(step) - {*ids})]
    found += _lists(plan)
    return found or _circles(plan)


def _arguments(step: Step) -> list[str]:
    made = actions().get(step.op)
    model = made.arguments if made else OPERATIONS.get(step.op)
    if model is None:
        return [f"{step.id}: there is no operation {step.op}."]
    fields = model.model_fields
    missing = [n for n, f in fields.items() if f.is_required() and n not in step.args]
    extra = [n for n in step.args if n not in fields]
    return [f"{step.id}: {step.op} needs {n}." for n in missing] + [
        f"{step.id}: {step.op} has no argument {n}." for n in extra
    ]


def _lists(plan: Plan) -> list[str]:
    """Steps over a list: their ids must stay theirs, and only steps over the same list refer to them."""
    over = {s.id: s.for_each for s in plan.steps if s.for_each is not None}
    found = [
        f"{s.id} could be an element of {i}; call it otherwise."
        for i in over for s in plan.steps if s.id.removeprefix(f"{i}_").isdecimal() and s.id != i
    ]  # fmt: skip
    for step in plan.steps:
        looked = {r.ref for r in looks_into(step)}
        found += [
            f"{step.id} refers to {i}, of which there is one for each of a list."
            for i in sorted(looked & over.keys()) if over[i] != step.for_each
        ]  # fmt: skip
        if EACH in looked and step.for_each is None:
            found.append(f"{step.id} speaks of each, and goes over no list.")
    return found


def _circles(plan: Plan) -> list[str]:
    left = {s.id: needs(s) for s in plan.steps}
    while free := [i for i, wanted in left.items() if not wanted & left.keys()]:
        for i in free:
            del left[i]
    return [f"{', '.join(left)} wait for each other."] if left else []
