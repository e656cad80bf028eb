"""Whether a plan's writes hang on the condition that a row says, and the right way round.

A predicate that nobody here knows how to read is taken to be right: it is the writes without any, and those
on the wrong side of one, that are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tests.agent.planners.corpus_forms import CONDITIONS, Row, goals, seen, writes
from tests.agent.planners.corpus_parts import behind, fits, named, placed, shared, unaccounted

from deskhand.agent.plans.language import Count, Empty, Equals, Not, Number, Plan, Present, Ref, Step


def conditional(row: Row, made: Plan) -> str:
    """Why this is not the plan of a wish with a condition; "" where it is."""
    then = placed(row["then"], made)
    if isinstance(then, str):
        return then
    done = frozenset(s.id for steps in then for s in steps if not shared(s))
    own = frozenset(s.id for steps in then for s in steps)  # what the other branch looks up is rather its own
    other = placed(row.get("otherwise", []), made, own)
    if isinstance(other, str):
        other = placed(row.get("otherwise", []), made, done)
    if isinstance(other, str):
        return f"otherwise: {other}"
    if left := unaccounted(made, then, other):
        return left
    reason = "there is no condition"
    for goal in goals(row["condition"]):
        reason = _held(goal, row["condition"], made, then, other)
        if not reason:
            return ""
    return reason


Branch = Sequence[Sequence[Step]]
"""The steps of each part of a branch."""


def _held(goal: str, condition: Row, made: Plan, then: Branch, other: Branch) -> str:
    """Why what is done does not hang on the condition, the right way round."""
    looks = [s for s in made.steps if s.op.startswith(CONDITIONS[goal]) and not writes(s.op)]
    asked = [s for s in looks if not s.otherwise]  # what is done "otherwise" is what hangs on it
    if not asked:
        return f"nothing looks whether “{goal}”"
    about = {i for s in asked for i in (s.id, *behind(s.id, made))}
    looked = [s for s in made.steps if s.id in about]
    for name, value in condition.items():
        if name in ("goal", "goals", "least", "most", "holds"):
            continue
        if not any(fits(name, value, got) for n in (name, *_ALSO.get(name, ())) for got in seen(looked, n)):
            return f"the condition's {name} is not {value!r}"
    holds = condition.get("holds", True) != ((goal == "who_free") != (goals(condition)[0] == "who_free"))
    ids = {s.id for s in asked}
    for branch, wanted in ((then, holds), (other, not holds)):
        for steps in branch:
            said = _guards(steps, ids, made, each=goal in _LISTED and not condition.keys() & _NUMBERS)
            if not said and _shows(steps, ids, made):
                continue
            if not said:
                return f"{named(steps)} is done whatever the condition"
            if any(_miscounts(p, condition) for p, _ in said):
                return "it counts to another number"
            if any(_says(p, goal, condition) is (wanted != way) for p, way in said):
                return f"{named(steps)} is done the wrong way round"
    return ""


_ALSO = {"start": ("at",), "people": ("person",)}


_LISTED = frozenset({"have_event", "answered"})
_NUMBERS = frozenset({"least", "most"})


def _shows(steps: Sequence[Step], asked: set[str], made: Plan) -> bool:
    """Whether a part only shows what the condition found: where that is nothing, it shows nothing."""
    if any(writes(s.op) for s in steps):
        return False
    return any(asked & {s.id, *behind(s.id, made)} for s in steps)


def _guards(
    steps: Sequence[Step], asked: Iterable[str], made: Plan, *, each: bool
) -> list[tuple[object, bool]]:
    """The predicates over the condition that a part hangs on, each with whether it must hold.

    `each`: to be done for each thing that the condition found is to be done only where there is one.
    """
    by_id = {s.id: s for s in made.steps}
    key = next((s for s in steps if writes(s.op)), steps[-1])
    found: list[tuple[object, bool]] = []
    for i in (key.id, *behind(key.id, made)):
        step = by_id[i]
        if step.when is not None and _over(step.when, asked, made):
            found.append((step.when, True))
        if each and step.for_each is not None and _over(step.for_each, asked, made):
            found.append((step.for_each, True))
        before = by_id.get(step.otherwise)
        if before is not None and before.when is not None and _over(before.when, asked, made):
            found.append((before.when, False))
    return found


def _over(test: object, asked: Iterable[str], made: Plan) -> bool:
    ids = {r.ref for r in _refs(test)}
    return bool(set(asked) & {j for i in ids for j in (i, *behind(i, made))})


def _refs(test: object) -> list[Ref]:
    if isinstance(test, Ref):
        return [test]
    of = getattr(test, "of", ())
    return [r for one in (of if isinstance(of, tuple) else (of,)) for r in _refs(one)]


def _says(test: object, goal: str, condition: Row) -> bool | None:
    """Whether a predicate holds where the condition does (True), or does not (False); None: unknown."""
    if isinstance(test, Not):
        inner = _says(test.of, goal, condition)
        return None if inner is None else not inner
    of = getattr(test, "of", test)
    sign = _sign(of, goal) if isinstance(of, Ref) else None
    numbers = bool(condition.keys() & _NUMBERS)
    if isinstance(test, (Count, Number)):
        if numbers:
            return _interval(test.least or 0, test.most, condition)
        if (test.least or 0) >= 1 and test.most is None:
            return sign
        return _not(sign) if test.most == 0 else None
    if numbers:
        return None
    if isinstance(test, (Ref, Present)):
        return sign
    if isinstance(test, Empty):
        return _not(sign)
    return sign if isinstance(test, Equals) and test.value is True else None


def _not(sign: bool | None) -> bool | None:
    return None if sign is None else not sign


def _interval(least: float, most: float | None, condition: Row) -> bool | None:
    low, high = condition.get("least", 0), condition.get("most")
    if (least, most) == (low, high):
        return True
    opposite = (0, low - 1) if high is None else (high + 1, None)
    return False if (least, most) == opposite else None


def _miscounts(test: object, condition: Row) -> bool:
    """Whether a predicate counts, and neither to the condition's number nor to the one it begins at."""
    inner = test.of if isinstance(test, Not) else test
    if not isinstance(inner, (Count, Number)) or not condition.keys() & _NUMBERS:
        return False
    return _interval(inner.least or 0, inner.most, condition) is None


def _sign(ref: Ref, goal: str) -> bool | None:
    if goal != "who_free":
        return True
    path = f"{ref.path} {ref.then}".lower()
    if re.search(r"busy|taken|clash|conflict|meeting|event", path):
        return False
    return True if re.search(r"free|slot|fit|able", path) else None
