"""A time that fits as a `Slot`: the facts that speak for and against it, in words."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

from deskhand.agent.slots.intervals.minutes import day_number, moment
from deskhand.agent.slots.intervals.spans import EVER, Span, Spans, common, united, without
from deskhand.agent.slots.intervals.window import Window
from deskhand.agent.slots.model import Availability, Slot, SlotRequest
from deskhand.agent.slots.objective.ranking import Ranking, Scored
from deskhand.agent.slots.phrases import clock, few, in_words, listed, of_whom

_NOON = 12 * 60
_DAYS = 2
"""Of so many earlier days it is said who is out."""
_NAMED = 6
"""So many who are free are named; who is missing or not confirmed always is."""
_CLOSE = 60
"""Minutes from lunch within which it is said that lunch stays free."""


class Wording:
    """Tells the times of one request."""

    def __init__(self, people: Sequence[Availability], request: SlotRequest, window: Window) -> None:
        self._people = people
        self._required = [p for p in people if p.required]
        self._request = request
        self._window = window
        self._zone = ZoneInfo(request.zone)

    def slot(self, scored: Scored, ranking: Ranking, *, first: bool, best: bool = False) -> Slot:
        """The slot with its facts. `first`: no start that fits is earlier; `best`: none is better, so it is
        also said what stands against the days before it."""
        kinds: dict[str, set[str]] = {}
        for penalty in ranking.held(scored):
            kinds.setdefault(penalty.kind, set()).update(penalty.who)
        against = {kind: self._in_order(who) for kind, who in kinds.items()}
        unsure = self._in_order({*against.get("unconfirmed", ()), *against.get("doubtful", ())})
        absent = against.get("absent", ())
        span = (scored.start, scored.start + scored.minutes)
        begins, ends = (moment(minute, self._zone) for minute in span)
        facts = ["the earliest time that fits"] if first else []
        facts += self._free([p.called for p in self._people if p.called not in {*unsure, *absent}])
        if doubtful := [name for name in unsure if name not in absent]:
            facts.append(f"not confirmed with {listed(doubtful)}")
        if absent:
            facts.append(f"without {listed(absent)}")
        facts += self._clocks(begins)
        if scored.room:
            facts.append(f"{scored.room} is free")
        if scored.minutes < self._request.longest:
            facts.append(f"{scored.minutes} of at most {self._request.longest} minutes")
        facts += self._against(against)
        facts += self._for(span, against)
        if best:
            facts += self._out_before(begins)
        return Slot(begins, ends, "; ".join(facts), unsure, absent, scored.points, scored.room)

    def _in_order(self, who: Collection[str]) -> tuple[str, ...]:
        """Names in the order of the people. A room is none of them."""
        return tuple(dict.fromkeys(p.called for p in self._people if p.called in who))

    def _free(self, sure: Sequence[str]) -> Iterator[str]:
        if len(sure) > _NAMED and len(sure) == len(self._people):
            yield f"free for all {len(sure)}"
        elif sure:
            yield f"free for {listed(few(sure, _NAMED))}"

    def _clocks(self, begins: datetime) -> Iterator[str]:
        """Local times of those whose clock is known and shows another one than the asker's."""
        there: dict[str, list[str]] = {}
        for person in self._people:
            local = begins.astimezone(ZoneInfo(person.zone))
            if local.utcoffset() != begins.utcoffset() and person.clock_counts:
                day = "" if local.date() == begins.date() else f"{local:%a} "
                there.setdefault(f"{day}{local:%H:%M}", []).append(person.called)
        return (f"{shown} for {listed(names)}" for shown, names in there.items())

    def _against(self, against: dict[str, tuple[str, ...]]) -> Iterator[str]:
        """What `Preferences` hold against it."""
        prefer = self._request.prefer
        first, last = prefer.core
        if lunch := against.get("lunch"):
            yield f"touches {of_whom('lunch', lunch)}"
        if beside := against.get("adjacent"):
            mine = "of yours" if beside == ("you",) else f"for {listed(beside)}"
            yield f"right next to another meeting {mine if 'you' in beside else f'of {listed(beside)}'}"
        told = {
            "focus": "cuts into time kept for work by {}",
            "run": f"more than {in_words(timedelta(minutes=prefer.run_minutes))} without a pause for {{}}",
            "pain": f"outside {clock(first)}-{clock(last)} for {{}}",
            "dislike": "not when {} would like to meet",
        }
        for kind, words in told.items():
            if kind in against:
                yield words.format(listed(against[kind]))
        if "part" in against:
            yield f"not in the {listed(sorted(prefer.parts), 'or')}"

    def _for(self, span: Span, against: dict[str, tuple[str, ...]]) -> Iterator[str]:
        """What speaks for it."""
        prefer = self._request.prefer
        if prefer.lunch and "lunch" not in against and any(self._near_lunch(p, span) for p in self._required):
            yield "lunch stays free"
        liking = [p.called for p in self._required if p.likes or p.likes_days]
        if liking and prefer.dislike and "dislike" not in against:
            yield f"when {listed(liking)} would like to meet"
        yield from self._overlap(span)
        if self._people:
            yield from self._kept_free(self._people[0], span)

    def _near_lunch(self, person: Availability, span: Span) -> bool:
        """Whether it is so close to a person's lunch that somebody would ask."""
        lunches = self._window.lunch(person, self._request.prefer.lunch_span)
        near = [(span[0] - _CLOSE, span[1] + _CLOSE)]
        return person.hours is not None and bool(common(near, lunches))

    def _overlap(self, span: Span) -> Iterator[str]:
        """When everybody works on that day, if somebody's hours narrow the asker's down."""
        if len(self._required) < 2 or any(p.hours is None for p in self._required):
            return
        day = self._day(self._request.zone, span[0])
        hours = [common(day, self._window.hours(p)) for p in self._required]
        shared = reduce(common, hours)
        if len(shared) == 1 and shared != hours[0] and shared[0][0] <= span[0] and span[1] <= shared[0][1]:
            opens, closes = (moment(minute, self._zone) for minute in shared[0])
            city = self._request.zone.rpartition("/")[2].replace("_", " ")
            yield f"everybody's hours overlap {opens:%H:%M}-{closes:%H:%M} {city} time"

    def _kept_free(self, person: Availability, span: Span) -> Iterator[str]:
        """The half of the person's working day in which nothing is, and stays so."""
        day = self._day(person.zone, span[0])
        hours = [] if person.hours is None else common(day, self._window.hours(person))
        known = (self._window.within[0], self._window.known_until(person))
        if not hours or hours[0][0] < known[0] or hours[-1][1] > known[1]:
            return
        taken = self._window.taken(person)
        for half, minutes in (("morning", (0, _NOON)), ("afternoon", (_NOON, 2 * _NOON))):
            part = common(hours, self._window.daily(person.zone, [minutes]))
            if part and without(without(part, [span]), taken) == part:
                yield f"keeps {person.owns(half)} free"

    def _out_before(self, begins: datetime) -> Iterator[str]:
        """Who is out all day on a day or two of those just before it."""
        low = self._window.within[0]
        today = day_number(begins.date())
        days: dict[str, list[str]] = {}
        for start, end, number in self._window.days(self._request.zone):
            if start < low or not today - 7 < number < today or sum(map(len, days.values())) == _DAYS:
                continue
            out = [p for p in self._required if self._is_out(p, [(start, end)])]
            if out:
                names = listed([p.called for p in out]) if len(out) < 3 else f"{len(out)} of you"
                are = "is" if len(out) == 1 and names != "you" else "are"
                days.setdefault(f"{names} {are} out on", []).append(f"{moment(start, self._zone):%A}")
        yield from (f"{out} {listed(names)}" for out, names in days.items())

    def _is_out(self, person: Availability, day: Spans) -> bool:
        """Whether a person works on that day, but is taken or off all the while."""
        if person.hours is None:
            return False
        hours = common(day, self._window.hours(person))
        taken = self._window.taken(person)
        if hours and person.days_off:
            taken = united([*taken, *self._window.dates(person.zone, (on for on, _ in person.days_off))])
        return bool(hours) and not without(hours, taken)

    def _day(self, zone: str, minute: int) -> Spans:
        """The local day that a minute lies in."""
        days = self._window.days(zone)
        at = bisect_right(days, (minute, EVER, 0)) - 1
        return [(a, b) for a, b, _ in days[at : at + 1] if a <= minute < b]
