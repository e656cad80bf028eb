"""Whether the references of a plan fit: what they point at is given, and can be taken where it is handed on.

Only what is certain to fail is a fault: a name that no output has, a choice from what is no list, a
comparison that can never be known, a list where one value is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from deskhand.agent.actions import actions
from deskhand.agent.actions._shapes import Given
from deskhand.agent.actions._written import WRITTEN
from deskhand.agent.plans import language as say
from deskhand.agent.plans.fault import Fault
from deskhand.agent.plans.kinds import (
    ANY,
    NUMBER,
    Amiss,
    Kind,
    Many,
    OneOf,
    Row,
    Table,
    at,
    is_record,
    joined,
    kind,
    parts_of,
)
from deskhand.agent.plans.language import EACH, Plan, Predicate, Ref, Step
from deskhand.agent.plans.references import as_ref, references
from deskhand.agent.plans.taking import NUMBERS, TEXT, fits, kind_of_literal, like, some
from deskhand.connectors.operations import OPERATIONS

_SORTED = (*TEXT, *NUMBERS)


def gives(op: str) -> type[Given] | None:
    """What an action or operation leaves for later steps; None where that is not declared."""
    made = actions().get(op)
    return made.gives if made else WRITTEN.get(op)


def misfits(plan: Plan) -> Iterator[Fault]:
    """The references of a plan that cannot work out, each with step, field and what to write instead.

    Steps, operations and arguments that do not exist are others' to find.
    """
    left: dict[str, Kind] = {}
    names = {s.id: f"“{s.id}” ({s.op})" for s in plan.steps}
    for step in plan.steps:
        also = [step.fallback.op] if step.fallback else []  # its output may take the place of the step's
        kinds = [kind(g) if (g := gives(op)) else ANY for op in (step.op, *also)]
        left[step.id] = joined(kinds)
    for step in plan.steps:
        yield from _of_step(step, _Looking(names, left))


def _of_step(step: Step, looking: _Looking) -> list[Fault]:
    found: list[Fault] = []

    def see(field: str, check: Callable[[], object]) -> None:
        try:
            check()
        except Amiss as amiss:
            found.append(Fault(amiss.problem, amiss.remedy, step.id, field))

    if (over := step.for_each) is not None:
        see("for_each", partial(looking.elements, over))
        looking = looking.within(ANY if found else looking.elements(over), "“each”")
    sure = step.when is None and not step.otherwise
    calls = {"": step, "fallback.": step.fallback, "compensation.": getattr(step, "compensation", None)}
    for prefix, call in calls.items():
        takes = _takes(call.op) if call else {}
        for name, value in call.args.items() if call else ():
            if references(value):
                kind_ = takes.get(name, ANY)
                see(f"{prefix}args.{name}", partial(looking.argument, kind_, value, name, sure=sure))
    for field, wanted in (("offers", _OFFERS), ("notes", _NOTES)):
        if (ref := getattr(step, field)) is not None:
            see(field, partial(looking.handed, wanted, ref, field))
    if step.when is not None:
        test = say.Present(of=step.when) if isinstance(step.when, Ref) else step.when
        see("when", partial(looking.test, test))
    return found


_OFFERS, _NOTES = Kind((Many(Kind((Table(ANY),))),)), Kind((Many(Kind((str,))),))


def _takes(op: str) -> Mapping[str, Kind]:
    made = actions().get(op)
    model = made.arguments if made else OPERATIONS.get(op)
    return {n: k for n, (k, _) in parts_of(model).items()} if model else {}


@dataclass(frozen=True, slots=True)
class _Looking:
    """What the steps of a plan give, as one of them sees it."""

    names: Mapping[str, str]
    left: Mapping[str, Kind]

    def within(self, element: Kind, name: str) -> _Looking:
        """The same for what looks at an element of a list, too."""
        return _Looking({**self.names, EACH: name}, {**self.left, EACH: element})

    def chosen(self, ref: Ref) -> Kind:
        """The kind of what a reference chooses. :raises Amiss: it can choose nothing."""
        of = self.names.get(ref.ref, ref.ref)
        found = at(self.left.get(ref.ref, ANY), ref.path, of=of)
        if not ref.selects:
            return found
        what = f"“{ref.path}” of {of}" if ref.path else of
        inside = found.elements()
        if inside is None:
            raise Amiss(f"{what} is {found}, and no list to choose from", "Leave the choice out.")
        if ref.where is not None:
            self.within(inside, f"each of {what}").test(ref.where)
        if ref.sort:
            by = at(inside, ref.sort, of=f"each of {what}")
            if not some(by, _SORTED):
                raise Amiss(
                    f"“{ref.sort}” in each of {what} is {by}, and nothing to sort by", "Name another."
                )
        if ref.take == "count":
            return NUMBER
        taken = at(inside, ref.then, of=f"each of {what}")
        return Kind((Many(taken),)) if ref.take == "all" else taken

    def elements(self, ref: Ref) -> Kind:
        """The kind of what is in a list. :raises Amiss: it is none."""
        found = self.chosen(ref)
        if (inside := found.elements()) is not None:
            return inside
        lists = [n for t in found.types if is_record(t) for n, (k, _) in parts_of(t).items() if k.elements()]
        inner = f"{ref.path}." if ref.path else ""
        there = f"Go over {' or '.join(f'“{inner}{n}”' for n in lists)}." if lists else "Use a plain step."
        raise Amiss(f"{self.called(ref)} is {found}, and no list to go over", there)

    def handed(self, takes: Kind, ref: Ref, name: str) -> Kind:
        """The kind of what is handed on. :raises Amiss: it cannot be taken."""
        found = self.chosen(ref)
        fits(takes, found, name=name, said=self.called(ref))
        return found

    def argument(self, takes: Kind, value: Any, name: str, *, sure: bool) -> None:
        """See that what an argument refers to can be taken. :raises Amiss: it cannot.

        :param sure: nothing decides whether the step is done, so that what may be null comes to it as null.
        """
        if (ref := as_ref(value)) is not None:
            found = self.handed(takes, ref, name)
            if sure and found.null and Any not in found.types and not takes.null:
                test = f'{{"test": "present", "of": {{"ref": "{ref.ref}", "path": "{ref.path}"}}}}'
                raise Amiss(f"{self.called(ref)} may be null, and {name} is needed", f"Add a when: {test}.")
        elif isinstance(value, Mapping):
            for part, inner in value.items():
                known = [parts_of(t)[part][0] for t in takes.types if is_record(t) and part in parts_of(t)]
                known += [t.of for t in takes.types if isinstance(t, Table)]
                self.argument(joined(known) if known else ANY, inner, f"{name}.{part}", sure=sure)
        elif isinstance(value, (list, tuple)):
            for n, inner in enumerate(value):
                rows = [t.of[n] for t in takes.types if isinstance(t, Row) and n < len(t.of)]
                rows += [t.of for t in takes.types if isinstance(t, Many)]
                self.argument(joined(rows) if rows else ANY, inner, f"{name}[{n}]", sure=sure)

    def test(self, test: Predicate) -> None:
        """See that a predicate can hold. :raises Amiss: it never can be known to."""
        match test:
            case say.Not():
                return self.test(test.of)
            case say.Every() | say.Some():
                for one in test.of:
                    self.test(one)
                return None
            case _:
                found = self.chosen(test.of)
        other = getattr(test, "value", None)
        beside = self.chosen(other) if isinstance(other, Ref) else None
        match test:
            case say.Before() | say.After():
                self._compared(test, found, (datetime,), "times")
                if isinstance(other, Ref) and beside is not None and not some(beside, (datetime,)):
                    raise Amiss(f"{self.called(other)} is {beside}, and no time", "Name a time.")
            case say.Number():
                self._compared(test, found, NUMBERS, "numbers", "Of a list, use “count”.")
            case say.Count():
                if found.elements() is None:
                    raise Amiss(f"{self.called(test.of)} is {found}, and no list to count", "Name a list.")
            case say.Contains():
                if not some(found, (*TEXT, Any)) and not some(found.elements() or found, _SORTED):
                    raise Amiss(
                        f"{self.called(test.of)} is {found}, and no words or list of words",
                        "Choose from a list with where and count it.",
                    )
            case say.Equals():
                self._same(test, found, beside if beside is not None else kind_of_literal(other))
            case _:
                pass
        return None

    def _compared(
        self, test: say.Before | say.After | say.Number, found: Kind, of: tuple[Any, ...], what: str,
        remedy: str = "",
    ) -> None:  # fmt: skip
        if not some(found, of):
            problem = f"{self.called(test.of)} is {found}, and “{test.test}” compares {what}"
            raise Amiss(problem, remedy or f"Name one of the {what}.")

    def _same(self, test: say.Equals, found: Kind, other: Kind) -> None:
        choices = [v for t in found.types if isinstance(t, OneOf) for v in t.of]
        if choices and isinstance(test.value, str) and len(found.types) == 1:
            if test.value.casefold() not in {str(v).casefold() for v in choices}:
                never = f"{self.called(test.of)} is never “{test.value}”"
                raise Amiss(never, f"It is one of: {', '.join(map(str, choices))}.")
        elif not any(like(a, b) for a in found.types for b in other.types):
            raise Amiss(f"{self.called(test.of)} is {found}, and never the same as {other}", "Compare likes.")

    def called(self, ref: Ref) -> str:
        """What a reference points at, in words."""
        of, path = self.names.get(ref.ref, ref.ref), ".".join(p for p in (ref.path, ref.then) if p)
        return f"“{path}” of {of}" if path else of
