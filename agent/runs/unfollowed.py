"""What a run says where a condition did not hold and nothing was to be done otherwise: that, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deskhand.agent.plans.deciding import references
from deskhand.agent.plans.language import Ref, Step
from deskhand.agent.plans.purpose import purpose_of
from deskhand.agent.records.state import StepState
from deskhand.connectors.operations import OPERATIONS

_LOOK = "look whether "
"""How the purpose of a step begins that looks at a condition of the wish."""


def unfollowed(steps: Sequence[Step], states: Mapping[str, StepState]) -> list[str]:
    """A sentence for each condition of which nothing followed: what was looked at, found, and left out."""
    looks = {s.id: s for s in steps if s.purpose.startswith(_LOOK)}
    hang: dict[str, tuple[Ref, list[Step]]] = {}
    for step in steps:
        of = next((r for r in _tested(step) if r.ref in looks), None)
        if of is not None:
            hang.setdefault(of.ref, (of, []))[1].append(step)
    told = []
    for look, (of, on_it) in hang.items():
        branches = {s.otherwise for s in steps if s.otherwise}
        left = all(_unneeded(s, states) for s in on_it) and not branches & {s.id for s in on_it}
        if left and look in states and states[look].state == "done":
            purposes = [purpose_of(s) for s in on_it if s.op in OPERATIONS]
            purposes = purposes or [purpose_of(s) for s in on_it]
            not_done = ", ".join(dict.fromkeys(purposes))
            what = f"I was to {looks[look].purpose}{_found(of, states[look])}"
            told.append(f"{what}. So nothing followed; this was not done: {not_done}.")
    return told


def _tested(step: Step) -> list[Ref]:
    """What the condition of a step looks at; a plain reference is no condition of the wish."""
    return [] if step.when is None or isinstance(step.when, Ref) else references(step.when)


def _unneeded(step: Step, states: Mapping[str, StepState]) -> bool:
    return step.id in states and states[step.id].state == "unneeded" and not states[step.id].error


def _found(of: Ref, state: StepState) -> str:
    """What was found, as far as it is said in a word or a number."""
    value = state.value.get(of.path) if isinstance(state.value, dict) else None
    if isinstance(value, bool):
        return f" ({of.path}: {'yes' if value else 'no'})"
    return f" ({of.path}: {value})" if isinstance(value, int) else ""
