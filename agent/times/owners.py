"""Times in the zone of somebody whose zone is not known here: "at 3pm Bo's time"."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from deskhand.agent.times.places import UNKNOWN

_T = TypeVar("_T")


def known(term: _T) -> tuple[_T, str]:
    """A term without zones of other people, and the sentence about the first of them (else empty).

    The value is then that of the reader's own zone: a guess, which the sentence says is none to act on.
    """
    if isinstance(term, tuple):
        parts = [known(one) for one in term]
        problem = next((why for _, why in parts if why), "")
        return (tuple(one for one, _ in parts), problem) if problem else (term, "")  # type: ignore[return-value] # a tuple for a tuple
    if not is_dataclass(term) or isinstance(term, type):
        return term, ""
    changes: dict[str, Any] = {}
    problem = ""
    for name in (one.name for one in fields(term)):
        value = getattr(term, name)
        if name == "zone" and isinstance(value, str) and value.startswith(UNKNOWN):
            changes[name], problem = "", problem or _sentence(value.removeprefix(UNKNOWN))
        elif is_dataclass(value) or isinstance(value, tuple):
            made, why = known(value)
            if why:
                changes[name], problem = made, problem or why
    return (replace(term, **changes), problem) if changes else (term, "")


def _sentence(words: str) -> str:
    owner = " ".join(words.split()).removeprefix("in ").removesuffix("zone").strip()
    owner = owner.removesuffix("time").strip()
    return f"I do not know {owner} time zone; say the city, or the time on your own clock."
