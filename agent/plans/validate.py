"""What must be right about a plan before anything of it runs, whoever made it: a person, the rules, a model.

Each fault names the step, the field and what to write instead, so that whoever made the plan can mend it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from deskhand.agent.actions import actions
from deskhand.agent.plans.fault import Fault, instead
from deskhand.agent.plans.fitting import misfits
from deskhand.agent.plans.language import EACH, Plan, Step
from deskhand.agent.plans.references import behind, looks_into, needs, references
from deskhand.connectors.operations import OPERATIONS

__all__ = ["MOST_STEPS", "Fault", "faults"]

MOST_STEPS = 100
"""A plan of more is no plan but a loop written out."""


def faults(plan: Plan) -> list[Fault]:
    """What is wrong with a plan; [] when it can be carried out.

    Known operations, their arguments with literals of the right type, unique ids, references to steps that
    exist and have gone before, lists that are lists, no step waiting for itself; then (`fitting`) paths that
    the outputs have, and values that can be taken where they are handed on.
    """
    if not plan.steps:
        return [Fault("it has no steps", "Write at least one step with an id and an op.")]
    if len(plan.steps) > MOST_STEPS:
        much = f"it has {len(plan.steps)} steps; at most {MOST_STEPS} are carried out"
        return [Fault(much, "Go over a list with for_each.")]
    ids = [s.id for s in plan.steps]
    found = [
        Fault("two steps have this id", "Give each step an id of its own.", i, "id")
        for i in sorted({i for i in ids if ids.count(i) > 1})
    ]
    for step in plan.steps:
        found += _called(step.id, "", step.op, step.args)
        found += _beside(step)
        if step.unanswered != "ask again" and step.op not in OPERATIONS:
            found.append(
                Fault(f"{step.op} only reads, so nobody is asked", "Leave it out.", step.id, "unanswered")
            )
        found += _made_up_for(step, plan)
        found += _steps_named(step, ids)
    found += _lists(plan)
    found += misfits(plan)
    return found or list(_circles(plan))


def _called(step: str, prefix: str, op: str, args: Mapping[str, Any]) -> Iterator[Fault]:
    """Whether there is such an operation and its arguments fit."""
    model = _arguments(op)
    if model is None:
        known = [*actions(), *OPERATIONS]
        yield Fault(f"there is no operation “{op}”", instead(op, known), step, f"{prefix}op")
        return
    fields = model.model_fields
    for name, field in fields.items():
        if field.is_required() and name not in args:
            yield Fault(f"{op} needs it", "Give it a value or a reference.", step, f"{prefix}args.{name}")
    for name, value in args.items():
        where = f"{prefix}args.{name}"
        if name not in fields:
            yield Fault(f"{op} has no such argument", instead(name, fields), step, where)
        elif not references(value) and (wrong := _unfit(model, name, value)):
            yield Fault(wrong, f"{op} cannot use {_shown(value)}.", step, where)


def _beside(step: Step) -> Iterator[Fault]:
    """What is read instead of a step that cannot be done."""
    if step.fallback is None:
        return
    yield from _called(step.id, "fallback.", step.fallback.op, step.fallback.args)
    if step.op in OPERATIONS:
        yield Fault(
            f"{step.op} writes, and only what reads can be done otherwise",
            "Make it a step of its own, so that it is asked about.", step.id, "fallback",
        )  # fmt: skip
    elif step.fallback.op in OPERATIONS:
        yield Fault(
            f"{step.op} only reads, and {step.fallback.op} would write",
            "Make it a step of its own, so that it is asked about.", step.id, "fallback.op",
        )  # fmt: skip


def _made_up_for(step: Step, plan: Plan) -> Iterator[Fault]:
    """What takes the place of a write that has to be taken back."""
    call = step.compensation
    if call is None:
        return
    yield from _called(step.id, "compensation.", call.op, call.args)
    if step.op not in OPERATIONS:
        yield Fault(
            f"{step.op} only reads, so there is nothing to make up for", "Leave it out.",
            step.id, "compensation",
        )  # fmt: skip
    elif call.op in actions():
        yield Fault(f"{call.op} only reads, and makes up for nothing", "Name what writes.", step.id,
                    "compensation.op")  # fmt: skip
    by_id = {s.id: s for s in plan.steps}
    before = behind(step, by_id) | {step.id}
    for other in sorted({r.ref for r in references(call.args)} - before - {EACH}):
        known = other in by_id
        yield Fault(
            f"“{other}” may not be done by then" if known else f"there is no step “{other}”",
            f"Refer to {step.id}, or to a step that it needs." if known else instead(other, by_id),
            step.id, "compensation",
        )  # fmt: skip


def _steps_named(step: Step, ids: Iterable[str]) -> Iterator[Fault]:
    known = {*ids}
    named: dict[str, set[str]] = {
        "args": {*needs(step)} - {*step.needs}, "needs": {*step.needs}, "after": {*step.after},
        "otherwise": {step.otherwise} - {""},
    }  # fmt: skip
    if step.fallback is not None:
        named["fallback"] = {r.ref for r in references(step.fallback.args)}
    for field, others in named.items():
        for other in sorted(others - known - {EACH}):
            yield Fault(f"there is no step “{other}”", instead(other, known), step.id, field)
        if step.id in others:
            yield Fault("a step cannot wait for itself", "Name another step.", step.id, field)


def _lists(plan: Plan) -> Iterator[Fault]:
    """Steps over a list: their ids must stay theirs, and only steps over the same list refer to them."""
    over = {s.id: s.for_each for s in plan.steps if s.for_each is not None}
    for i in over:
        for step in plan.steps:
            if step.id != i and step.id.removeprefix(f"{i}_").isdecimal():
                yield Fault(f"it could be an element of {i}", "Give it another id.", step.id, "id")
    for step in plan.steps:
        later = references(step.compensation.args) if step.compensation else []
        mine = {r.ref for r in (*looks_into(step), *later)}
        for i in sorted(mine & over.keys()):
            if over[i] != step.for_each:
                yield Fault(
                    f"there is one “{i}” for each element of a list",
                    f"Go over the same list, or only wait for {i} (needs).", step.id, "args",
                )  # fmt: skip
        if EACH in mine and step.for_each is None:
            yield Fault("“each” is an element, and it goes over no list", "Add for_each.", step.id, "args")
        if step.for_each is not None and step.for_each.take != "all":
            yield Fault(
                f"take “{step.for_each.take}” leaves no list", "Leave it out, or use a plain step.",
                step.id, "for_each.take",
            )  # fmt: skip
    sure = (s for s in plan.steps if s.when is None and not s.otherwise)
    alone = {s.id for s in sure if s.unanswered != "leave out"}
    for step in plan.steps:
        if step.otherwise in alone:
            yield Fault(
                f"“{step.otherwise}” has no condition, so there is no else",
                f"Give {step.otherwise} a when, or leave this out.", step.id, "otherwise",
            )  # fmt: skip


def _circles(plan: Plan) -> Iterator[Fault]:
    left = {s.id: needs(s) | {*s.after, s.otherwise} - {""} for s in plan.steps}
    while free := [i for i, wanted in left.items() if not wanted & left.keys()]:
        for i in free:
            del left[i]
    if left:
        yield Fault(f"the steps {', '.join(left)} wait for each other", "One of them must go first.")


def _arguments(op: str) -> type[BaseModel] | None:
    made = actions().get(op)
    return made.arguments if made else OPERATIONS.get(op)


def _unfit(model: type[BaseModel], name: str, value: object) -> str:
    """What is wrong with a literal argument; "" where it fits, or may be left out and is."""
    field = model.model_fields.get(name)
    if field is None or (value is None and not field.is_required()):
        return ""
    try:
        _adapter(model, name).validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        inside = ".".join(str(p) for p in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        return f"{inside}: {said}" if inside else f"{said[:1].lower()}{said[1:]}"
    return ""


@cache
def _adapter(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    field = model.model_fields[name]
    return TypeAdapter[Any](Annotated[field.annotation, field])  # type: ignore[arg-type]  # made at run time


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
