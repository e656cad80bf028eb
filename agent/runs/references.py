"""Turns a step's arguments into final values: looks references up in earlier outputs, with their labels.

The law: the label of what was looked up is the join of every label in it. However a path is spelt, a part
that was labelled never comes out under a better label, and what nobody labelled is untrusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from deskhand.agent.endorsers import as_words, carries_words, handles, of_its_own, planned
from deskhand.agent.plans.deciding import Unresolved, holds
from deskhand.agent.plans.form import in_words
from deskhand.agent.plans.language import Present, Ref, Step
from deskhand.agent.plans.references import as_ref
from deskhand.agent.plans.selecting import Parts, choose, parts
from deskhand.agent.records.state import StepState
from deskhand.connectors.model import ItemRef, Label, join
from deskhand.connectors.operations import OPERATIONS

_LABEL = TypeAdapter(Label)


def wanted(step: Step, done: Mapping[str, StepState]) -> bool | None:
    """Whether a step's `when` holds, once what it looks at is done; None: that cannot be told."""
    if step.when is None:
        return True
    test = Present(of=step.when) if isinstance(step.when, Ref) else step.when
    return holds(test, lambda ref: look_up(ref, done)[0])


def look_up(ref: Ref, done: Mapping[str, StepState]) -> tuple[Any, Label]:
    """The value a reference points at, and its label. :raises Unresolved: there is nothing."""
    state = done.get(ref.ref)
    if state is None or state.state != "done":
        raise Unresolved(f"step {ref.ref} has left no output")
    chosen = choose(ref, state.value, find=lambda other: look_up(other, done)[0])
    return chosen.value, join([label_of(state, place) for place in chosen.places])


def for_others(done: Mapping[str, StepState]) -> dict[str, StepState]:
    """What steps have left, as somebody else than the owner is told of it (`retold`)."""
    made = dict(done)
    for id_, state in done.items():
        retold = state.value.get("retold") if isinstance(state.value, dict) else None
        if isinstance(retold, dict):
            made[id_] = replace(state, value=state.value | retold)
    return made


def label_of(state: StepState, at: Parts) -> Label:
    """The label of a part of an output.

    It is that of the longest named prefix (untrusted where there is none), joined with those of all the
    named parts inside.
    """
    known = {parts(name): _LABEL.validate_python(label) for name, label in (state.labels or {}).items()}
    above = [name for name in known if at[: len(name)] == name]
    inside = [label for name, label in known.items() if len(name) > len(at) and name[: len(at)] == at]
    return join([known[max(above, key=len)] if above else Label(), *inside])


def resolve(step: Step, done: Mapping[str, StepState]) -> tuple[dict[str, Any], dict[str, Label]]:
    """The step's final arguments and the label of each. :raises Unresolved: a reference points at nothing."""
    values: dict[str, Any] = {}
    labels: dict[str, Label] = {}
    for name, given in step.args.items():
        found: list[Label] = []
        values[name] = _fill(given, done, found)
        literal = planned(step.origins.get(name, "user"))
        labels[name] = join(found) if as_ref(given) else join([literal, *found])
        if step.op in OPERATIONS and name not in _ids(step.op):
            labels[name] = as_words(values[name], labels[name])
    return values, labels


@cache
def _ids(op: str) -> frozenset[str]:
    """The arguments of a write that take the id of an item, or several."""
    fields = OPERATIONS[op].model_fields
    return frozenset(name for name, field in fields.items() if _takes_id(field.annotation))


def _takes_id(kind: object) -> bool:
    return kind is ItemRef or any(map(_takes_id, get_args(kind)))


def invalid(step: Step, error: ValidationError) -> str:
    """The sentence about arguments that a step cannot use."""
    first = error.errors()[0]
    where = ".".join(str(p) for p in first["loc"])
    return f"Step {step.id} ({step.op}) cannot use {where or 'its arguments'}: {in_words(first)}."


def carried(values: Mapping[str, Any], labels: Mapping[str, Label], beside: Iterable[Label] = ()) -> Label:
    """What the arguments of an action put on all that comes out of it.

    What cannot carry a stranger's words puts nothing on it (`endorsers.carries_words`): an action never gives
    back anything else under a better label.

    :param beside: what handles of items bring with them (`named`).
    """
    return join([*(labels.get(n, Label()) for n, value in values.items() if carries_words(value)), *beside])


_ORDERS = frozenset({"request"})
"""What is carried out later as the person's word: nobody else's will do, not even a planner's of ours."""


def not_own(values: Mapping[str, Any], labels: Mapping[str, Label]) -> str:
    """Which arguments of what is kept for later are not the person's own to say, by their names; "" where
    none is: no stranger's text may choose any of them, and an order is in her words."""
    theirs = []
    for name, value in values.items():
        label = labels.get(name, Label())
        # Ids in a list are kept as ids (`digest.told`); one that stands alone would be a name or an order.
        trust = (as_words(value, label) if isinstance(value, str) else label).trust
        if carries_words(value) and (trust == "untrusted" or (name in _ORDERS and trust != "user")):
            theirs.append(name)
    return " and ".join(theirs)


def named(step: Step, values: Mapping[str, Any], done: Mapping[str, StepState]) -> list[Label]:
    """What the handles of items in a step's arguments put on all that comes out of it.

    Nothing, as long as the person's own selector chose the item and what stands beside is its own. An id that
    a stranger's text chose, and words of another that would pass for the item's, stay what they are.
    """
    found: list[Label] = []
    for name, given in step.args.items():
        literal = planned(step.origins.get(name, "user"))
        for at, handle in handles(values.get(name)):
            for key, value in handle.items():
                label = _at(given, (*at, key), done, literal)
                which = key in ("ref", "version")
                if label.trust == "untrusted" and (
                    which or (carries_words(value) and not of_its_own(label, handle["ref"]))
                ):
                    found.append(label)
    return found


def _at(given: Any, at: Parts, done: Mapping[str, StepState], literal: Label) -> Label:
    """The label of a part of an argument, as its references and literals have it."""
    if (ref := as_ref(given)) is not None:
        state = done[ref.ref]
        chosen = choose(ref, state.value, find=lambda other: look_up(other, done)[0])
        each = ref.selects and ref.take == "all" and bool(at)
        place, rest = (chosen.places[int(at[0])], at[1:]) if each else (chosen.places[0], at)
        return label_of(state, (*place, *rest))
    if at and isinstance(given, (dict, list, tuple)):
        return _at(given[at[0]], at[1:], done, literal)  # type: ignore[index]
    return literal


def _fill(value: Any, done: Mapping[str, StepState], found: list[Label]) -> Any:
    if (ref := as_ref(value)) is not None:
        looked, label = look_up(ref, done)
        found.append(label)
        return looked
    if isinstance(value, dict):
        return {k: _fill(v, done, found) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_fill(v, done, found) for v in value]
    return value
