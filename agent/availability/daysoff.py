"""Days on which somebody does not work: public holidays by name, and days off that were said.

The holidays come from the `holidays` library. It is imported where a country is set, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import date, datetime
from zoneinfo import ZoneInfo

from deskhand.agent.profile import DaysOff, Owner


def check_country(country: str, subdivision: str = "") -> None:
    """:raises ValueError: no holidays are known of such a country, or of such a part of it."""
    from holidays import list_supported_countries

    known = list_supported_countries()
    if country not in known:
        raise ValueError(f"the public holidays of {country!r} are not known")
    if subdivision and subdivision not in known[country]:
        has = ", ".join(sorted(known[country])[:30])
        raise ValueError(f"{country} has no part {subdivision!r}{f'; it has: {has}' if has else ''}")


def public_holidays(country: str, subdivision: str = "") -> Container[date]:
    """The public holidays of a country that `check_country` knows, year by year as they are asked for."""
    from holidays import country_holidays

    return country_holidays(country, subdiv=subdivision or None)


def days_off(off: DaysOff, *, start: datetime, end: datetime, zone: str) -> tuple[tuple[date, str], ...]:
    """The days off that touch [start, end) on the clock of `zone`, in order, each with its name."""
    tz = ZoneInfo(zone)
    first, last = start.astimezone(tz).date(), end.astimezone(tz).date()
    named: dict[date, str] = {}
    if off.country:
        from holidays import country_holidays

        years = range(first.year, last.year + 1)
        found = country_holidays(off.country, subdiv=off.subdivision or None, years=years, language="en_US")
        named = {day: name for day, name in found.items() if first <= day <= last}
    for day in off.days:
        if first <= day <= last:
            named.setdefault(day, "a day off")
    return tuple(sorted(named.items()))


def works(owner: Owner) -> Callable[[date], bool]:
    """Whether the owner works on a day: one with working hours that is no holiday and no day off."""
    off = owner.off
    holidays: Container[date] = ()
    if off.country:
        from holidays import country_holidays

        holidays = country_holidays(off.country, subdiv=off.subdivision or None)
    return lambda day: bool(owner.hours[day.weekday()]) and day not in off.days and day not in holidays
