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
from deskhand.agent.plans.language import Present, Ref, Step
from deskhand.agent.plans.references import as_ref
from deskhand.agent.plans.selecting import Parts, choose, parts
from deskhand.agent.records.state import StepState
from deskhand.connectors.model import Label, join

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
