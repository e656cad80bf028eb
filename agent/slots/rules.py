"""What a meeting must keep to, as named rules: each bars some starts, and could give way in some ways.

Their order is the one that `Conflict` states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import NamedTuple

from deskhand.agent.slots.ground import Ground
from deskhand.agent.slots.model import PARTS, Availability, Interval, Part, SlotRequest, Week
from deskhand.agent.slots.spans import (
    DAY,
    EVER,
    Span,
    Spans,
    before,
    ceil_minute,
    floor_minute,
    holding,
    outside,
    touching,
    united,
    without,
)

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_GIVE = (60, 120, 180)
"""Minutes by which a clock rule gives way, tried in turn: the nearest time is the kindest."""


class Cut(NamedTuple):
    """Starts that are barred: those in `spans`, and up to `lead` minutes before each of them."""

    spans: Spans
    lead: int = 0


Bars = Callable[[int], Cut]
"""The starts that are barred to a meeting of so many minutes."""
Ways = tuple[tuple[str, Bars], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by what the person would call it, and the starts at which a meeting breaks it.

    A longer meeting breaks at least what a shorter one breaks at the same start.
    """

    name: str
    bars: Bars
    ways: Ways = ()
    """How it could give way: "if ..." and what it would bar then, from the smallest step on."""
    person: Availability | None = None

    def barred(self, minutes: int) -> Spans:
        """The starts at which a meeting of so many minutes breaks it."""
        spans, lead = self.bars(minutes)
        return touching(spans, lead + 1)


def rules_of(people: Sequence[Availability], request: SlotRequest, ground: Ground) -> list[Rule]:
    """Every rule of a request over a window that is not empty. Optional people make none."""
    made = list(_of_the_request(request, ground))
    for person in people:
        if person.required:
            made += rules_of_person(person, request, ground)
            made += _must_confirm(person, ground)
    if request.rooms:
        made.append(_room(request, ground))
    return made


def leave(rules: Iterable[Rule], within: Span, minutes: int) -> Spans:
    """The starts that all rules leave to a meeting of so many minutes within the window."""
    return thinned(holding([within], minutes), rules, minutes)


def thinned(starts: Spans, rules: Iterable[Rule], minutes: int) -> Spans:
    """Those of `starts` at which a meeting of so many minutes breaks none of the rules."""
    applied: dict[tuple[int, int], Spans] = {}
    for rule in rules:
        if not starts:
            break
        spans, lead = rule.bars(minutes)
        # People who share their hours share one cut. What was applied is kept, so that its id stays its own.
        if (id(spans), lead) not in applied:
            applied[id(spans), lead] = spans
            starts = without(starts, spans, lead=lead)
    return starts


def rules_of_person(person: Availability, request: SlotRequest, ground: Ground) -> Iterator[Rule]:
    """What keeps a person away, as far as is known; or a room. Whether they are required is not asked."""
    called = person.called
    if person.hours is not None:
        yield Rule(
            f"{person.owns('working hours')}{_hours_words(person)}",
            _closed(ground.off(person)),
            # A little at both ends of a working day, never into the night or a day off.
            _giving(
                f"if it may lie outside {person.owns('working hours')}",
                lambda give: ground.off(person, give=give),
            ),
            person,
        )
    if person.days_off and (off := ground.dates(person.zone, (day for day, _ in person.days_off))):
        yield _days_off(person, off, ground)
    if taken := ground.taken(person):
        yield Rule(person.owns("calendar"), _closed(taken), (), person)
        if person.buffer:
            keeps = "you keep" if called == "you" else f"{called} keeps"
            yield Rule(
                f"the {person.buffer} minutes that {keeps} free around other meetings",
                _closed(_margins(taken, person.buffer)),
                (
                    (
                        f"if {person.buffer // 2} minutes around other meetings are enough for {called}",
                        _closed(_margins(taken, person.buffer // 2)),
                    ),
                    (f"if it may lie right next to other meetings of {called}", _nothing),
                ),
                person,
            )
    if person.most_a_day is not None and (full := ground.full_days(person, person.most_a_day)):
        most = person.most_a_day
        yield Rule(
            f"at most {most} {'meeting' if most == 1 else 'meetings'} a day for {called}",
            _starting(full),
            (
                (
                    f"if {called} may have {most + 1} meetings on a day",
                    _starting(ground.full_days(person, most + 1)),
                ),
                (f"if {called} may have any number of meetings on a day", _nothing),
            ),
            person,
        )
    if person.keep_lunch:
        yield Rule(
            person.owns("lunch"),
            _closed(ground.lunch(person, request.prefer.lunch_span)),
            ((f"if it may touch {person.owns('lunch')}", _nothing),),
            person,
        )
    if person.notice > ground.notice:
        yield Rule(
            f"{in_words(person.notice)} of notice for {called}",
            _starting([(-EVER, ceil_minute(ground.now + person.notice))]),
            ((f"if {called} may be told less than {in_words(person.notice)} ahead", _nothing),),
            person,
        )


def free_room(room: Availability, request: SlotRequest, ground: Ground, minutes: int) -> Spans:
    """The starts at which a room is free for so many minutes, and known to be."""
    rules = [*rules_of_person(room, request, ground), *_known(room, ground)]
    return leave(rules, ground.within, minutes)


def _nothing(_minutes: int) -> Cut:
    return Cut([])


def _closed(spans: Spans) -> Bars:
    """No minute of the meeting may lie in these."""
    return lambda minutes: Cut(spans, minutes - 1)


def _starting(spans: Spans) -> Bars:
    """The meeting may not begin in these."""
    cut = Cut(spans)
    return lambda _minutes: cut


def _giving(words: str, closed: Callable[[int], Spans]) -> Ways:
    return tuple((words, lambda minutes, g=give: Cut(closed(g), minutes - 1)) for give in _GIVE)


def _of_the_request(request: SlotRequest, ground: Ground) -> Iterator[Rule]:
    def daily(*spans: Span) -> Spans:
        return ground.daily(request.zone, spans)

    if request.not_before is not None:
        first = _minute(request.not_before)
        yield Rule(
            f"not before {clock(first)}",
            _closed(daily((0, first))),
            _giving(f"if it may begin before {clock(first)}", lambda g: daily((0, max(0, first - g)))),
        )
    if request.not_after is not None:
        last = _minute(request.not_after) or DAY
        yield Rule(
            f"not after {clock(last)}",
            _closed(daily((last, DAY))),
            _giving(f"if it may end after {clock(last)}", lambda g: daily((min(DAY, last + g), DAY))),
        )
    if request.parts:
        named = _parts(request.parts)
        yield Rule(
            f"only in the {named}",
            _closed(ground.closed(daily(*(PARTS[p] for p in sorted(request.parts))))),
            ((f"if it need not be in the {named}", _nothing),),
        )
    if request.not_parts:
        named = _parts(request.not_parts)
        yield Rule(
            f"not in the {named}",
            _closed(daily(*(PARTS[p] for p in sorted(request.not_parts)))),
            ((f"if the {named} would do after all", _nothing),),
        )
    if request.not_on:
        yield _not_on(request, ground)
    if request.not_dates:
        yield _not_dates(request, ground)
    if request.within:
        yield Rule(
            f"only {_named(request.within, 'at the times named', 'within')}",
            _closed(_cuts(request.within)),
            (("if it may lie at another time than named", _nothing),),
        )
    if request.avoid:
        yield _avoid(request.avoid, ground)


def _not_on(request: SlotRequest, ground: Ground) -> Rule:
    def closed(days: Iterable[int]) -> Spans:
        ruled_out = set(days)
        whole: Week = tuple(((0, DAY),) if day in ruled_out else () for day in range(7))
        return ground.weekly(request.zone, whole)

    days = sorted(request.not_on)
    named = series([_WEEKDAYS[d] for d in days], "or")
    ways = [(_WEEKDAYS[d], _closed(closed(request.not_on - {d}))) for d in days] if len(days) > 1 else []
    return Rule(
        f"not on {named}",
        _closed(closed(days)),
        tuple((f"if {words} would do after all", bars) for words, bars in [*ways, (named, _nothing)]),
    )


def _not_dates(request: SlotRequest, ground: Ground) -> Rule:
    days = [d for d in sorted(request.not_dates) if ground.dates(request.zone, [d])]
    named = series([_day(d) for d in days or sorted(request.not_dates)], "or")
    ways = [(_day(d), _closed(ground.dates(request.zone, request.not_dates - {d}))) for d in days]
    return Rule(
        f"not on {named}",
        _closed(ground.dates(request.zone, days)),
        tuple((f"if {words} would do after all", bars) for words, bars in [*ways, (named, _nothing)]),
    )


def _avoid(avoid: Sequence[Interval], ground: Ground) -> Rule:
    def named(intervals: Sequence[Interval]) -> str:
        return _named(intervals, "the times ruled out", "")

    def but(one: Interval) -> Bars:
        return _closed(ground.stretches(i for i in avoid if i is not one))

    ways = [(named([i]), but(i)) for i in avoid if i.name]
    return Rule(
        f"not during {named(avoid)}",
        _closed(ground.stretches(avoid)),
        tuple((f"if it may touch {words}", bars) for words, bars in [*ways, (named(avoid), _nothing)]),
    )


def _days_off(person: Availability, off: Spans, ground: Ground) -> Rule:
    days = [(d, why) for d, why in sorted(person.days_off) if ground.dates(person.zone, [d])]
    named = [f"{why} on {_day(day)}" if why else _day(day) for day, why in days]
    works = "you work" if person.called == "you" else f"{person.called} works"
    ways = [
        (words, _closed(ground.dates(person.zone, (d for d, _ in days if d != day))))
        for words, (day, _) in zip(named, days, strict=True)
    ]
    what = "day off" if len(days) == 1 else "days off"
    return Rule(
        f"{person.owns(what)} ({series(_few(named))})",
        _closed(off),
        tuple((f"if {works} on {words}", bars) for words, bars in ways),
        person,
    )


def _known(person: Availability, ground: Ground) -> Iterator[Rule]:
    """Not after what is known of the calendar."""
    known = ground.known_until(person)
    if known < ground.within[1]:
        what = person.owns(f"{'not yet known' if known > ground.within[0] else 'unknown'} calendar")
        way = (f"if it need not be confirmed with {person.called}", _nothing)
        yield Rule(what, _closed([(known, ground.within[1])]), (way,), person)


def _must_confirm(person: Availability, ground: Ground) -> Iterator[Rule]:
    if person.must_confirm:
        yield from _known(person, ground)


def _room(request: SlotRequest, ground: Ground) -> Rule:
    def bars(minutes: int) -> Cut:
        free = united(s for room in request.rooms for s in free_room(room, request, ground, minutes))
        return Cut(outside(free, within=ground.within))

    return Rule("a free room", bars, (("if it needs no room", _nothing),))


def _margins(taken: Spans, buffer: int) -> Spans:
    """The minutes around these stretches, without the stretches."""
    return without(united((a - buffer, b + buffer) for a, b in taken), taken)


def _cuts(within: Sequence[Interval]) -> Spans:
    """What a meeting that lies wholly in one of these may not touch. Where two touch or overlap, the cut
    between them is empty or backward: no meeting lies in it, but none may begin before its end and end
    after its start (see `touching`)."""
    whole = sorted((ceil_minute(i.start), -floor_minute(i.end)) for i in within if before(i.start, i.end))
    cuts: Spans = []
    at = -EVER
    for start, minus in whole:
        if start < -minus and -minus > at:
            cuts.append((at, start))
            at = -minus
    return [*cuts, (at, EVER)]


def series(words: Sequence[str], last: str = "and") -> str:
    """ "Ana, Bo and Cy"."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1] if words else "")))


def clock(minute: int) -> str:
    """A minute of the day: "09:05"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def in_words(length: timedelta) -> str:
    """ "2 days", "36 hours", "90 minutes"."""
    minutes = -(-length // timedelta(minutes=1))
    for unit, size in (("day", DAY), ("hour", 60)):
        if minutes >= size and minutes % size == 0:
            return f"{minutes // size} {unit}{'s' if minutes > size else ''}"
    return f"{minutes} {'minute' if minutes == 1 else 'minutes'}"


def _few(words: Sequence[str], most: int = 3) -> Sequence[str]:
    return words if len(words) <= most else [*words[:most], f"{len(words) - most} more"]


def _named(intervals: Sequence[Interval], otherwise: str, lead: str) -> str:
    names = list(dict.fromkeys(i.name for i in intervals if i.name))
    return f"{lead} {series(_few(names), 'or')}".strip() if names else otherwise


def _parts(parts: Iterable[Part]) -> str:
    wanted = set(parts)
    return series([p for p in PARTS if p in wanted], "or")


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _hours_words(person: Availability) -> str:
    """ " (09:00-17:00 Europe/Lisbon)", where the same hours hold on every working day."""
    week: Week = person.hours or ()
    days = {day for day in week if day}
    if len(days) != 1:
        return f" ({person.zone})" if days else ""
    return f" ({', '.join(f'{clock(a)}-{clock(b)}' for a, b in days.pop())} {person.zone})"
