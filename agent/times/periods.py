"""Periods of the calendar on one person's clock: weeks, months, seasons, windows from now, parts of them.

Weeks start on Monday. `days` decides which period a term names; here are its first and last instants.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, timedelta

from deskhand.agent.times.dates import monday, months_on, shifted
from deskhand.agent.times.scope import Extent, Scope, before
from deskhand.agent.times.terms import Length, Month, Season, Some, WeekNumber, Window

_ONE = timedelta(days=1)


def week(start: date, scope: Scope) -> Extent:
    return scope.days(start, start + timedelta(days=7), "week")


def unit(name: str, shift: int, scope: Scope) -> list[Extent]:
    """This, next or last week, month and so on.

    Said on the day that starts the week where the person lives (a Sunday in the United States), the
    week from that day on is an alternative.
    """
    today = scope.today
    if name in ("week", "workweek"):
        start = monday(today) + timedelta(days=7 * shift)
        if name == "workweek":
            return [scope.days(start, start + timedelta(days=5))]
        weeks = [week(start, scope)]
        if today.weekday() == scope.week_start > 0:
            weeks.append(week(today + timedelta(days=7 * shift), scope))
        return weeks
    if name == "weekend":
        saturday = monday(today) + timedelta(days=5)
        starts = [saturday + timedelta(days=7 * shift)]
        if shift == 1 and today < saturday:  # "next weekend" said on a Wednesday
            starts.append(saturday)
        return [scope.days(start, start + timedelta(days=2)) for start in starts]
    if name == "decade":
        first = today.year // 10 * 10 + 10 * shift
        return [scope.days(date(first, 1, 1), date(first + 10, 1, 1), "year")]
    months = {"month": 1, "quarter": 3, "year": 12}[name]
    start = today.replace(month=(today.month - 1) // months * months + 1, day=1)
    start = months_on(start, shift * months)
    return [scope.days(start, months_on(start, months), "year" if name == "year" else "month")]


def yearly(start: date, months: int, scope: Scope, *, settled: bool) -> Extent:
    """So many months from a start in this year, or unless settled those of the next or the last year."""
    if not settled and not scope.past and months_on(start, months) <= scope.today:
        start = months_on(start, 12)
    elif not settled and scope.past and start > scope.today:
        start = months_on(start, -12)
    return scope.days(start, months_on(start, months), "month")


def season(term: Season, scope: Scope) -> Extent:
    """In whole months of the northern hemisphere: summer is June to August, winter from December."""
    start = date(term.year or scope.today.year, 3 * term.number, 1)
    if term.which is None:
        return yearly(start, 3, scope, settled=term.year is not None)
    if term.which == 0:
        return scope.days(start, months_on(start, 3), "month")
    last = [one for step in (-24, -12, 0) if months_on(one := months_on(start, step), 3) <= scope.today]
    coming = [one for step in (0, 12) if (one := months_on(start, step)) > scope.today]
    chosen = last[-1] if term.which < 0 else coming[0]
    return scope.days(chosen, months_on(chosen, 3), "month")


def numbered_week(term: WeekNumber, scope: Scope) -> list[Extent]:
    """Unless a year was said the next such week, and this year's is the alternative."""
    here = scope.today.isocalendar().year
    if term.year is not None or term.shift is not None:
        return [week(date.fromisocalendar(term.year or here + (term.shift or 0), term.number, 1), scope)]
    starts = [date.fromisocalendar(here, term.number, 1)]
    if not scope.past and starts[0] + timedelta(days=7) <= scope.today:
        starts.insert(0, date.fromisocalendar(here + 1, term.number, 1))
    return [week(start, scope) for start in starts]


def weekend_of(day: date, scope: Scope) -> Extent:
    """With the Friday, or the Monday after, that the day makes part of it; from a Thursday on it is long."""
    saturday = day + timedelta(days=5 - day.weekday()) if day.weekday() else day - timedelta(days=2)
    start = day if day.weekday() in (3, 4) else saturday
    return scope.days(start, saturday + timedelta(days=3 if day.weekday() == 0 else 2))


def some(term: Some, whole: Extent, scope: Scope) -> Extent:
    """The first or last so many days, weeks or months of a period; its weeks start in it on a Monday."""
    if whole.start is None or whole.end is None:
        raise ValueError("an open period has no units to count")
    first, last = whole.start.date(), whole.end.date()
    if term.unit == "week":
        # A week belongs to the period that its Thursday is in, as in ISO 8601.
        first, last = monday(first + timedelta(days=3)), monday(last + timedelta(days=3))
    length = Length(((term.count, term.unit),))
    if term.sign > 0:
        return scope.days(first, shifted(first, length, 1), whole.grain)
    return scope.days(shifted(last, length, -1), last, whole.grain)


def month(term: Month, scope: Scope) -> date:
    today = scope.today
    here = date(today.year, term.month, 1)
    if term.year is not None:
        return here.replace(year=term.year)
    if term.shift is not None:
        return here.replace(year=today.year + term.shift)
    if term.which == -1 or (term.which is None and scope.past):
        late = here.month > today.month or (term.which == -1 and here.month == today.month)
        return months_on(here, -12) if late else here
    early = here.month < today.month or (term.which == 1 and here.month == today.month)
    return months_on(here, 12) if early and term.which != 0 else here


def window(term: Window, scope: Scope) -> list[Extent]:
    """ "The next 3 days" is from now to the end of the third day; "the last 3 days" those days, to now.

    The alternative to the next ones is from tomorrow on: whole days.
    """
    now = scope.now
    if term.unit in ("second", "minute", "hour"):
        width = timedelta(seconds=term.count * {"second": 1, "minute": 60, "hour": 3600}[term.unit])
        there = (now.astimezone(UTC) + term.sign * width).astimezone(scope.zone)
        return [Extent("interval", *((now, there) if term.sign > 0 else (there, now)), term.unit)]
    if term.unit in ("quarter", "decade"):
        return [_whole(term, scope)]
    grain = {"business": "day", "fortnight": "week", "quarter": "month"}.get(term.unit, term.unit)
    edge = shifted(scope.today, Length(((term.count, term.unit),)), term.sign)
    if term.sign > 0:
        end = scope.midnight(edge + _ONE)
        return [
            Extent("interval", now, end, grain),
            Extent("interval", scope.midnight(scope.today + _ONE), end, grain),
            *_fortnight(term, scope),
        ]
    return [
        Extent("interval", scope.midnight(edge), now, grain),
        Extent("interval", scope.midnight(edge), scope.midnight(scope.today), grain),
        *_fortnight(term, scope),
    ]


def _fortnight(term: Window, scope: Scope) -> list[Extent]:
    """The two calendar weeks after, or before, those that this week begins."""
    if term.unit != "fortnight" or term.count != 1:
        return []
    start = monday(scope.today) + timedelta(days=14 * term.sign)
    return [scope.days(start, start + timedelta(days=14), "week")]


def _whole(term: Window, scope: Scope) -> Extent:
    """Whole quarters or decades of the calendar, without the one that is on."""
    (here,) = unit(term.unit, 0, scope)
    if here.start is None:
        raise ValueError("no such period")
    months = 3 if term.unit == "quarter" else 120
    count = months * int(term.count)
    start = months_on(here.start.date(), months if term.sign > 0 else -count)
    return scope.days(start, months_on(start, count), "month" if months == 3 else "year")


def parts(edge: str, whole: Extent, scope: Scope) -> list[Extent]:
    """A part of a period: "early", "late" and "mid" are thirds of it, and its halves the alternatives.

    The start, middle and end of a week are Mon-Tue, Tue-Thu and from Thursday on; "later" and
    "earlier" count from now, and their alternative is the half.
    """
    if whole.start is None or whole.end is None:
        return [whole]
    if edge in ("first half", "second half"):
        return _half(edge, whole, scope)
    if edge in ("rest", "later", "earlier"):
        inside = before(whole.start, scope.now) and before(scope.now, whole.end)
        side = {"end": scope.now} if edge == "earlier" else {"start": scope.now}
        cut = replace(whole, **side) if inside else whole  # type: ignore[arg-type] # its start or its end
        return [cut] if edge == "rest" else [cut, *_half(edge, whole, scope)]
    width = (whole.end.date() - whole.start.date()).days
    if 1 < width < 7:  # "late weekend" is no part of it that people agree on
        return [whole]
    return [*_third(edge, whole, scope), *_half(edge, whole, scope)]


def _third(edge: str, whole: Extent, scope: Scope) -> list[Extent]:
    start, end = _dates(whole)
    width = (end - start).days
    if width == 1:
        return []
    if width == 7:
        first, last = {"start": (0, 2), "middle": (1, 4), "end": (3, 7)}[edge]
    elif width > 31:
        third = round(width / 91)  # months in a third of a quarter, a half-year, a year
        cuts = [(months_on(start, third * step) - start).days for step in range(4)]
        first, last = {"start": cuts[0:2], "middle": cuts[1:3], "end": cuts[2:4]}[edge]
    else:
        first, last = {"start": (0, 10), "middle": (10, 20), "end": (20, width)}[edge]
    days = "day" if width <= 31 else "month"
    return [scope.days(start + timedelta(days=first), start + timedelta(days=last), days)]


def _half(edge: str, whole: Extent, scope: Scope) -> list[Extent]:
    """The first or second half; of a day the part of it that its noon cuts off."""
    start, end = _dates(whole)
    width = (end - start).days
    if width == 1 and edge.endswith("half"):  # of the working day
        opens, closes = scope.hours
        middle_of = (opens + closes) // 2
        ends = (opens, middle_of) if edge == "first half" else (middle_of, closes)
        return [Extent("interval", scope.wall(start, ends[0]), scope.wall(start, ends[1]), "part")]
    if width == 1:
        low, high = {"middle": (600, 840), **dict.fromkeys(("end", "later", "second half"), (720, 1440))}.get(
            edge, (0, 720)
        )
        return [Extent("interval", scope.wall(start, low), scope.wall(start, high), "part")]
    if edge == "middle":
        return []
    middle = months_on(start, round(width / 61)) if width > 31 else start + timedelta(days=width // 2)
    low_day, high_day = (start, middle) if edge in ("start", "earlier", "first half") else (middle, end)
    return [scope.days(low_day, high_day, "day" if width <= 31 else "month")]


def _dates(whole: Extent) -> tuple[date, date]:
    if whole.start is None or whole.end is None:
        raise ValueError("an open period has no parts")
    return whole.start.date(), whole.end.date()


def nth_week(nth: int, whole: Extent, scope: Scope) -> Extent:
    """A week belongs to the month or year that its Thursday is in, as in ISO 8601."""
    if whole.start is None or whole.end is None or nth > 53:
        raise ValueError("no such week")
    if nth > 0:
        start = monday(whole.start.date() + timedelta(days=3)) + timedelta(days=7 * (nth - 1))
    else:
        start = monday(whole.end.date() - timedelta(days=4))
    if start + timedelta(days=3) >= whole.end.date():
        raise ValueError("the period has no such week")
    return week(start, scope)
