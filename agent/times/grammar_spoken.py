"""The part of the grammar that reads what people say in passing: "half nine", "next to next week".

Its rows stand before all others: what they match, they decide.
"""

from __future__ import annotations

from deskhand.agent.times import build as b
from deskhand.agent.times import build_clocks as c
from deskhand.agent.times import build_repeats as r
from deskhand.agent.times.match import RuleRow
from deskhand.agent.times.terms import At, Day, Hours, Month, Period, Repeat, Unit


def spoken() -> list[RuleRow]:
    """The rows for clocks, days, periods and recurrences in passing."""
    return [
        ("sure", "half -? <hour> HALF?", lambda n, h: c.clock(n, 30, half=h or "")),
        ("point", "post -? lunch (on)? <near>", _after_lunch),
        ("point", "<near> post -? lunch", _after_lunch),
        ("period", "next to next {week|month}", lambda u: Unit(u, 2)),
        ("within", "{this|next} {week|month|quarter|year}", lambda w, u: Unit(u, b.which(w))),
        ("within", "(of|in) MONTH", Month),
        ("repeat", "<timed> ,? <within>", _within),
        ("repeat", "<core> ,? <within> ,? <timely>", lambda core, w, t: _within(r.timed_repeat(core, t), w)),
        ("core", "all <plurals>", lambda days: r.weekly(days)),
    ]


def _after_lunch(day: Day) -> At:
    return At(day, Hours(c.noon(840), None))


def _within(core: Repeat | None, period: Period) -> Repeat | None:
    """ "Every day this week", "all Mondays of February": from its beginning to its end."""
    return r.limited(r.limited(core, ("start", period)), ("until", period))
