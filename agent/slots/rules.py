"""What a meeting must keep to, as named rules: each is the time it leaves, and the ways it could give way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import accumulate
from zoneinfo import ZoneInfo

from deskhand.agent.slots.model import PARTS, Availability, SlotRequest, Week
from deskhand.agent.slots.spans import (
    DAY,
    Span,
    Spans,
    before,
    ceil_minute,
    common,
    floor_minute,
    offsets,
    on_the_clock,
    outside,
    united,
)

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_GIVE = (60, 120, 180)
"""Minutes by which a clock rule gives way, tried in turn: the nearest time is the kindest."""


Ways = tuple[tuple[str, Callable[[], Spans]], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by what the person would call it, and the time it leaves."""

    name: str
    leaves: Spans
    ways: Ways = ()
    """How it could give way: "if ..." and what it would leave then, from the smallest step on."""
    person: Availability | None = None


@dataclass
class Ground:
    """The window in minutes, and what is worked out over it, each thing once."""

    within: Span
    _segments: dict[str, list[tuple[int, int, int]]] = field(
        default_factory=dict[str, "list[tuple[int, int, int]]"]
    )
    _hours: dict[tuple[str, Week, int], Spans] = field(default_factory=dict["tuple[str, Week, int]", Spans])
    _taken: dict[int, tuple[Availability, Spans]] = field(
        default_factory=dict[int, "tuple[Availability, Spans]"]
    )
    """By identity, which the person kept beside it keeps good; hashing a full calendar costs more."""

    @classmethod
    def of(cls, request: SlotRequest, *, now: datetime, notice: timedelta) -> Ground:
        """The window, without what is past or too soon. It may be empty."""
        earliest = ceil_minute(now.astimezone(UTC) + notice)
        return cls((max(ceil_minute(request.start), earliest), floor_minute(request.end)))

    def segments(self, zone: str) -> list[tuple[int, int, int]]:
        """Offsets of a zone over the window."""
        if zone not in self._segments:
            self._segments[zone] = offsets(ZoneInfo(zone), self.within)
        return self._segments[zone]

    def clock(self, zone: str, day: Callable[[date], Iterable[Span]]) -> Spans:
        """See `on_the_clock`."""
        return on_the_clock(self.segments(zone), day)

    def hours(self, person: Availability, *, give: int = 0) -> Spans:
        """When a person works, or would with so many minutes more at both ends of the day."""
        if person.hours is None:
            return [self.within]
        week = person.hours
        key = (person.zone, week, give)
        if key not in self._hours:
            self._hours[key] = self.clock(
                person.zone, lambda d: [(a - give, b + give) for a, b in week[d.weekday()]]
            )
        return self._hours[key]

    def taken(self, person: Availability) -> Spans:
        """When a person is known to be taken, in whole minutes, up to a day around the window: what
        ends just before it is a neighbour too."""
        if id(person) not in self._taken:
            low, high = self.within[0] - DAY, self.within[1] + DAY
            minutes = (
                (floor_minute(i.start), ceil_minute(i.end))
                for i in person.busy or ()
                if before(i.start, i.end)
            )
            spans = united((max(a, low), min(b, high)) for a, b in minutes if a < high and b > low)
            self._taken[id(person)] = (person, spans)
        return self._taken[id(person)][1]

    def known_until(self, person: Availability) -> int:
        """The minute up to which a person's calendar is known; the window's start if not at all."""
        if person.busy is None:
            return self.within[0]
        if person.known_until is None:
            return self.within[1]
        return min(max(floor_minute(person.known_until), self.within[0]), self.within[1])

    def possible(self, person: Availability) -> Spans:
        """When an optional person could come, as far as is known."""
        return common(self.hours(person), outside(self.taken(person), within=self.within))


def rules_of(people: Sequence[Availability], request: SlotRequest, ground: Ground) -> list[Rule]:
    """Every rule of a request over a window that is not empty. Optional people make none."""
    made = list(_clock_rules(request, ground))
    for person in people:
        if not person.required:
            continue
        if person.hours is not None:
            made.append(_hours(person, ground))
        made.extend(_calendar(person, ground))
    return made


def _giving(words: str, step: Callable[[int], Spans]) -> Ways:
    return tuple((words, partial(step, minutes)) for minutes in _GIVE)


def _clock_rules(request: SlotRequest, ground: Ground) -> Iterable[Rule]:
    zone, whole = request.zone, [ground.within]

    def between(first: int, last: int) -> Spans:
        return ground.clock(zone, lambda _: [(first, last)])

    if request.not_before is not None:
        first = _minute(request.not_before)
        yield Rule(
            f"not before {_clock(first)}",
            between(first, DAY),
            _giving(f"if it may begin before {_clock(first)}", lambda g: between(max(0, first - g), DAY)),
        )
    if request.not_after is not None:
        last = _minute(request.not_after) or DAY
        yield Rule(
            f"not after {_clock(last)}",
            between(0, last),
            _giving(f"if it may end after {_clock(last)}", lambda g: between(0, min(DAY, last + g))),
        )
    if request.parts:
        named = " or ".join(p for p in PARTS if p in request.parts)
        leaves = ground.clock(zone, lambda _: [PARTS[p] for p in request.parts])
        yield Rule(f"only in the {named}", leaves, ((f"if it need not be in the {named}", lambda: whole),))
    if request.not_on or request.not_dates:
        words = [_WEEKDAYS[d] for d in sorted(request.not_on)] + [
            f"{d.day} {d:%B}" for d in sorted(request.not_dates)
        ]
        named = series(words, "or")

        def allowed(day: date) -> list[Span]:
            return [] if day.weekday() in request.not_on or day in request.not_dates else [(0, DAY)]

        yield Rule(
            f"not on {named}",
            ground.clock(zone, allowed),
            ((f"if {named} would do after all", lambda: whole),),
        )


def _hours(person: Availability, ground: Ground) -> Rule:
    """Hours give way a little at both ends of a working day, never into the night or a day off."""
    return Rule(
        f"{person.owns('working hours')}{_hours_words(person)}",
        ground.hours(person),
        _giving(
            f"if it may lie outside {person.owns('working hours')}",
            lambda g: ground.hours(person, give=g),
        ),
        person,
    )


def _calendar(person: Availability, ground: Ground) -> Iterable[Rule]:
    whole = [ground.within]
    if person.busy:
        free = outside(ground.taken(person), within=ground.within)
        yield Rule(person.owns("calendar"), free, (), person)
    known = ground.known_until(person)
    if person.must_confirm and known < ground.within[1]:
        leaves = united([(ground.within[0], known)])
        what = person.owns(f"{'not yet known' if leaves else 'unknown'} calendar")
        unconfirmed = f"if it need not be confirmed with {person.called}"
        yield Rule(what, leaves, ((unconfirmed, lambda: whole),), person)


def leave(rules: Sequence[Rule], within: Span) -> Spans:
    """The time that all rules leave together."""
    spans = [within]
    for rule in rules:
        spans = common(spans, rule.leaves)
        if not spans:
            break
    return spans


def conflicting(rules: Sequence[Rule], within: Span, fits: Callable[[Spans], bool]) -> list[Rule]:
    """Rules that leave no room together, none of which could be missed. Only for rules that leave none.

    Walks until the room is gone: the rule at which it goes belongs to the conflict, and only those
    before it can be the others. So it takes one walk for each rule of the conflict.
    """
    core: list[Rule] = []
    kept: Spans = [within]
    rest = list(rules)
    while fits(kept):
        gone = next(
            (
                i
                for i, spans in enumerate(accumulate((r.leaves for r in rest), common, initial=kept))
                if not fits(spans)
            ),
            None,
        )
        if gone is None:
            break
        core.append(rest[gone - 1])
        kept = common(kept, rest[gone - 1].leaves)
        rest = rest[: gone - 1]
    return core


def series(words: Sequence[str], last: str = "and") -> str:
    """ "Ana, Bo and Cy"."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1] if words else "")))


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _hours_words(person: Availability) -> str:
    """ " (09:00-17:00 Europe/Lisbon)", where the same hours hold on every working day."""
    week: Week = person.hours or ()
    days = {day for day in week if day}
    if len(days) != 1:
        return f" ({person.zone})" if days else ""
    return f" ({', '.join(f'{_clock(a)}-{_clock(b)}' for a, b in days.pop())} {person.zone})"
