"""Times in our own words: short, natural English that `read` takes back to the same value."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from deskhand.agent.times.clocks import repeats, wall
from deskhand.agent.times.lexicon import MONTHS, WEEKDAYS
from deskhand.agent.times.rules import Rule, parse

_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
_MOST_LEFT_OUT = 6
"""Of more months it is not said which ones are left out."""
_NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}


def say_instant(moment: datetime, zone: str, now: datetime) -> str:
    """ "Tue 24 Nov, 15:00", in the person's zone; the year where it is not this one.

    Seconds are said where there are some (parts of a second never), the offset from UTC where the
    clock shows the time twice.
    """
    place = ZoneInfo(zone)
    local = moment.astimezone(place)
    return f"{_day(local.date(), _today(now, place))}, {_clock(local, place)}"


def say_interval(start: datetime | None, end: datetime | None, zone: str, now: datetime) -> str:
    """ "Tue 24 Nov, 15:00-15:45", "Tue 24 Nov", "Mon 23 Nov - Wed 25 Nov", "from Tue 24 Nov, 15:00 on".

    Whole days are said as days, without the midnights. An end that is open is None.

    :raises ValueError: both ends are open.
    """
    place = ZoneInfo(zone)
    if start is None or end is None:
        if start is not None:
            return f"from {say_instant(start, zone, now)} on"
        if end is not None:
            return f"until {say_instant(end, zone, now)}"
        raise ValueError("an interval without ends")
    first, last = start.astimezone(place), end.astimezone(place)
    today = _today(now, place)
    if _midnight(first, place) and _midnight(last, place) and first.date() < last.date():
        final = last.date() - timedelta(days=1)
        if final == first.date():
            return _day(final, today)
        # A year that only one of the ends had would be taken for both.
        within = today if first.year == final.year else None
        return f"{_day(first.date(), within)} - {_day(final, within)}"
    if first.date() == last.date():
        return f"{_day(first.date(), today)}, {_clock(first, place)}-{_clock(last, place)}"
    within = today if first.year == last.year else None
    ends = (f"{_day(edge.date(), within)}, {_clock(edge, place)}" for edge in (first, last))
    return " - ".join(ends)


def say_duration(seconds: int) -> str:
    """ "45 minutes", "1 hour 30 minutes", "2 days", "1 week". Not for less than a second."""
    if seconds < 1:
        raise ValueError("a duration is at least a second")
    words = []
    for name, size in _UNITS:
        count, left = divmod(seconds, size)
        # Ten days are ten days; only whole weeks are weeks.
        if count and (name != "week" or not left):
            words.append(f"{count} {name}{'s' if count > 1 else ''}")
            seconds = left
    return " ".join(words)


def say_rrule(rrule: str, start: datetime) -> str:
    """ "every weekday at 08:00", "every 2 weeks on Tuesday at 15:00, from 24 November 2026".

    `start` is the first slot, aware in the person's zone: its time of day is that of the rule, and
    its midnight is not said. For the parts of RFC 5545 that people have no words for, the rule
    itself is added in brackets.
    """
    rule = parse(rrule)
    rule, left_out = _left_out(rule)
    words = _often(rule, start)
    if rule.freq in ("HOURLY", "MINUTELY"):
        words = (
            f"every {_step(rule, 'hour' if rule.freq == 'HOURLY' else 'minute')}" if words is None else words
        )
        return words + left_out + _times(rule)
    if words is None:
        return f"repeating at {start:%H:%M} ({rrule})"
    if (start.hour, start.minute, start.second) != (0, 0, 0):
        words += f" at {_face(start)}"
    words += left_out
    if rule.interval > 1:
        words += f", from {start.day} {MONTHS[start.month - 1]} {start.year}"
    if rule.until is not None:
        final = rule.until if not isinstance(rule.until, datetime) else _final(rule.until, start)
        words += f", until {final.day} {MONTHS[final.month - 1]} {final.year}"
    return words + _times(rule)


def _left_out(rule: Rule) -> tuple[Rule, str]:
    """The rule without the limits that only leave something out, and those: " except in December"."""
    out: list[str] = []
    days, numbers = rule.days, dict(rule.numbers)
    if rule.freq == "DAILY" and days and not any(nth for _, nth in days):
        kept = {day for day, _ in days}
        out += [_listed([f"{WEEKDAYS[d]}s" for d in range(7) if d not in kept])] if len(kept) < 7 else []
        days = ()
    if rule.freq != "YEARLY" and (months := numbers.pop("BYMONTH", ())):
        missing = [MONTHS[m - 1] for m in range(1, 13) if m not in months]
        if len(missing) > _MOST_LEFT_OUT:
            return rule, ""
        out += [f"in {_listed(missing)}"] if missing else []
    return replace(rule, numbers=numbers, days=days), f" except {' and '.join(out)}" if out else ""


def _times(rule: Rule) -> str:
    return f", {rule.count} time{'s' if rule.count > 1 else ''}" if rule.count is not None else ""


def _final(until: datetime, start: datetime) -> date:
    return until.astimezone(start.tzinfo).date() if until.tzinfo else until.date()


def _often(rule: Rule, start: datetime) -> str | None:
    """The rule without its time of day; None where it takes more than these words."""
    parts = set(rule.numbers) | ({"BYDAY"} if rule.days else set())
    days = [day for day, nth in rule.days if not nth]
    if rule.freq in ("HOURLY", "MINUTELY"):
        return None if parts else f"every {_step(rule, 'hour' if rule.freq == 'HOURLY' else 'minute')}"
    if rule.freq == "DAILY":
        return None if parts else f"every {_step(rule, 'day')}"
    if rule.freq == "WEEKLY" and parts <= {"BYDAY"}:
        if rule.interval == 1 and sorted(days) == [0, 1, 2, 3, 4]:
            return "every weekday"
        names = _listed([WEEKDAYS[day] for day in sorted(days)] or [WEEKDAYS[start.weekday()]])
        return f"every {names}" if rule.interval == 1 else f"every {rule.interval} weeks on {names}"
    if rule.freq == "MONTHLY":
        month_days = rule.numbers.get("BYMONTHDAY", () if rule.days else (start.day,))
        if not parts - {"BYMONTHDAY"} and len(month_days) == 1 and month_days[0] >= -1:
            day = "last day" if month_days[0] == -1 else _ordinal(month_days[0])
            return f"every {_step(rule, 'month')} on the {day}"
        position = rule.numbers.get("BYSETPOS", ())
        if parts == {"BYDAY", "BYSETPOS"} and sorted(days) == [0, 1, 2, 3, 4] and position in ((1,), (-1,)):
            which = "first" if position == (1,) else "last"
            return f"every {_step(rule, 'month')} on the {which} working day"
        if parts == {"BYDAY"} and len(rule.days) == 1 and rule.days[0][1] in _NTH:
            day_of, nth = rule.days[0]
            return f"every {_step(rule, 'month')} on the {_NTH[nth]} {WEEKDAYS[day_of]}"
        if parts == {"BYDAY"} and len({day for day, _ in rule.days}) == 1:
            nths = [nth for _, nth in sorted(rule.days)]
            if rule.interval == 1 and len(nths) == 4 and set(nths) < {1, 2, 3, 4, 5}:
                (missing,) = {1, 2, 3, 4, 5} - set(nths)
                return f"every {WEEKDAYS[rule.days[0][0]]} except the {_NTH[missing]} of the month"
            if set(nths) <= _NTH.keys():
                named = _listed([_NTH[nth] for nth in nths])
                return f"every {_step(rule, 'month')} on the {named} {WEEKDAYS[rule.days[0][0]]}"
    if rule.freq == "YEARLY" and not parts - {"BYMONTH", "BYMONTHDAY"}:
        months, dates = (
            rule.numbers.get("BYMONTH", (start.month,)),
            rule.numbers.get("BYMONTHDAY", (start.day,)),
        )
        if len(months) == len(dates) == 1 and dates[0] > 0:
            return f"every {_step(rule, 'year')} on {dates[0]} {MONTHS[months[0] - 1]}"
    return None


def _step(rule: Rule, unit: str) -> str:
    return unit if rule.interval == 1 else f"{rule.interval} {unit}s"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _ordinal(day: int) -> str:
    ending = "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _today(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def _day(day: date, today: date | None) -> str:
    """The day, with its year unless that is the year of today."""
    year = "" if today is not None and day.year == today.year else f" {day.year:04d}"
    return f"{WEEKDAYS[day.weekday()][:3]} {day.day} {MONTHS[day.month - 1][:3]}{year}"


def _face(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    shown = _face(moment)
    if not repeats(wall(moment, zone).replace(microsecond=0), zone):
        return shown
    offset = moment.strftime("%z")
    seconds = f":{offset[5:7]}" if len(offset) > 5 else ""
    return f"{shown} UTC{offset[:3]}:{offset[3:5]}{seconds}"


def _midnight(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether a day starts at this moment: at 00:00, or later where clocks skip it."""
    earlier = (moment.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone)
    return earlier.date() < moment.date()
