"""Where the parts of a wish are in a plan: each one's operations, hung together, with its literals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.agent.planners.corpus_forms import Row, expected, goals, seen, variants, writes

from deskhand.agent.plans.language import Plan, Step
from deskhand.agent.plans.references import as_ref, needs

_WORDS = frozenset({"about", "title", "subject", "body"})
_LOOKS_UP = (".find", ".list")
_NOT_LITERAL = frozenset({"goal", "goals", "of", "to_of", "say"})


def differs(row: Row, steps: Sequence[Step]) -> str:
    """Which literal of a row these steps do not have; "" where they have all.

    Where the row may be of several goals, an argument that none of the steps has says nothing.
    """
    loose = len(goals(row)) > 1
    for name, value in row.items():
        if name in _NOT_LITERAL:
            continue
        found = seen(steps, name)
        if not any(fits(name, value, one) for one in found) and (found or not loose):
            return f"{name} is {found[0] if found else 'not there'!r}, not {value!r}"
    return ""


def fits(name: str, value: object, got: object) -> bool:
    """Whether a plan's value is what a row says; of words only the words count, of people who they are."""
    if isinstance(value, Mapping) and set(value) == {"any_of"}:
        return any(fits(name, one, got) for one in value["any_of"])
    wanted = expected(name, value)
    if name.rpartition(".")[2] in _WORDS and isinstance(wanted, str) and isinstance(got, str):
        return _words(wanted) == _words(got)
    if isinstance(wanted, list) and isinstance(got, list) and all(isinstance(x, str) for x in wanted):
        return sorted(wanted) == sorted(map(str, got)) or wanted == got
    return wanted == got


def _words(text: str) -> list[str]:
    return [w for w in re.findall(r"[\w']+", text.lower()) if w not in ("the", "a", "an", "my", "our")]


def placed(parts: Sequence[Row], made: Plan, taken: frozenset[str] = frozenset()) -> list[list[Step]] | str:
    """The steps of each part, none of them in `taken`, or why there are none."""
    found: list[list[Step]] = []
    reason = _next(parts, made, found, taken)
    return reason or found


def _next(parts: Sequence[Row], made: Plan, found: list[list[Step]], taken: frozenset[str]) -> str:
    if len(found) == len(parts):
        return ""
    part = parts[len(found)]
    reason = f"nothing in {named(made.steps)} is “{' / '.join(goals(part))}”"
    for goal in goals(part):
        free = taken - _same_change(goal, parts, found)
        for steps in _embedded(goal, part, made, free):
            if wrong := differs(part, steps) or _points(part, steps, found, made):
                reason = f"{goal}: {wrong}"
                continue
            found.append(steps)
            rest = _next(parts, made, found, taken | {s.id for s in steps if not shared(s)})
            if not rest:
                return ""
            found.pop()
            reason = rest
    return reason


_OF_ONE_EVENT = frozenset({"move", "anew", "resize"})


def _same_change(goal: str, parts: Sequence[Row], found: Sequence[Sequence[Step]]) -> set[str]:
    """Steps that may do this, too: to move an event and make it shorter can be one change of it."""
    others = _OF_ONE_EVENT - {goal} if goal in _OF_ONE_EVENT else frozenset()
    return {s.id for part, steps in zip(parts, found, strict=False) for s in steps if others & {*goals(part)}}


def shared(step: Step) -> bool:
    """Whether two parts may use the same step: looking up something once is enough."""
    return not writes(step.op) and not step.op.startswith(("mail.compose", "event.shift", "invitation.reply"))


def _embedded(goal: str, part: Row, made: Plan, taken: frozenset[str]) -> Iterator[list[Step]]:
    """Steps that are a plan for the goal: its operations in order, each hanging on an earlier one of them."""
    points = "of" in part or "to_of" in part
    for signature in variants(goal, part):
        cuts = [signature]
        if points and len(signature) > 1 and signature[0].endswith(_LOOKS_UP):
            cuts.append(signature[1:])
        for wanted in cuts:
            yield from _chained(wanted, made, taken, [])


def _chained(
    wanted: Sequence[str], made: Plan, taken: frozenset[str], so_far: list[Step]
) -> Iterator[list[Step]]:
    if len(so_far) == len(wanted):
        yield list(so_far)
        return
    begin = made.steps.index(so_far[-1]) + 1 if so_far else 0
    ids = {s.id for s in so_far}
    for step in made.steps[begin:]:
        if step.op != wanted[len(so_far)] or step.id in taken:
            continue
        lookup = so_far and all(s.op.endswith(_LOOKS_UP) for s in (*so_far, step))
        if not so_far or lookup or ids & behind(step.id, made):
            yield from _chained(wanted, made, taken, [*so_far, step])


def _points(part: Row, steps: Sequence[Step], found: Sequence[Sequence[Step]], made: Plan) -> str:
    """Why a part that points to an earlier one does not take what it needs from there."""
    at = part.get("of", part.get("to_of"))
    if at is None:
        return ""
    there = found[at]
    ids = {s.id for s in there}
    taken = any((ids & behind(s.id, made)) or s.id in ids for s in steps)
    alike = any(s.op == t.op and s.op.endswith(_LOOKS_UP) and s.args == t.args for s in steps for t in there)
    if not taken and not alike:
        return f"it takes nothing from “{named(there)}”"
    if "to_of" in part and any(s.op == "mail.send" and as_ref(s.args.get("to")) is None for s in steps):
        return "whom it goes to is not looked up"
    return ""


def unaccounted(made: Plan, *parts: Sequence[Sequence[Step]]) -> str:
    """The first write that is in none of the parts; "" where there is none."""
    used = {s.id for found in parts for steps in found for s in steps}
    return next((f"nobody asked for {s.op}" for s in made.steps if writes(s.op) and s.id not in used), "")


def behind(step: str, made: Plan) -> set[str]:
    """Ids of all steps that must have been done before this one, near and far."""
    direct = {s.id: needs(s) for s in made.steps}
    found: set[str] = set()
    waiting = [step]
    while waiting:
        new = (direct.get(waiting.pop(), frozenset()) & direct.keys()) - found
        found |= new
        waiting += new
    return found - {step}


def named(steps: Iterable[Step]) -> str:
    """Steps as the reason of a verdict names them."""
    return ", ".join(s.op for s in steps)
