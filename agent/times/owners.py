"""Times on other clocks than were said: in the zone of somebody whose zone is not known here ("at 3pm Bo's
time"), and on one's own where a place was named ("at 3 in Paris").
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from deskhand.agent.times.places import STANDING, UNKNOWN

_T = TypeVar("_T")


def known(term: _T) -> tuple[_T, str]:
    """A term without zones of other people, and the sentence about the first of them (else empty).

    The value is then that of the reader's own zone: a guess, which the sentence says is none to act on.
    """
    plain, whose = _without(term, UNKNOWN)
    return plain, _sentence(whose) if whose else ""


def on_own_clock(term: _T) -> _T | None:
    """A term without the zones of places that were named, not their time; None where there is none."""
    plain, place = _without(term, STANDING)
    return plain if place else None


def _without(term: _T, mark: str) -> tuple[_T, str]:
    """A term without the zones that begin with a mark, and the first of them, without it."""
    if isinstance(term, tuple):
        parts = [_without(one, mark) for one in term]
        first = next((name for _, name in parts if name), "")
        return (tuple(one for one, _ in parts), first) if first else (term, "")  # type: ignore[return-value] # a tuple for a tuple
    if not is_dataclass(term) or isinstance(term, type):
        return term, ""
    changes: dict[str, Any] = {}
    first = ""
    for field in fields(term):
        value = getattr(term, field.name)
        if field.name == "zone" and isinstance(value, str) and value.startswith(mark):
            changes["zone"], first = "", first or value.removeprefix(mark)
        elif is_dataclass(value) or isinstance(value, tuple):
            made, name = _without(value, mark)
            if name:
                changes[field.name], first = made, first or name
    return (replace(term, **changes), first) if changes else (term, "")


def _sentence(words: str) -> str:
    owner = " ".join(words.split()).removeprefix("in ").removesuffix("zone").strip()
    owner = owner.removesuffix("time").strip()
    return f"I do not know {owner} time zone; say the city, or the time on your own clock."
