"""One thing that is wrong with a plan, said so that whoever made it can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

_NAMED = 12


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a plan."""

    problem: str
    remedy: str = ""
    step: str = ""
    """Id of the step; "" is the plan as a whole."""
    field: str = ""

    def __str__(self) -> str:
        where = ", ".join(p for p in (f"step {self.step}" if self.step else "", self.field) if p)
        said = f"{where}: {self.problem}." if where else f"{self.problem[:1].upper()}{self.problem[1:]}."
        return f"{said} {self.remedy}".rstrip()


def instead(said: str, known: Iterable[str], *, before: str = "", most: int = 1) -> str:
    """What is called nearly so, as a question; else all that there is.

    :param before: what stands in front of the name, and is said with it.
    :param most: so many are offered.
    """
    names = sorted(known)
    close = get_close_matches(said, names, n=1, cutoff=0.5)
    close += [n for n in get_close_matches(said, names, n=most, cutoff=0.7) if n not in close]
    if close:
        return f"Did you mean {' or '.join(f'“{before}{name}”' for name in close)}?"
    more = " ..." if len(names) > _NAMED else ""
    return f"There are: {', '.join(names[:_NAMED])}{more}." if names else "There are none."
