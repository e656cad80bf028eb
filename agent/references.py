"""Turns a step's arguments into final values: looks references up in earlier outputs, with their labels.

The law: the label of what was looked up is the join of every label in it. However a path is spelt, a part
that was labelled never comes out under a better label, and what nobody labelled is untrusted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from deskhand.agent.model import Ref, Step
from deskhand.agent.state import StepState
from deskhand.connectors.model import Label, join

Parts = tuple[str | int, ...]

_PATH = re.compile(r"(?:[^.\[\]]+|\[-?\d{1,9}\])(?:\.[^.\[\]]+|\[-?\d{1,9}\])*")
_PART = re.compile(r"([^.\[\]]+)|\[(-?\d+)\]")
_LABEL = TypeAdapter(Label)


class Unresolved(Exception):
    """A reference points at nothing; the message names it."""


def as_ref(value: object) -> Ref | None:
    """The reference a plain value stands for, if it is one: `{"ref": "s1", "path": "..."}`."""
    if isinstance(value, Ref):
        return value
    if not isinstance(value, dict) or value.keys() not in ({"ref"}, {"ref", "path"}):
        return None
    return Ref.model_validate(value) if all(isinstance(v, str) for v in value.values()) else None


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
    others = [ref for ref in (step.offers, step.notes, step.when, step.for_each) if ref is not None]
    found = frozenset(step.needs) | {r.ref for r in [*references(step.args), *others]}
    return found - {"each"} if step.for_each else found


def wanted(step: Step, done: Mapping[str, StepState]) -> bool:
    """Whether a step's `when` holds, once what it points at is done."""
    if step.when is None:
        return True
    try:
        return bool(look_up(step.when, done)[0])
    except Unresolved:
        return False


def look_up(ref: Ref, done: Mapping[str, StepState]) -> tuple[Any, Label]:
    """The value a reference points at, and its label. :raises Unresolved: there is nothing."""
    state = done.get(ref.ref)
    if state is None or state.state != "done":
        raise Unresolved(f"step {ref.ref} has left no output")
    value: Any = state.value
    at: list[str | int] = []
    for part in _parts(ref.path):
        if isinstance(part, int) and isinstance(value, list) and -len(value) <= part < len(value):
            # Counted from the front, so that a label named by that place is found.
            part %= len(value)
        elif not (isinstance(part, str) and isinstance(value, dict) and part in value):
            raise Unresolved(f"{ref.ref}.{ref.path} is not there")
        value = value[part]
        at.append(part)
    return value, label_of(state, tuple(at))


def label_of(state: StepState, at: Parts) -> Label:
    """The label of a part of an output.

    It is that of the longest named prefix (untrusted where there is none), joined with those of all the
    named parts inside.
    """
    named = {_parts(name): _LABEL.validate_python(label) for name, label in (state.labels or {}).items()}
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


def _parts(path: str) -> Parts:
    if not path:
        return ()
    if not _PATH.fullmatch(path):
        raise Unresolved(f"{path!r} is no path; write it like slots[0].start")
    return tuple(int(index) if index else name for name, index in _PART.findall(path))


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
