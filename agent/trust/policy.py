"""The one gate in front of every write: allow, ask or deny, judged on the final arguments.

A pure function over values with their labels and a table of rows (config/policy.toml). The first row that
fits decides; an operation that none fits does not happen.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from deskhand.agent.trust.conditions import ABOUT, COUNTED, FILLERS, PLAIN
from deskhand.agent.trust.facts import Facts
from deskhand.agent.trust.write import Write
from deskhand.agent.values import digest
from deskhand.config.policy import Outcome, Row, Setting, settled, shipped
from deskhand.connectors.model import Label
from deskhand.connectors.operations import Operation

__all__ = ["Facts", "Looked", "Outcome", "Policy", "Row", "Verdict", "effective", "judge", "looked_at"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policy says of one write, by which row, and why in words for the person."""

    outcome: Outcome
    rule: str
    why: str
    policy: str = ""
    """The version of the rules about this operation (`Policy.version`)."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One row, held against one write."""

    row: Row
    held: tuple[tuple[str, bool], ...]
    """Its conditions in their order, up to the first that did not hold."""
    fits: bool


@dataclass(frozen=True)
class Policy:
    """The rules in force, in their order."""

    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        """:raises ValueError: a row asks what nobody can answer; says which."""
        for row in self.rows:
            if wrong := _unsound(row):
                raise ValueError(f"policy, row {row.id!r}: {wrong}.")

    def about(self, operation: str) -> tuple[Row, ...]:
        """The rows about an operation of this name."""
        return tuple(r for r in self.rows if r.about(operation))

    def version(self, operation: str) -> str:
        """Names the rules about one operation: bound into every approval, so that a yes under others does not
        count. What words they use for it makes no difference."""
        return _version(self.about(operation))

    @property
    def whole(self) -> str:
        """Names all the rules together."""
        return _version(self.rows)


def _version(rows: Sequence[Row]) -> str:
    return digest([[r.id, r.operations, r.when, r.then, sorted(r.numbers.items())] for r in rows])


def effective(settings: Mapping[str, Setting]) -> Policy:
    """The rules as a person set them. :raises ConfigError: they may not be set so."""
    return Policy(settled(_shipped(), settings))


@cache
def _shipped() -> tuple[Row, ...]:
    return shipped()


def judge(operation: Operation, labels: Mapping[str, Label], facts: Facts, policy: Policy) -> Verdict:
    """Judge an operation on its final arguments. `labels` are by argument; a missing one is untrusted."""
    write = Write(operation, labels, facts)
    version = policy.version(operation.name)
    for looked in _looks(write, policy):
        if looked.fits:
            row = looked.row
            return Verdict(row.then, row.id, _filled(row, write), version)
    return Verdict("deny", "default", f"no rule allows {operation.name}", version)


def looked_at(
    operation: Operation, labels: Mapping[str, Label], facts: Facts, policy: Policy
) -> list[Looked]:
    """The rows that `judge` holds against a write, in order; the last one decides, where one fits."""
    made: list[Looked] = []
    for looked in _looks(Write(operation, labels, facts), policy):
        made.append(looked)
        if looked.fits:
            break
    return made


def _looks(write: Write, policy: Policy) -> Iterator[Looked]:
    for row in policy.about(write.operation.name):
        held: list[tuple[str, bool]] = []
        for phrase in row.when:
            held.append((phrase, _holds(phrase, write, row)))
            if not held[-1][1]:
                break
        yield Looked(row, tuple(held), all(holds for _, holds in held))


def _holds(phrase: str, write: Write, row: Row) -> bool:
    negated, name, rest = _parts(phrase)
    if name in ABOUT:
        held = ABOUT[name](write, rest)
    elif name in COUNTED:
        held = COUNTED[name](write, row.numbers[rest[0]])
    else:
        held = PLAIN[name](write)
    return held != negated


def _parts(phrase: str) -> tuple[bool, str, list[str]]:
    """A condition as it is written: whether it is turned round, its name, what it looks at."""
    name, _, rest = phrase.partition(":")
    plain = name.removeprefix("not ")
    return plain != name, plain, [part.strip() for part in rest.split(",") if part.strip()]


def _filled(row: Row, write: Write) -> str:
    named = {n: FILLERS[n](write) for n in _fillers(row.why) if n in FILLERS}
    return row.why.format(**row.numbers, **named)


def _fillers(why: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(why) if name is not None]


def _unsound(row: Row) -> str:
    """What makes a row impossible to hold against anything; "" where nothing does."""
    for phrase in row.when:
        _, name, rest = _parts(phrase)
        if name not in ABOUT and name not in COUNTED and name not in PLAIN:
            return f"there is no condition {name!r}"
        if name in PLAIN and rest:
            return f"{name!r} looks at nothing that is named behind it"
        if name in ABOUT and not rest:
            return f"{name!r} needs arguments behind it"
        if name in COUNTED and (len(rest) != 1 or rest[0] not in row.numbers):
            return f"{name!r} needs one of the row's numbers behind it"
    if unknown := [n for n in _fillers(row.why) if n not in row.numbers and n not in FILLERS]:
        return f"nobody knows what {{{unknown[0]}}} stands for"
    return ""
