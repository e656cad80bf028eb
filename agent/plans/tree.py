"""A plan as a person reads it: a tree, each step under the last one it waits for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deskhand.agent.plans import language as say
from deskhand.agent.plans.language import Call, Plan, Predicate, Ref, Step
from deskhand.agent.plans.purpose import purpose_of
from deskhand.agent.plans.references import as_ref, needs

_WORDS = {"equals": "is", "contains": "has in it", "before": "is before", "after": "is after"}

_AFTER = {
    "stop": "if it fails, nothing more is begun",
    "compensate": "if it fails, what was done is taken back",
    "ask": "if it fails, you are asked what then",
}

SHOWN = 60
"""Characters of one argument."""


def to_tree(plan: Plan, *, writes: frozenset[str]) -> list[str]:
    """The lines of a plan's tree: purpose, operation, arguments, conditions.

    :param writes: names of operations that change something; they are marked, since they may ask first.
    """
    order = {s.id: n for n, s in enumerate(plan.steps)}
    under: dict[str, list[Step]] = {}
    for step in plan.steps:
        before = [i for i in (*needs(step), *step.after, step.otherwise) if i in order and i != step.id]
        under.setdefault(max(before, key=order.__getitem__, default=""), []).append(step)
    lines: list[str] = []
    _branch(under, "", "", lines, writes)
    return lines


def _branch(
    under: Mapping[str, Sequence[Step]], root: str, lead: str, lines: list[str], writes: frozenset[str]
) -> None:
    steps = under.get(root, ())
    for n, step in enumerate(steps):
        last = n == len(steps) - 1
        mark = "" if not root else "└─ " if last else "├─ "
        below = "" if not root else "   " if last else "│  "
        does = f"{step.op}, writes" if step.op in writes else step.op
        lines.append(f"{lead}{mark}{step.id}: {purpose_of(step)}  ({does})")
        inner = "│  " if under.get(step.id) else "   "
        lines += [f"{lead}{below}{inner}{line}" for line in _details(step)]
        _branch(under, step.id, lead + below, lines, writes)


_UNANSWERED = {"leave out": "left out", "stop": "nothing more is begun"}


def _details(step: Step) -> Iterator[str]:
    for name, value in step.args.items():
        if value in ("", None):
            continue
        yield f"{name}: {_value(value)}"
    if step.for_each is not None:
        yield f"for each of {_ref(step.for_each)}, at most {step.at_most}"
    if step.when is not None:
        yield f"if {_predicate(say.Present(of=step.when) if isinstance(step.when, Ref) else step.when)}"
    if step.otherwise:
        yield f"otherwise (else of {step.otherwise})"
    others = [f"{i} is done" for i in step.needs] + [f"{i} is over" for i in step.after]
    if others:
        yield f"after {', '.join(others)}"
    if step.deadline is not None:
        yield f"begun by {step.deadline.isoformat()}"
    if step.fallback is not None:
        yield f"or instead {_call(step.fallback)}"
    if step.on_failure != "go on":
        yield _AFTER[step.on_failure]
    if step.unanswered != "ask again":
        yield f"{_UNANSWERED[step.unanswered]} where nobody answers its question in time"
    if step.compensation is not None:
        yield f"taken back by {_call(step.compensation)}"


def _call(call: Call) -> str:
    return f"{call.op}({', '.join(f'{n}: {_value(v)}' for n, v in call.args.items())})"


def _value(value: Any) -> str:
    if (ref := as_ref(value)) is not None:
        return f"← {_ref(ref)}"
    if isinstance(value, dict):
        if {"address", "name"} >= value.keys() and value.get("address"):
            return f"{value['name']} <{value['address']}>" if value.get("name") else str(value["address"])
        return _cut(", ".join(f"{k} {_value(v)}" for k, v in value.items()))
    if isinstance(value, (list, tuple)):
        return _cut(", ".join(_value(v) for v in value)) or "none"
    return (
        {True: "yes", False: "no"}[value] if isinstance(value, bool) else _cut(" ".join(str(value).split()))
    )


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _ref(ref: Ref) -> str:
    said = f"{ref.ref}.{ref.path}".rstrip(".")
    if ref.where is not None:
        said += f" where {_predicate(ref.where)}"
    if ref.sort:
        said += f" by {ref.sort}{', downwards' if ref.descending else ''}"
    if ref.take != "all":
        taken = f"one at {ref.take}" if isinstance(ref.take, int) else ref.take
        said = (
            f"how many of {said}"
            if ref.take == "count"
            else f"the {taken} of {said}".replace("the the", "the")
        )
    return f"{ref.then} of {said}" if ref.then else said


def _predicate(test: Predicate) -> str:
    match test:
        case say.Not():
            return f"not ({_predicate(test.of)})"
        case say.Every() | say.Some():
            word = " and " if isinstance(test, say.Every) else " or "
            return word.join(_predicate(one) for one in test.of)
        case say.Present():
            return f"there is {_ref(test.of)}"
        case say.Empty():
            return f"there is no {_ref(test.of)}"
        case say.Count() | say.Number():
            what = f"{_ref(test.of)} has" if isinstance(test, say.Count) else f"{_ref(test.of)} is"
            least = f"at least {test.least:g}" if test.least else ""
            most = f"at most {test.most:g}" if test.most is not None else ""
            return f"{what} {' and '.join(w for w in (least, most) if w) or 'any number'}"
        case _:
            word = {"equals": "is", "contains": "has in it", "before": "is before", "after": "is after"}[
                test.test
            ]
            return f"{_ref(test.of)} {word} {_value(test.value)}"
