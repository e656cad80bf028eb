"""The nouns of finding times for several meetings at once: what is wanted, what holds between them, and
what comes of it. Plain values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from deskhand.agent.slots.model import Availability, Conflict, Slot, SlotRequest
from deskhand.agent.slots.phrases import in_words

MOST_TOGETHER = 8
"""More meetings than these are not arranged at once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One of several meetings."""

    name: str
    """What the rules call it; each its own."""
    people: tuple[Availability, ...]
    """As in `find_slots`, the asker first."""
    request: SlotRequest


@dataclass(frozen=True, slots=True)
class DifferentDays:
    """No two of these begin on one day of the asker's clock. No names: of all the meetings."""

    names: tuple[str, ...] = ()

    def words(self, names: str) -> str:
        return f"no two of {names} on one day"


@dataclass(frozen=True, slots=True)
class SameDay:
    """These begin on one day of the asker's clock. No names: all the meetings."""

    names: tuple[str, ...] = ()

    def words(self, names: str) -> str:
        return f"{names} on the same day"


@dataclass(frozen=True, slots=True)
class InOrder:
    """`first` is over at least `least` minutes, and at most `most`, before `then` begins."""

    first: str
    then: str
    least: int = 0
    most: int | None = None

    def __post_init__(self) -> None:
        if self.least < 0 or (self.most is not None and self.most < self.least):
            raise ValueError(
                "between two meetings lie at least no minutes, and at most no fewer than at least"
            )

    def words(self, names: str) -> str:
        gap = f" by at least {_span(self.least)}" if self.least else ""
        if self.most is not None:
            gap += f"{' and' if gap else ' by'} at most {_span(self.most)}"
        return f"{self.first} before {self.then}{gap}"


@dataclass(frozen=True, slots=True)
class Break:
    """Between any two of these lie at least so many minutes. No names: of all the meetings."""

    minutes: int
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.minutes < 0:
            raise ValueError("a break takes no less than no minutes")

    def words(self, names: str) -> str:
        return f"{_span(self.minutes)} between any two of {names}"


Between = DifferentDays | SameDay | InOrder | Break
"""What holds between meetings."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A time for each of several meetings."""

    slots: tuple[tuple[str, Slot], ...]
    """The meetings by name, in the order they were wanted. `points` of each are those it has by itself."""
    points: int
    """Their sum."""
    why: str = ""
    """For a way out of a conflict: begins with "if ..."."""


@dataclass(frozen=True, slots=True)
class Together:
    """A schedule, or why there is none: exactly one of the two."""

    schedule: Schedule | None = None
    conflict: Conflict | None = None
    """`blockers`: the fewest meetings that cannot be held together, the first in the order wanted of equal
    sets; then the fewest of the rules between them that bar it. A meeting that fits nowhere even by itself:
    its name, and the rules that bar it as in `find_slots`, with its `nearest` slots."""
    nearest: tuple[Schedule, ...] = ()
    """With a conflict: the best schedule for each way to give way, the least first."""
    proven: bool = True
    """False: the work allowed was used up. A schedule then keeps every rule but may not be the best; a
    conflict then means that none was found, not that there is none."""


def _span(minutes: int) -> str:
    return in_words(timedelta(minutes=minutes))
