"""The words for a meeting's window ("next week, not Friday, mornings"), as what a `SlotRequest` keeps to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import cast

from deskhand.agent.slots.model import Interval, Part
from deskhand.agent.times import Reading, read, slots_between

AHEAD = timedelta(days=14)
"""How far a time is looked for where nobody says until when."""

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PART = re.compile(r"(?:in the |the )?(morning|afternoon|evening)s?", re.I)
_WEEKDAY = re.compile(rf"(?:not |no |except |on )*({'|'.join(_DAYS)})s?", re.I)
_TODAY = re.compile(r"\b(today|tonight|this|tomorrow)\b", re.I)
_FILLERS = frozenset(
    """
    a an and any anytime at avoid best between but by during either except excluding for from I if in is it
    it's lets me meet meeting meetings never no nor not of ok on only or other please possible possibly
    preferably rather some sometime than that the then there time times to us we week weeks when with within
    without works
    """.lower().split()
)  # fmt: skip


class NotUnderstood(Exception):
    """The words cannot be kept to; a sentence."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """When a meeting may be, as it was said."""

    start: datetime
    end: datetime
    within: tuple[Interval, ...] = ()
    avoid: tuple[Interval, ...] = ()
    not_on: frozenset[int] = frozenset()
    parts: frozenset[Part] = frozenset()
    not_parts: frozenset[Part] = frozenset()
    not_before: time | None = None
    not_after: time | None = None
    minutes: int | None = None
    """How long, where it was said."""


def wanted(
    text: str,
    *,
    now: datetime,
    zone: str,
    locale: str,
    start: datetime | None = None,
    end: datetime | None = None,
    minutes: int = 30,
) -> Wanted:
    """Read the words for a window. `start` and `end` bound it; without an end it is two weeks.

    :param minutes: how long the meeting is, where the words do not say.
    :raises NotUnderstood: some of the words are no time, or hang on an event.
    """
    readings = read(text, now=now, zone=zone, locale=locale)
    _all_read(text, readings)
    length = next((r.seconds for r in readings if r.kind == "duration" and r.seconds), None)
    long = max(1, round(length / 60)) if length else None
    said = _Said(now, zone, timedelta(minutes=long or minutes))
    for reading in readings:
        if reading.kind != "duration":
            said.take(reading)
    return said.wanted(start=start, end=end, minutes=long)


class _Said:
    """The readings of one request, sorted by what they mean for it."""

    def __init__(self, now: datetime, zone: str, length: timedelta) -> None:
        self.now, self.zone, self.length = now, zone, length
        self.stretches: list[Interval] = []
        self.days: list[Reading] = []
        self.clocks: list[Reading] = []
        self.ruled_out: list[Reading] = []
        self.avoid: list[Interval] = []
        self.not_on: set[int] = set()
        self.parts: set[Part] = set()
        self.not_parts: set[Part] = set()
        self.low: datetime | None = None
        self.high: datetime | None = None
        self.not_before: time | None = None
        self.not_after: time | None = None

    def take(self, r: Reading) -> None:
        """Sort one reading in, and what it leaves out."""
        for other in r.excludes:
            self._rule_out(other)
        if part := _PART.fullmatch(r.text.strip()):
            found = cast("Part", part[1].lower())
            (self.not_parts if r.negated else self.parts).add(found)
        elif r.negated:
            self._rule_out(r)
        elif r.kind == "recurrence":
            (self.days if r.grain == "day" else self.clocks).append(r)
        elif r.kind == "instant" and r.start:
            self.stretches.append(Interval(r.start, r.start + self.length, name=r.text))
        elif r.kind == "interval":
            self._stretch(r)

    def _rule_out(self, r: Reading) -> None:
        weekday = _WEEKDAY.fullmatch(r.text.strip())
        days = re.fullmatch(r"FREQ=WEEKLY;BYDAY=([A-Z,]+)", r.rrule) if r.grain == "day" else None
        if weekday:
            self.not_on.add(_DAYS.index(weekday[1].lower()))
        elif days:
            self.not_on |= {_CODES.index(code) for code in days[1].split(",")}
        elif r.kind == "recurrence":
            self.ruled_out.append(r)
        elif r.start and (r.end or r.kind == "instant"):
            self.avoid.append(Interval(r.start, r.end or r.start + self.length, name=r.text))
        elif r.start:
            self.high = min(self.high or r.start, r.start)  # not after then
        elif r.end:
            self.low = max(self.low or r.end, r.end)

    def _stretch(self, r: Reading) -> None:
        every_day = r.grain in ("hour", "minute") and not _TODAY.search(r.text)
        first, last = (m if m and every_day and self._next(m) else None for m in (r.start, r.end))
        if r.start and r.end and not (first and last):
            self.stretches.append(Interval(r.start, r.end, name=r.text))
            return
        # "not before 10", "between 2 and 5": of every day, where no day was said.
        if first:
            self.not_before = first.timetz().replace(tzinfo=None)
        elif r.start:
            self.low = max(self.low or r.start, r.start)
        if last:
            self.not_after = last.timetz().replace(tzinfo=None)
        elif r.end:
            self.high = min(self.high or r.end, r.end)

    def _next(self, moment: datetime) -> bool:
        """Whether it is at most a day away: then the clock time alone was said, or may have been."""
        return self.now <= moment < self.now + timedelta(days=1)

    def wanted(self, *, start: datetime | None, end: datetime | None, minutes: int | None) -> Wanted:
        """All of it together. :raises NotUnderstood: it leaves no time."""
        own = [s for s in self.stretches if not any(_inside(o, s) for o in self.stretches)]
        low = max(filter(None, (self.now, start, self.low)))
        ends = [e for e in (end, self.high) if e]
        if own:
            low = max(low, min(s.start for s in own))
            ends.append(max(s.end for s in own))
        high = min(ends, default=low + AHEAD)
        groups = [own] if own else []
        groups += [self._times(g, low, high) for g in (self.days, self.clocks) if g]
        within = groups[0] if groups else []
        for group in groups[1:]:
            within = _common(within, group)
        if groups and not within:
            raise NotUnderstood("What was said leaves no time in that window.")
        if len(groups) == 1 and len(own) == 1:
            within = []  # the window itself
        avoid = [*self.avoid, *self._times(self.ruled_out, low, high)]
        return Wanted(
            low, max(low, high), tuple(within), tuple(avoid), frozenset(self.not_on), frozenset(self.parts),
            frozenset(self.not_parts), self.not_before, self.not_after, minutes,
        )  # fmt: skip

    def _times(self, readings: Iterable[Reading], low: datetime, high: datetime) -> list[Interval]:
        """When recurrences are within a window."""
        made = []
        for r in readings:
            if r.start is None:
                continue
            day = timedelta(days=1)
            length = (r.end - r.start) if r.end else day if r.grain == "day" else self.length
            for at in slots_between(r.rrule, r.start, after=low - day, until=high, zone=self.zone):
                made.append(Interval(at, at + length, name=r.text))
        return sorted(made)


def _all_read(text: str, readings: Sequence[Reading]) -> None:
    for r in readings:
        if r.anchor is not None:
            raise NotUnderstood(f"“{r.text}” hangs on an event; say the time itself.")
        if r.problem:
            raise NotUnderstood(r.problem)
    left = text
    for r in readings:
        left = left[: r.span[0]] + " " * (r.span[1] - r.span[0]) + left[r.span[1] :]
    for words in re.findall(r"[^\s,;.][^,;]*", left):
        strange = [w for w in re.findall(r"[\w'’@.-]+", words) if w.lower().strip(".'’") not in _FILLERS]
        if strange:
            raise NotUnderstood(
                f"“{' '.join(strange)}” is no time that can be read; say it like “next week, mornings”."
            )


def _inside(inner: Interval, outer: Interval) -> bool:
    same = (inner.start, inner.end) == (outer.start, outer.end)
    return not same and outer.start <= inner.start and inner.end <= outer.end


def _common(one: Sequence[Interval], other: Sequence[Interval]) -> list[Interval]:
    both = ((max(a.start, b.start), min(a.end, b.end)) for a in one for b in other)
    return sorted(Interval(low, high) for low, high in both if low < high)
