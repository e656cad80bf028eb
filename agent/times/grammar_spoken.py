"""The part of the grammar that reads what people say and write in passing: "half nine", "first thing Monday".

Its rows stand before all others: what they match, they decide.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace

from deskhand.agent.times import build as b
from deskhand.agent.times import build_clocks as c
from deskhand.agent.times import build_ranges as ranges
from deskhand.agent.times import build_repeats as r
from deskhand.agent.times.build import EDGES
from deskhand.agent.times.grammar_clocks import THIS
from deskhand.agent.times.lexicon import PLACES
from deskhand.agent.times.match import RuleRow
from deskhand.agent.times.terms import (
    At,
    Away,
    Beside,
    Clock,
    Date,
    Day,
    Hours,
    Length,
    Month,
    Now,
    Part,
    Period,
    Repeat,
    Some,
    Unit,
    Weekday,
    WeekOf,
)

_SPANS = {"week": c.WEEK, "fortnight": Length(((1, "fortnight"),))}
_FIRST_THING = Part("morning", "start")
# "In 15" is minutes where it is a number that people round to.
_ROUND = (5, 10, 15, 20, 30, 45)


def spoken() -> list[RuleRow]:
    """The rows for clocks, days, periods and recurrences in passing."""
    return [*_clocks(), *_days(), *_periods(), *_repeats()]


def _clocks() -> list[RuleRow]:
    return [
        ("sure", "half -? <hour> HALF?", lambda n, h: c.clock(n, 30, half=h or "")),
        ("sure", "SMALL - <number>", lambda n, m: c.spoken(n, m, "") if m in (*_ROUND, 40, 50) else None),
        ("clock", "<sure> {pacific|eastern}", lambda face, z: c.placed(face, None, PLACES[z])),
        ("point", "<spoken2> <near>", lambda t, d: b.at(d, t)),
        ("point", "<plain> (on)? <near> <part>", lambda t, d, p: b.at_part(d, p, t)),
        ("point", "<near> <part> ,? <open>", b.at_part),
        ("point", "<daypart> <open>", b.daypart_time),
        ("point", "<near> (until|till|til) <any>", _until),
        ("point", "before lunch (on)? <near>", lambda d: At(d, Hours(None, c.noon(720)))),
        ("point", "post -? lunch (on)? <near>", _after_lunch),
        ("point", "<near> post -? lunch", _after_lunch),
        ("point", "<near> ,? at <hourmark>", b.at),
        ("point", "at <hourmark> (on)? <near>", lambda t, d: b.at(d, t)),
        ("hourmark", "INT h", lambda n: Clock(n * 60, sure=True) if n < 25 else None),
        ("span", "in INT", lambda n: Away(Length(((n, "minute"),)), 1) if n in _ROUND else None),
        ("span", "in (like|roughly|approx|approximately|say|maybe) <length>", lambda n: Away(n, 1)),
    ]


def _days() -> list[RuleRow]:
    return [
        ("point", "first thing (on)? <near> morning?", lambda d: At(d, _FIRST_THING)),
        ("point", "<near> morning? ,? first thing", lambda d: At(d, _FIRST_THING)),
        ("point", "{early|late|mid} -? (on)? <near> <part>", _edge_of_part),
        ("weekday", "a fortnight on (WEEKDAY|<date>)", lambda d: Away(_SPANS["fortnight"], 1, _day(d))),
        ("weekday", "a {week|fortnight} <shift>", lambda u, d: Away(_SPANS[u], 1, d)),
        ("weekday", "the? WEEKDAY {after|before} (<holiday>|<date>)", _weekday_beside),
        ("calendar", "DAYMONTH", lambda t: b.date(None, t[1], t[0])),
        (
            "point",
            "this time {tomorrow|yesterday}",
            lambda w: _this_time("day", -1 if w == "yesterday" else 1),
        ),
        ("point", f"this time {THIS} {{day|week|month|year}}", lambda w, u: _this_time(u, b.which(w))),
        ("weekday", "WEEKDAY ,? (of|in)? <weeknumber>", lambda d, w: Weekday(d, "", w)),
        ("weekof", "w / c the? <dom>", lambda d: WeekOf(Date(None, None, d))),
        ("weekof", "wc the? <dom>", lambda d: WeekOf(Date(None, None, d))),
        ("opened", "as of <bound>", lambda p: ranges.opened("from", p)),
        ("opened", "(through|thru) <bound>", lambda p: ranges.opened("until", p)),
    ]


def _periods() -> list[RuleRow]:
    return [
        ("weeknumber", "(week|kw|cw) INT", lambda n: b.week_number(n, None)),
        ("period", "(kw|cw) INT", lambda n: b.week_number(n, None)),
        ("period", "(kw|cw) INT (/|of|,)? YEAR", b.week_number),
        ("period", "next to next {week|month}", lambda u: Unit(u, 2)),
        ("period", "mid of <period>", lambda p: b.edge("mid", p)),
        ("period", "within the hour", lambda: b.within(Length(((1, "hour"),)))),
        ("period", "<holiday> week", WeekOf),
        ("period", "the? week {after|before} (<holiday>|<date>)", _week_beside),
        ("period", "the? {first|second} half of MONTH", _half),
    ]


def _repeats() -> list[RuleRow]:
    return [
        ("within", "{this|next} {week|month|quarter|year}", lambda w, u: Unit(u, b.which(w))),
        ("within", "(of|in) MONTH", Month),
        ("repeat", "<timed> ,? <within>", _within),
        ("repeat", "<core> ,? <within> ,? <timely>", lambda core, w, t: _within(r.timed_repeat(core, t), w)),
        ("core", "all <plurals>", lambda days: r.weekly(days)),
        ("core", "m - f", lambda: r.weekly(r.WORKDAYS)),
        ("timed", "<dayspan> ,? <timely>", r.timed_repeat),
        ("dayspan", "WEEKDAY (to|-|through|thru) WEEKDAY", _days_from_monday),
        ("core", "alternate <plurals>", lambda days: r.weekly(days, 2)),
        ("core", "<core2> on a WEEKDAY", lambda core, d: r.on_days(core, (d,))),
        ("core", "(every|each) <twodates>", _twice_a_month),
        ("core", "twice a month on <twodates>", _twice_a_month),
        ("core", "<core2> on <twodates>", lambda core, days: _twice_a_month(days, core)),
        ("twodates", "the? ORD and the? ORD", lambda one, two: (one, two)),
        ("core", "nightly", lambda: Repeat("DAILY", time=Part("night"))),
        ("often", "two -? weekly", lambda: Repeat("WEEKLY", 2)),
        ("often", "three -? weekly", lambda: Repeat("WEEKLY", 3)),
    ]


def _after_lunch(day: Day) -> At:
    return At(day, Hours(c.noon(840), None))


def _until(day: Day, face: Clock) -> At:
    """ "Friday until 12" is until noon: at midnight the day would not have begun."""
    noon = not face.sure and face.minutes == 0
    return At(day, Hours(None, replace(face, minutes=720, sure=True) if noon else face))


def _day(day: int | Day) -> Day:
    return Weekday(day) if isinstance(day, int) else day


def _edge_of_part(edge: str, day: Day, part: Part) -> At | None:
    return At(day, Part(part.name, EDGES[edge])) if not part.edge else None


def _weekday_beside(weekday: int, how: str, day: Day) -> Beside:
    return Beside(weekday, 1 if how == "after" else -1, day)


def _this_time(unit: str, count: int) -> Away | None:
    """The time of day that it is now, on another day: a moment moved by whole days keeps its clock."""
    now = Away(Length(((0, "minute"),)), 1, Now())
    return Away(Length(((1, unit),)), count, now) if count else None


def _within(core: Repeat | None, period: Period) -> Repeat | None:
    """ "Every day this week": from its beginning to its end."""
    return r.limited(r.limited(core, ("start", period)), ("until", period))


def _week_beside(how: str, day: Day) -> Period:
    return WeekOf(Away(c.WEEK, 1 if how == "after" else -1, day))


def _half(which: str, month: int) -> Some:
    """To the 15th, and from the 16th on; of February the 14th."""
    last = monthrange(2001, month)[1]
    first = 14 if month == 2 else 15
    return (
        Some(first, "day", 1, Month(month))
        if which == "first"
        else Some(last - first, "day", -1, Month(month))
    )


def _days_from_monday(first: int, last: int) -> Repeat | None:
    """ "Mon to Fri 10am" is every week; "Tuesday to Thursday 3pm" is once."""
    return r.weekly(tuple(range(last + 1))) if first == 0 and last >= 4 else None


def _twice_a_month(days: tuple[int, int], core: Repeat | None = None) -> Repeat | None:
    if core is not None and core.freq != "MONTHLY":
        return None
    return Repeat("MONTHLY", core.interval if core else 1, month_days=tuple(sorted(days)))
