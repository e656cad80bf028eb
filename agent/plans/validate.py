"""What must be right about a plan before anything of it runs, whoever made it: a person, the rules, a model.

Each fault names the step, the field and what to write instead, so that whoever made the plan can mend it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from deskhand.agent.actions import actions
from deskhand.agent.plans.fault import Fault, instead
from deskhand.agent.plans.fitting import misfits
from deskhand.agent.plans.form import LONGEST_ID, in_words
from deskhand.agent.plans.form import misfits as misshapen
from deskhand.agent.plans.language import AT_MOST, EACH, Call, Plan, Ref, Step
from deskhand.agent.plans.references import behind, miswritten, places, references
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
    found += [
        Fault(f"it is longer than {LONGEST_ID} characters", "Give it a shorter one.", i[:LONGEST_ID], "id")
        for i in ids
        if len(i) > LONGEST_ID
    ]
    if found:
        return found  # whatever else there is to say would name the wrong step
    for step in plan.steps:
        found += _called(step.id, "", step)
        found += _beside(step, plan)
        if step.unanswered != "ask again" and step.op not in OPERATIONS:
            found.append(
                Fault(f"{step.op} only reads, so nobody is asked", "Leave it out.", step.id, "unanswered")
            )
        found += _made_up_for(step, plan)
        found += _steps_named(step, ids)
    found += _lists(plan)
    found += misfits(plan)
    return found or list(_circles(plan))


def _called(step: str, prefix: str, call: Step | Call) -> Iterator[Fault]:
    """Whether there is such an operation and its arguments fit."""
    op, args = call.op, call.args
    model = _arguments(op)
    if model is None:
        known = [*actions(), *OPERATIONS]
        yield Fault(f"there is no operation “{op}”", instead(op, known), step, f"{prefix}op")
        return
    fields, whole = model.model_fields, True
    for name, field in fields.items():
        if field.is_required() and name not in args:
            yield Fault(f"{op} needs it", "Give it a value or a reference.", step, f"{prefix}args.{name}")
            whole = False
    for name, value in args.items():
        where = f"{prefix}args.{name}"
        if name not in fields:
            yield Fault(f"{op} has no such argument", instead(name, fields), step, where)
        elif wrongly := list(miswritten(value)):
            for at, written in wrongly:
                yield from _no_reference(step, f"{where}{at}", written)
            whole = False
        elif not references(value) and (unfit := _unfit(model, name, value)):
            inside, said = unfit
            yield Fault(said, f"{op} cannot use {_shown(value)}.", step, f"{where}{inside}")
            whole = False
        whole = whole and not references(value)
    if whole and args.keys() <= fields.keys() and (wrong := _at_odds(model, args)):
        yield Fault(wrong, f"Change one of the arguments of {op}.", step, f"{prefix}args")
    for name in call.origins:
        if name not in fields:
            yield Fault(f"{op} has no such argument", instead(name, fields), step, f"{prefix}origins.{name}")


def _no_reference(step: str, where: str, written: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong with a table that is meant as a reference."""
    try:
        Ref.model_validate(written)
    except ValidationError as error:
        for fault in misshapen(written, error, of=Ref):
            inside = f"{where}.{fault.field}" if fault.field else where
            yield Fault(fault.problem, fault.remedy, step, inside)


def _beside(step: Step, plan: Plan) -> Iterator[Fault]:
    """What is read instead of a step that cannot be done."""
    if step.fallback is None:
        return
    yield from _called(step.id, "fallback.", step.fallback)
    yield from _in_time(step, "fallback", step.fallback, plan)
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
    yield from _called(step.id, "compensation.", call)
    if step.op not in OPERATIONS:
        yield Fault(
            f"{step.op} only reads, so there is nothing to make up for", "Leave it out.",
            step.id, "compensation",
        )  # fmt: skip
    elif call.op in actions():
        yield Fault(f"{call.op} only reads, and makes up for nothing", "Name what writes.", step.id,
                    "compensation.op")  # fmt: skip
    yield from _in_time(step, "compensation", call, plan, also=step.id)


def _in_time(step: Step, field: str, call: Call, plan: Plan, *, also: str = "") -> Iterator[Fault]:
    """Whether what is done in a step's place, or to make up for it, refers to what is there by then."""
    by_id = {s.id: s for s in plan.steps}
    before = behind(step, by_id) | {also, EACH}
    for other in sorted({r.ref for r in references(call.args)} - before):
        known = other in by_id
        refer = f"Refer to {also}, or to a step that it needs." if also else "Refer to a step that it needs."
        yield Fault(
            f"“{other}” may not be done by then" if known else f"there is no step “{other}”",
            refer if known else instead(other, by_id), step.id, field,
        )  # fmt: skip


def _steps_named(step: Step, ids: Iterable[str]) -> Iterator[Fault]:
    known = {*ids}
    named: dict[str, set[str]] = {
        **{field: {r.ref for r in refs} for field, refs in places(step).items()},
        "needs": {*step.needs}, "after": {*step.after}, "otherwise": {step.otherwise} - {""},
    }  # fmt: skip
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
        looking = {f: refs for f, refs in places(step).items() if f != "for_each"} | {"compensation": later}
        for field, refs in looking.items():
            mine = {r.ref for r in refs}
            for i in sorted(mine & over.keys()):
                if over[i] != step.for_each:
                    yield Fault(
                        f"there is one “{i}” for each element of a list",
                        f"Go over the same list, or only wait for {i} (needs).", step.id, field,
                    )  # fmt: skip
            if EACH in mine and step.for_each is None:
                none = "“each” is an element, and it goes over no list"
                yield Fault(none, "Add for_each.", step.id, field)
        if step.for_each is None and step.at_most != AT_MOST:
            yield Fault("it goes over no list", "Add for_each, or leave it out.", step.id, "at_most")
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
    by_id = {s.id: s for s in plan.steps}
    left = {i: {*_waits(s)} for i, s in by_id.items()}
    while free := [i for i, wanted in left.items() if not wanted & left.keys()]:
        for i in free:
            del left[i]
    if not left:
        return
    # Who is left waits for somebody who is left: following that comes back to one that was passed.
    way = [next(iter(left))]
    while way.count(way[-1]) == 1:
        way.append(min(left[way[-1]] & left.keys()))
    circle = way[way.index(way[-1]) :]
    first, *others = ((one, other, _waits(by_id[one])[other]) for one, other in itertools.pairwise(circle))
    behind_it = ", ".join(f"“{one}” for “{other}” ({field})" for one, other, field in others)
    yield Fault(
        f"it waits for “{first[1]}”, and so for itself: {behind_it}",
        "Take one of these out.",
        first[0],
        first[2],
    )


def _waits(step: Step) -> Mapping[str, str]:
    """What a step waits for, and the field that says so."""
    found = {r.ref: field for field, refs in places(step).items() for r in refs if r.ref != EACH}
    found |= dict.fromkeys(step.after, "after") | dict.fromkeys(step.needs, "needs")
    return found | ({step.otherwise: "otherwise"} if step.otherwise else {})


def _arguments(op: str) -> type[BaseModel] | None:
    made = actions().get(op)
    return made.arguments if made else OPERATIONS.get(op)


def _unfit(model: type[BaseModel], name: str, value: object) -> tuple[str, str] | None:
    """Where in a literal argument something is wrong, and what; None where it fits, or may be left out."""
    field = model.model_fields.get(name)
    if field is None or (value is None and not field.is_required()):
        return None
    try:
        _adapter(model, name).validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in first["loc"]), in_words(first)
    return None


def _at_odds(model: type[BaseModel], args: Mapping[str, Any]) -> str:
    """What is wrong with arguments that fit, each by itself; "" where nothing is."""
    try:
        model.model_validate(args)
    except ValidationError as error:
        first = error.errors()[0]
        return "" if first["loc"] else in_words(first)
    return ""


@cache
def _adapter(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    field = model.model_fields[name]
    return TypeAdapter[Any](Annotated[field.annotation, field])  # type: ignore[arg-type]  # made at run time


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
