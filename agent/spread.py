"""`for_each`: one planned step becomes one step for each element of a list, as soon as the list is there.

The elements are not copied: what a step says of `each` becomes a path into the list, so that every value
keeps the label that stands at its place, and the same list gives the same steps, in the same order, however
often a run is taken up again. Each has its own id, and with it its own approval, ledger row, receipt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deskhand.agent.model import Ref, Step
from deskhand.agent.references import Unresolved, as_ref, look_up
from deskhand.agent.state import StepState

EACH = "each"
"""What a step with `for_each` calls its element: `{"ref": "each", "path": "version"}`."""

MOST = 25
"""So many elements are gone through; of more, none."""


def spread(steps: Sequence[Step], done: Mapping[str, StepState]) -> tuple[Step, ...]:
    """The steps of a plan, in its order, those whose lists are there once for each element.

    A step of one element that refers to another step over the same list means that of the same element.
    A list that is missing, or too long, leaves its step as it is (`too_many` says why).
    """
    counts = {s.id: n for s in steps if s.for_each and (n := _count(s.for_each, done)) is not None}
    made: list[Step] = []
    for step in steps:
        count = counts.get(step.id)
        if count is None or count > MOST:
            made.append(step)
            continue
        beside = {s.id for s in steps if s.for_each == step.for_each}
        made += [_element(step, n, beside) for n in range(count)]
    return tuple(made)


def named(step: str, n: int) -> str:
    """The id of the step of the element at `n`, counted from 0."""
    return f"{step}_{n + 1}"


def too_many(step: Step, done: Mapping[str, StepState]) -> str:
    """The sentence for a list that is too long, or no list; "" when it is neither."""
    if step.for_each is None:
        return ""
    try:
        value = look_up(step.for_each, done)[0]
    except Unresolved as error:
        return str(error)
    if not isinstance(value, list):
        return f"{step.for_each.ref}.{step.for_each.path} is no list"
    if len(value) <= MOST:
        return ""
    return (
        f"That would be {len(value)} at once, and at most {MOST} are done; say a shorter time, or name whom."
    )


def _count(ref: Ref, done: Mapping[str, StepState]) -> int | None:
    try:
        value = look_up(ref, done)[0]
    except Unresolved:
        return None
    return len(value) if isinstance(value, list) else None


def _element(step: Step, n: int, beside: set[str]) -> Step:
    over = step.for_each
    if over is None:
        return step

    def mine(ref: Ref) -> Ref:
        if ref.ref == EACH:
            at = f"{over.path}[{n}]"
            tail = ref.path if not ref.path or ref.path.startswith("[") else f".{ref.path}"
            return Ref(ref=over.ref, path=at + tail)
        return Ref(ref=named(ref.ref, n), path=ref.path) if ref.ref in beside else ref

    changes: dict[str, Any] = {
        "id": named(step.id, n), "args": _filled(step.args, mine), "for_each": None,
        "needs": tuple(named(i, n) if i in beside else i for i in step.needs),
    }  # fmt: skip
    changes |= {
        name: mine(r) for name in ("when", "offers", "notes") if (r := getattr(step, name)) is not None
    }
    return step.model_copy(update=changes)


def _filled(value: Any, mine: Any) -> Any:
    if (ref := as_ref(value)) is not None:
        return mine(ref).model_dump()
    if isinstance(value, dict):
        return {k: _filled(v, mine) for k, v in value.items()}
    return [_filled(v, mine) for v in value] if isinstance(value, (list, tuple)) else value
