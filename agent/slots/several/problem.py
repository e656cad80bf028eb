"""What a search for several meetings needs: the options of each, and what holds between them."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from deskhand.agent.slots.candidates import Option, Options
from deskhand.agent.slots.intervals.clocks import offsets
from deskhand.agent.slots.intervals.minutes import DAY, before, floor_minute
from deskhand.agent.slots.intervals.spans import Span
from deskhand.agent.slots.model import Availability
from deskhand.agent.slots.phrases import listed
from deskhand.agent.slots.several.model import Between, Break, InOrder, SameDay, Schedule, Wanted
from deskhand.agent.slots.several.search import Search
from deskhand.agent.slots.several.ties import Apart, Day, Days, Ordered, Quota, SameRoom, Tie


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
class Problem:
    """Everything a search needs: the options of each meeting and what holds between them."""

    wanted: tuple[Wanted, ...]
    options: tuple[Options, ...]
    choices: tuple[tuple[Option, ...], ...]
    bonds: tuple[Bond, ...]

    @classmethod
    def of(
        cls, wanted: Sequence[Wanted], rules: Sequence[Between], *, now: datetime, notice: timedelta
    ) -> Problem:
        options = tuple(Options(w.people, w.request, now=now, notice=notice) for w in wanted)
        choices = tuple(tuple(some) for some in options)
        every = [option for some in choices for option in some]
        window = (
            min((o.start for o in every), default=0) - DAY,
            max((o.end for o in every), default=0) + DAY,
        )
        days = _Days(window)
        bonds = (*_asked(wanted, rules, days), *_shared(wanted, days))
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


class _Days:
    """The local days of zones over a window, as functions of the minute: one for each zone."""

    def __init__(self, window: Span) -> None:
        self._window = window
        self._known: dict[str, Day] = {}

    def of(self, zone: str) -> Day:
        if zone not in self._known:
            segments = offsets(ZoneInfo(zone), self._window)
            starts = [start for start, _, _ in segments]

            def day(minute: int) -> int:
                return (minute + segments[max(bisect_right(starts, minute) - 1, 0)][2]) // DAY

            self._known[zone] = day
        return self._known[zone]


def named(rule: Between, names: Sequence[str]) -> tuple[str, ...]:
    if isinstance(rule, InOrder):
        return rule.first, rule.then
    return rule.names or tuple(names)


def _asked(wanted: Sequence[Wanted], rules: Sequence[Between], days: _Days) -> Iterator[Bond]:
    """The rules that were asked for."""
    names = [w.name for w in wanted]
    day = days.of(wanted[0].request.zone)
    for rule in rules:
        tie: Tie
        if isinstance(rule, InOrder):
            tie = Ordered(rule.least, rule.most)
        elif isinstance(rule, Break):
            tie = Apart(rule.minutes)
        else:
            tie = Days(day, same=isinstance(rule, SameDay))
        numbers = [names.index(name) for name in named(rule, names)]
        ties = {pair: tie for pair in combinations(numbers, 2)}
        of_all = set(named(rule, names)) == set(names)
        yield Bond(rule.words("the meetings" if of_all else listed(named(rule, names))), ties, (), rule)


def _shared(wanted: Sequence[Wanted], days: _Days) -> Iterator[Bond]:
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
        if quota := _quota(key, people, days):
            meetings = "meeting" if quota.usual == 1 else "meetings"
            name = f"at most {quota.usual} {meetings} a day for {person.called}"
            if quota.usual > 1:
                yield Bond(name, {}, (quota,))
            else:
                apart_by_day: Mapping[tuple[int, int], Tie] = dict.fromkeys(
                    combinations(sorted(quota.members), 2), Days(quota.day, same=False)
                )
                yield Bond(name, apart_by_day)
    rooms = {
        (a, b): SameRoom(tuple(shared))
        for a, b in combinations(range(len(wanted)), 2)
        if (shared := _same_rooms(wanted[a], wanted[b]))
    }
    if rooms:
        yield Bond("one meeting at a time in a room", rooms)


def _quota(key: str, people: Sequence[dict[str, Availability]], days: _Days) -> Quota | None:
    members = {n: g[key] for n, g in enumerate(people) if key in g and g[key].required}
    caps = [p.most_a_day for p in members.values() if p.most_a_day is not None]
    if len(members) < 2 or not caps:
        return None
    person = next(iter(members.values()))
    day = days.of(person.zone)
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
