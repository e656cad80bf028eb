"""Choose one option for each of several meetings, so that together they cost least: branch and bound.

What holds between two meetings is a `Tie`: for an option of one it names, as bits, the options of the
other that go with it. The search places the meeting with the fewest options left, strikes out what no
longer goes with it, and turns back where even the cheapest way to place the rest costs too much. That
bound is a matching, where the rest must lie apart: no two in one stretch as long as the shortest of them,
or on one day. Options that leave the others the same choice are tried once. It is exact; `most_steps`
alone can end it early, and then it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from deskhand.agent.slots.candidates import Option
from deskhand.agent.slots.several.assignment import matching
from deskhand.agent.slots.several.ties import Apart, Days, Ordered, Quota, Table, Tie, bits_of, lowest

_Spread = tuple[tuple[int, ...], object, Callable[[Option], int]]


_GLANCE = 100
"""So many options are tried before more is made of whether there is any choice at all."""


@dataclass
class Found:
    """What came of a search."""

    chosen: tuple[Option, ...] | None
    """One option for each meeting, in their order; None: none was found."""
    proven: bool
    """True: it is the best, or there is none. False: the work allowed was used up before that was known."""
    steps: int


@dataclass
class _State:
    best: int | None = None
    chosen: dict[int, int] = field(default_factory=dict[int, int])
    steps: int = 0
    stopped: bool = False


class Search:
    """The best way to choose. `ties` are keyed by two numbers of meetings, the smaller first or not."""

    def __init__(
        self,
        options: Sequence[Sequence[Option]],
        ties: dict[tuple[int, int], list[Tie]],
        quotas: Sequence[Quota],
        *,
        most_steps: int,
    ) -> None:
        ordered = [sorted(some, key=lambda o: (o.start, -o.end, o.room, o.points)) for some in options]
        # One number holds the whole order: points first, then each meeting's time, the first named first.
        base = max((len(some) for some in ordered), default=0) + 1
        scale = [base ** (len(ordered) - 1 - n) for n in range(len(ordered))]
        self._tables = [
            Table(some, [o.points * base ** len(ordered) + rank * scale[n] for rank, o in enumerate(some)])
            for n, some in enumerate(ordered)
        ]
        self._ties: dict[tuple[int, int], list[tuple[Tie, bool]]] = {}
        for (one, two), some_ties in ties.items():
            for tie in some_ties:
                self._ties.setdefault((one, two), []).append((tie, True))
                self._ties.setdefault((two, one), []).append((tie, False))
        self._quotas = quotas
        self._most_steps = most_steps
        self._beside: dict[tuple[int, int], dict[int, int]] = {}
        self._spreads: dict[tuple[int, ...], list[_Spread]] = {}
        self._state = _State()
        self._any, self._limit = False, most_steps

    def best(self, *, any_will_do: bool = False) -> Found:
        """The choice that costs least: by points, then the earliest for the first meeting, then for the
        second, and so on; of options that begin together the longer, then the one of the first room."""
        self._any, self._limit = any_will_do, _GLANCE if any_will_do else self._most_steps
        self._state = _State()
        domains = {n: table.all for n, table in enumerate(self._tables)}
        if any_will_do and all(domains.values()):
            # Mostly the first glance tells, and making all options consistent takes longer.
            self._place(domains, 0, {}, ())
        if not any_will_do or self._state.stopped:
            self._limit, self._state = self._most_steps, _State()
            if (consistent := self._consistent(domains)) is not None:
                self._place(consistent, 0, {}, ())
        state = self._state
        chosen = None
        if state.best is not None:
            chosen = tuple(table.options[state.chosen[n]] for n, table in enumerate(self._tables))
        return Found(chosen, not state.stopped, state.steps)

    def _with(self, meeting: int, option: int) -> dict[int, int]:
        """For each meeting tied to this one, its options that go with an option of this one."""
        key = (meeting, option)
        if key not in self._beside:
            made: dict[int, int] = {}
            for (one, two), ties in self._ties.items():
                if one == meeting:
                    mine, other = self._tables[one].options[option], self._tables[two]
                    bits = other.all
                    for tie, forward in ties:
                        bits &= tie.beside(mine, other, forward=forward)
                    made[two] = bits
            self._beside[key] = made
        return self._beside[key]

    def _consistent(self, domains: dict[int, int]) -> dict[int, int] | None:
        """Without the options that go with no option of some other meeting; None if nothing is left."""
        changed = set(domains)
        while changed:
            before, changed_now = changed, set[int]()
            for meeting, domain in domains.items():
                tied = {two for one, two in self._ties if one == meeting} & before
                if not tied:
                    continue
                kept = domain
                for option in bits_of(domain):
                    beside = self._with(meeting, option)
                    if any(not beside[other] & domains[other] for other in tied):
                        kept &= ~(1 << option)
                if kept != domain:
                    domains = {**domains, meeting: kept}
                    changed_now.add(meeting)
            changed = changed_now
        return domains if all(domains.values()) else None

    def _place(
        self,
        domains: dict[int, int],
        cost: int,
        chosen: dict[int, int],
        used: tuple[tuple[int, int, int], ...],
    ) -> None:
        """Place all of the meetings whose domains these are. `used`: quota, day and how many, sorted."""
        state = self._state
        if not domains:
            state.best, state.chosen = cost, chosen
            return
        cheapest = {m: self._tables[m].costs[lowest(domain)] for m, domain in domains.items()}
        floor = cost + sum(cheapest.values())
        if self._too_much(floor):
            return
        bound = self._bound(domains, used)
        if bound is None or self._too_much(cost + bound):
            return
        meeting = min(domains, key=lambda m: (domains[m].bit_count(), m))
        table, rest = self._tables[meeting], floor - cheapest[meeting]
        seen: set[object] = set()
        for option in bits_of(domains[meeting]):
            if self._too_much(rest + table.costs[option]):
                return
            if state.steps >= self._limit:
                state.stopped = True
                return
            state.steps += 1
            left = self._left(domains, meeting, option)
            if left is None:
                continue
            after = self._counted(left, meeting, table.options[option], used)
            if after is None:
                continue
            left, counts = after
            key = (tuple(left.values()), counts)
            if key in seen:  # an earlier one, which costs less, leaves the others exactly as much
                continue
            seen.add(key)
            self._place(left, cost + table.costs[option], {**chosen, meeting: option}, counts)
            if state.stopped or (self._any and state.best is not None):
                return

    def _too_much(self, cost: int) -> bool:
        return self._state.best is not None and cost >= self._state.best

    def _left(self, domains: dict[int, int], meeting: int, option: int) -> dict[int, int] | None:
        beside = self._with(meeting, option)
        left: dict[int, int] = {}
        for other, domain in domains.items():
            if other != meeting:
                if not (kept := domain & beside.get(other, -1)):
                    return None
                left[other] = kept
        return left

    def _counted(
        self,
        domains: dict[int, int],
        meeting: int,
        option: Option,
        used: tuple[tuple[int, int, int], ...],
    ) -> tuple[dict[int, int], tuple[tuple[int, int, int], ...]] | None:
        """The domains without the days that are full once this meeting is placed; None: one was before."""
        counts = {(quota, day): number for quota, day, number in used}
        for n, quota in enumerate(self._quotas):
            if meeting not in quota.members:
                continue
            day = quota.day(option.start)
            counts[n, day] = number = counts.get((n, day), 0) + 1
            room = quota.room(day)
            if number > room:
                return None
            if number == room:
                for other in quota.members & domains.keys():
                    kept = domains[other] & ~self._tables[other].on(quota.day).get(day, 0)
                    if not kept:
                        return None
                    domains = {**domains, other: kept}
        return domains, tuple(sorted((n, day, number) for (n, day), number in counts.items()))

    def _bound(self, domains: dict[int, int], used: tuple[tuple[int, int, int], ...]) -> int | None:
        """What placing these meetings costs at least; None: it cannot be done."""
        bound = 0
        spread = [
            (group, self._rows(domains, group, key, of)) for group, key, of in self._spread(tuple(domains))
        ]
        for n, quota in enumerate(self._quotas):
            spread += self._seats(domains, quota, {day: number for q, day, number in used if q == n})
        for group, rows in spread:
            matched = matching(rows)
            if matched is None:
                return None
            others = sum(self._tables[m].costs[lowest(d)] for m, d in domains.items() if m not in group)
            bound = max(bound, matched + others)
        return bound

    def _seats(
        self, domains: dict[int, int], quota: Quota, used: dict[int, int]
    ) -> Iterator[tuple[tuple[int, ...], list[dict[int, int]]]]:
        """What each meeting that a quota counts costs at least on each day, once for each seat there is;
        nothing where there is room for all."""
        those = tuple(m for m in domains if m in quota.members)
        room: dict[int, int] = {}
        for meeting in those:
            for day in self._tables[meeting].on(quota.day):
                room[day] = min(quota.room(day) - used.get(day, 0), len(those))
        if all(left == len(those) for left in room.values()):
            return
        full = {m: 0 for m in those}
        for meeting in those:
            for day, options in self._tables[meeting].on(quota.day).items():
                full[meeting] |= options if room[day] <= 0 else 0
        left = {m: domains[m] & ~full[m] for m in those}
        rows = self._rows(left, those, quota.day, lambda o: quota.day(o.start))
        yield (
            those,
            [
                {day * len(those) + seat: cost for day, cost in row.items() for seat in range(room[day])}
                for row in rows
            ],
        )

    def _rows(
        self, domains: dict[int, int], group: Sequence[int], key: object, of: Callable[[Option], int]
    ) -> list[dict[int, int]]:
        return [self._row(domains[m], self._tables[m], len(group), key, of) for m in group]

    @staticmethod
    def _row(
        domain: int, table: Table, enough: int, key: object, of: Callable[[Option], int]
    ) -> dict[int, int]:
        """The cheapest cost in each stretch. Of n meetings each needs its n cheapest stretches only."""
        groups = table.grouped(key, of)
        row: dict[int, int] = {}
        while domain and len(row) < enough:
            option = lowest(domain)
            number = of(table.options[option])
            row[number] = table.costs[option]
            domain &= ~groups[number]
        return row

    def _spread(self, meetings: tuple[int, ...]) -> list[_Spread]:
        """Of these meetings those that lie in stretches of their own: what to call the stretch, and which
        stretch an option is in."""
        if meetings not in self._spreads:
            made: list[_Spread] = []
            gaps = [self._least_gap(a, b) for a, b in combinations(meetings, 2)]
            known = [gap for gap in gaps if gap is not None]
            if known and len(known) == len(gaps):
                wide = min(self._tables[m].shortest for m in meetings) + min(known)
                made.append((meetings, ("stretch", wide), lambda o: o.start // wide))
            for day in {t.day: 0 for ties in self._ties.values() for t, _ in ties if isinstance(t, Days)}:
                group: list[int] = []
                for meeting in meetings:
                    if all(Days(day, same=False) in self._between(other, meeting) for other in group):
                        group.append(meeting)
                if len(group) > 1:
                    made.append((tuple(group), day, lambda o, day=day: day(o.start)))  # type: ignore[misc]
            self._spreads[meetings] = made
        return self._spreads[meetings]

    def _between(self, one: int, two: int) -> list[Tie]:
        return [tie for tie, _ in self._ties.get((one, two), ())]

    def _least_gap(self, one: int, two: int) -> int | None:
        """Minutes that are always between two meetings; None: they may overlap."""
        gaps = [
            tie.gap if isinstance(tie, Apart) else max(tie.least, 0)
            for tie in self._between(one, two)
            if isinstance(tie, Apart | Ordered)
        ]
        return max(gaps, default=None)
