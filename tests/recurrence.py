"""Recurrence rules read plainly: every day is tried against every part of RFC 5545 3.3.10."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, product
from zoneinfo import ZoneInfo

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def times(rule: str, start: datetime, *, zone: str, years: int = 45) -> list[datetime]:
    """All starts on the wall clock, DTSTART the first of them, of a rule that ends within so many years."""
    parts = dict(piece.split("=") for piece in rule.upper().split(";"))
    last = datetime(start.year + years, 1, 1)  # noqa: DTZ001
    if until := parts.get("UNTIL"):
        last = datetime.strptime(until.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
        if until.endswith("Z"):
            last = last.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    count = int(parts.get("COUNT", 1_000_000))
    found = [start]
    for moment in _matching(parts, start, last):
        if len(found) >= count or moment > last:
            break
        if moment > start:
            found.append(moment)
    return found


def _matching(parts: dict[str, str], start: datetime, last: datetime) -> Iterator[datetime]:
    """In order: what every part allows, and of each period the places that BYSETPOS names."""
    freq, interval = parts["FREQ"], int(parts.get("INTERVAL", 1))
    if freq in {"HOURLY", "MINUTELY"}:
        step, at = timedelta(hours=1) if freq == "HOURLY" else timedelta(minutes=1), start
        hours = _numbers(parts, "BYHOUR")
        while at <= last:
            if not hours or at.hour in hours:
                yield at
            at += interval * step
        return
    clocks = [
        time(h, m, s)
        for h, m, s in product(
            _numbers(parts, "BYHOUR") or [start.hour],
            _numbers(parts, "BYMINUTE") or [start.minute],
            _numbers(parts, "BYSECOND") or [start.second],
        )
    ]
    # from the start of the first period on: BYSETPOS counts what lies before DTSTART too
    day = date(start.year, 1, 1) if freq == "YEARLY" else start.date().replace(day=1)
    days = (day + timedelta(days=n) for n in range((last.date() - day).days + 1))
    matching = (d for d in days if _allowed(d, parts, start.date(), interval))
    for _, period in groupby(matching, key=lambda d: _period(d, parts)):
        moments = sorted(datetime.combine(d, clock) for d in period for clock in clocks)
        if places := _numbers(parts, "BYSETPOS"):
            chosen = {p - 1 if p > 0 else len(moments) + p for p in places}
            moments = [m for n, m in enumerate(moments) if n in chosen]
        yield from (m for m in moments if m >= start)


def _period(day: date, parts: dict[str, str]) -> int:
    """Numbers the year, month, week or day that a day lies in."""
    match parts["FREQ"]:
        case "YEARLY":
            return day.year
        case "MONTHLY":
            return day.year * 12 + day.month
        case "WEEKLY":
            return (day.toordinal() - 1 - DAYS.index(parts.get("WKST", "MO"))) // 7
        case _:
            return day.toordinal()


def _allowed(day: date, parts: dict[str, str], start: date, interval: int) -> bool:
    freq = parts["FREQ"]
    if (_period(day, parts) - _period(start, parts)) % interval:
        return False
    after = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    in_month, in_year = (after - timedelta(days=1)).day, date(day.year, 12, 31).timetuple().tm_yday
    year_day = day.timetuple().tm_yday
    checks = {
        "BYMONTH": {day.month},
        "BYMONTHDAY": {day.day, day.day - in_month - 1},
        "BYYEARDAY": {year_day, year_day - in_year - 1},
        "BYWEEKNO": {day.isocalendar().week},
    }
    if any(name in parts and not seen & {*_numbers(parts, name)} for name, seen in checks.items()):
        return False
    if "BYDAY" in parts:
        monthly = freq == "MONTHLY" or "BYMONTH" in parts
        place, size = (day.day, in_month) if monthly else (year_day, in_year)
        named = DAYS[day.weekday()]
        shown = {named, f"{(place - 1) // 7 + 1}{named}", f"{-((size - place) // 7 + 1)}{named}"}
        return bool(shown & {*parts["BYDAY"].split(",")})
    if {"BYMONTHDAY", "BYYEARDAY"} & {*parts} or freq == "DAILY":
        return True
    if freq == "WEEKLY" or "BYWEEKNO" in parts:
        return day.weekday() == start.weekday()
    return day.day == start.day and (freq == "MONTHLY" or "BYMONTH" in parts or day.month == start.month)


def _numbers(parts: dict[str, str], name: str) -> list[int]:
    return [int(n) for n in parts[name].split(",")] if name in parts else []
