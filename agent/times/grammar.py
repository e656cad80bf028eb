"""The grammar of English times: patterns, and the term each makes (see `match` for the notation)."""

from __future__ import annotations

from functools import cache

from deskhand.agent.times import build as b
from deskhand.agent.times import build_clocks as c
from deskhand.agent.times import build_ranges as r
from deskhand.agent.times.build_repeats import any_period, weekly
from deskhand.agent.times.grammar_clocks import THIS, TO, clocks
from deskhand.agent.times.grammar_days import days
from deskhand.agent.times.grammar_periods import periods
from deskhand.agent.times.grammar_repeats import repeats
from deskhand.agent.times.grammar_spoken import spoken
from deskhand.agent.times.lexicon import MEALS
from deskhand.agent.times.match import Grammar, RuleRow
from deskhand.agent.times.places import before_keys, place_before, zone_at
from deskhand.agent.times.terms import (
    At,
    Away,
    Date,
    Either,
    Length,
    Now,
    Part,
    Season,
    Shift,
    Stamp,
    Unit,
    Weekday,
    Year,
)


def _rows() -> list[RuleRow]:
    return [*spoken(), *clocks(), *days(), *periods(), *_moments(), *repeats()]


def _moments() -> list[RuleRow]:
    return [
        ("point", "STAMP", Stamp),
        ("point", "(right|just)? now", Now),
        ("point", "at (the|this) (moment|minute)", Now),
        ("point", "at (the|this) present (moment|time)", Now),
        ("point", "at present", Now),
        ("point", "at this time", Now),
        ("point", "<near> ,? <untilhours>", b.at),
        ("point", "<near> (,|-)? <time>", b.at),
        ("point", "<near> ,? <barehours>", b.at),
        ("point", "<near> ,? (<spoken2>|<halfhour>)", b.at),
        ("point", "(<spoken2>|<halfhour>) on? <near>", lambda t, d: b.at(d, t)),
        ("point", "this time (<near>|<away>|<ahead>)", lambda d: b.at(d, c.NOW)),
        ("point", "{early|late} <near> PART", lambda e, d, p: b.at(d, Part(p, b.EDGES[e]))),
        ("point", "<plain> (on|,)? <near> <part>", lambda t, d, p: b.at_part(d, p, t)),
        ("point", "<stand> ,? <moment>", c.stood),
        ("point", "<near> ,? <stand> ,? <time>", lambda d, place, t: c.stood(place, b.at(d, t))),
        ("point", "<plain> (on|,)? <near> ,? <zone>", lambda t, d, z: At(d, c.placed(t, None, z))),
        ("point", "<near> <part> <dotted>", b.at_part),
        ("point", "<daypart> <dotted>", b.daypart_time),
        ("ahead", "{next|last} {week|month|year}", b.unit_away),
        ("point", "<shift> <open>", b.at),
        ("point", "<open> , <daypart>", lambda t, p: b.daypart_time(p, t)),
        ("point", "<near> <time> YEAR", b.dated),
        ("point", "on the <dom> ,? <exact>", lambda d, t: At(b.date(None, None, d), t)),
        ("point", "<near> (during|in)? the? <part> (,|at|around)? <plain>", b.at_part),
        ("point", "<away> (,|-)? <plain>", b.at),
        ("point", "<near> ,? (<part>|night)", b.at),
        ("point", "<near> (during|in)? the? <part> ,? (<exact>|<edgehours>|<barehours>)", b.at_part),
        ("point", "<time> ,? (on|of|,|this|for)? <near>", lambda t, d: b.at(d, t)),
        ("point", "<barehours> ,? (on|of)? <near>", lambda t, d: b.at(d, t)),
        ("point", "the? <part> (of|on|,)? <near>", lambda p, d: b.at(d, p)),
        (
            "point",
            "the? <part> (of|on|,)? <near> ,? (<exact>|<edgehours>)",
            b.part_of_day_at,
        ),
        ("point", "the? <nth> <part>", b.at),
        ("point", "all day on? <near>", lambda d: At(d)),
        ("thing", "first thing", lambda: Part("morning", "start")),
        ("thing", "last thing", lambda: Part("afternoon", "end")),
        ("point", "<thing> (on|in)? <near>", lambda p, d: b.at(d, p)),
        ("point", "<thing> (on|in)? <near> (morning|afternoon)", lambda p, d: b.at(d, p)),
        ("point", "<near> (morning|afternoon)? <thing>", b.at),
        ("point", "(<first>|<last>) WEEKDAY (<part>|<time>) (of|in) <whole>", b.nth_at),
        ("first", "the? <ordinal>", lambda n: n),
        ("last", "the? last", lambda: -1),
        ("point", "<near> HALF", lambda d, h: At(d, Part("morning" if h == "am" else "afternoon"))),
        (
            "point",
            "WEEKDAY ,? (<part>|<time>) ,? (of|in)? <weekname>",
            lambda d, t, w: b.at(Weekday(d, "", w), t),
        ),
        ("point", "<endofday>", lambda p: p),
        ("point", "<time>", lambda t: At(None, t)),
        ("point", "<daypart>", lambda p: p),
        ("point", "<daypart> ,? (<exact>|<edgehours>|<barehours>)", b.daypart_time),
        ("point", "(<exact>|<edgehours>|<barehours>) <daypart>", lambda t, p: b.daypart_time(p, t)),
        ("point", "<day>", lambda d: At(d)),
        ("point", "<span>", lambda s: s),
        ("point", "<length> (after|from) <point>", lambda n, p: b.away(n, 1, p)),
        ("point", "<length> before <point>", lambda n, p: b.away(n, -1, p)),
        # The rest of "at 3 or 4 on Friday", which is a time only in that company.
        ("other", "<open>", lambda face: At(None, face)),
        ("other", "the? ORD", lambda day: At(Date(None, None, day))),
        ("other", "the? <ordinal> of MONTH", lambda day, month: At(b.date(None, month, day))),
        ("other", "YEAR", Year),
        ("other", THIS, b.which),
        ("other", "<open> ,? (on|of)? <near>", lambda face, d: At(d, face)),
        ("daypart", "this PART", lambda p: At(Shift(0), Part(p))),
        ("daypart", "{early|late|later} (on|in)? this PART", lambda e, p: At(Shift(0), Part(p, b.EDGES[e]))),
        ("daypart", "(tonight|tonite)", lambda: At(Shift(0), Part("tonight"))),
        ("daypart", "last PART", lambda p: At(Shift(-1), Part(p))),
        ("daypart", "(next|the|following)? (next|following) PART", lambda p: At(Shift(1), Part(p))),
        ("moment", "on? <point>", lambda p: p),
        ("bound", "on? the? (<point>|<stretch>)", lambda p: p),
        ("bound", "<part>", lambda p: At(None, p) if p.name in MEALS else None),
        ("bound", "<open>", lambda c: At(None, c)),
        ("range", f"from? (<moment>|<period>) {TO} (<moment>|<period>)", r.ranged),
        ("range", "from <bound> (to|-|till|until|til|through|thru|and) <bound>", r.ranged),
        ("range", "for? <length> ,? (starting|beginning) (from|on|at)? <bound>", r.run),
        ("range", "for <length> ,? from <near>", r.run),
        ("range", "within the {hour|day|week|month}", lambda u: b.within(Length(((1, u),)))),
        ("range", "from <bound> (to|till|until|til) date", lambda p: r.ranged(p, Now())),
        ("range", "the? {year|month|week|quarter} to date", lambda u: r.ranged(Unit(u, 0), Now())),
        ("range", "(less|under|fewer) than? <length> {after|from|before} <near>", r.less_away),
        ("range", "(less|under|fewer) than? <length> ago", lambda n: r.ranged(Away(n, -1), Now())),
        ("range", "in (less|under|fewer) than? <length>", lambda n: r.ranged(Now(), Away(n, 1))),
        ("opened", "(more|over|longer) than? <length> {after|from|before} <near>", r.more_away),
        ("opened", "(more|over|longer) than? <length> ago", lambda n: r.opened("before", Away(n, -1))),
        ("opened", "in (more|over) than? <length>", lambda n: r.opened("after", Away(n, 1))),
        (
            "range",
            "(from|between)? the? <dom> (and|to|-|till|until|through|thru) the? <dom> (of|in)? <monthname>",
            r.days_in,
        ),
        ("range", "(from|between) the <ordinal> (and|to|-|till|until|through|thru) <ordinal>", r.numbered),
        ("range", "between <bound> (and|-) <bound>", r.ranged),
        ("range", f"in? <yearly> {TO} <yearly>", r.ranged),
        ("range", f"(in|from) <yearly> {TO} (<moment>|<period>)", r.ranged),
        (
            "range",
            "(from|between)? the? <dom> (and|to|-|till|until|through|thru) the? <calendar>",
            r.dom_range,
        ),
        (
            "range",
            "(from|between)? MONTH the? <dom> (and|to|-|till|until|through|thru) the? <dom> ,? <year>?",
            r.month_range,
        ),
        ("range", "(from|between)? <numbered> (and|to|-|till|until|through|thru) <numbered>", r.ranged),
        ("opened", "{after|since|before|until|till|til|by|starting|beginning} (from|on)? <bound>", r.opened),
        ("opened", "from (<near>|<stretch>)", lambda p: r.opened("from day", p)),
        ("opened", "as {early|late} as <bound>", r.opened),
        ("opened", "as of (<near>|<stretch>|<moment>)", lambda p: r.opened("from", p)),
        ("opened", "(through|thru) <near>", lambda p: r.opened("until", p)),
        ("opened", "any time {after|before|until} <bound>", r.opened),
        ("opened", "anytime {after|before|until} <bound>", r.opened),
        ("opened", "(no|not) {later|earlier|before|after} than? <bound>", r.opened_not),
        ("opened", "(from|starting) on? <bound> (on|onward|onwards)", lambda p: r.opened("from", p)),
        ("opened", "<moment> (onward|onwards)", lambda p: r.opened("from", p)),
        ("opened", "<moment> or {later|earlier|after|before}", lambda p, how: r.opened(how, p)),
        (
            "opened",
            "{later|earlier} than <bound>",
            lambda how, p: r.opened("after" if how == "later" else "before", p),
        ),
        ("opened", "ever since <bound>", lambda p: r.opened("since", p)),
        ("phrase", "(around|about|circa) <moment>", lambda p: p),
        ("during", "(for|during|throughout|in|over) the {week|month|quarter|year|day}", b.the_unit),
        ("during", "my {day|week|month}", b.the_unit),
        ("during", "(in|during|throughout) the? SEASON", Season),
        ("during", "over the SEASON", Season),
        ("during", "(in|during|over|throughout|for|within|on) <stretch>", lambda p: p),
        ("during", "(in|during|over|throughout|for|within|on) the? <period>", lambda p: p),
        ("during", "<period>", lambda p: p),
        ("phrase", "<repeat>", lambda t: t),
        ("phrase", "<moment>", lambda t: t),
        ("phrase", "<range>", lambda t: t),
        ("phrase", "<opened>", lambda t: t),
        ("phrase", "<during>", lambda t: t),
        ("phrase", "any weekend", lambda: Either((Unit("weekend", 0), weekly((5, 6))))),
        ("phrase", "any {week|month|quarter|year}", any_period),
        ("phrase", "for? <length>", lambda t: t),
        ("phrase", "for? <lengths>", lambda t: t),
        ("phrase", "by <length>", lambda t: t),
        ("phrase", "for? at (least|most) <length>", lambda t: t),
        ("phrase", "for? up to <length>", lambda t: t),
        (
            "phrase",
            "for? (about|around|approximately|roughly|over|under) <length>",
            lambda t: t,
        ),
        ("phrase", "<part>", lambda p: At(None, p)),
    ]


@cache
def grammar() -> Grammar:
    """The compiled table. `phrase` is what `read` looks for."""
    return Grammar(_rows(), {"zone": (frozenset({"*"}), zone_at), "stand": (before_keys(), place_before)})
