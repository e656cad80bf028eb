"""The part of the grammar that reads recurrences: "every other Tuesday at 3 until June"."""

from __future__ import annotations

from deskhand.agent.times import build_clocks as c
from deskhand.agent.times import build_repeats as r
from deskhand.agent.times.match import RuleRow
from deskhand.agent.times.terms import Part, Repeat


def repeats() -> list[RuleRow]:
    """The rows of the grammar whose symbol is `repeat`."""
    every = "(every|each)"
    return [
        ("nthstep", "(other|second|alternate)", lambda: 2),
        ("nthstep", "<number>", lambda n: n if 1 <= n <= 999 else None),
        ("nthstep", "(3rd|third)", lambda: 3),
        ("nthstep", "(4th|fourth)", lambda: 4),
        ("weekdaylist", "WEEKDAY", lambda d: (d,)),
        ("weekdaylist", "WEEKDAYS", lambda d: (d,)),
        ("weekdaylist", "(WEEKDAY|WEEKDAYS) (,|and|&|/|or) and? <weekdaylist>", lambda d, rest: (d, *rest)),
        ("plurals", "WEEKDAYS", lambda d: (d,)),
        ("plurals", "(WEEKDAYS|WEEKDAY) (,|and|&|/) and? <plurals>", lambda d, rest: (d, *rest)),
        ("core", f"{every} <nthstep>? UNIT", lambda n, u: r.every(n, u)),
        ("core", "everyday", lambda: Repeat("DAILY")),
        ("core", f"{every} (weekday|workday)", lambda: r.weekly(r.WORKDAYS)),
        ("core", f"{every} (business|working|work) day", lambda: r.weekly(r.WORKDAYS)),
        ("core", "(weekdays|workdays)", lambda: r.weekly(r.WORKDAYS)),
        ("core", "on (weekdays|workdays)", lambda: r.weekly(r.WORKDAYS)),
        ("core", f"{every} <nthstep>? (weekend|weekends)", lambda n: r.weekly((5, 6), n or 1)),
        ("core", "(on|at)? (the)? weekends", lambda: r.weekly((5, 6))),
        ("core", f"{every} <nthstep>? <weekdaylist>", lambda n, days: r.weekly(days, n or 1)),
        ("core", "on? <plurals>", lambda days: r.weekly(days)),
        ("core", f"{every} (weekday|day|WEEKDAY) <part>", r.every_part),
        ("core", f"{every} <part>", lambda p: Repeat("DAILY", time=p)),
        ("core", "(in|on)? the? PARTS", lambda p: Repeat("DAILY", time=Part(p))),
        ("core", "on? {weekday|workday|weekend} PARTS", lambda d, p: r.every_part(d, Part(p))),
        ("core", "on? WEEKDAY PARTS", lambda d, p: r.weekly((d,), time=Part(p))),
        ("core", "<often>", lambda core: core),
        ("often", "OFTEN", r.often),
        ("often", "bi -? OFTEN", r.bi),
        ("often", "semi -? OFTEN", r.semi),
        ("core", "(once|one) (a|every|each) UNIT", lambda u: r.every(1, u)),
        ("core", "<core2> on? <weekdaylist>", r.on_days),
        ("core", "<core2> ,? on the? <dom>", r.on_date),
        ("core", "<core2> ,? on <calendar>", r.on_calendar),
        ("core", "<core2> ,? on the? last day", lambda c: r.on_date(c, -1)),
        ("core", "<core2> ,? on the? (<ordinal>|<lastword>) WEEKDAY", r.on_nth),
        ("core", f"{every} <nthstep>? year on <calendar>", lambda n, d: r.yearly(n, d)),
        ("core", f"{every} <calendar>", lambda d: r.yearly(1, d)),
        ("core", f"{every} <holiday>", r.every_holiday),
        ("core", "on? the? (<ordinal>|<lastword>) (<wd>|day) of <months>", r.nth_of_months),
        ("core", "on? the? <ordinal> of <months>", lambda d, n: Repeat("MONTHLY", n, month_days=(d,))),
        ("core", "on? day <number> of <months>", lambda d, n: r.month_day(d, n)),
        (
            "core",
            f"{every} (<ordinal>|<lastword>) (<wd>|day) of (the|every|each)? month",
            lambda n, d: r.nth_of_months(n, d, 1),
        ),
        ("lastword", "last", lambda: -1),
        ("wd", "WEEKDAY", lambda d: d),
        ("months", "(every|each) month", lambda: 1),
        ("months", "(every|each) <nthstep> (month|months)", lambda n: n),
        ("core2", "<often>", lambda core: core),
        ("core2", f"{every} <nthstep>? UNIT", lambda n, u: r.every(n, u)),
        ("timely", "(<exact>|<inpart>)", lambda t: t),
        ("timely", "<barehours>", lambda t: t),
        ("timely", "<inpart> ,? <exact>", c.narrowed),
        ("timely", "<open>", lambda t: t),
        ("timed", "<core>", lambda t: t),
        ("timed", "<core> ,? <timely>", r.timed_repeat),
        ("timed", "<exact> ,? on? <core>", lambda t, core: r.timed_repeat(core, t)),
        ("limit", "(until|till|til|through|thru|to) the? (<near>|<period>)", lambda t: ("until", t)),
        ("limit", "(starting|beginning|from) (from|on)? (<near>|<period>)", lambda t: ("start", t)),
        ("limit", "for <length>", lambda n: ("length", n)),
        ("repeat", "<timed>", lambda t: t),
        ("repeat", "<timed> ,? <limit>", r.limited),
        ("repeat", "<timed> ,? <limit> ,? <limit>", lambda t, x, y: r.limited(r.limited(t, x), y)),
        ("repeat", "<core> ,? <limit> ,? <timely>", lambda core, x, t: r.limited(r.timed_repeat(core, t), x)),
    ]
