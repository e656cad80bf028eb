"""Working hours as people write them ("09:00-17:30", or day by day), read into minutes of each weekday."""

from __future__ import annotations

import re
from collections.abc import Mapping

Week = tuple[tuple[tuple[int, int], ...], ...]
"""For each day from Monday to Sunday: spans of minutes of the local day, 0 to 1440, in order."""

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)")


def read_hours(written: object) -> Week:
    """The hours of a week.

    One text holds from Monday to Friday. A table names days, the others are free. A day may have
    several spans ("09:00-12:30, 13:30-17:00"); "off" is none.

    :raises ValueError: with a sentence.
    """
    if isinstance(written, str):
        day = _day(written)
        return (day,) * 5 + ((), ())
    if not isinstance(written, Mapping):
        raise ValueError('write hours as "09:00-17:30", or as a table of days')
    for name in written:
        if str(name).lower() not in DAYS:
            from deskhand.config.errors import nearest

            raise ValueError(f"there is no day {str(name)!r}{nearest(str(name).lower(), list(DAYS))}")
    named = {str(name).lower(): _day(text) for name, text in written.items()}
    return tuple(named.get(day, ()) for day in DAYS)


def _day(text: object) -> tuple[tuple[int, int], ...]:
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
