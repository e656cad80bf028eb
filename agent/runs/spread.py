"""`for_each`: one planned step becomes one step for each element of a list, as soon as the list is there.

The elements are not copied: what a step says of `each` becomes a path into the list, so that every value
keeps the label that stands at its place, and the same list gives the same steps, in the same order, however
often a run is taken up again. Each has its own id, and with it its own approval, ledger row, receipt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deskhand.agent.plans.deciding import Unresolved, rewritten
from deskhand.agent.plans.language import EACH, Ref, Step
from deskhand.agent.plans.references import as_ref
from deskhand.agent.plans.selecting import joined, selected
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.references import look_up


def spread(steps: Sequence[Step], done: Mapping[str, StepState]) -> tuple[Step, ...]:
    """The steps of a plan, in its order, those whose lists are there once for each element.

    A step of one element that refers to another step over the same list means that of the same element.
    A list that is missing, or longer than `at_most`, leaves its step as it is (`too_many` says why).
    """
    lists = {s.id: found for s in steps if s.for_each and (found := _elements(s.for_each, done)) is not None}
    made: list[Step] = []
    for step in steps:
        elements = lists.get(step.id)
        if elements is None or len(elements) > step.at_most:
            made.append(step)
            continue
        beside = {s.id for s in steps if s.for_each == step.for_each}
        made += [_element(step, n, at, beside) for n, at in enumerate(elements)]
    return tuple(made)


def named(step: str, n: int) -> str:
    """The id of the step of the element at `n`, counted from 0."""
    return f"{step}_{n + 1}"


def too_many(step: Step, done: Mapping[str, StepState]) -> str:
    """The sentence for a list that is too long, or no list; "" when it is neither."""
    if step.for_each is None:
        return ""
    try:
        found = _places(step.for_each, done)
    except Unresolved as error:
        return str(error)
    if len(found) <= step.at_most:
        return ""
    return (
        f"That would be {len(found)} at once, and at most {step.at_most} are done; say a shorter time, or "
        "name whom."
    )


def _elements(ref: Ref, done: Mapping[str, StepState]) -> list[str] | None:
    try:
        return _places(ref, done)
    except Unresolved:
        return None


def _places(ref: Ref, done: Mapping[str, StepState]) -> list[str]:
    """The paths of the chosen elements in the output of their step. :raises Unresolved: there is no list."""
    elements = look_up(Ref(ref=ref.ref, path=ref.path), done)[0]
    if not isinstance(elements, list):
        raise Unresolved(f"{ref.ref}.{ref.path} is no list")
    chosen = selected(ref, elements, find=lambda other: look_up(other, done)[0])
    return [joined(f"{ref.path}[{n}]", ref.then) for n in chosen]


def _element(step: Step, n: int, at: str, beside: set[str]) -> Step:
    over = step.for_each
    if over is None:
        return step

    def mine(ref: Ref) -> Ref:
        changes: dict[str, Any] = {}
        if ref.where is not None:
            changes["where"] = rewritten(ref.where, lambda r: r if r.ref == EACH else mine(r))
        if ref.ref == EACH:
            changes |= {"ref": over.ref, "path": joined(at, ref.path)}
        elif ref.ref in beside:
            changes["ref"] = named(ref.ref, n)
        return ref.model_copy(update=changes)

    changes: dict[str, Any] = {
        "id": named(step.id, n), "args": _filled(step.args, mine), "for_each": None,
        "needs": tuple(named(i, n) if i in beside else i for i in step.needs),
        "after": tuple(named(i, n) if i in beside else i for i in step.after),
        "otherwise": named(step.otherwise, n) if step.otherwise in beside else step.otherwise,
    }  # fmt: skip
    changes |= {name: mine(r) for name in ("offers", "notes") if (r := getattr(step, name)) is not None}
    if step.compensation is not None:
        args = _filled(step.compensation.args, mine)
        changes["compensation"] = step.compensation.model_copy(update={"args": args})
    if step.when is not None:
        changes["when"] = mine(step.when) if isinstance(step.when, Ref) else rewritten(step.when, mine)
    return step.model_copy(update=changes)


def _filled(value: Any, mine: Any) -> Any:
    if (ref := as_ref(value)) is not None:
        return mine(ref).model_dump()
    if isinstance(value, dict):
        return {k: _filled(v, mine) for k, v in value.items()}
    return [_filled(v, mine) for v in value] if isinstance(value, (list, tuple)) else value
