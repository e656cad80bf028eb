"""What is wrong with the form of a plan that somebody wrote: which step, which field, what to write instead.

The form is checked by pydantic; its words are for programmers, these are for whoever edits a plan.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from deskhand.agent.plans import language
from deskhand.agent.plans.fault import Fault, instead
from deskhand.agent.plans.language import Call, Plan, Ref, Retry, Step

_INSIDE: Mapping[str, type[BaseModel]] = {
    "steps": Step, "retry": Retry, "fallback": Call, "compensation": Call, "for_each": Ref, "offers": Ref,
    "notes": Ref,
}  # fmt: skip
_TESTS: Mapping[str, type[BaseModel]] = {
    made.model_fields["test"].default: made
    for made in vars(language).values()
    if isinstance(made, type) and issubclass(made, BaseModel) and "test" in made.model_fields
    and isinstance(made.model_fields["test"].default, str)
}  # fmt: skip
_BRANCH = re.compile(r"[A-Z]\w*$|.*\[")
"""How pydantic names a branch of a union in the place of a mistake: no part of the plan."""

_KINDS = {
    "string_type": "it must be text", "int_type": "it must be a whole number", "bool_type": "it must be true "
    "or false", "tuple_type": "it must be a list", "dict_type": "it must be a table of names and values",
    "model_type": "it must be a table of names and values", "missing": "it is missing",
    "extra_forbidden": "there is no such field", "timezone_aware": "the time needs a zone, like +01:00",
    "int_from_float": "it must be a whole number", "float_type": "it must be a number",
}  # fmt: skip
_REMEDIES = {"id": "Write lower-case letters, digits and _, with a letter first: found, mail_2."}


def misfits(given: Mapping[str, Any], error: ValidationError) -> list[Fault]:
    """The faults of what was given as a plan, each with the step and the field as they stand there."""
    return list(dict.fromkeys(_fault(given, one) for one in error.errors() if _meant(given, one)))


def _meant(given: Any, error: ErrorDetails) -> bool:
    """Whether a mistake is about what was written: of a union, pydantic tells of every branch."""
    value = given
    for part in error["loc"]:
        if isinstance(part, str) and _BRANCH.match(part) and isinstance(value, Mapping):
            if (part == "Ref") is not ("ref" in value and "test" not in value):
                return False
        elif isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, Sequence) and isinstance(part, int) and part < len(value):
            value = value[part]
    return True


def _fault(given: Mapping[str, Any], error: ErrorDetails) -> Fault:
    named = [p for p in error["loc"] if not (isinstance(p, str) and (_BRANCH.match(p) or p in _TESTS))]
    step, path = "", named
    if len(named) > 1 and named[0] == "steps" and isinstance(named[1], int):
        there = given["steps"][named[1]]
        id_ = there.get("id") if isinstance(there, Mapping) else None
        step, path = (id_ if isinstance(id_, str) and id_ else f"{named[1] + 1}"), named[2:]
    field = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).lstrip(".")
    problem, remedy = _said(error, [str(p) for p in error["loc"]], str(path[-1]) if path else "")
    return Fault(problem, remedy, step, field)


def _said(error: ErrorDetails, loc: Sequence[str], field: str) -> tuple[str, str]:
    kind, about = error["type"], error.get("ctx") or {}
    if kind == "extra_forbidden":
        return "there is no such field", instead(field, _fields(loc[:-1]))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return f"there is no test “{about.get('tag', '')}”", f"There are: {', '.join(_TESTS)}."
    if kind == "literal_error":
        return f"it must be {about['expected']}", ""
    if kind == "string_pattern_mismatch":
        return "that cannot be its name", _REMEDIES.get(field, "")
    if kind in _KINDS:
        return _KINDS[kind], ""
    said = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input should ")
    return (f"it must {said}" if str(error["msg"]).startswith("Input should ") else said).rstrip("."), ""


def _fields(loc: Sequence[str]) -> list[str]:
    """The fields of that part of a plan."""
    for part in reversed(loc):
        made = _TESTS.get(part) or _INSIDE.get(part) or (Ref if part == "Ref" else None)
        if made is not None:
            return list(made.model_fields)
    return list(Plan.model_fields)
