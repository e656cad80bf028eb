"""What a `Ref` means in an earlier output: which places of it were chosen, and the value that is handed on.

Places are paths into the output itself, never copies: each value keeps the label that stands at its place.
The same output gives the same choice: sorting is stable, and what has no value to sort by comes last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deskhand.agent.plans.deciding import Unresolved, holds
from deskhand.agent.plans.language import EACH, Ref

Parts = tuple[str | int, ...]
Find = Callable[[Ref], Any]
"""The value of a reference to another step. :raises Unresolved: there is nothing."""

_PATH = re.compile(r"(?:[^.\[\]]+|\[-?\d{1,9}\])(?:\.[^.\[\]]+|\[-?\d{1,9}\])*")
_PART = re.compile(r"([^.\[\]]+)|\[(-?\d+)\]")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a reference chose in an output."""

    value: Any
    places: tuple[Parts, ...]
    """Where the value stands: one place, or one for each element of a list that was chosen."""


def parts(path: str) -> Parts:
    """A path, taken apart. :raises Unresolved: it is none."""
    if not path:
        return ()
    if not _PATH.fullmatch(path):
        raise Unresolved(f"{path!r} is no path; write it like slots[0].start")
    return tuple(int(index) if index else name for name, index in _PART.findall(path))


def joined(path: str, then: str) -> str:
    """A path in what stands at a path."""
    return path + (then if not path or not then or then.startswith("[") else f".{then}")


def walk(value: Any, path: str, *, of: str) -> tuple[Any, Parts]:
    """What stands at a path, and the path with its indices counted from the front.

    :param of: what it is a path in, for the message.
    :raises Unresolved: nothing stands there.
    """
    at: list[str | int] = []
    for part in parts(path):
        if isinstance(part, int) and isinstance(value, list) and -len(value) <= part < len(value):
            part %= len(value)  # a label is named by the place counted from the front
        elif not (isinstance(part, str) and isinstance(value, dict) and part in value):
            raise Unresolved(f"{of}.{path} is not there")
        value = value[part]
        at.append(part)
    return value, tuple(at)


def choose(ref: Ref, output: Any, *, find: Find) -> Chosen:
    """What a reference means in the output of its step.

    :param find: for predicates that look at other steps.
    :raises Unresolved: nothing stands there, it is no list, or "only" one was to be there and are several.
    """
    value, at = walk(output, ref.path, of=ref.ref)
    if not ref.selects:
        return Chosen(value, (at,))
    if not isinstance(value, list):
        raise Unresolved(f"{ref.ref}.{ref.path} is no list to choose from")
    picked = selected(ref, value, find=find)
    if ref.take == "count":
        return Chosen(len(picked), (at,))
    found = [walk(value[n], ref.then, of=f"{ref.ref}.{ref.path}[{n}]") for n in picked]
    places = tuple((*at, n, *inside) for n, (_, inside) in zip(picked, found, strict=True))
    if ref.take == "all":
        return Chosen([one for one, _ in found], places or (at,))
    return Chosen(found[0][0], places)


def selected(ref: Ref, elements: Sequence[Any], *, find: Find) -> list[int]:
    """Which elements of a list are chosen, in their new order, by their places counted from 0.

    :raises Unresolved: one was wanted, and there is none, or are several.
    """
    picked = list(range(len(elements)))
    if ref.where is not None:
        picked = [n for n in picked if holds(ref.where, _within(elements[n], find)) is True]
    if ref.sort:
        keys = {n: _key(elements[n], ref.sort) for n in picked}
        known = sorted((n for n in picked if keys[n] is not None), key=lambda n: keys[n] or ())
        if ref.descending:  # stable too: of two that are equal, the earlier one stays the earlier
            known = sorted(reversed(known), key=lambda n: keys[n] or ())[::-1]
        picked = known + [n for n in picked if keys[n] is None]
    if ref.take in ("all", "count"):
        return picked
    what = f"{ref.ref}.{ref.path}".rstrip(".")
    if ref.take == "only" and len(picked) > 1:
        raise Unresolved(f"{what} has {len(picked)} that fit, and only one was meant")
    place = {"first": 0, "only": 0, "last": -1}.get(str(ref.take), ref.take)
    if not isinstance(place, int) or not -len(picked) <= place < len(picked):
        raise Unresolved(f"{what} has {'none' if not picked else f'only {len(picked)}'} that fit")
    return [picked[place]]


def _within(element: Any, find: Find) -> Find:
    return lambda ref: choose(ref, element, find=find).value if ref.ref == EACH else find(ref)


def _key(element: Any, path: str) -> tuple[int, Any] | None:
    """Instants sort as instants, numbers as numbers, text without regard to case; in this order."""
    try:
        value = walk(element, path, of=EACH)[0]
    except Unresolved:
        return None
    if isinstance(value, bool) or value is None or isinstance(value, (dict, list)):
        return None
    if isinstance(value, (int, float)):
        return 1, value
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return 2, str(value).casefold()
    return (0, at.timestamp()) if at.tzinfo else (2, str(value))
