"""Several meetings at once: the best schedule there is, or the fewest that cannot be held together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from math import prod
from random import Random
from zoneinfo import ZoneInfo

import pytest

from deskhand.agent.slots import (
    Availability,
    Between,
    Break,
    DifferentDays,
    InOrder,
    Interval,
    Preferences,
    SameDay,
    Schedule,
    Slot,
    SlotRequest,
    Wanted,
    find_together,
    scored_starts,
)

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
"""A Sunday."""


def at(day: int, clock: str) -> datetime:
    return datetime.combine(date(2026, 11, day), time.fromisoformat(clock), PARIS)


def week(minutes: int = 60, first: int = 23, end: int = 28) -> SlotRequest:
    return SlotRequest(minutes, at(first, "00:00"), at(end, "00:00"), zone="Europe/Paris")


YOU = Availability("you", busy=(), zone="Europe/Paris")
ANA, BO, CY = (
    Availability(name, f"{name.lower()}@example.org", busy=(), zone="Europe/Paris")
    for name in ("Ana", "Bo", "Cy")
)
ONE_TO_ONES = [Wanted(p.name, (YOU, p), week()) for p in (ANA, BO, CY)]


def starts(schedule: Schedule | None) -> dict[str, datetime]:
    assert schedule is not None
    return {name: slot.start for name, slot in schedule.slots}


class TestWhatIsAsked:
    def test_nobody_is_in_two_places(self) -> None:
        assert starts(find_together(ONE_TO_ONES, now=NOW).schedule) == {
            "Ana": at(23, "09:00"),
            "Bo": at(23, "10:00"),
            "Cy": at(23, "11:00"),
        }

    def test_none_on_the_same_day(self) -> None:
        found = starts(find_together(ONE_TO_ONES, [DifferentDays()], now=NOW).schedule)
        assert found == {"Ana": at(23, "09:00"), "Bo": at(24, "09:00"), "Cy": at(25, "09:00")}

    def test_a_chain(self) -> None:
        rules = [InOrder("Cy", "Ana", least=24 * 60), InOrder("Ana", "Bo", least=60, most=90)]
        found = starts(find_together(ONE_TO_ONES, rules, now=NOW).schedule)
        assert found == {"Cy": at(23, "09:00"), "Ana": at(24, "10:30"), "Bo": at(24, "13:00")}

    def test_people_with_an_address_are_the_same_whatever_their_name(self) -> None:
        other = replace(ANA, name="A. Example", address="ANA@example.org")
        wanted = [Wanted("one", (BO, ANA), week()), Wanted("two", (CY, other), week())]
        found = starts(find_together(wanted, now=NOW).schedule)
        assert abs(found["one"] - found["two"]) >= timedelta(hours=1)

    def test_people_without_an_address_go_by_their_name(self) -> None:
        wanted = [Wanted("one", (BO, ANA), week()), Wanted("two", (CY, replace(ANA, address="")), week())]
        assert len(set(starts(find_together(wanted, now=NOW).schedule).values())) == 2

    def test_who_shares_nobody_may_meet_at_once(self) -> None:
        wanted = [Wanted("one", (ANA,), week()), Wanted("two", (BO,), week())]
        assert set(starts(find_together(wanted, now=NOW).schedule).values()) == {at(23, "09:00")}

    def test_buffers_and_full_days_hold_between_the_new_meetings(self) -> None:
        you = replace(YOU, buffer=30, most_a_day=2)
        wanted = [replace(w, people=(you, *w.people[1:])) for w in ONE_TO_ONES]
        found = starts(find_together(wanted, now=NOW).schedule)
        assert found == {"Ana": at(23, "09:00"), "Bo": at(23, "10:30"), "Cy": at(24, "09:00")}

    def test_a_day_is_kept_for_those_who_can_come_on_no_other(self) -> None:
        """Monday has room for two, whichever they are; by the clock they leave each other the same."""
        ana = replace(ANA, most_a_day=2)
        early = tuple(Interval(at(day, "09:00"), at(day, "10:00")) for day in (23, 24))
        noon = (Interval(at(23, "11:00"), at(23, "15:00")),)
        wanted = [
            Wanted(name, (ana,), replace(week(), grid=60, within=within))
            for name, within in (("free", early), ("one", noon), ("two", noon))
        ]
        assert starts(find_together(wanted, now=NOW).schedule)["free"] == at(24, "09:00")

    def test_one_room_holds_one_meeting(self) -> None:
        room = Availability("Blue", busy=(), hours=None)
        wanted = [Wanted(p.name, (p,), replace(week(), rooms=(room,))) for p in (ANA, BO)]
        found = find_together(wanted, now=NOW).schedule
        assert found is not None
        assert [slot.room for _, slot in found.slots] == ["Blue", "Blue"]
        assert set(starts(found).values()) == {at(23, "09:00"), at(23, "10:00")}

    def test_an_unknown_calendar_is_said_on_its_slot(self) -> None:
        wanted = [Wanted("one", (YOU, replace(ANA, busy=None)), week()), Wanted("two", (YOU, BO), week())]
        found = find_together(wanted, now=NOW).schedule
        assert found is not None
        assert [slot.unconfirmed for _, slot in found.slots] == [("Ana",), ()]
        refused = replace(wanted[0], people=(YOU, replace(ANA, busy=None, must_confirm=True)))
        answer = find_together([refused, wanted[1]], now=NOW)
        assert answer.conflict is not None
        assert answer.conflict.blockers == ("one", "the unknown calendar of Ana")
        assert [starts(s).keys() for s in answer.nearest] == [{"two"}]


class TestWhenItCannotBe:
    def test_the_meetings_and_rules_that_clash_and_no_others(self) -> None:
        wanted = [replace(w, request=week(end=25)) for w in ONE_TO_ONES]
        wanted.append(Wanted("Review", (YOU, ANA), week()))
        answer = find_together(wanted, [InOrder("Ana", "Review"), DifferentDays(), Break(15)], now=NOW)
        assert answer.schedule is None
        assert answer.conflict is not None
        assert answer.conflict.blockers == (
            "Ana", "Bo", "Cy", "no two of the meetings on one day",
        )  # fmt: skip
        ways = [s.why for s in answer.nearest]
        assert ways == [
            "if they may be on one day",
            *(f"if it may be without {name}" for name in ("Ana", "Bo", "Cy")),
        ]
        assert [len(s.slots) for s in answer.nearest] == [4, 3, 3, 3]

    def test_a_gap_gives_way_before_the_order_does(self) -> None:
        wanted = [replace(w, request=week(end=25)) for w in ONE_TO_ONES[:2]]
        answer = find_together(wanted, [InOrder("Bo", "Ana", least=3 * 24 * 60)], now=NOW)
        nearest = answer.nearest[0]
        assert nearest.why == "if any time may lie between Bo and Ana"
        assert starts(nearest)["Bo"] < starts(nearest)["Ana"]

    def test_two_in_one_place_cannot_give_way(self) -> None:
        wanted = [replace(w, request=week(400, end=24)) for w in ONE_TO_ONES[:2]]
        answer = find_together(wanted, now=NOW)
        assert answer.conflict is not None
        assert answer.conflict.blockers == ("Ana", "Bo", "you are in one place at a time")
        assert [s.why for s in answer.nearest] == ["if it may be without Ana", "if it may be without Bo"]

    def test_too_little_work_is_said_and_never_a_wrong_answer(self) -> None:
        answer = find_together(ONE_TO_ONES, [DifferentDays()], now=NOW, most_steps=3)
        assert not answer.proven
        if answer.schedule is None:
            assert answer.conflict is not None
            assert "Not decided" in answer.conflict.message
        nothing = find_together(ONE_TO_ONES, now=NOW, most_steps=1)
        assert nothing.conflict is not None
        assert "Not decided" in nothing.conflict.message

    @pytest.mark.parametrize(
        ("rules", "words"),
        [
            ([InOrder("Ana", "Dan")], "names Dan"),
            ([InOrder("Ana", "Ana")], "twice"),
            ([DifferentDays(("Ana", "Ana"))], "twice"),
        ],
    )
    def test_rules_about_nobody(self, rules: list[Between], words: str) -> None:
        with pytest.raises(ValueError, match=words):
            find_together(ONE_TO_ONES, rules, now=NOW)

    def test_meetings_of_one_name_or_too_many(self) -> None:
        with pytest.raises(ValueError, match="called Ana"):
            find_together([ONE_TO_ONES[0]] * 2, now=NOW)
        with pytest.raises(ValueError, match="9 meetings"):
            find_together([replace(ONE_TO_ONES[0], name=str(n)) for n in range(9)], now=NOW)


# The law: what is found is what trying every combination finds.

DAYS = [date(2026, 10, 25), date(2026, 11, 1), date(2027, 3, 28), date(2026, 6, 3)]
ZONES = ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
Try = tuple[datetime, int, int, int]
"""Start, minutes, number of the room, points."""


def problem(random: Random) -> tuple[list[Wanted], list[Between]]:
    """Few enough options that all combinations can be tried, clocks that change meanwhile, all rules."""
    base = datetime.combine(random.choice(DAYS), time(random.choice([0, 6, 9])), UTC)
    length = timedelta(hours=random.choice([6, 9, 30]))

    def calendar() -> tuple[Interval, ...]:
        since = [base + timedelta(minutes=15 * random.randrange(-8, 120)) for _ in range(random.randrange(4))]
        return tuple(
            Interval(s, s + timedelta(minutes=random.choice([30, 50, 120])), meeting=random.random() < 0.8)
            for s in since
        )

    people = [
        Availability(
            name,
            f"{name}@example.org" if random.random() < 0.9 else "",
            busy=random.choice([calendar(), calendar(), calendar(), None]),
            known_until=random.choice([None, None, base + timedelta(hours=7)]),
            zone=random.choice(ZONES),
            hours=random.choice([None, None, (((0, 1080),),) * 7]),
            required=random.random() < 0.8,
            must_confirm=random.random() < 0.03,
            buffer=random.choice([0, 0, 10, 45]),
            most_a_day=random.choice([None, None, 1, 2, 3, 3]),
        )
        for name in "abcd"
    ]
    rooms = tuple(
        Availability(f"R{n}", busy=calendar(), hours=None, buffer=random.choice([0, 30])) for n in range(2)
    )
    flat = Preferences(whole=0, later=0, lunch=0, pain=0, adjacent=0)
    wanted = [
        Wanted(
            f"M{n}",
            tuple(random.sample(people, random.choice([1, 2, 2, 3]))),
            SlotRequest(
                random.choice([30, 60, 100]), base, base + length, zone=ZONES[0],
                grid=30 if length < timedelta(hours=9) else 60, longest=random.choice([0, 0, 0, 120]),
                rooms=random.choice([(), (), (), rooms, rooms[1:]]),
                prefer=random.choice([Preferences(), flat]),
            ),
        )
        for n in range(random.randrange(2, 4))
    ]  # fmt: skip
    names = [w.name for w in wanted]
    least = random.choice([0, 30, 300])
    kinds: list[Between] = [
        DifferentDays(), SameDay(), SameDay(("M0", "M1")), Break(random.choice([15, 60, 240])),
        InOrder(names[1], names[0], least), InOrder(names[0], names[-1], least, least + 90),
    ]  # fmt: skip
    return wanted, random.sample(kinds, random.randrange(3))


def crowded(random: Random) -> tuple[list[Wanted], list[Between]]:
    """Many meetings of people whose days fill up."""
    base = datetime.combine(random.choice(DAYS), time(9), UTC)
    people = [
        Availability(
            name,
            f"{name}@example.org",
            busy=tuple(Interval(s, s + timedelta(hours=1)) for s in random.sample(
                [base + timedelta(n, hours=h) for n in range(3) for h in range(4)], 2)),
            hours=(((9 * 60, 12 * 60),),) * 7,
            buffer=random.choice([0, 0, 30]),
            most_a_day=random.choice([None, 2, 2, 3, 3]),
        )
        for name in "abc"
    ]  # fmt: skip
    wanted = [
        Wanted(
            f"M{n}",
            tuple(random.sample(people, random.choice([1, 2, 2, 3]))),
            SlotRequest(
                random.choice([30, 60]), base, base + timedelta(random.choice([2, 3])), grid=60,
                prefer=Preferences(later=random.choice([0, 2]), near=random.choice([0, 35]), whole=0),
            ),
        )
        for n in range(4)
    ]  # fmt: skip
    kinds: list[Between] = [
        DifferentDays(("M0", "M3")),
        SameDay(("M1", "M2")),
        InOrder("M3", "M1"),
        Break(30),
    ]
    return wanted, random.sample(kinds, random.randrange(3))


Kind = Callable[[Random], tuple[list[Wanted], list[Between]]]


class Tried:
    """Every combination, looked at one by one."""

    def __init__(self, wanted: list[Wanted], rules: list[Between]) -> None:
        self.wanted, self.rules = wanted, rules
        self.tries = [list(self._of(w)) for w in wanted]
        people = {p.name: p for w in wanted for p in w.people}
        rooms = {r.name: r for w in wanted for r in w.request.rooms}
        full = [(p, "a day") for p in people.values()]
        self.elements: list[object] = [*rules, *people.values(), *full, rooms]

    @staticmethod
    def _of(wanted: Wanted) -> Iterator[Try]:
        request, prefer = wanted.request, wanted.request.prefer
        for minutes in range(request.minutes, max(request.longest, request.minutes) + 1, request.grid):
            for number in range(len(request.rooms) or 1):
                one = replace(request, minutes=minutes, longest=0, rooms=request.rooms[number : number + 1])
                for s in scored_starts(wanted.people, one, now=request.start - timedelta(days=3)):
                    extra = prefer.shorter * (request.longest - minutes) if request.longest else 0
                    start = datetime.fromtimestamp(s.start * 60, UTC)
                    yield start, minutes, number, s.points + extra + prefer.room * number

    def holds(self, chosen: dict[int, Try], elements: Sequence[object]) -> bool:
        return all(self._keeps(element, chosen) for element in elements)

    def _keeps(self, element: object, chosen: dict[int, Try]) -> bool:
        if isinstance(element, Availability):
            there = [n for n in chosen if any(p.name == element.name for p in self.wanted[n].people)]
            return all(self._apart(chosen[a], chosen[b], element.buffer) for a, b in combinations(there, 2))
        if isinstance(element, tuple):
            return self._not_too_many(element[0], chosen)
        if isinstance(element, dict):
            return all(
                self._room(a, chosen[a]) != self._room(b, chosen[b])
                or self._apart(chosen[a], chosen[b], self._room(a, chosen[a])[1])
                for a, b in combinations(chosen, 2)
                if self.wanted[a].request.rooms and self.wanted[b].request.rooms
            )
        if isinstance(element, InOrder):
            first, then = int(element.first[1]), int(element.then[1])
            if first not in chosen or then not in chosen:
                return True
            gap = (chosen[then][0] - self._end(chosen[first])) // timedelta(minutes=1)
            return element.least <= gap <= (gap if element.most is None else element.most)
        assert isinstance(element, DifferentDays | SameDay | Break)
        named = [n for n in chosen if not element.names or f"M{n}" in element.names]
        if isinstance(element, Break):
            return all(self._apart(chosen[a], chosen[b], element.minutes) for a, b in combinations(named, 2))
        days = {chosen[n][0].astimezone(ZoneInfo(ZONES[0])).date() for n in named}
        return len(days) == len(named) if isinstance(element, DifferentDays) else len(days) <= 1

    def _room(self, meeting: int, chosen: Try) -> tuple[str, int]:
        room = self.wanted[meeting].request.rooms[chosen[2]]
        return room.name, room.buffer

    @staticmethod
    def _end(chosen: Try) -> datetime:
        return chosen[0] + timedelta(minutes=chosen[1])

    def _apart(self, one: Try, other: Try, gap: int) -> bool:
        pause = timedelta(minutes=gap)
        return self._end(one) + pause <= other[0] or self._end(other) + pause <= one[0]

    def _not_too_many(self, person: Availability, chosen: dict[int, Try]) -> bool:
        there = [n for n in chosen if any(p.name == person.name for p in self.wanted[n].people)]
        if person.most_a_day is None or not person.required or len(there) < 2:
            return True
        zone = ZoneInfo(person.zone)
        days = [chosen[n][0].astimezone(zone).date() for n in there]
        booked = [i.start.astimezone(zone).date() for i in person.busy or () if i.meeting]
        return all(days.count(day) + booked.count(day) <= person.most_a_day for day in days)

    def schedules(self, meetings: Sequence[int], elements: Sequence[object]) -> Iterator[dict[int, Try]]:
        if not meetings:
            yield {}
            return
        for chosen in self.schedules(meetings[:-1], elements):
            for one in self.tries[meetings[-1]]:
                longer = {**chosen, meetings[-1]: one}
                if self.holds(longer, elements):
                    yield longer

    def best(self) -> dict[int, Try] | None:
        return min(self.schedules(range(len(self.wanted)), self.elements), key=self._order, default=None)

    @staticmethod
    def _order(chosen: dict[int, Try]) -> object:
        return sum(c[3] for c in chosen.values()), [(c[0], -c[1], c[2]) for c in chosen.values()]

    def smallest(self) -> tuple[tuple[int, ...], int]:
        """The fewest meetings that cannot be held together, and how many rules bar it at least."""
        every = range(len(self.wanted))
        subsets = (m for size in every for m in combinations(every, size + 1))
        meetings = next(m for m in subsets if not any(self.schedules(m, self.elements)))
        about = [e for e in self.elements if self._says_something(e, meetings)]
        for size in range(len(about) + 1):
            for some in combinations(about, size):
                if not any(self.schedules(meetings, some)):
                    return meetings, size
        raise AssertionError

    def _says_something(self, element: object, meetings: Sequence[int]) -> bool:
        if isinstance(element, Availability | tuple):
            person = element[0] if isinstance(element, tuple) else element
            return sum(any(p.name == person.name for p in self.wanted[n].people) for n in meetings) > 1
        return bool(element)


def as_tried(slot: Slot, wanted: Wanted) -> Try:
    minutes = (slot.end.astimezone(UTC) - slot.start.astimezone(UTC)) // timedelta(minutes=1)
    room = [r.name for r in wanted.request.rooms].index(slot.room) if slot.room else 0
    return slot.start.astimezone(UTC), minutes, room, slot.points


@pytest.mark.parametrize("kind", [problem, crowded])
@pytest.mark.parametrize("batch", range(15))
def test_exactly_what_trying_every_combination_finds(batch: int, kind: Kind) -> None:
    for seed in range(batch * 20, batch * 20 + 20):
        wanted, rules = kind(Random(seed))
        tried = Tried(wanted, rules)
        if prod(map(len, tried.tries)) > 20_000:  # too long to try
            continue
        now = wanted[0].request.start - timedelta(days=3)
        answer = find_together(wanted, rules, now=now)
        best = tried.best()
        assert answer.proven
        if best is not None:
            assert answer.schedule is not None, seed
            found = [as_tried(s, w) for (_, s), w in zip(answer.schedule.slots, wanted, strict=True)]
            assert found == list(best.values()), seed
            continue
        assert answer.conflict is not None, seed
        assert answer.conflict.least
        meetings, rules_needed = tried.smallest()
        named = tuple(wanted[n].name for n in meetings)
        assert answer.conflict.blockers[: len(named)] == named, seed
        if len(named) > 1:
            assert len(answer.conflict.blockers) == len(named) + rules_needed, seed
        for way in answer.nearest:
            chosen = {int(name[1]): as_tried(s, wanted[int(name[1])]) for name, s in way.slots}
            assert all(chosen[n] in tried.tries[n] for n in chosen)
            assert tried.holds(chosen, [e for e in tried.elements if e not in rules]), seed


@pytest.mark.parametrize("seed", range(40))
def test_the_order_of_the_people_changes_nothing(seed: int) -> None:
    wanted, rules = problem(Random(seed))
    now = wanted[0].request.start - timedelta(days=3)
    one = find_together(wanted, rules, now=now)
    turned = [replace(w, people=tuple(reversed(w.people))) for w in wanted]
    other = find_together(turned, rules, now=now)
    assert (one.schedule is None) == (other.schedule is None)
    if one.schedule is not None and other.schedule is not None:
        assert starts(one.schedule) == starts(other.schedule)
        assert one.schedule.points == other.schedule.points


def test_five_meetings_of_ten_people_in_two_weeks_are_proven_best_in_few_steps() -> None:
    """The size that a person asks for; the work is counted, so that the machine does not matter."""
    random = Random(5)
    start = datetime(2026, 11, 23, tzinfo=UTC)

    def calendar() -> tuple[Interval, ...]:
        since = [timedelta(random.randrange(14), minutes=15 * random.randrange(32, 64)) for _ in range(8)]
        return tuple(Interval(start + s, start + s + timedelta(minutes=45)) for s in since)

    people = [Availability(f"P{n}", f"p{n}@example.org", calendar()) for n in range(20)]
    request = SlotRequest(45, start, start + timedelta(14))
    wanted = [Wanted(f"M{n}", (people[0], *random.sample(people[1:], 9)), request) for n in range(5)]
    chain = [InOrder("M4", "M0", least=1440), Break(30), SameDay(("M2", "M3"))]
    for rules in ([], [DifferentDays()], chain):
        answer = find_together(wanted, rules, now=NOW, most_steps=5000)
        assert answer.schedule is not None
        assert answer.proven
