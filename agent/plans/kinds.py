"""Kinds of values: what an operation gives and takes, as far as a plan can be held to it before it runs.

A kind is made of the types that operations declare. What is not declared, or is of a type that is not known
here, may be anything: a plan is refused only for what is certain to fail.
"""

from __future__ import annotations

import types
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import AwareDatetime, BaseModel, NaiveDatetime

from deskhand.agent.actions._shapes import HANDLE, Has
from deskhand.agent.plans.deciding import Unresolved
from deskhand.agent.plans.fault import instead
from deskhand.agent.plans.selecting import parts
from deskhand.connectors.model import ItemRef

_PLAIN = (bool, int, float, str, datetime, date, time)
_NAMED = 4
_SEVERAL = {
    "a number": "numbers", "a time": "times", "a day": "days", "a time of day": "times of day",
    "a ref": "refs", "an object": "objects", "a list": "lists",
}  # fmt: skip
_WORDS: Mapping[Any, tuple[str, str]] = {
    str: ("text", "text"), bool: ("yes or no", "boolean"), int: ("a number", "number"),
    float: ("a number", "number"), datetime: ("a time", "time"), date: ("a day", "day"),
    time: ("a time of day", "time of day"), ItemRef: ("a ref", "ref"), Any: ("anything", "anything"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """What may stand somewhere: one of some types, or null."""

    types: tuple[Any, ...]
    """Plain types, models, and the forms below; `Any` where it is not known."""
    null: bool = False

    def elements(self) -> Kind | None:
        """What is in it, where it can be a list; else None."""
        found = [k for t in self.types for k in _elements(t)]
        return joined(found) if found else None

    def __str__(self) -> str:
        said = dict.fromkeys(_said(t) for t in self.types)
        return " or ".join(said)


@dataclass(frozen=True, slots=True)
class Many:
    """A list of any length."""

    of: Kind


@dataclass(frozen=True, slots=True)
class Row:
    """A list with a place for each."""

    of: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """An object with any names."""

    of: Kind


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some values."""

    of: tuple[Any, ...]


ANY = Kind((Any,), null=True)
NUMBER = Kind((int,))


class Amiss(Exception):
    """A reference that cannot work out: what is wrong with it, and what to write instead."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


def joined(kinds: Sequence[Kind]) -> Kind:
    """One of these kinds."""
    return Kind(tuple(dict.fromkeys(t for k in kinds for t in k.types)), any(k.null for k in kinds))


def kind(annotation: Any) -> Kind:
    """The kind that a type declares. Values of a `Literal` come sorted: typing knows no order of theirs."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _marked(inner[1:]) or kind(inner[0])
    if origin in (Union, types.UnionType):
        return joined([kind(one) for one in inner])
    if annotation in (None, types.NoneType):
        return Kind((), null=True)
    if origin is Literal:
        return Kind((OneOf(tuple(sorted(inner, key=str))),))
    if origin is tuple and inner[-1:] != (...,):
        return Kind((Row(tuple(kind(one) for one in inner)),))
    made = origin or annotation
    if not isinstance(made, type):
        return ANY
    if made in (AwareDatetime, NaiveDatetime):
        return Kind((datetime,))
    if made in _PLAIN or made is ItemRef or issubclass(made, BaseModel) or is_dataclass(made):
        return Kind((made,))
    if issubclass(made, Mapping):
        return Kind((Table(kind(inner[-1]) if inner else ANY),))
    if issubclass(made, Collection):
        return Kind((Many(kind(inner[0]) if inner else ANY),))
    return ANY


def _marked(metadata: Iterable[Any]) -> Kind | None:
    """The kind that a mark beside a type says (`_shapes`)."""
    found = [ItemRef if mark == HANDLE else mark for mark in metadata if mark == HANDLE or type(mark) is Has]
    return Kind(tuple(found)) if found else None


@cache
def parts_of(model: Any) -> Mapping[str, tuple[Kind, bool]]:
    """The names of a model or dataclass: the kind of each, and whether it is always there."""
    if issubclass(model, BaseModel):
        return {
            n: (_marked(f.metadata) or kind(f.annotation), f.is_required())
            for n, f in model.model_fields.items()
        }
    hints = get_type_hints(model, include_extras=True)
    return {
        f.name: (kind(hints[f.name]), f.default is MISSING and f.default_factory is MISSING)
        for f in fields(model)
    }


def is_record(type_: Any) -> bool:
    """Whether a type has names that are known."""
    if not isinstance(type_, type) or type_ is ItemRef:
        return False
    return issubclass(type_, BaseModel) or is_dataclass(type_)


def at(start: Kind, path: str, *, of: str) -> Kind:
    """What stands at a path. :raises Amiss: nothing can.

    :param of: what it is a path in, for the message.
    """
    try:
        steps = parts(path)
    except Unresolved as error:
        raise Amiss(str(error)) from None
    here, found = "", start
    for part in steps:
        under = [k for t in found.types for k in _under(t, part)]
        if not under:
            raise _no_such(found, part, here, of)
        found = joined(under)
        here += f"[{part}]" if isinstance(part, int) else f".{part}" if here else part
    return found


def short_name(type_: Any) -> str:
    """A plain type in a word."""
    return _WORDS.get(type_, ("", "anything"))[1]


def _under(type_: Any, part: str | int) -> Iterator[Kind]:
    """What a part of a path names in a value of this type."""
    if type_ is Any:
        yield ANY
    elif isinstance(part, int):
        if isinstance(type_, Row) and -len(type_.of) <= part < len(type_.of):
            yield type_.of[part]
        elif isinstance(type_, Many):
            yield type_.of
    elif isinstance(type_, Table):
        yield type_.of
    elif is_record(type_) and part in parts_of(type_):
        yield parts_of(type_)[part][0]


def _elements(type_: Any) -> Iterator[Kind]:
    if type_ is Any:
        yield ANY
    elif isinstance(type_, Many):
        yield type_.of
    elif isinstance(type_, Row):
        yield from type_.of


def _no_such(found: Kind, part: str | int, here: str, of: str) -> Amiss:
    where = f"“{here}” of {of}" if here else of
    if isinstance(part, int):
        return Amiss(f"{where} is {found}, and no list of so many", "Leave the place out.")
    inside = found.elements()
    if inside is not None:
        names = {n for t in inside.types if is_record(t) for n in parts_of(t)}
        if part in names:
            say = f"Say which one: “{here}[0].{part}”; or take “first” and then “{part}”."
            return Amiss(f"{where} is a list, and each in it has its own “{part}”", say)
        return Amiss(f"{where} is {found} and has no “{part}”", "Say which one, with its place: “[0]”.")
    names = {n for t in found.types if is_record(t) for n in parts_of(t)}
    if not names:
        return Amiss(f"{where} is {found or 'nothing'} and has no “{part}”", "Leave that part out.")
    return Amiss(
        f"{where} gives no “{part}”" if not here else f"{where} has no “{part}”",
        instead(part, names, before=f"{here}." if here else "", most=3),
    )


def _said(type_: Any) -> str:
    if isinstance(type_, Many):
        each = str(type_.of)
        return f"a list of {_SEVERAL.get(each, each)}" if type_.of != ANY else "a list"
    if isinstance(type_, Row):
        return f"a list of {len(type_.of)}"
    if isinstance(type_, OneOf):
        return f"one of {', '.join(str(v) for v in type_.of)}"
    if isinstance(type_, Has):
        return f"an object with {', '.join(type_.names)}"
    if isinstance(type_, Table):
        return "an object"
    if is_record(type_):
        names = [*parts_of(type_)]
        more = " ..." if len(names) > _NAMED else ""
        return f"{{{', '.join(names[:_NAMED])}{more}}}"
    return _WORDS.get(type_, ("anything", ""))[0]
