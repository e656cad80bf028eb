"""The part of the grammar that reads numbers, lengths and times of day."""

from __future__ import annotations

from deskhand.agent.times import build as b
from deskhand.agent.times import build_clocks as c
from deskhand.agent.times.build import EDGES
from deskhand.agent.times.lexicon import MEALS
from deskhand.agent.times.match import RuleRow
from deskhand.agent.times.terms import Part

TO = "(to|-|till|until|til|through|thru)"
_THAN, _AS = {"later": "after", "earlier": "before"}, {"late": "by", "early": "from"}
THIS = "{this|current|coming|upcoming|next|following|last|previous|past|prior}"


def clocks() -> list[RuleRow]:
    """The rows for numbers, lengths and times of day."""
    return [*_numbers(), *_clocks()]


def _numbers() -> list[RuleRow]:
    return [
        ("number", "INT", lambda n: n),
        ("number", "SMALL", lambda n: n),
        ("number", "TENS -? SMALL", lambda t, n: t + n if 0 < n < 10 else None),
        ("number", "TENS", lambda t: t),
        ("dom", "(INT|ORD)", lambda n: n if 1 <= n <= 31 else None),
        ("dom", "TENS -? ORD", lambda t, n: t + n if n < 10 and t + n <= 31 else None),
        ("ordinal", "ORD", lambda n: n),
        ("ordinal", "TENS -? ORD", lambda t, n: t + n if n < 10 and t + n <= 31 else None),
        ("year", "YEAR", lambda y: y),
        ("year", "' INT", lambda y: b.short_year(y)),
        ("year", "<spokenyear>", lambda y: y),
        ("shortyear", "INT", lambda y: b.short_year(y) if 31 < y < 100 else None),
        ("hundreds", "(SMALL|TENS)", lambda n: n if 10 < n < 22 else None),
        ("below", "(SMALL|TENS)", lambda n: n if n > 9 else None),
        ("below", "TENS -? SMALL", lambda t, n: t + n if 0 < n < 10 else None),
        ("spokenyear", "<hundreds> <below>", lambda h, n: b.spoken_year(100 * h + n)),
        ("spokenyear", "<hundreds> HUNDRED and? <below>?", lambda h, _, n: b.spoken_year(100 * h + (n or 0))),
        ("spokenyear", "two THOUSAND", lambda _: 2000),
        ("spokenyear", "two THOUSAND and? (SMALL|<below>)", lambda _, n: 2000 + n),
        ("fraction", "(a|one)? half", lambda: 0.5),
        ("fraction", "(a|one)? quarter", lambda: 0.25),
        ("fraction", "(three|3) quarters", lambda: 0.75),
        ("amount", "<number> and <fraction>", lambda n, f: n + f),
        ("amount", "<number> (a|one) half", lambda n: n + 0.5),
        ("amount", "(a|an) and <fraction>", lambda f: 1 + f),
        ("amount", "another", lambda: 1),
        ("amount", "another <number>", lambda n: n),
        ("amount", "(several|some)", lambda: 3),
        ("amount", "<number> FRACTION", lambda n, f: n + f),
        ("amount", "<number> ½", lambda n: n + 0.5),
        ("amount", "<number>", lambda n: n),
        ("amount", "DEC", lambda n: n),
        ("amount", "FRACTION", lambda n: n),
        ("amount", "½", lambda: 0.5),
        ("amount", "(a|an)", lambda: 1),
        ("amount", "half -? (a|an)?", lambda: 0.5),
        ("amount", "a half -?", lambda: 0.5),
        ("amount", "a? couple of?", lambda: 2),
        ("amount", "a? few", lambda: 3),
        ("unit", "UNIT", lambda u: u),
        ("unit", "(business|working|work) UNIT", lambda u: "business" if u == "day" else None),
        ("unit", "(workdays|weekdays)", lambda: "business"),
        ("piece", "<amount> -? <unit>", lambda n, u: ((n, u),)),
        ("piece", "(a|an) UNIT and <fraction>", lambda u, f: ((1 + f, u),)),
        ("piece", "<number> UNIT and <fraction>", lambda n, u, f: ((n + f, u),)),
        ("piece", "UNIT and a half", lambda u: ((1.5, u),) if u == "hour" else None),
        ("piece", "(all|full|whole|entire) -? <calendarunit>", lambda u: ((1, u),)),
        ("piece", "<number> nights", lambda n: ((n, "day"),)),
        ("piece", "(1|one) night", lambda: ((1, "day"),)),
        ("piece", "<number> (weekend|weekends)", lambda n: ((2 * n, "day"),)),
        ("piece", "SPAN", lambda parts: parts),
        ("calendarunit", "{day|week|month|quarter|year}", lambda u: u),
        ("piece", "a? quarter of an hour", lambda: ((0.25, "hour"),)),
        ("piece", "(three|3) quarters of an hour", lambda: ((0.75, "hour"),)),
        ("piece", "SPELL", lambda s: ((s[0], "hour"), (s[1], "minute"))),
        ("length", "<piece>", lambda p: c.length(p)),
        ("lengths", "<amount> (-|to|or) <length>", c.between),
        ("lengths", "between <amount> and <length>", c.between),
        ("lengths", "from <amount> to <length>", c.between),
        ("lengths", "(a|an|one) UNIT or two", c.or_two),
        ("length", "<piece> (and|,)? and? <length>", lambda p, rest: c.length(p, rest)),
    ]


def _spoken_beside(minutes: str, way: str, at: int) -> object:
    return c.beside_noon({"five": 5, "ten": 10, "twenty": 20}[minutes], way, at)


def _clocks() -> list[RuleRow]:
    return [
        ("hour", "<number>", lambda n: n if 1 <= n <= 12 else None),
        ("sure", "<number> HALF", lambda n, h: c.clock(n, 0, half=h)),
        ("sure", "TIME HALF?", c.timed),
        ("sure", "DOTTED HALF", c.timed),
        ("sure", "<number> (o'clock|oclock) HALF?", lambda n, h: c.clock(n, 0, half=h or "")),
        ("sure", "MILITARY HALF", c.timed),
        ("sure", "NOON", c.noon),
        ("sure", "12 NOON", c.noon),
        ("sure", "twelve NOON", c.noon),
        ("sure", "half -? past <hour> (o'clock)? HALF?", lambda n, h: c.clock(n, 30, half=h or "")),
        ("sure", "a? quarter {past|after|to|of|till|before} <hour> HALF?", c.quarter),
        ("sure", "<number> {past} <hour> (o'clock)? HALF?", c.minutes_from),
        ("sure", "<number> (minutes|minute|mins|min) {past|after|to|before} <hour> HALF?", c.minutes_from),
        ("sure", "a? quarter {past|after|to|till|before} NOON", lambda way, at: c.beside_noon(15, way, at)),
        ("sure", "half past NOON", lambda at: c.beside_noon(30, "past", at)),
        ("sure", "{five|ten|twenty} {past|after|to|before} NOON", _spoken_beside),
        ("sure", "twenty -? five {past|after|to|before} NOON", lambda way, at: c.beside_noon(25, way, at)),
        (
            "sure",
            "<number> (minutes|minute|mins|min) {past|after|to|before} NOON",
            c.beside_noon,
        ),
        ("sure", "mid -? night", lambda: c.noon(1440)),
        ("sure", "<number> <number> HALF", lambda n, m, h: c.spoken(n, m, h)),
        ("sure", "(MILITARY|YEARCLOCK) (hours|hrs)", lambda t: c.timed(t, None)),
        ("sure", "INT -? ish", lambda n: c.bare(n)),
        ("sure", "EOD", lambda name: c.EOD if name == "eod" else c.CLOSE),
        ("sure", "end of the? (day|today)", lambda: c.EOD),
        ("sure", "(end|close) of (the|business)? (day|business|play)", lambda: c.CLOSE),
        ("bare", "INT", lambda n: c.bare(n)),
        ("bare", "SMALL", lambda n: c.bare(n)),
        ("spoken2", "SMALL -? <number>", lambda n, m: c.spoken(n, m, "")),
        ("bare", "SMALL -? <number>", lambda n, m: c.spoken(n, m, "")),
        ("bare", "MILITARY", lambda t: c.timed(t, None)),
        ("halfday", "(in|during) (the|this)? PART", lambda p: p),
        ("halfday", "at PART", lambda p: p if p == "night" else None),
        ("clock", "<sure> -? ish? (sharp|prompt|exactly)? <halfday>? <zone>?", c.placed),
        ("clock", "<bare> <halfday> <zone>?", c.placed),
        ("clock", "<sure> ( <zone> )", lambda face, z: c.placed(face, None, z)),
        ("open", "<bare> (sharp|prompt|exactly)? <halfday>? <zone>?", c.placed),
        ("open", "DOTTED <halfday>? <zone>?", lambda t, p, z: c.placed(c.timed(t, None), p, z)),
        ("halfhour", "half <hour> HALF?", lambda n, h: c.clock(n, 30, half=h or "")),
        ("dotted", "DOTTED", lambda face: c.timed(face, None)),
        ("clock", "SMALL - <number>", lambda n, m: c.spoken(n, m, "")),
        ("any", "(<clock>|<open>|<halfhour>)", lambda c: c),
        # A stretch of clock: told apart from a score or a page range by a clock, or by "from", "between".
        ("hours", f"from? <clock> {TO} <any>", c.hours),
        ("hours", f"from? <open> {TO} (<clock>|<halfhour>)", c.hours),
        ("hours", f"from <open> {TO} <open>", c.hours),
        ("hours", "between <any> (and|-|to) <any>", c.hours),
        ("hours", "from <any> for <length>", c.hours_for),
        ("hours", "for <length> (from|starting|beginning) at? <any>", lambda n, face: c.hours_for(face, n)),
        ("barehours", f"(at|from)? <open> {TO} <open>", c.hours),
        ("edgehours", "{after|before|until|till|til|by|from|since} <any>", c.edge_hours),
        ("edgehours", "{later|earlier} than <any>", lambda w, face: c.edge_hours(_THAN[w], face)),
        ("edgehours", "as {early|late} as <any>", lambda w, face: c.edge_hours(_AS[w], face)),
        ("untilhours", "(until|till|til) <any>", lambda face: c.edge_hours("before", face)),
        ("edgehours", "any time {after|before|from} <any>", c.edge_hours),
        ("edgehours", "anytime {after|before|from} <any>", c.edge_hours),
        ("edgehours", "(no|not) {later|earlier|before|after} than? <any>", c.edge_hours_not),
        ("edgehours", "<clock> or {later|earlier|after|before}", lambda face, how: c.edge_hours(how, face)),
        ("edgehours", "<clock> (onward|onwards)", lambda face: c.edge_hours("after", face)),
        ("edgehours", "after work", lambda: c.edge_hours("after", c.CLOSE)),
        ("part", "PART", lambda p: Part(p)),
        ("part", "PART ,? <zone>", c.part_in),
        ("part", "{lunch|dinner|breakfast} -? time", lambda p: Part(p)),
        ("part", "night -? time", lambda: Part("night")),
        ("part", "{early|late|mid} -? PART", lambda e, p: Part(p, EDGES[e])),
        ("part", "{early|late|mid} -? PART <zone>", lambda e, p, z: c.part_in(p, z, EDGES[e])),
        ("part", "{early|late|later} in the PART", lambda e, p: Part(p, EDGES[e])),
        ("part", "first thing in the morning", lambda: Part("morning", "start")),
        ("inpart", "(in|during|over) the? <part>", lambda p: p),
        ("meal", "PART", lambda p: Part(p) if p in MEALS else None),
        ("meal", "{lunch|dinner|breakfast} -? time", lambda p: Part(p)),
        ("inpart", "(at|around|over|during) <meal>", lambda p: p),
        ("inpart", "(at|by) night", lambda: Part("night")),
        ("plain", "(at|@|around|about|approximately|approx|for|circa)? <clock>", lambda c: c),
        ("plain", "(at|@|around|about) <open>", lambda c: c),
        ("plain", "at <halfhour>", lambda face: face),
        ("plain", "at <number> h", lambda n: c.clock(n, 0, zero=True)),
        ("plain", "at SPELLED", lambda t: c.timed(t, None)),
        ("plain", "at YEARCLOCK", lambda t: c.timed(t, None)),
        ("plain", "at about <open>", lambda c: c),
        ("exact", "(<plain>|<hours>)", lambda t: t),
        # What may stand beside a day, on either side of it.
        ("time", "(<exact>|<edgehours>|<inpart>)", lambda t: t),
        ("time", "<inpart> ,? (<exact>|<edgehours>|<barehours>)", c.narrowed),
        ("time", "<exact> ,? <inpart>", lambda t, p: c.narrowed(p, t)),
    ]
