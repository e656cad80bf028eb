"""On which dates a recurring meeting is held: the rules of RFC 5545 that people arrange meetings by."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

_BY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Repeats:
    """How often a meeting is held, in the terms of RFC 5545, 3.3.10. Weeks begin on Monday.

    Every later occurrence has the wall-clock time of the first. A month that has no such date (the 31st,
    the fifth Tuesday) counts as an occurrence which cannot be held, where the RFC passes over it in
    silence: "six times, monthly on the 31st" means half a year to whoever says it.
    """

    frequency: Literal["DAILY", "WEEKLY", "MONTHLY"]
    count: int
    """How many occurrences, the first included."""
    interval: int = 1
    """Every so many days, weeks or months."""
    weekdays: frozenset[int] = frozenset()
    """DAILY: only on these. WEEKLY: on each of these; empty: on that of the first. MONTHLY: the first is on
    one of these. Monday is 0."""
    monthly: Literal["day", "weekday", "last weekday"] = "day"
    """MONTHLY: on the same day of the month, the same nth weekday, or the last such weekday of the month."""
    only: int = 0
    """MONTHLY: it begins only on this day of the month, or on this nth weekday (1 to 5); 0: on any."""
    until: datetime | None = None
    """Nothing is held after it, on the wall clock (so without a zone), however many `count` is."""
    ends: str | None = None
    """How its RRULE ends where `count` is not all of it: "COUNT=52", "UNTIL=...", "" if it never does."""

    without: frozenset[date] = frozenset()
    """On these dates it is not held (EXDATE): they count as occurrences, and are neither held nor missed."""

    def __post_init__(self) -> None:
        if self.count < 1 or self.interval < 1:
            raise ValueError("a series has at least one occurrence and an interval of at least one")
        if not self.weekdays <= set(range(_WEEK)):
            raise ValueError("weekdays are numbers from 0, Monday, to 6")
        if self.until is not None and self.until.tzinfo is not None:
            raise ValueError("the end of a series is a time on the wall clock")

    def begins_on(self, first: date) -> bool:
        """Whether a series may have its first occurrence on this date."""
        if first in self.without:
            return False
        if self.weekdays and first.weekday() not in self.weekdays:
            return False
        if self.frequency == "MONTHLY" and self.only and self.monthly != "last weekday":
            return self.only == (first.day if self.monthly == "day" else (first.day - 1) // _WEEK + 1)
        if self.frequency == "MONTHLY" and self.monthly == "last weekday":
            return first.day + _WEEK > monthrange(first.year, first.month)[1]
        return True

    def dates(self, first: date) -> list[tuple[date, bool]]:
        """The dates of all occurrences but those `without` and whether they exist; for one that does not, the
        last day (or the last such weekday) of its month. `first` is a date on which the series may begin."""
        every = {"DAILY": self._daily, "WEEKLY": self._weekly, "MONTHLY": self._monthly}[self.frequency]
        dates = every(first)
        found = (next(dates) for _ in range(self.count))
        return [(day, exists) for day, exists in found if not exists or day not in self.without]

    def lasting(self, dates: list[tuple[date, bool]], clock: time) -> list[tuple[date, bool]]:
        """Of such dates those on which it is still held at this time of day."""
        if self.until is None:
            return dates
        return [one for one in dates if datetime.combine(one[0], clock) <= self.until]

    def rule(self, first: date) -> str:
        """The RRULE of a series that begins on this date, without its end."""
        parts = [f"FREQ={self.frequency}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.frequency == "MONTHLY":
            nth = {"weekday": str((first.day - 1) // _WEEK + 1), "last weekday": "-1"}.get(self.monthly)
            parts.append(f"BYDAY={nth}{_BY[first.weekday()]}" if nth else f"BYMONTHDAY={first.day}")
        elif self.weekdays:
            parts.append(f"BYDAY={','.join(_BY[d] for d in sorted(self.weekdays))}")
        return ";".join(parts)

    def _daily(self, first: date) -> Iterator[tuple[date, bool]]:
        # Ends: the weekdays come round, and the first date is on one of them.
        day = first
        while True:
            if not self.weekdays or day.weekday() in self.weekdays:
                yield day, True
            day += timedelta(days=self.interval)

    def _weekly(self, first: date) -> Iterator[tuple[date, bool]]:
        monday = first - timedelta(days=first.weekday())
        while True:
            for weekday in sorted(self.weekdays or {first.weekday()}):
                day = monday + timedelta(days=weekday)
                if day >= first:
                    yield day, True
            monday += timedelta(weeks=self.interval)

    def _monthly(self, first: date) -> Iterator[tuple[date, bool]]:
        month = first.year * 12 + first.month - 1
        while True:
            year, last = month // 12, monthrange(month // 12, month % 12 + 1)[1]
            if self.monthly == "day":
                day = first.day
            else:
                end = date(year, month % 12 + 1, last)
                greatest = last - (end.weekday() - first.weekday()) % _WEEK
                least = (greatest - 1) % _WEEK + 1
                nth = least + (first.day - 1) // _WEEK * _WEEK
                day = greatest if self.monthly == "last weekday" else nth
                last = greatest
            yield date(year, month % 12 + 1, min(day, last)), day <= last
            month += self.interval
