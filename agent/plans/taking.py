"""Whether a value of one kind can be taken where another is wanted, compared with it, or sorted by."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from deskhand.agent.actions._shapes import Has
from deskhand.agent.plans.kinds import Amiss, Kind, Many, OneOf, Row, Table, is_record, parts_of
from deskhand.connectors.model import ItemRef

TEXT = (str, datetime, date, time, ItemRef)
NUMBERS = (int, float)


def fits(takes: Kind, given: Kind, *, name: str, said: str) -> None:
    """See that what is given can be taken. :raises Amiss: it never can.

    :param name: the argument. :param said: what is given, in words.
    """
    if (given.null and takes.null and not given.types) or _could(takes, given):
        return
    inside, wanted = given.elements(), takes.elements()
    if inside is not None and wanted is None and _could(takes, inside):
        raise Amiss(
            f"{said} is a list, and {name} takes one of it",
            "Say which: take “first”, “last” or “only”; or go over it with for_each.",
        )
    if wanted is not None and _could(wanted, given):
        raise Amiss(f"{said} is {given}, and {name} takes a list", "Put it into one: [{...}].")
    named = [n for t in given.types if is_record(t) for n, (k, _) in parts_of(t).items() if _could(takes, k)]
    part = f"Say which part: {' or '.join(f'“{n}”' for n in named[:4])}." if named else ""
    raise Amiss(f"{said} is {given}, and {name} takes {takes}", part)


def _could(takes: Kind, given: Kind) -> bool:
    return any(_taken(t, g) for t in takes.types for g in given.types)


def _taken(takes: Any, given: Any) -> bool:
    """Whether some value of one type can be taken as another (as pydantic does, not strictly)."""
    if Any in (takes, given):
        return True
    match takes:
        case Many(of):
            return any(_could(of, one) for one in _each(given, 1))
        case Row(of):
            each = _each(given, len(of))
            return len(each) == len(of) and all(map(_could, of, each))
        case Has(names):
            return isinstance(given, Table) or (is_record(given) and {*names} <= parts_of(given).keys())
        case Table():
            return isinstance(given, Table) or is_record(given)
        case OneOf(of):
            return bool({*of} & {*given.of}) if isinstance(given, OneOf) else given in {type(v) for v in of}
    if is_record(takes):
        return isinstance(given, Table) or (is_record(given) and _parts_taken(takes, given))
    given = type(given.of[0]) if isinstance(given, OneOf) else given
    if takes is str:
        return given in TEXT
    if takes is ItemRef:
        return given in (str, ItemRef)
    if takes is date:
        return given in (date, datetime)
    if takes in NUMBERS:
        return given in (*NUMBERS, bool)
    return given is takes or (takes is bool and given is int)


def _each(type_: Any, many: int) -> tuple[Kind, ...]:
    """The kinds in a list of this type, were it so long; () where it is none."""
    if isinstance(type_, Many):
        return (type_.of,) * many
    return type_.of if isinstance(type_, Row) else ()


def _parts_taken(takes: Any, given: Any) -> bool:
    there = parts_of(given)
    return all(
        _could(wanted, there[name][0]) if name in there else not needed
        for name, (wanted, needed) in parts_of(takes).items()
    )


def some(found: Kind, of: tuple[Any, ...]) -> bool:
    """Whether it may be one of these types."""
    return any(t is Any or t in of or (isinstance(t, OneOf) and type(t.of[0]) in of) for t in found.types)


def kind_of_literal(value: Any) -> Kind:
    """The kind of what a predicate compares with."""
    return Kind((datetime,)) if isinstance(value, datetime) else Kind((type(value),))


def like(one: Any, two: Any) -> bool:
    """Whether values of two types can be the same (`deciding`)."""
    return Any in (one, two) or _form(one) == _form(two)


def _form(type_: Any) -> Any:
    if isinstance(type_, OneOf):
        type_ = type(type_.of[0])
    if isinstance(type_, (Many, Row)):
        return "list"
    if isinstance(type_, Table) or is_record(type_):
        return "object"
    return "text" if type_ in TEXT else "number" if type_ in NUMBERS else type_
