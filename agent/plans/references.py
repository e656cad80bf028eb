"""What a step refers to, as its plan says it: nothing is looked up here, and nothing has run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

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


_ID = re.compile(r"[a-z][a-z0-9_]*")


def miswritten(value: object, at: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The tables inside a value that are meant as references and are none, each with its place. Handed on as
    values they would be taken for something else."""
    if isinstance(value, dict) and as_ref(value) is None:
        if _meant(value):
            yield at, value
            return
        for name, inner in value.items():
            yield from miswritten(inner, f"{at}.{name}")
    elif isinstance(value, (list, tuple)):
        for n, inner in enumerate(value):
            yield from miswritten(inner, f"{at}[{n}]")


def _meant(value: Mapping[str, Any]) -> bool:
    """Whether a table names what could be a step, or a path in one."""
    named = value.get("ref")
    return "ref" in value and ("path" in value or (isinstance(named, str) and bool(_ID.fullmatch(named))))


def references(value: object) -> list[Ref]:
    """Every reference inside a value, nested ones and those that its selectors look at too."""
    if (ref := as_ref(value)) is not None:
        inside = looked_at(ref.where) if ref.where is not None else []
        return [ref, *(r for one in inside if one.ref != EACH for r in references(one))]
    if isinstance(value, dict):
        return [] if _meant(value) else [r for v in value.values() for r in references(v)]
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
    return [ref for field, refs in places(step).items() if field != "for_each" for ref in refs]


def places(step: Step) -> Mapping[str, list[Ref]]:
    """The references of a step by the field they stand in: `args.title`, `when`, `for_each` ..."""
    found = {f"args.{name}": references(value) for name, value in step.args.items()}
    if step.when is not None:
        refs = [step.when] if isinstance(step.when, Ref) else looked_at(step.when)
        found["when"] = [r for ref in refs for r in references(ref)]
    for field in ("for_each", "offers", "notes"):
        found[field] = references(getattr(step, field))
    return {field: refs for field, refs in found.items() if refs}
