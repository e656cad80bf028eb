"""Whom the person deals with: written to, met, answered how soon. An order and a habit, never a permission.

Worked out from what the archive noted (`Archive.trace`), in working hours of the person's own week.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median_low

from deskhand.agent.availability.daysoff import works
from deskhand.agent.profile import Owner
from deskhand.connectors.archive import Answered, Archive, Person
from deskhand.connectors.occurrences import occurrences

LOOK_BACK = timedelta(days=365)
FEWEST = 3
"""Of fewer answers no habit is made."""
_NEWEST = 50
"""Answers that a habit is made of: how somebody is now, not how she was."""
_SOON = timedelta(hours=1)
"""Nobody is late before that."""
_ASKED_ONE_BY_ONE = 400
"""Addresses; of more, all is read, which is quicker."""


@dataclass(frozen=True, slots=True)
class Dealings:
    """What there was with one person in the last year."""

    person: Person
    written: int = 0
    """Mails to them."""
    received: int = 0
    met: int = 0
    """Meetings that have begun."""
    last: datetime | None = None
    """The last mail or meeting; None: there was none."""
    mine: timedelta | None = None
    """Working time from their mail to the owner's answer, usually (the median); None: too few to tell."""
    theirs: timedelta | None = None
    """And from the owner's to theirs."""

    @property
    def weight(self) -> int:
        """How much the owner deals with them by her own doing: what others send does not count."""
        return self.written + self.met


def dealings(archive: Archive, people: Sequence[Person], *, owner: Owner, now: datetime) -> list[Dealings]:
    """What there was with these people, those the owner deals with most first, then as they were given."""
    archive.trace(owner.addresses)
    since = now - LOOK_BACK
    wanted = {a for p in people for a in p.addresses}
    asked = wanted if len(wanted) <= _ASKED_ONE_BY_ONE else None
    counted: dict[str, dict[str, tuple[int, datetime]]] = {}
    for c in archive.contacts(since=since, until=now):
        counted.setdefault(c.address, {})[c.how] = (c.times, c.last)
    series = _met_in_series(archive, asked, since=since, now=now, zone=owner.zone)
    answers: dict[str, list[Answered]] = {}
    for answer in archive.answered(since=since, addresses=asked):
        answers.setdefault(answer.address, []).append(answer)
    working = works(owner)
    made = []
    for person in people:
        had = [counted.get(a, {}) for a in person.addresses]
        again = [t for a in person.addresses for t in series.get(a, ())]
        moments = [last for h in had for how, (_, last) in h.items() if how != "meets"] + again
        sums = {how: sum(h.get(how, (0, now))[0] for h in had) for how in ("wrote", "got", "met")}
        theirs = [a for x in person.addresses for a in answers.get(x, ()) if a.answered < now]
        made.append(
            Dealings(
                person, sums["wrote"], sums["got"], sums["met"] + len(again), max(moments, default=None),
                _usually([a for a in theirs if a.mine], owner, working),
                _usually([a for a in theirs if not a.mine], owner, working),
            )
        )  # fmt: skip
    return sorted(made, key=lambda d: -d.weight)


def by_habit(archive: Archive, people: Sequence[Person], *, now: datetime) -> list[Person]:
    """The directory, those first whom the owner wrote to and met most in the last year; else as it was.

    What repeats counts once here: it is asked for each request.
    """
    weight: dict[str, int] = {}
    for c in archive.contacts(since=now - LOOK_BACK, until=now):
        if c.how != "got":
            weight[c.address] = weight.get(c.address, 0) + c.times
    return sorted(people, key=lambda p: -sum(weight.get(a, 0) for a in p.addresses))


def lateness(archive: Archive, *, owner: Owner, now: datetime) -> Callable[[str, datetime], str]:
    """Says of a mail by an address, that came then, whether it waits longer than the owner usually lets it:
    "you usually answer within 2 hours", else ""."""
    archive.trace(owner.addresses)
    answers: dict[str, list[Answered]] = {}
    for answer in archive.answered(since=now - LOOK_BACK):
        if answer.mine and answer.answered < now:
            answers.setdefault(answer.address, []).append(answer)
    working = works(owner)

    def late(address: str, since: datetime) -> str:
        usually = _usually(answers.get(address, ()), owner, working)
        if usually is None or working_time(since, now, owner=owner, works=working) <= max(usually, _SOON):
            return ""
        return f"you usually answer within {within(usually)}"

    return late


def within(span: timedelta) -> str:
    """ "an hour", "3 hours", "2 working days": a length of working time in words, rounded up."""
    whole = max(1, -(-span // timedelta(hours=1)))
    if whole == 1:
        return "an hour"
    return f"{whole} hours" if whole <= 12 else f"{-(-whole // 8)} working days"


def working_time(start: datetime, end: datetime, *, owner: Owner, works: Callable[[date], bool]) -> timedelta:
    """How much of [start, end) lies in the owner's working hours, on her clock, without her days off."""
    first, last = start.astimezone(owner.tz), end.astimezone(owner.tz)
    total, day = timedelta(0), first.date()
    while day <= last.date():
        midnight = datetime.combine(day, time())
        for low, high in owner.hours[day.weekday()] if works(day) else ():
            opens = max(midnight + timedelta(minutes=low), first.replace(tzinfo=None))
            closes = min(midnight + timedelta(minutes=high), last.replace(tzinfo=None))
            total += max(timedelta(0), closes - opens)
        day += timedelta(days=1)
    return total


def _usually(answers: Sequence[Answered], owner: Owner, works: Callable[[date], bool]) -> timedelta | None:
    newest = sorted(answers, key=lambda a: a.answered, reverse=True)[:_NEWEST]
    if len(newest) < FEWEST:
        return None
    return median_low([working_time(a.asked, a.answered, owner=owner, works=works) for a in newest])


def _met_in_series(
    archive: Archive, addresses: Set[str] | None, *, since: datetime, now: datetime, zone: str
) -> dict[str, list[datetime]]:
    """When the owner met whom in what repeats, by address; of these, or of all."""
    found: dict[str, list[datetime]] = {}
    for ref in archive.meets(addresses):
        if (item := archive.item(ref)) is None:
            continue
        for o in occurrences(item, start=since, end=now, zone=zone, limit=400):
            if o.status == "cancelled":
                continue
            for address in {p.address for p in o.people if p.status != "declined"}:
                found.setdefault(address, []).append(o.start)
    return found
