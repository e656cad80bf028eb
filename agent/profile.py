"""Who the person is and what is connected: all that a planner may know besides the request.

No text of mail, documents or events is in here; a plan made from it cannot be bent by a stranger's words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.utils import parseaddr
from functools import cached_property
from zoneinfo import ZoneInfo

from deskhand.agent.slots.model import NINE_TO_FIVE, Preferences, Week
from deskhand.agent.times import say_instant
from deskhand.connectors.archive import Person

Spans = tuple[tuple[int, int], ...]
"""Stretches of a day, in minutes of the local clock."""

NO_HOURS: Week = ((),) * 7


@dataclass(frozen=True, slots=True)
class DaysOff:
    """When somebody does not work: the days that were said, and the public holidays of a country."""

    days: tuple[date, ...] = ()
    country: str = ""
    """ISO 3166 code; empty: no public holidays are known."""
    subdivision: str = ""


@dataclass(frozen=True, slots=True)
class Someone:
    """What the settings say of another person."""

    address: str
    """Lower case."""
    name: str = ""
    zone: str = ""
    hours: Week | None = None
    off: DaysOff = DaysOff()
    must_confirm: bool = False
    likes: Spans = ()
    likes_days: frozenset[int] = frozenset()
    aliases: tuple[str, ...] = ()
    """Her further addresses, lower case."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room one can meet in."""

    name: str
    address: str
    """What its calendar is known by, lower case: an address, or the room's name."""
    seats: int = 0
    """0: not known."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How the owner likes to meet."""

    notice: timedelta = timedelta(minutes=30)
    buffer: int = 0
    travel: int = 0
    """Minutes kept before and after a meeting that is somewhere else."""
    here: tuple[str, ...] = ()
    """Words in a location, lower case, that say that no journey is needed."""
    lunch: tuple[int, int] | None = None
    keep_lunch: bool = False
    focus: Week = NO_HOURS
    most_a_day: int | None = None
    likes: Spans = ()
    likes_days: frozenset[int] = frozenset()
    grid: int = 15
    learn_hours: bool = False
    prefer: Preferences = field(default_factory=Preferences)


@dataclass(frozen=True, slots=True)
class Away:
    """When an account of hers answers by itself (automatic replies)."""

    since: datetime | None = None
    """None: already."""
    until: datetime | None = None
    """None: nobody knows."""

    def within(self, start: datetime, end: datetime) -> bool:
        """Whether it does at some time in [start, end)."""
        return (self.since is None or self.since < end) and (self.until is None or self.until > start)

    def said(self, zone: str, now: datetime) -> str:
        """That it does now, or will, in a sentence; "" where that is over."""
        if not self.within(now, datetime.max.replace(tzinfo=now.tzinfo)):
            return ""
        until = f" until {_clock(self.until, zone, now)}" if self.until else ""
        if self.since is None or self.since <= now:
            return f"Automatic replies are on{until}."
        return f"Automatic replies are on from {_clock(self.since, zone, now)}{until}."


def _clock(moment: datetime, zone: str, now: datetime) -> str:
    return say_instant(moment.replace(second=0, microsecond=0), zone, now)


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
    off: DaysOff = DaysOff()
    habits: Habits = field(default_factory=Habits)
    people: tuple[Someone, ...] = ()
    """What is set about others."""
    rooms: tuple[Room, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Who belongs to what is called a group, by its name in lower case; addresses in lower case."""
    called: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Who is meant by a nickname or a bare first name, as the owner set it; in lower case too."""
    shared: frozenset[str] = frozenset()
    """Those of `addresses` that others may read too: what is sent there is not sent to her alone."""
    calendar: str = ""
    """The alias of the calendar that new events go into; empty: the first that can be written."""
    away: tuple[Away, ...] = ()
    """Of her accounts, as of the last sync."""

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
    owner: str = ""
    """Whose calendar it is, where it is somebody else's; its events are not the person's meetings."""
    problem: str = ""
    """Why it cannot be opened just now: what it can do is not known then."""
    account: str = ""
    """The address under which the person writes and is invited there, lower case, where it is known."""


def account_of(options: Mapping[str, object]) -> str:
    """Under which address the person writes and is invited in a source, by its options; lower case.

    "" where that is not said, or where the calendar is somebody else's.
    """
    if options.get("owner"):
        return ""
    for name in ("me", "sender", "place"):
        said = parseaddr(str(options.get(name) or ""))[1].lower()
        if re.fullmatch(r"[^@\s<>,;:/\\]+@[^@\s<>,;:/\\]+", said) and not said.startswith("~"):
            return said
    return ""


def gathered(people: Sequence[Person], owner: Owner) -> list[Person]:
    """The directory with the addresses of one person together, where the owner says whose they are.

    That two addresses bear one name is not enough: anybody can write under anybody's name. She stands where
    the first of her addresses stood; of the owner herself there is one, too.
    """
    whose = {a: s.address for s in owner.people for a in (s.address, *s.aliases)}
    whose |= dict.fromkeys(owner.addresses, owner.email)
    found: dict[object, Person] = {}
    for n, person in enumerate(people):
        key = next((whose[a] for a in person.addresses if a in whose), n)
        had = found.get(key)
        found[key] = person if had is None else Person(
            had.name or person.name, (*had.addresses, *person.addresses), had.written + person.written
        )  # fmt: skip
    return list(found.values())


@dataclass(frozen=True)
class Known:
    """The planner's view of the world at the run's instant."""

    owner: Owner
    now: datetime
    people: Sequence[Person] = ()
    """The directory, those the owner wrote to most first."""
    places: Sequence[Place] = ()
    schedules: Sequence[str] = ()
    called: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Nicknames, and who is meant by a bare first name: words in lower case, and addresses. It goes before
    the names of the directory; several addresses are a question."""
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Names of groups of people in lower case, and the addresses of those in them."""
    learnt: Mapping[str, str] = field(default_factory=dict[str, str])
    """Names in `called` that the owner never set: choices taught them. What a plan that goes by one says."""
    here_alone: frozenset[str] = frozenset()
    """Addresses that are known out of sources alone of which nothing goes to a model on another machine."""

    def place(self, operation: str) -> Place | None:
        """The first source that can carry out an operation."""
        return next((p for p in self.places if operation in p.operations), None)

    @cached_property
    def kept(self) -> dict[object, object]:
        """What planners worked out for this person at this instant, and need again; they keep it short."""
        return {}

    @cached_property
    def bearers(self) -> tuple[Mapping[str, tuple[Person, ...]], Mapping[str, tuple[Person, ...]]]:
        """Names, and parts of names, lower case, with those who bear them; without the owner."""
        whole: dict[str, list[Person]] = {}
        parts: dict[str, list[Person]] = {}
        for person in self.people:
            if not person.name or self.owner.addresses & set(person.addresses):
                continue
            low = " ".join(person.name.lower().replace("’", "'").split())
            whole.setdefault(low, []).append(person)
            for part in dict.fromkeys(w.strip(".,()\"'") for w in low.split()):
                parts.setdefault(part, []).append(person)
        return {k: tuple(v) for k, v in whole.items()}, {k: tuple(v) for k, v in parts.items()}

    @cached_property
    def contacts(self) -> frozenset[str]:
        """Addresses of people the owner has written to or invited, or put down under a name or in a group:
        having received mail proves nothing, and what was learnt gives no permission."""
        set_ = {word: who for word, who in self.called.items() if word not in self.learnt}
        kept = (a for named in (set_, self.groups) for addresses in named.values() for a in addresses)
        return frozenset((*kept, *(a for p in self.people if p.written for a in p.addresses)))

    def person(self, address: str) -> Person:
        """Whom an address belongs to, as far as the directory or the settings know."""
        found = next((p for p in self.people if address in p.addresses), None)
        name = next((s.name for s in self.owner.people if s.address == address), "")
        return found if found and (found.name or not name) else Person(name, (address,), 0)
