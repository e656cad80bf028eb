"""What the archive hands out: plain values that know no storage."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from datetime import datetime

from deskhand.connectors.health import Health
from deskhand.connectors.model import Item


@dataclass(frozen=True, slots=True)
class Archived:
    """An item as the archive holds it."""

    id: int
    """Stable number of the item in this archive."""
    seq: int
    """Grows with every change to anything: whoever remembers it can ask what came after."""
    item: Item
    thread: str
    """Id of the thread, "" where there is none."""
    removed: bool
    """No longer at its source."""
    older: tuple[Item, ...]
    """Earlier versions, oldest first."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A version of an item, without its text."""

    version: str
    at: datetime
    author: str
    note: str
    title: str
    stored: datetime
    """When the archive first had it."""
    current: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, with every address known to be theirs; the one used last comes first."""

    name: str
    addresses: tuple[str, ...]
    written: int = 0
    """How often the owner wrote to or invited them: what makes a contact."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """Where a source stands."""

    alias: str
    kind: str
    synced: datetime | None
    """When a pass over it last reached the end."""
    tried: datetime | None
    error: str
    """What broke off the last pass, "" when nothing did."""
    items: int
    failures: int
    place: str = ""
    """Where it was read from; "" where that is not known."""
    health: Health = field(default_factory=Health)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a page did to the archive, in items."""

    added: int = 0
    """Not there before the page, or no longer."""
    changed: int = 0
    moved: int = 0
    removed: int = 0
    failed: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def total(self) -> int:
        """Items that are another thing now; failures are not among them."""
        return self.added + self.changed + self.moved + self.removed
