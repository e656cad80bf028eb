"""Turns a step's arguments into final values: looks references up in earlier outputs, with their labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from deskhand.agent.model import Ref, Step
from deskhand.agent.state import StepState
from deskhand.connectors.model import Label, join

_PART = re.compile(r"([^.\[\]]+)|\[(-?\d+)\]")
_LABEL = TypeAdapter(Label)


class Unresolved(Exception):
    """A reference points at nothing; the message names it."""


def as_ref(value: object) -> Ref | None:
    """The reference a plain value stands for, if it is one: `{"ref": "s1", "path": "..."}`."""
    if isinstance(value, Ref):
        return value
    if isinstance(value, dict) and value.keys() in ({"ref"}, {"ref", "path"}):
        return Ref.model_validate(value)
    return None


def references(value: object) -> list[Ref]:
    """Every reference inside a value, nested ones too."""
    if (ref := as_ref(value)) is not None:
        return [ref]
    if isinstance(value, dict):
        return [r for v in value.values() for r in references(v)]
    if isinstance(value, (list, tuple)):
        return [r for v in value for r in references(v)]
    return []


def needs(step: Step) -> frozenset[str]:
    """Ids of the steps that must be done before this one."""
    offered = [step.offers] if step.offers else []
    return frozenset(step.needs) | {r.ref for r in [*references(step.args), *offered]}


def look_up(ref: Ref, done: Mapping[str, StepState]) -> tuple[Any, Label]:
    """The value a reference points at, and its label. :raises Unresolved: there is nothing."""
    if ref.ref not in done:
        raise Unresolved(f"step {ref.ref} has left no output")
    state = done[ref.ref]
    value: Any = state.value
    for name, index in _PART.findall(ref.path):
        try:
            value = value[int(index)] if index else value[name]
        except (KeyError, IndexError, TypeError):
            raise Unresolved(f"{ref.ref}.{ref.path} is not there") from None
    return value, label_of(state, ref.path)


def label_of(state: StepState, path: str) -> Label:
    """The label of a part of an output: that of the longest named prefix, else of the whole, else untrusted."""
    labels = state.labels or {}
    names = [n for n in labels if n == path or (n and path.startswith((f"{n}.", f"{n}[")))]
    named = max(names, key=len, default="")
    return _LABEL.validate_python(labels[named]) if named in labels else Label()


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


def plain(labels: Mapping[str, Label]) -> dict[str, Any]:
    """Labels as JSON: a class would be lost in a checkpoint, in silence."""
    return {name: _LABEL.dump_python(label, mode="json") for name, label in labels.items()}


def labels_from(plain_labels: Mapping[str, Any]) -> dict[str, Label]:
    """Labels from their JSON."""
    return {name: _LABEL.validate_python(value) for name, value in plain_labels.items()}
