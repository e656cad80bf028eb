"""What a step refers to, as its plan says it: nothing is looked up here, and nothing has run."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from deskhand.agent.plans.deciding import references as looked_at
from deskhand.agent.plans.language import EACH, Ref, Step


def as_ref(value: object) -> Ref | None:
    """The reference a plain value stands for, if it is one: `{"ref": "s1", "path": "..."}`."""
    if isinstance(value, Ref):
        return value
    if not isinstance(value, dict) or "ref" not in value or not value.keys() <= Ref.model_fields.keys():
        return None
    try:
        return Ref.model_validate(value)
    except ValidationError:
        return None


def references(value: object) -> list[Ref]:
    """Every reference inside a value, nested ones and those that its selectors look at too."""
    if (ref := as_ref(value)) is not None:
        inside = looked_at(ref.where) if ref.where is not None else []
        return [ref, *(r for one in inside if one.ref != EACH for r in references(one))]
    if isinstance(value, dict):
        return [r for v in value.values() for r in references(v)]
    if isinstance(value, (list, tuple)):
        return [r for v in value for r in references(v)]
    return []


def needs(step: Step) -> frozenset[str]:
    """Ids of the steps that must have been done before this one."""
    found = {r.ref for r in looks_into(step)} | {*step.needs}
    if step.for_each is not None:
        found = found - {EACH} | {r.ref for r in references(step.for_each)}
    return frozenset(found)


def behind(step: Step, by_id: Mapping[str, Step]) -> set[str]:
    """All that a step waits for, and what that waits for."""
    found: set[str] = set()
    left = [step.id]
    while left:
        for one in needs(by_id[left.pop()]) & by_id.keys() - found:
            found.add(one)
            left.append(one)
    return found


def looks_into(step: Step) -> list[Ref]:
    """Every reference of a step but the list it goes over: its arguments, `when`, `offers` and `notes`."""
    refs = [r for r in (step.offers, step.notes) if r is not None]
    if step.when is not None:
        refs += [step.when] if isinstance(step.when, Ref) else looked_at(step.when)
    return [*references(step.args), *(r for ref in refs for r in references(ref))]
