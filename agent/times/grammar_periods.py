"""The part of the grammar that reads periods: weeks, months, quarters, years, and parts of them."""

from __future__ import annotations

from deskhand.agent.times import build as b
from deskhand.agent.times.grammar_clocks import THIS
from deskhand.agent.times.match import RuleRow
from deskhand.agent.times.terms import Edge, Month, NthWeek, Season, Shift, Stretch, Unit, WeekendOf, Year

_EDGE = "{start|beginning|middle|end|rest|remainder|remaining}"


def periods() -> list[RuleRow]:
    """The rows whose symbols are `period` and what it is made of."""
    return [
        ("period", f"the? {THIS} UNIT", b.unit),
        ("period", f"the? {THIS} weekend", lambda w: Unit("weekend", b.which(w))),
        ("period", f"the? {THIS} <workweek>", lambda w, u: Unit(u, b.which(w))),
        ("period", f"the? {THIS} calendar {{week|month|quarter|year}}", lambda w, u: Unit(u, b.which(w))),
        ("workweek", "(working|work|business) week", lambda: "workweek"),
        ("workweek", "workweek", lambda: "workweek"),
        ("period", f"the? {THIS} SEASON", lambda w, n: Season(n, None, b.which(w))),
        ("period", "(the|in|during)? the? SEASON (of|in|,)? YEAR", lambda n, y: Season(n, y)),
        ("period", f"SEASON of? {THIS} year", lambda n, w: Season(n, None, b.which(w))),
        ("period", "DECADE", lambda y: Year(y, 10)),
        ("period", "weekend of <near>", WeekendOf),
        ("period", "the weekend of <near>", WeekendOf),
        ("period", "<holiday> weekend", WeekendOf),
        ("period", "<holiday> weekend ,? YEAR", b.holiday_weekend),
        ("period", "the weekend", lambda: Unit("weekend", 0)),
        ("period", "weekend", lambda: Unit("weekend", 0)),
        ("period", "the? {week|month|quarter|year|weekend} after next", lambda u: Unit(u, 2)),
        ("period", "the? {week|month|quarter|year|weekend} before last", lambda u: Unit(u, -2)),
        ("period", "<weekof>", lambda p: p),
        ("period", "MONTH", lambda m: Month(m)),
        ("period", "MONTH (,|of|in|-|/)? <year>", lambda m, y: Month(m, y)),
        ("period", "MONTH of <shortyear>", lambda m, y: Month(m, y)),
        ("period", "the? <ordinal> month (of|in) <yearname>", b.month_in),
        ("yearname", f"the? {THIS} year", b.which),
        ("yearname", "YEAR", lambda y: y),
        ("period", "YEAR (-|/|,)? MONTH", lambda y, m: Month(m, y)),
        ("period", f"{THIS} MONTH", lambda w, m: Month(m, None, b.which(w))),
        ("period", f"MONTH (of)? {THIS} year", b.month_of_year),
        ("period", "QUARTER", lambda q: Stretch(3, q)),
        ("period", "QUARTER (of|,|-|in)? <year>", lambda q, y: Stretch(3, q, y)),
        ("period", "YEAR -? QUARTER", lambda y, q: Stretch(3, q, y)),
        (
            "period",
            "the? <ordinal> quarter (of|in)? <year>",
            lambda q, y: Stretch(3, q, y) if q < 5 else None,
        ),
        ("period", "the <ordinal> quarter", lambda q: Stretch(3, q) if q < 5 else None),
        ("period", "the <ordinal> quarter of the year", lambda q: Stretch(3, q) if q < 5 else None),
        ("period", "HALFYEAR", lambda q: Stretch(6, q)),
        ("period", "HALFYEAR (of|,|-)? <year>", lambda q, y: Stretch(6, q, y)),
        ("period", "YEAR -? HALFYEAR", lambda y, q: Stretch(6, q, y)),
        ("period", "the? year (of)? YEAR", lambda y: Year(y)),
        ("period", "the? week INT", lambda n: b.week_number(n, None)),
        ("period", "the? week INT (of|in|,)? YEAR", b.week_number),
        ("period", f"the? week INT (of|in|,)? the? {THIS} year", b.week_of_year),
        ("period", "ISOWEEK", b.iso_week),
        ("period", "the? {first|last} <number> <plural> (of|in) the? (<whole>|<yearly>)", b.some),
        ("period", "YM", lambda t: Month(t[1], t[0])),
        ("period", f"the? {THIS} <count> <unit>", b.window),
        ("count", "<number>", lambda n: n),
        ("count", "a? couple of?", lambda: 2),
        ("count", "(few|several)", lambda: 3),
        ("period", f"the? <number> {THIS} <plural>", lambda n, w, u: b.window(w, n, u)),
        ("plural", "{days|weeks|months|quarters|years|decades|hours|minutes}", lambda u: u[:-1]),
        ("period", "within (the)? (next)? <length>", b.within),
        ("period", "(in|the)? {early|earlier|late|mid|later} -? (in|on)? <period>", b.edge),
        ("period", "(in|the)? {early|late|mid} -? YEAR", lambda e, y: b.edge(e, Year(y))),
        ("period", "{earlier|later} in the {week|month|quarter|year}", lambda e, u: b.edge(e, Unit(u, 0))),
        ("period", "earlier today", lambda: Edge("earlier", Shift(0))),
        ("period", f"the? {_EDGE} of <period>", b.edge),
        ("period", f"the? {_EDGE} of the? year? YEAR", lambda e, y: b.edge(e, Year(y))),
        (
            "period",
            f"the? {_EDGE} of the? {{week|month|quarter|year|weekend}}",
            lambda e, u: b.edge(e, Unit(u, 0)),
        ),
        ("period", "the? rest of the? (day|today)", lambda: Edge("rest", Shift(0))),
        ("period", "later (on|in)? SHIFT", lambda s: Edge("later", Shift(s))),
        ("period", "(month|months) -? end", lambda: Edge("end", Unit("month", 0))),
        ("period", "(year|years) -? end", lambda: Edge("end", Unit("year", 0))),
        ("period", "EDGEOF", lambda u: Edge("end", Unit(u, 0))),
        ("nthweek", "the? <ordinal> week (of|in) <whole>", NthWeek),
        ("nthweek", "the? last week (of|in) <whole>", lambda p: NthWeek(-1, p)),
        ("period", "<nthweek>", lambda p: p),
        ("yearly", "YEAR", Year),
        ("yearly", "<spokenyear>", Year),
        ("yearly", "the? <ordinal> century", lambda n: Year(n * 100 - 100, 100)),
        ("stretch", "(<period>|<yearly>)", lambda p: p),
    ]
