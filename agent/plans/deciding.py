"""Whether a typed predicate holds over earlier outputs: yes, no, or not known.

Not known is never taken for granted: what is missing makes a comparison not known, "not" of that is not
known either (Kleene's logic), and a step whose `when` is not known is not done but told.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from deskhand.agent.plans import language as say
from deskhand.agent.plans.language import Predicate, Ref


class Unresolved(Exception):
    """A reference points at nothing; the message names it."""


def holds(test: Predicate, find: Callable[[Ref], Any]) -> bool | None:
    """Whether a predicate holds; None: what it looks at is missing, or is not of the kind it compares.

    :param find: the value of a reference. It raises `Unresolved` where there is none.
    """
    match test:
        case say.Not():
            inner = holds(test.of, find)
            return None if inner is None else not inner
        case say.Every() | say.Some():
            return _joined([holds(one, find) for one in test.of], every=isinstance(test, say.Every))
        case say.Present() | say.Empty():
            return bool(_value(test.of, find)) is isinstance(test, say.Present)
        case _:
            value = _value(test.of, find)
            other = getattr(test, "value", None)
            return None if value is None else _compared(test, value, _resolved(other, find))


def references(test: Predicate) -> list[Ref]:
    """Every reference that a predicate looks at."""
    match test:
        case say.Not():
            return references(test.of)
        case say.Every() | say.Some():
            return [r for one in test.of for r in references(one)]
        case _:
            found = [test.of]
            other = getattr(test, "value", None)
            return [*found, other] if isinstance(other, Ref) else found


def rewritten(test: Predicate, change: Callable[[Ref], Ref]) -> Predicate:
    """The same predicate over other references."""
    match test:
        case say.Not():
            return test.model_copy(update={"of": rewritten(test.of, change)})
        case say.Every() | say.Some():
            return test.model_copy(update={"of": tuple(rewritten(one, change) for one in test.of)})
        case _:
            other = getattr(test, "value", None)
            also = {"value": change(other)} if isinstance(other, Ref) else {}
            return test.model_copy(update={"of": change(test.of), **also})


def _joined(found: list[bool | None], *, every: bool) -> bool | None:
    decisive = not every
    if decisive in found:
        return decisive
    return None if None in found else every


def _compared(test: Predicate, value: Any, other: Any) -> bool | None:
    match test:
        case say.Equals():
            return None if other is None else _same(value, other)
        case say.Contains():
            return None if other is None else _contains(value, other)
        case say.Before() | say.After():
            one, two = _instant(value), _instant(other)
            if one is None or two is None:
                return None
            return one < two if isinstance(test, say.Before) else one > two
        case say.Count():
            size = len(value) if isinstance(value, (list, tuple)) else None
            return None if size is None else test.least <= size and (test.most is None or size <= test.most)
        case say.Number():
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                return None
            low = test.least is None or value >= test.least
            return low and (test.most is None or value <= test.most)
        case _:  # pragma: no cover: the others were decided above
            return None


def _value(ref: Ref, find: Callable[[Ref], Any]) -> Any:
    try:
        return find(ref)
    except Unresolved:
        return None


def _resolved(other: Any, find: Callable[[Ref], Any]) -> Any:
    return _value(other, find) if isinstance(other, Ref) else other


def _same(one: Any, two: Any) -> bool | None:
    if isinstance(one, bool) or isinstance(two, bool):
        return one is two if isinstance(one, bool) and isinstance(two, bool) else None
    if isinstance(one, str) and isinstance(two, str):
        first, second = _instant(one), _instant(two)
        if first is not None and second is not None:
            return first == second  # the same instant may be written in two zones
        return one.casefold() == two.casefold()
    if isinstance(one, (int, float)) and isinstance(two, (int, float)):
        return one == two
    return one == two if type(one) is type(two) else None


def _contains(value: Any, other: Any) -> bool | None:
    if isinstance(value, str) and isinstance(other, str):
        return " ".join(other.casefold().split()) in " ".join(value.casefold().split())
    if isinstance(value, (list, tuple)):
        return any(_same(one, other) is True for one in value)
    return None


def _instant(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo is not None else None
