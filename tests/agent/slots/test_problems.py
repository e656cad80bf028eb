"""Thousands of generated problems, each held to an independent judge that tries every start.

`problems.py` makes them, `brute.py` judges them; neither knows how the solver works.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from brute import Judge, Rule, Tried, clock, floor
from problems import KINDS, PEOPLE, ROOMS, Problem, problem

from deskhand.agent.slots import (
    Availability,
    Conflict,
    Interval,
    Preferences,
    Proposal,
    Slot,
    SlotRequest,
    find_slots,
    free_starts,
)

COUNT, CHUNK = 2000, 100
CHOICES = 6
"""How many slots are asked for of each problem."""
MOST_WAYS = 8
"""More ways out of a kind than these are not all looked for."""


@pytest.mark.parametrize("first", range(0, COUNT, CHUNK))
def test_every_answer_is_the_one_that_trying_everything_gives(first: int) -> None:
    """Feasible and infeasible recognised, the best first by the stated objective, conflicts smallest."""
    wrong: dict[int, list[str]] = {}
    infeasible = 0
    for number in range(first, first + CHUNK):
        given = problem(number)
        judge = Judge(given.people, given.request, now=given.now, notice=given.notice)
        proposal = solve(given)
        infeasible += not judge.found
        if differences := compare(given, judge, proposal):
            wrong[number] = differences
    assert not wrong
    # A judge that refuses everything, or nothing, would show nothing.
    assert 15 <= infeasible <= CHUNK - 30


def solve(given: Problem) -> Proposal:
    return find_slots(given.people, given.request, now=given.now, notice=given.notice, limit=CHOICES)


def compare(given: Problem, judge: Judge, proposal: Proposal) -> list[str]:
    """What is not as the judge says; empty if all is."""
    said: list[str] = []

    def same(what: str, found: object, expected: object) -> None:
        if found != expected:
            said.append(f"{what}: {found!r} instead of {expected!r}")

    starts = free_starts(given.people, given.request, now=given.now, notice=given.notice)
    same("starts", [floor(start) for start in starts], [tried.start for tried in judge.found])
    same("possible", proposal.possible, len(judge.found))
    same("feasible", proposal.conflict is None, bool(judge.found))
    for n, (slot, tried) in enumerate(zip(proposal.slots, judge.best, strict=False)):
        same(f"slot {n}", as_tried(slot), tried)
        same(f"zone of slot {n}", str(slot.start.tzinfo), given.request.zone)
        same(f"wrongly said to be free in slot {n}", wrongly_free(slot), [])
    same("choices", len(proposal.slots), min(CHOICES, len(judge.best)))
    if proposal.conflict is not None and not judge.found:
        said += compare_conflict(given, judge, proposal.conflict)
    return said


def as_tried(slot: Slot) -> Tried:
    return Tried(
        floor(slot.start),
        floor(slot.end),
        slot.room,
        slot.points,
        frozenset(slot.unconfirmed),
        frozenset(slot.absent),
    )


def wrongly_free(slot: Slot) -> list[str]:
    """Who is said to be free and is not, or not for certain."""
    named = re.search(r"free for ([^;]*)", slot.why)
    doubtful = {*slot.unconfirmed, *slot.absent}
    return sorted(doubtful & set(re.findall(r"\w+", named[1]))) if named else []


def compare_conflict(given: Problem, judge: Judge, conflict: Conflict) -> list[str]:
    said: list[str] = []
    if judge.closes - judge.earliest < given.request.minutes:
        return said if conflict.message else ["no message"]
    named = [which(words, judge.rules) for words in conflict.blockers]
    unknown = [words for words, rule in zip(conflict.blockers, named, strict=True) if rule is None]
    if unknown:
        said.append(f"no such rule: {unknown}")
    rules = [rule for rule in named if rule is not None]
    if not conflict.least:
        said.append("gave up looking for the fewest rules")
    if not judge.conflicts(rules):
        said.append(f"no conflict: {conflict.blockers}")
    if rules != judge.conflict:
        expected = [(rule.kind, rule.who) for rule in judge.conflict]
        said.append(f"conflict: {conflict.blockers} instead of {expected}")
    for slot in conflict.nearest:
        said += [f"{slot.why!r}: {fault}" for fault in faults(given, judge, slot)]
    ways = [slot.why.partition(";")[0] for slot in conflict.nearest]
    wanted = [WAYS[rule.kind].replace("{who}", rule.who) for rule in judge.alone if rule.kind not in A_LITTLE]
    if len(judge.alone) <= MOST_WAYS:
        said += [f"no {way!r}" for way in wanted if not any(re.fullmatch(way, told) for told in ways)]
    if len(judge.alone_in_the_way) <= MOST_WAYS:
        without = [f"if it may be without {name}" for name in judge.alone_in_the_way]
        said += [f"no {way!r}" for way in without if way not in ways]
    return said


NAMES: dict[str, str] = {
    "not_before": r"not before \d\d:\d\d",
    "not_after": r"not after \d\d:\d\d",
    "parts": r"only in the .*",
    "not_parts": r"not in the .*",
    "not_on": r"not on \D.*",
    "not_dates": r"not on \d.*",
    "within": r"only (?!in the).*",
    "avoid": r"not during .*",
    "hours": r"the working hours of {who}( \(.*\))?",
    "days_off": r"the days? off of {who} \(.*\)",
    "busy": r"the calendar of {who}",
    "buffer": r"the \d+ minutes that {who} keeps free around other meetings",
    "most_a_day": r"at most \d+ meetings? a day for {who}",
    "keep_lunch": r"the lunch of {who}.*",
    "notice": r".* of notice for {who}",
    "must_confirm": r"the (unknown|not yet known) calendar of {who}",
    "rooms": r"a free room",
}
"""How a rule is called in a conflict."""

WAYS: dict[str, str] = {
    "not_before": r"if it may begin before .*",
    "not_after": r"if it may end after .*",
    "parts": r"if it need not be in the .*",
    "not_parts": r"if the .* would do after all",
    "not_on": r"if (?!the )\D.* would do after all",
    "not_dates": r"if \d.* would do after all",
    "within": r"if it may lie at another time than named",
    "avoid": r"if it may touch (?!the lunch).*",
    "hours": r"if it may lie outside the working hours of {who}",
    "days_off": r"if {who} works on .*",
    "buffer": r"if (\d+ minutes around|it may lie right next to) other meetings (are enough for|of) {who}",
    "most_a_day": r"if {who} may have (\d+|any number of) meetings? on a day",
    "keep_lunch": r"if it may touch the lunch of {who}",
    "notice": r"if {who} may be told less than .* ahead",
    "busy": r"-",
    "must_confirm": r"if it need not be confirmed with {who}",
    "rooms": r"if it needs no room",
}
"""How giving way is called, and which rule gives way."""

A_LITTLE = {"busy", "hours", "not_before", "not_after"}
"""Rules that do not give way, or give way by some hours at most: dropping them may not be offered."""

PARTLY = r"before|after|outside|works on|meetings on|around|touch (?!the lunch)|\d|day would"
"""Ways in which a rule gives way step by step, so that dropping it whole says nothing of the best."""


def which(words: str, rules: list[Rule]) -> Rule | None:
    """The rule that some words name."""
    return next(
        (rule for rule in rules if re.fullmatch(NAMES[rule.kind].replace("{who}", rule.who), words)), None
    )


def faults(given: Problem, judge: Judge, slot: Slot) -> list[str]:
    """What is wrong with a way out: it breaks a rule that does not give way, or is not the best there is."""
    way, start, end = slot.why.partition(";")[0], floor(slot.start), floor(slot.end)
    # A way out of a request for a range of lengths is one for the shortest.
    people, request, dropped = given.people, replace(given.request, longest=0), None
    if found := re.fullmatch(r"if it may be without (\w+)", way):
        people = tuple(replace(p, required=p.required and p.name != found[1]) for p in people)
        if found[1] not in (*slot.absent, *slot.unconfirmed) or found[1] == people[0].name:
            return ["nobody is absent, or the one who asks"]
    elif found := re.fullmatch(r"if (\d+) minutes are enough", way):
        request = replace(request, minutes=int(found[1]))
        if end - start != request.minutes or request.minutes >= given.request.minutes:
            return ["not that short"]
    elif re.fullmatch(r"if it may be later", way):
        if end <= judge.closes:
            return ["not later"]
        request, people = later(request, people)
    else:
        giving = (r for r in judge.rules if re.fullmatch(WAYS[r.kind].replace("{who}", r.who), way))
        if (dropped := next(giving, None)) is None:
            return ["no such rule"]
    relaxed = Judge(people, request, now=given.now, notice=given.notice, without=dropped)
    said = [f"breaks {rule.kind} {rule.who}" for rule in relaxed.broken(start, end)]
    said += [f"{name} is said to be free" for name in wrongly_free(slot)]
    if start < judge.earliest or clock(request.zone, start)[1] % request.grid:
        said.append("too soon, or off the grid")
    same = {"it is": as_tried(slot), "it should be": relaxed.tried(start, end)}
    if not re.search(PARTLY, way):
        same["the best of its kind is"] = relaxed.best[0]
    if len(set(same.values())) > 1:
        said.append(", ".join(f"{what} {tried}" for what, tried in same.items()))
    return said


def later(
    request: SlotRequest, people: tuple[Availability, ...]
) -> tuple[SlotRequest, tuple[Availability, ...]]:
    """The window after the one asked about, up to where the first of the known required calendars ends.
    Nobody is known for longer because more is asked about."""
    people = tuple(replace(p, known_until=p.known_until or request.end) for p in people)
    rooms = tuple(replace(r, known_until=r.known_until or request.end) for r in request.rooms)
    known = [p.known_until for p in people if p.known_until and p.required and p.busy is not None]
    start = request.end - timedelta(minutes=request.minutes - 1)
    end = min([request.end + timedelta(days=28), *known])
    return replace(request, start=start, end=end, rooms=rooms), people


class TestUnreadableCalendars:
    """Unknown is never free: each way in which a calendar cannot be read."""

    OPENS = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    """A Monday. Ana is free all day, and at 10:00 Bo's calendar ends where it is known in part."""
    ANA = Availability("Ana", busy=(), hours=None)
    UNKNOWN = Availability("Bo", busy=None, hours=None)
    PARTLY = Availability("Bo", busy=(), hours=None, known_until=OPENS + timedelta(hours=2))

    def ask(self, *people: Availability, minutes: int = 60, **more: Any) -> Proposal:
        request = SlotRequest(minutes, self.OPENS, self.OPENS + timedelta(hours=4), grid=30, **more)
        given = Problem(0, "", (self.ANA, *people), request, self.OPENS, timedelta(0))
        judge = Judge(given.people, request, now=given.now, notice=given.notice)
        proposal = solve(given)
        assert compare(given, judge, proposal) == []
        return proposal

    def hours(self, proposal: Proposal) -> list[float]:
        return sorted((slot.start - self.OPENS) / timedelta(hours=1) for slot in proposal.slots)

    def test_required_and_not_known_is_never_called_free(self) -> None:
        slots = self.ask(self.UNKNOWN).slots
        assert slots
        assert all(slot.unconfirmed == ("Bo",) and slot.points >= 1000 for slot in slots)
        assert not [slot for slot in slots if re.search(r"free for [^;]*Bo", slot.why)]

    def test_who_forgets_the_calendar_says_that_it_is_unknown(self) -> None:
        assert all(slot.unconfirmed == ("Bo",) for slot in self.ask(Availability("Bo", hours=None)).slots)

    def test_must_confirm_and_not_known_is_refused(self) -> None:
        conflict = self.ask(replace(self.UNKNOWN, must_confirm=True)).conflict
        assert conflict
        assert len(conflict.blockers) == 1
        assert all("Bo" in (*slot.unconfirmed, *slot.absent) for slot in conflict.nearest)

    def test_must_confirm_and_known_in_part_is_met_in_that_part(self) -> None:
        assert self.hours(self.ask(replace(self.PARTLY, must_confirm=True))) == [0, 1]

    def test_must_confirm_and_known_too_little_is_refused(self) -> None:
        assert self.ask(replace(self.PARTLY, must_confirm=True), minutes=150).conflict

    def test_known_in_part_is_confirmed_in_that_part_only(self) -> None:
        slots = self.ask(self.PARTLY).slots
        sure = [slot for slot in slots if not slot.unconfirmed]
        assert sorted(slot.start for slot in sure) == [self.OPENS, self.OPENS + timedelta(hours=1)]
        assert slots[: len(sure)] == tuple(sure)
        assert {slot.unconfirmed for slot in slots[len(sure) :]} == {("Bo",)}

    def test_one_unknown_minute_is_enough(self) -> None:
        bo = replace(self.PARTLY, known_until=self.OPENS + timedelta(hours=4, seconds=-1))
        last = max(self.ask(bo).slots, key=lambda slot: slot.start)
        assert last.unconfirmed == ("Bo",)

    def test_what_is_taken_after_the_known_part_is_taken(self) -> None:
        taken = Interval(self.OPENS + timedelta(hours=3), self.OPENS + timedelta(hours=5))
        assert max(self.hours(self.ask(replace(self.PARTLY, busy=(taken,))))) == 2

    def test_known_until_before_the_window_is_not_known(self) -> None:
        bo = replace(self.PARTLY, known_until=self.OPENS - timedelta(days=1))
        assert all(slot.unconfirmed == ("Bo",) for slot in self.ask(bo).slots)

    def test_optional_and_not_known_is_told_and_held_against(self) -> None:
        slots = self.ask(replace(self.UNKNOWN, required=False)).slots
        assert slots
        assert all(slot.unconfirmed == ("Bo",) and slot.points >= 150 for slot in slots)

    def test_optional_and_must_confirm_does_not_refuse(self) -> None:
        assert self.ask(replace(self.UNKNOWN, required=False, must_confirm=True)).slots

    def test_optional_and_known_in_part_ranks_the_known_part_first(self) -> None:
        slots = self.ask(replace(self.PARTLY, required=False)).slots
        assert [bool(slot.unconfirmed) for slot in slots] == [False, False, True, True]

    @pytest.mark.parametrize("required", [True, False])
    def test_with_two_unknown_both_are_told(self, required: bool) -> None:
        cy = replace(self.UNKNOWN, name="Cy", required=required)
        assert all(slot.unconfirmed == ("Bo", "Cy") for slot in self.ask(self.UNKNOWN, cy).slots)

    def test_a_room_that_is_not_known_is_never_taken(self) -> None:
        den = Availability("Den", busy=None, hours=None)
        assert self.ask(rooms=(den,)).conflict
        attic = replace(den, name="Attic", busy=())
        assert {slot.room for slot in self.ask(rooms=(den, attic)).slots} == {"Attic"}

    def test_a_room_known_in_part_is_taken_in_that_part(self) -> None:
        assert self.hours(self.ask(rooms=(replace(self.PARTLY, name="Den"),))) == [0, 1]

    def test_later_than_anybody_looked_is_not_offered_as_free(self) -> None:
        whole = (Interval(self.OPENS, self.OPENS + timedelta(hours=4)),)
        conflict = self.ask(replace(self.UNKNOWN, busy=whole)).conflict
        assert conflict
        for slot in conflict.nearest:
            assert slot.end <= self.OPENS + timedelta(hours=4) or "Bo" in slot.unconfirmed


@pytest.fixture(scope="module")
def all_of_them() -> list[Problem]:
    return [problem(number) for number in range(COUNT)]


class TestTheProblems:
    """That they are as varied as they should be, by looking at them."""

    def test_people_days_zones_and_clocks(self, all_of_them: list[Problem]) -> None:
        people, days, zones, changes = Counter[int](), set[int](), Counter[int](), 0
        quarter_hours = 0
        for given in all_of_them:
            people[len(given.people)] += 1
            days.add((given.request.end - given.request.start).days + 1)
            named = {given.request.zone, *(p.zone for p in given.people)}
            zones[len(named)] += 1
            changes += any(
                given.request.start.astimezone(ZoneInfo(z)).utcoffset()
                != given.request.end.astimezone(ZoneInfo(z)).utcoffset()
                for z in named
            )
            quarter_hours += any("Kathmandu" in z or "Chatham" in z for z in named)
        assert set(people) == set(range(2, 21))
        assert days >= set(range(1, 20))
        assert set(zones) == set(range(1, 7))
        assert min(zones.values()) >= 40
        assert changes >= 300
        assert quarter_hours >= 200

    def test_every_rule_and_every_preference_is_in_many(self, all_of_them: list[Problem]) -> None:
        met: Counter[str] = Counter()
        plain = {
            SlotRequest: SlotRequest(1, problem(0).request.start, problem(0).request.end),
            Availability: Availability("", busy=()),
            Preferences: Preferences(),
        }
        for given in all_of_them:
            for value in (given.request, given.request.prefer, *given.people, *given.request.rooms):
                usual = plain[type(value)]
                met.update(
                    {f.name for f in fields(value) if getattr(value, f.name) != getattr(usual, f.name)}
                )
        named = {field.name for kind in plain for field in fields(kind)} - {"name", "address"}
        assert {name for name in named if met[name] < 60} == set()

    def test_the_same_number_is_the_same_problem(self) -> None:
        assert problem(77) == problem(77)
        assert len({problem(n).kind for n in range(len(KINDS))}) == len(KINDS)
        assert len(set(PEOPLE) | set(ROOMS)) == 24
