"""Working hours as people write them ("09:00-17:30", or day by day), read into minutes of each weekday."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Week = tuple[tuple[tuple[int, int], ...], ...]
"""For each day from Monday to Sunday: spans of minutes of the local day, 0 to 1440, in order."""

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Span = tuple[int, int]

_SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)")


def read_hours(written: object) -> Week:
    """The hours of a week.

    One text holds from Monday to Friday. A table names days, the others are free. A day may have
    several spans ("09:00-12:30, 13:30-17:00"); "off" is none.

    :raises ValueError: with a sentence.
    """
    if isinstance(written, str):
        day = read_day(written)
        return (day,) * 5 + ((), ())
    if not isinstance(written, Mapping):
        raise ValueError('write hours as "09:00-17:30", or as a table of days')
    read_days(str(name) for name in written)
    named = {str(name).lower(): read_day(text) for name, text in written.items()}
    return tuple(named.get(day, ()) for day in DAYS)


def say_hours(week: Week) -> str:
    """The hours of a week in few words: "Mon-Fri 08:30-17:00", "Mon 09:00-12:00, Wed 10:00-16:00"."""
    said: list[tuple[int, int, str]] = []
    for n, day in enumerate(week):
        spans = " ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in day)
        if said and said[-1][1] == n - 1 and said[-1][2] == spans:
            said[-1] = (said[-1][0], n, spans)
        elif spans:
            said.append((n, n, spans))
    names = [day[:3].title() for day in DAYS]
    return ", ".join(f"{names[a]}{f'-{names[b]}' if b > a else ''} {spans}" for a, b, spans in said)


def read_days(names: Iterable[str]) -> frozenset[int]:
    """Weekdays by name, Monday is 0. :raises ValueError: with a sentence."""
    for name in (names := list(names)):
        if name.lower() not in DAYS:
            from deskhand.config.errors import nearest

            raise ValueError(f"there is no day {name!r}{nearest(name.lower(), list(DAYS))}")
    return frozenset(DAYS.index(name.lower()) for name in names)


def read_span(text: str) -> Span:
    """One stretch of a day, "12:00-13:00". :raises ValueError: with a sentence."""
    spans = read_day(text)
    if len(spans) != 1:
        raise ValueError(f'{text[:40]!r} is not one stretch of a day; write it as "12:00-13:00"')
    return spans[0]


def read_day(text: object) -> tuple[Span, ...]:
    """The hours of a day, in order. :raises ValueError: with a sentence."""
    if not isinstance(text, str):
        raise ValueError('write hours as "09:00-17:30"')
    if text.strip().lower() in {"", "off"}:
        return ()
    spans: list[tuple[int, int]] = []
    for part in text.split(","):
        read = _SPAN.fullmatch(part.strip())
        if not read:
            raise ValueError(f'{part.strip()[:40]!r} are no hours; write them as "09:00-17:30"')
        h1, m1, h2, m2 = (int(g) for g in read.groups())
        start, end = h1 * 60 + m1, h2 * 60 + m2
        if m1 > 59 or m2 > 59 or end > 24 * 60:
            raise ValueError(f"{part.strip()!r} is no time of a day")
        if start >= end:
            raise ValueError(f"{part.strip()!r} ends before it begins; hours over midnight are two spans")
        if spans and start < spans[-1][1]:
            raise ValueError(f"the hours {text[:80]!r} overlap or are not in order")
        spans.append((start, end))
    return tuple(spans)
