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
LONGEST_ID = 60
"""Characters of the id of a step."""

DEEPEST = 100
"""Tables and lists in one another."""

_BRANCH = re.compile(r"[A-Z]\w*$|.*\[")
"""How pydantic names a branch of a union in the place of a mistake: no part of the plan."""
_PLAIN = frozenset({"str", "int", "float", "bool", "datetime", "constrained-int"})
"""So it names the branches that are no tables."""

_TIME = "it must be a time with its zone, like 2026-11-25T10:00:00+00:00"
_KINDS = {
    "string_type": "it must be text", "int_type": "it must be a whole number", "bool_type": "it must be true "
    "or false", "tuple_type": "it must be a list", "list_type": "it must be a list",
    "dict_type": "it must be a table of names and values", "model_type": "it must be a table of names and "
    "values", "model_attributes_type": "it must be a table of names and values", "missing": "it is missing",
    "timezone_aware": "the time needs a zone, like +01:00", "datetime_type": _TIME, "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME, "int_from_float": "it must be a whole number",
    "int_parsing": "it must be a whole number", "float_type": "it must be a number",
    "float_parsing": "it must be a number", "bool_parsing": "it must be true or false",
}  # fmt: skip
_REF = 'Write a reference, like {"ref": "found", "path": "title"}.'
_REMEDIES = {
    "id": "Write lower-case letters, digits and _, with a letter first: found, mail_2.",
    "op": "Name an operation, like item.find; docs/operations.md lists them.",
    "when": 'Write a test, like {"test": "present", "of": {"ref": "found", "path": "title"}}.',
    "where": 'Write a test of each, like {"test": "present", "of": {"ref": "each", "path": "title"}}.',
    "of": _REF, "for_each": 'Write a reference to a list, like {"ref": "found", "path": "own"}.',
    "offers": _REF, "notes": _REF, "ref": "Name a step by its id.", "test": f"One of: {', '.join(_TESTS)}.",
    "value": "Write what it is compared with: a value or a reference.",
    "args": 'Write each by its name, like {"about": "harbour"}.',
    "retry": 'Write it like {"attempts": 3, "backoff": 1}.',
    "fallback": 'Write an operation with its arguments, like {"op": "item.find", "args": {"about": "x"}}.',
    "compensation": 'Write an operation with its arguments, like {"op": "mail.send", "args": {...}}.',
    "request": "Write what was asked for.", "objective": "Say in a sentence what will be done.",
    "steps": 'Write a list of steps, each like {"id": "found", "op": "item.find", "args": {"about": "x"}}.',
}  # fmt: skip
"""What to write, by the field, where something else or nothing stands there."""
_SHAPELESS = frozenset(
    {"dict_type", "model_type", "model_attributes_type", "missing", "tuple_type", "string_pattern_mismatch"}
)  # fmt: skip
"""Mistakes after which it has to be said what the whole of a field looks like."""


def too_deep(given: object) -> bool:
    """Whether there is more in one another than any plan needs: whoever walks through it would give up."""
    level: list[object] = [given]
    for _ in range(DEEPEST):
        inside = (
            v.values() if isinstance(v, Mapping) else v for v in level if isinstance(v, (Mapping, list))
        )
        level = [one for values in inside for one in values]
        if not level:
            return False
    return True


def misfits(given: Mapping[str, Any], error: ValidationError, *, of: type[BaseModel] = Plan) -> list[Fault]:
    """The faults of what was given as a plan (or a part of one), each with the step and the field as they
    stand there; one for each place, whatever might have stood there."""
    found = dict[tuple[str, str], list[tuple[str, str]]]()
    for one in error.errors():
        if _meant(given, one):
            step, field, last = _place(given, one)
            said = _said(one, [str(p) for p in one["loc"]], last, of)
            found.setdefault((step, field), []).append(said)
    return [
        Fault(_either([p for p, _ in said]), next((r for _, r in said if r), ""), step, field)
        for (step, field), said in found.items()
    ]


def in_words(error: ErrorDetails) -> str:
    """What is wrong with one value, by pydantic's finding, without a full stop."""
    kind, said = error["type"], str(error["msg"])
    if kind == "literal_error":
        return f"it must be {(error.get('ctx') or {})['expected']}"
    if kind in _KINDS:
        return _KINDS[kind]
    if kind == "string_pattern_mismatch":
        address = error["loc"][-1:] == ("address",)
        return "it must be an e-mail address" if address else "it is not written as it must be"
    short = said.removeprefix("Value error, ").removeprefix("Input should ")
    return (f"it must {short}" if said.startswith("Input should ") else short).rstrip(".")


def _either(problems: Sequence[str]) -> str:
    """What is wrong where one of several things might have stood."""
    start = "it must be "
    several = list(dict.fromkeys(problems))
    if len(several) == 1 or not all(p.startswith(start) for p in several):
        return several[0]
    wanted = [p.removeprefix(start) for p in several]
    return f"{start}{', '.join(wanted[:-1])}, or {wanted[-1]}"


def _meant(given: Any, error: ErrorDetails) -> bool:
    """Whether a mistake is about what was written: of a union, pydantic tells of every branch."""
    value = given
    for part in error["loc"]:
        if part in _PLAIN and isinstance(value, Mapping) and part not in value:
            return "ref" not in value  # a reference was meant, and not a value
        if isinstance(part, str) and _BRANCH.match(part):
            if isinstance(value, Mapping):
                if (part == "Ref") is not ("ref" in value and "test" not in value):
                    return False
            elif part == "Ref":
                return False  # nobody writes a reference as a word: the other branches say what is wrong
        elif part in _TESTS and isinstance(value, Mapping) and value.get("test") == part:
            continue  # it names the branch, and no field
        elif isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, Sequence) and isinstance(part, int) and part < len(value):
            value = value[part]
    return True


def _place(given: Mapping[str, Any], error: ErrorDetails) -> tuple[str, str, str]:
    """The step, the field in it, and the last name of that field."""
    named = [
        p for p in error["loc"]
        if not (isinstance(p, str) and (_BRANCH.match(p) or p in _TESTS or p in _PLAIN))
    ]  # fmt: skip
    step, path = "", named
    if len(named) > 1 and named[0] == "steps" and isinstance(named[1], int):
        there = given["steps"][named[1]]
        id_ = there.get("id") if isinstance(there, Mapping) else None
        called = isinstance(id_, str) and 0 < len(id_) <= LONGEST_ID
        step, path = (str(id_) if called else f"{named[1] + 1}"), named[2:]
    field = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).lstrip(".")
    return step, field, str(path[-1]) if path else ""


def _said(error: ErrorDetails, loc: Sequence[str], field: str, of: type[BaseModel]) -> tuple[str, str]:
    kind, about = error["type"], error.get("ctx") or {}
    if kind == "extra_forbidden":
        return "there is no such field", instead(field, _fields(loc[:-1], of))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        tests = f"There are: {', '.join(_TESTS)}."
        return (
            (f"there is no test “{about['tag']}”", tests) if "tag" in about else ("no test is named", tests)
        )
    if kind == "string_pattern_mismatch":
        return "that cannot be its name", _REMEDIES.get(field, "")
    remedy = (
        _REMEDIES.get(field, "")
        if kind in _SHAPELESS or (field == "value" and kind != "timezone_aware")
        else ""
    )
    if kind == "too_short":
        return "it is empty", "Write at least one."
    return in_words(error), remedy


def _fields(loc: Sequence[str], of: type[BaseModel]) -> list[str]:
    """The fields of that part of a plan."""
    for part in reversed(loc):
        made = _TESTS.get(part) or _INSIDE.get(part) or (Ref if part == "Ref" else None)
        if made is not None:
            return list(made.model_fields)
    return list(of.model_fields)
