"""Turns a step's arguments into final values: looks references up in earlier outputs, with their labels.

The law: the label of what was looked up is the join of every label in it. However a path is spelt, a part
that was labelled never comes out under a better label, and what nobody labelled is untrusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from deskhand.agent.plans.deciding import Unresolved, holds
from deskhand.agent.plans.deciding import references as looked_at
from deskhand.agent.plans.language import EACH, Present, Ref, Step
from deskhand.agent.plans.selecting import Parts, choose, parts
from deskhand.agent.records.state import StepState
from deskhand.connectors.model import Label, join

_LABEL = TypeAdapter(Label)


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
    named = {parts(name): _LABEL.validate_python(label) for name, label in (state.labels or {}).items()}
    above = [name for name in named if at[: len(name)] == name]
    inside = [label for name, label in named.items() if len(name) > len(at) and name[: len(at)] == at]
    return join([named[max(above, key=len)] if above else Label(), *inside])


def resolve(step: Step, done: Mapping[str, StepState]) -> tuple[dict[str, Any], dict[str, Label]]:
    """The step's final arguments and the label of each. :raises Unresolved: a reference points at nothing."""
    values: dict[str, Any] = {}
    labels: dict[str, Label] = {}
    for name, given in step.args.items():
        found: list[Label] = []
        values[name] = _fill(given, done, found)
        literal = Label(step.origins.get(name, "user"), (), None)
        labels[name] = join(found) if as_ref(given) else join([literal, *found])
    return values, labels


def invalid(step: Step, error: ValidationError) -> str:
    """The sentence about arguments that a step cannot use."""
    first = error.errors()[0]
    where = ".".join(str(p) for p in first["loc"])
    return f"Step {step.id} ({step.op}) cannot use {where or 'its arguments'}: {first['msg']}."


def carried(values: Mapping[str, Any], labels: Mapping[str, Label]) -> Label:
    """What the arguments of an action put on all that comes out of it.

    A number, a switch, a time and the handle of an item cannot carry a stranger's words: their type
    endorses them. Everything else can, so an action never gives it back under a better label.
    """
    return join(labels.get(name, Label()) for name, value in values.items() if not _endorsed(value))


def plain(labels: Mapping[str, Label]) -> dict[str, Any]:
    """Labels as JSON: a class would be lost in a checkpoint, in silence."""
    return {name: _LABEL.dump_python(label, mode="json") for name, label in labels.items()}


def labels_from(plain_labels: Mapping[str, Any]) -> dict[str, Label]:
    """Labels from their JSON."""
    return {name: _LABEL.validate_python(value) for name, value in plain_labels.items()}


def _endorsed(value: object) -> bool:
    if isinstance(value, str):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return False
        return True
    if isinstance(value, dict):
        return {"ref", "version"} <= value.keys()
    if isinstance(value, (list, tuple)):
        return all(_endorsed(v) for v in value)
    return True


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
