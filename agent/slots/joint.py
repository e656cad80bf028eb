"""Find times for several meetings at once: each by its own rules, all by the rules between them, and nobody
in two places at a time. Exact: the schedule with the fewest points, or the fewest that cannot hold together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from deskhand.agent.slots.arrange import Found, Search
from deskhand.agent.slots.model import Availability, Conflict
from deskhand.agent.slots.options import Option, Options
from deskhand.agent.slots.rules import series
from deskhand.agent.slots.solve import NOTICE, find_slots
from deskhand.agent.slots.spans import DAY, Span, before, floor_minute, offsets
from deskhand.agent.slots.ties import Apart, Day, Days, Ordered, Quota, SameRoom, Tie
from deskhand.agent.slots.together import (
    MOST_TOGETHER,
    Between,
    Break,
    DifferentDays,
    InOrder,
    SameDay,
    Schedule,
    Together,
    Wanted,
)

MOST_STEPS = 100_000
"""So many options are tried in one search before it ends as not proven: some seconds of work."""

_SUBSETS = 8
"""Up to so many rules, every set of them is tried for the smallest that clashes; of more, rules are left
out one after the other until none can be missed."""


def find_together(
    wanted: Sequence[Wanted],
    rules: Sequence[Between] = (),
    *,
    now: datetime,
    notice: timedelta = NOTICE,
    most_steps: int = MOST_STEPS,
) -> Together:
    """The best time for each of several meetings, or what stands against holding them all.

    Each meeting keeps to its own request, as in `find_slots`. Whoever is in two of them, required or not,
    is not in two at once: people of one address, or of one name where an address is missing, and the asker
    by the name "you". Their `buffer` lies between two such meetings, their `most_a_day` counts them (where
    they are required), and one room holds one meeting at a time, with its buffer. Of a range of lengths,
    and of rooms, any may be chosen. Local days between meetings are those of the first request's zone.

    The best schedule has the smallest sum of the points its meetings have by themselves; then the best time
    for the first meeting (the earliest start, then the longer, then the room named first), then for the
    second, and so on. What the meetings do to each other's preferences is not counted.

    :raises ValueError: as `find_slots`; two meetings of one name, a rule about a meeting that is not there,
        more than `MOST_TOGETHER` meetings.
    """
    _check(wanted, rules)
    plan = Plan.of(wanted, rules, now=now, notice=notice)
    for one, options in zip(wanted, plan.choices, strict=True):
        if not options:
            return _alone(plan, one, now=now, notice=notice, most_steps=most_steps)
    found = plan.search(range(len(wanted)), plan.bonds, most_steps=most_steps).best()
    if found.chosen is not None:
        return Together(plan.schedule(range(len(wanted)), found.chosen), proven=found.proven)
    if not found.proven:
        message = (
            f"Not decided: after {found.steps} tries no times were found for {series(plan.names)} together, "
            f"and it is not certain that there are none. Ask for fewer at once, or a shorter window."
        )
        return Together(conflict=Conflict(message, least=False), proven=False)
    return _clash(plan, most_steps=most_steps)


@dataclass(frozen=True, slots=True)
class Bond:
    """One rule between meetings in the terms of the search."""

    name: str
    ties: Mapping[tuple[int, int], Tie]
    quotas: tuple[Quota, ...] = ()
    rule: Between | None = None
    """The rule that was asked for; None: one that always holds, and cannot give way."""

    def among(self, meetings: Sequence[int]) -> bool:
        """Whether it says anything of these meetings."""
        there = set(meetings)
        return any({a, b} <= there for a, b in self.ties) or any(
            len(q.members & there) > 1 for q in self.quotas
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a search needs: the options of each meeting and what holds between them."""

    wanted: tuple[Wanted, ...]
    options: tuple[Options, ...]
    choices: tuple[tuple[Option, ...], ...]
    bonds: tuple[Bond, ...]

    @classmethod
    def of(
        cls, wanted: Sequence[Wanted], rules: Sequence[Between], *, now: datetime, notice: timedelta
    ) -> Plan:
        options = tuple(Options(w.people, w.request, now=now, notice=notice) for w in wanted)
        choices = tuple(tuple(some) for some in options)
        every = [option for some in choices for option in some]
        window = (
            min((o.start for o in every), default=0) - DAY,
            max((o.end for o in every), default=0) + DAY,
        )
        bonds = (*_asked(wanted, rules, window), *_shared(wanted, window))
        return cls(tuple(wanted), options, choices, bonds)

    @property
    def names(self) -> list[str]:
        return [w.name for w in self.wanted]

    def search(self, meetings: Sequence[int], bonds: Iterable[Bond], *, most_steps: int) -> Search:
        """A search over some of the meetings, with some of the rules."""
        place = {meeting: n for n, meeting in enumerate(meetings)}
        ties: dict[tuple[int, int], list[Tie]] = {}
        quotas: list[Quota] = []
        for bond in bonds:
            for (a, b), tie in bond.ties.items():
                if a in place and b in place:
                    ties.setdefault((place[a], place[b]), []).append(tie)
            for quota in bond.quotas:
                members = frozenset(place[m] for m in quota.members if m in place)
                quotas.append(replace(quota, members=members))
        return Search([self.choices[m] for m in meetings], ties, quotas, most_steps=most_steps)

    def schedule(self, meetings: Sequence[int], chosen: Sequence[Option], why: str = "") -> Schedule:
        """What a search chose, in words."""
        slots = tuple(
            (self.wanted[m].name, self.options[m].slot(option))
            for m, option in zip(meetings, chosen, strict=True)
        )
        return Schedule(slots, sum(slot.points for _, slot in slots), why)


def identity(groups: Sequence[Sequence[Availability]]) -> Callable[[Availability], str]:
    """What tells whether two of these are the same person: the address; where one has none, the name.
    Whoever is called "you" in any group is one person, by the address too."""
    everybody = [person for group in groups for person in group]
    yours = {p.address.casefold() for p in everybody if p.name == "you"} - {""}
    named = {p.name: p.address for p in sorted(everybody, key=lambda p: p.address) if p.name}

    def key(person: Availability) -> str:
        address = (person.address or named.get(person.name, "")).casefold()
        if person.name == "you" or address in yours:
            return "you"
        return address or f"name {person.name}"

    return key


def days_of(zone: str, window: Span) -> Day:
    """The local days of a zone over a window, as a function of the minute."""
    segments = offsets(ZoneInfo(zone), window)
    starts = [start for start, _, _ in segments]

    def day(minute: int) -> int:
        return (minute + segments[max(bisect_right(starts, minute) - 1, 0)][2]) // DAY

    return day


def _check(wanted: Sequence[Wanted], rules: Sequence[Between]) -> None:
    names = [w.name for w in wanted]
    if not 1 <= len(names) <= MOST_TOGETHER:
        raise ValueError(f"{len(names)} meetings at once: from 1 to {MOST_TOGETHER} are arranged together")
    for name, times in Counter(names).items():
        if times > 1:
            raise ValueError(f"{times} of the meetings are called {name}")
    for rule in rules:
        for name in _named(rule, names):
            if name not in names:
                raise ValueError(f"a rule names {name}, which is none of the meetings")
        if len(set(_named(rule, names))) < len(_named(rule, names)):
            raise ValueError(f"the rule {rule} names a meeting twice")


def _named(rule: Between, names: Sequence[str]) -> tuple[str, ...]:
    if isinstance(rule, InOrder):
        return rule.first, rule.then
    return rule.names or tuple(names)


def _asked(wanted: Sequence[Wanted], rules: Sequence[Between], window: Span) -> Iterable[Bond]:
    """The rules that were asked for."""
    names = [w.name for w in wanted]
    day = days_of(wanted[0].request.zone, window)
    for rule in rules:
        tie: Tie
        if isinstance(rule, InOrder):
            tie = Ordered(rule.least, rule.most)
        elif isinstance(rule, Break):
            tie = Apart(rule.minutes)
        else:
            tie = Days(day, same=isinstance(rule, SameDay))
        numbers = [names.index(name) for name in _named(rule, names)]
        ties = {pair: tie for pair in combinations(numbers, 2)}
        yield Bond(rule.words(series(_named(rule, names))), ties, (), rule)


def _shared(wanted: Sequence[Wanted], window: Span) -> Iterable[Bond]:
    """Nobody is in two places, no room holds two meetings, and a full day takes no further one."""
    key_of = identity([w.people for w in wanted])
    people = [{key_of(p): p for p in reversed(w.people)} for w in wanted]
    apart: dict[str, dict[tuple[int, int], Tie]] = {}
    for a, b in combinations(range(len(wanted)), 2):
        for key in sorted(people[a].keys() & people[b].keys()):
            gap = max(people[a][key].buffer, people[b][key].buffer)
            apart.setdefault(key, {})[a, b] = Apart(gap)
    for key, ties in apart.items():
        person = next(group[key] for group in people if key in group)
        is_are = "you are" if person.name == "you" else f"{person.called} is"
        yield Bond(f"{is_are} in one place at a time", ties)
        if quota := _quota(key, people, window):
            yield Bond(f"no more than {person.most_a_day} meetings a day for {person.called}", {}, (quota,))
    rooms = {
        (a, b): SameRoom(tuple(shared))
        for a, b in combinations(range(len(wanted)), 2)
        if (shared := _same_rooms(wanted[a], wanted[b]))
    }
    if rooms:
        yield Bond("one meeting at a time in a room", rooms)


def _quota(key: str, people: Sequence[dict[str, Availability]], window: Span) -> Quota | None:
    members = {n: g[key] for n, g in enumerate(people) if key in g and g[key].required}
    caps = [p.most_a_day for p in members.values() if p.most_a_day is not None]
    if len(members) < 2 or not caps:
        return None
    person = next(iter(members.values()))
    day = days_of(person.zone, window)
    booked = Counter(
        day(floor_minute(i.start)) for i in person.busy or () if i.meeting and before(i.start, i.end)
    )
    usual = min(caps)
    return Quota(frozenset(members), day, {d: usual - n for d, n in booked.items()}, usual)


def _same_rooms(one: Wanted, other: Wanted) -> list[tuple[int, int, int]]:
    first, second = ({_room(r): (n, r) for n, r in enumerate(w.request.rooms)} for w in (one, other))
    return [
        (first[key][0], second[key][0], max(first[key][1].buffer, second[key][1].buffer))
        for key in sorted(first.keys() & second.keys())
    ]


def _room(room: Availability) -> str:
    return room.address.casefold() or room.name


def _alone(plan: Plan, one: Wanted, *, now: datetime, notice: timedelta, most_steps: int) -> Together:
    """A meeting that fits nowhere even by itself."""
    conflict = find_slots(one.people, one.request, now=now, notice=notice).conflict or Conflict("")
    others = [n for n, some in enumerate(plan.choices) if some]
    nearest: tuple[Schedule, ...] = ()
    if others:
        found = plan.search(others, plan.bonds, most_steps=most_steps).best()
        if found.chosen is not None:
            nearest = (plan.schedule(others, found.chosen, f"if it may be without {_without(plan, others)}"),)
    message = f"{one.name} fits nowhere even by itself. {conflict.message}"
    return Together(
        conflict=replace(conflict, message=message, blockers=(one.name, *conflict.blockers)), nearest=nearest
    )


def _without(plan: Plan, others: Sequence[int]) -> str:
    return series([name for n, name in enumerate(plan.names) if n not in others])


def _clash(plan: Plan, *, most_steps: int) -> Together:
    """The fewest meetings that cannot be held together, and the fewest rules that bar it."""
    tries: dict[tuple[tuple[int, ...], tuple[int, ...]], Found] = {}

    def barred(meetings: Sequence[int], bonds: Sequence[int]) -> bool:
        key = (tuple(meetings), tuple(bonds))
        if key not in tries:
            some = [plan.bonds[b] for b in bonds]
            tries[key] = plan.search(meetings, some, most_steps=most_steps).best(any_will_do=True)
        return tries[key].chosen is None and tries[key].proven

    every = range(len(plan.wanted))
    all_bonds = range(len(plan.bonds))
    meetings = next(
        (m for size in every for m in combinations(every, size + 1) if barred(m, all_bonds)), tuple(every)
    )
    about = [b for b in all_bonds if plan.bonds[b].among(meetings)]
    bonds = about
    if len(about) <= _SUBSETS:
        sets = (s for size in range(len(about) + 1) for s in combinations(about, size))
        bonds = list(next((s for s in sets if barred(meetings, s)), tuple(about)))
    else:
        for bond in about:
            if barred(meetings, fewer := [b for b in bonds if b != bond]):
                bonds = fewer
    least = len(about) <= _SUBSETS and all(found.proven for found in tries.values())
    names = tuple(plan.names[m] for m in meetings)
    blockers = tuple(plan.bonds[b].name for b in bonds)
    nearest = _giving_way(plan, meetings, bonds, most_steps=most_steps)
    message = f"{series(names)} cannot all be held: {series(blockers)} leave no times for them together."
    if nearest:
        message += f" {len(nearest)} nearby {'way is' if len(nearest) == 1 else 'ways are'} possible."
    return Together(conflict=Conflict(message, (*names, *blockers), least=least), nearest=nearest)


def _giving_way(
    plan: Plan, meetings: Sequence[int], bonds: Sequence[int], *, most_steps: int
) -> tuple[Schedule, ...]:
    """For each rule of the clash the smallest step by which it makes room for all; then, for each meeting
    of it, all the others."""
    every = range(len(plan.wanted))
    made: list[Schedule] = []
    for number in bonds:
        bond = plan.bonds[number]
        for words, ways in _ways(bond):
            others = [b for n, b in enumerate(plan.bonds) if n != number]
            found = plan.search(every, [*others, *ways], most_steps=most_steps).best()
            if found.chosen is not None:
                made.append(plan.schedule(every, found.chosen, f"if {words}"))
                break
    for meeting in meetings:
        rest = [m for m in every if m != meeting]
        if rest:
            found = plan.search(rest, plan.bonds, most_steps=most_steps).best()
            if found.chosen is not None:
                made.append(plan.schedule(rest, found.chosen, f"if it may be without {_without(plan, rest)}"))
    return tuple(made)


def _ways(bond: Bond) -> Iterable[tuple[str, list[Bond]]]:
    """How a rule that was asked for could give way, the smaller step first."""
    rule = bond.rule
    if rule is None:
        return
    if isinstance(rule, InOrder) and (rule.least or rule.most is not None):
        order: Mapping[tuple[int, int], Tie] = dict.fromkeys(bond.ties, Ordered())
        yield f"any time may lie between {rule.first} and {rule.then}", [replace(bond, ties=order)]
    if isinstance(rule, Break):
        for least in (m for m in (60, 30, 15, 0) if m < rule.minutes):
            shorter: Mapping[tuple[int, int], Tie] = dict.fromkeys(bond.ties, Apart(least))
            yield f"{least} minutes between two of them are enough", [replace(bond, ties=shorter)]
    if isinstance(rule, DifferentDays | SameDay):
        where = "may be" if isinstance(rule, DifferentDays) else "need not be"
        yield f"they {where} on one day", []
    else:
        yield f"it need not be {bond.name}", []
