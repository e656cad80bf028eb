"""Who the person is and what is connected: all that a planner may know besides the request.

No text of mail, documents or events is in here; a plan made from it cannot be bent by a stranger's words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from deskhand.agent.slots.model import NINE_TO_FIVE, Week
from deskhand.connectors.archive import Person


@dataclass(frozen=True, slots=True)
class Owner:
    """The person Deskhand works for."""

    name: str
    email: str
    addresses: frozenset[str]
    """All addresses that are hers, lower case."""
    zone: str
    """IANA name."""
    locale: str = "en_GB"
    hours: Week = NINE_TO_FIVE
    patience: int = 3
    """Working days after which an own question without an answer is mentioned."""

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class Place:
    """A connected source and what it can do."""

    alias: str
    kind: str
    operations: frozenset[str] = frozenset()
    """Names of operations, "mail.send"."""
    holds: frozenset[str] = frozenset()
    """Kinds of items that live there, "event"."""


@dataclass(frozen=True)
class Known:
    """The planner's view of the world at the run's instant."""

    owner: Owner
    now: datetime
    people: Sequence[Person] = ()
    """The directory, those the owner wrote to most first."""
    places: Sequence[Place] = ()
    schedules: Sequence[str] = ()

    def place(self, operation: str) -> Place | None:
        """The first source that can carry out an operation."""
        return next((p for p in self.places if operation in p.operations), None)

    @cached_property
    def contacts(self) -> frozenset[str]:
        """Addresses of people the owner has written to or invited: having received mail proves nothing."""
        return frozenset(a for p in self.people if p.written for a in p.addresses)
