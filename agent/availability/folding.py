"""What all the times of one text leave together for a meeting: the one place where that is decided."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta, tzinfo
from typing import Any, cast
from zoneinfo import ZoneInfo

from deskhand.agent.slots.model import Interval, Part
from deskhand.agent.times import Anchor, Reading, read, slots_between, zone_of

AHEAD = timedelta(days=14)
"""How far a time is looked for where nobody says until when."""

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PART = re.compile(r"(?:in the |the )?(morning|afternoon|evening)s?", re.I)
_WEEKDAY = re.compile(rf"(?:not |no |except |on )*({'|'.join(_DAYS)})s?", re.I)
_DATED = re.compile(
    r"\b(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?|"
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)|"
    r"to(?:day|night|morrow)|yesterday|this|next|last|now|weeks?(?:end|ends|days?)?|months?|years?|days|hours?|"
    r"minutes?|\d+(?:st|nd|rd|th)|\d{4})\b|\d[/-]\d|\d\.\d+\.",
    re.I,
)
_OFTEN = re.compile(r"\b(?:every|each|daily|weekly|monthly|yearly)\b", re.I)
_OR = re.compile(r"\s*(?:,|/|&|\bor\b|\band\b|,\s*or\b)\s*(?:maybe\s+|else\s+)?(?:(?:on|in|the)\s+)*", re.I)
_WEEKDAY_IN = re.compile(r"\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b", re.I)
_AROUND = ("week", "month", "year")
_AROUND_MINUTES = timedelta(minutes=30)
Event = Callable[..., Interval]
"""When the event is that these words name. :raises NotUnderstood: there is none, or there are several."""


Clocks = tuple[time | None, time | None]
"""From when to when, of every day; None: open."""


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
    also: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The other limits and likes, as `slots.find` has them."""

    @property
    def any_hour(self) -> bool:
        """Whether both ends of the clock were said, or the evening: working hours rule nothing out then."""
        return None not in (self.not_before, self.not_after) or "evening" in self.parts


def fold(
    text: str,
    readings: Sequence[Reading],
    *,
    now: datetime,
    zone: str,
    start: datetime | None = None,
    end: datetime | None = None,
    minutes: int = 30,
    event: Event | None = None,
    at: Sequence[Interval] = (),
) -> Wanted:
    """What all the times of a text leave together, the one place where that is decided.

    Days joined by "or" are choices, a day narrows its week, and what is said without a day ("mornings",
    "between 2 and 5") is of every day. Lengths are passed over; every other reading is kept to.

    `at`: exact times that were said of events ("an hour before the review").

    :raises NotUnderstood: together they leave no time, or nobody knows the event they hang on.
    """
    said = _Said(text, now, zone, timedelta(minutes=minutes), event)
    for reading in readings:
        if reading.kind != "duration":
            said.take(reading)
    said.stretches += at
    return said.wanted(start=start, end=end)


def joined(text: str, one: Reading, other: Reading) -> bool:
    """Whether two times are choices beside one another: "Tuesday or Thursday"."""
    return _OR.fullmatch(text, one.span[1], other.span[0]) is not None


def every_day(reading: Reading) -> bool:
    """Whether a time of day was said, and no day: "mornings", "after 3", "in the late afternoon"."""
    if reading.anchor is not None or _DATED.search(reading.text) or _OFTEN.search(reading.text):
        return False
    if reading.kind == "recurrence":
        return reading.rrule == "FREQ=DAILY" and reading.grain == "part"
    return reading.kind in ("instant", "interval") and reading.grain in ("part", "hour", "minute")


def _meant(reading: Reading, on: Anchor) -> Anchor:
    """The side of an event that is meant: "not before the review" is after it.

    :raises NotUnderstood: what is ruled out, or how far from the event, cannot be kept to.
    """
    far = on.days or on.months or on.working
    if far or (reading.negated and (on.seconds or on.relation not in ("before", "after"))):
        raise NotUnderstood(f"“{reading.text}” cannot be kept to yet; say the days or times themselves.")
    if not reading.negated:
        return on
    return replace(on, relation="after" if on.relation == "before" else "before")


class _Said:
    """The readings of one request, sorted by what they mean for it."""

    def __init__(self, text: str, now: datetime, zone: str, length: timedelta, event: Event | None) -> None:
        self.text, self.now, self.zone, self.length, self.event = text, now, zone, length, event
        self.stretches: list[Interval] = []
        self.around: list[Interval] = []
        self.ends: list[Reading] = []
        self.days: list[Reading] = []
        self.clocks: list[Reading] = []
        self.hours: list[list[Reading]] = []
        self.ruled_out: list[Reading] = []
        self.avoid: list[Interval] = []
        self.never: list[tuple[Clocks, tzinfo]] = []
        self.not_on: set[int] = set()
        self.parts: set[Part] = set()
        self.not_parts: set[Part] = set()
        self.low: datetime | None = None
        self.high: datetime | None = None
        self.before: Reading | None = None

    def take(self, r: Reading) -> None:
        """Sort one reading in, and what it leaves out."""
        before, self.before = self.before, r
        for other in r.excludes:
            self._rule_out(other)
        if r.anchor is not None:
            self._hang(_meant(r, r.anchor), r.text)
        elif r.negated and "," in r.text and (rest := self._after_comma(r)):
            self.take(replace(r, text=r.text.partition(",")[0]))
            self.hours.append([rest])  # "not Monday, in the afternoon": that is when it shall be
        elif r.negated:
            self._rule_out(r)
        elif every_day(r):
            last = self.hours[-1] if self.hours else []
            if before is not None and before in last and joined(self.text, before, r):
                last.append(r)
            else:
                self.hours.append([r])
        elif r.kind == "recurrence":
            (self.days if r.grain == "day" else self.clocks).append(r)
        elif r.kind == "instant" and r.start:
            if before is not None and before.grain == "day" and joined(self.text, before, r):
                # "Monday, Tuesday or Thursday at 3": at three on each
                each = [datetime.combine(s.start.date(), r.start.timetz()) for s in self.stretches]
                self.stretches = [Interval(at, at + self.length, name=r.text) for at in each]
            self.stretches.append(Interval(r.start, r.start + self.length, name=r.text))
        elif r.kind == "interval" and r.start and r.end:
            these = self.around if r.grain in _AROUND else self.stretches
            later = r.grain == "week" and r.text.lower().startswith("later ")  # its second half
            first = max(r.start, r.end - timedelta(days=4)) if later else r.start
            these.append(Interval(first, r.end, name=r.text))
        elif r.kind == "interval":
            self.ends.append(r)

    def _after_comma(self, r: Reading) -> Reading | None:
        words = r.text.partition(",")[2]
        found = read(words, now=self.now, zone=self.zone)
        return found[0] if len(found) == 1 and every_day(found[0]) and not found[0].negated else None

    def _hang(self, on: Anchor, text: str) -> None:
        """A time relative to an event: beside it, in it, or anywhere on that side of it."""
        event, gap = self._find(on.words), timedelta(seconds=on.seconds)
        low, high = event.end + gap, event.start - gap
        if on.relation == "during":
            self.stretches.append(Interval(event.start, event.end, name=text))
        elif on.relation == "between":
            other = self._find(on.other)
            first, then = sorted((event, other))
            self.stretches.append(Interval(first.end, max(then.start, first.end), name=text))
        elif on.relation == "before" and gap:
            self.stretches.append(Interval(high, high + self.length, name=text))
        elif on.relation == "after" and gap:
            self.stretches.append(Interval(low, low + self.length, name=text))
        elif on.relation == "before":
            self.high = min(self.high or high, high)
        else:
            self.low = max(self.low or low, low)

    def _find(self, words: str) -> Interval:
        if self.event is None:
            raise NotUnderstood(f"“{words}” is an event; say the time itself.")
        return self.event(words)

    def _rule_out(self, r: Reading) -> None:
        weekday = _WEEKDAY.fullmatch(r.text.strip())
        if part := _PART.fullmatch(r.text.strip()):
            self.not_parts.add(cast("Part", part[1].lower()))
            return
        if every_day(r) and r.kind == "interval" and (r.start is None) == (r.end is None):
            self.never.append((self._clocks_of(r), self._clock(r)))
            return
        if every_day(r) and r.kind == "interval":  # "not after 4" leaves what is before it
            start, end = self._clocks_of(r)
            self.never.append(((start or time(0), end or time(23, 59)), self._clock(r)))
            return
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

    def _clock(self, r: Reading) -> tzinfo:
        """Whose clock a time of day is of."""
        return zone_of(r.zone) if r.zone else ZoneInfo(self.zone)

    def _clocks_of(self, r: Reading) -> Clocks:
        tz = self._clock(r)
        if r.kind == "instant" and r.start:
            near = (
                _AROUND_MINUTES
                if re.match(r"\W*(?:at )?(?:around|about|circa|roughly)\b", r.text, re.I)
                else None
            )
            start, end = r.start, r.start + self.length
            start, end = (start - near, end + near) if near else (start, end)
        else:
            start, end = r.start, r.end  # type: ignore[assignment]
        one, two = (m.astimezone(tz).time().replace(microsecond=0) if m else None for m in (start, end))
        return one, two

    def wanted(self, *, start: datetime | None, end: datetime | None) -> Wanted:
        """All of it together. :raises NotUnderstood: it leaves no time."""
        low, high, own = self._days(start, end)
        groups = [own] if own else []
        groups += [self._times(g, low, high) for g in (self.days, self.clocks) if g]
        not_before, not_after = None, None
        for hours in self.hours:
            named = [_PART.fullmatch(r.text.strip()) for r in hours]
            clocks = [self._clocks_of(r) for r in hours]
            if any(r.zone for r in hours):  # "not before 9 in Tokyo" is of the days there
                groups.append(
                    sorted(
                        i for r in hours for i in self._daily(self._clocks_of(r), low, high, self._clock(r))
                    )
                )
            elif all(named) and not self.parts:
                self.parts |= {cast("Part", m[1].lower()) for m in named if m}
            elif len(clocks) == 1:
                first, last = clocks[0]
                not_before = max(filter(None, (not_before, first)), default=None)
                not_after = min(filter(None, (not_after, last)), default=None)
            else:
                own_clock = ZoneInfo(self.zone)
                groups.append(sorted(i for c in clocks for i in self._daily(c, low, high, own_clock)))
        if not_before and not_after and not_before >= not_after:
            raise NotUnderstood(
                f"No time is both after {not_before:%H:%M} and before {not_after:%H:%M}; say which is meant."
            )
        within = groups[0] if groups else []
        for group in groups[1:]:
            within = _common(within, group)
        if groups and not within:
            raise NotUnderstood("What was said leaves no time in that window.")
        if len(groups) == 1 and len(own) == 1:
            within = []  # the window itself
        avoid = [*self.avoid, *self._times(self.ruled_out, low, high)]
        avoid += [i for c, tz in self.never for i in self._daily(c, low, high, tz)]
        return Wanted(
            low, max(low, high), tuple(within), tuple(avoid), frozenset(self.not_on), frozenset(self.parts),
            frozenset(self.not_parts), not_before, not_after,
        )  # fmt: skip

    def _days(
        self, start: datetime | None, end: datetime | None
    ) -> tuple[datetime, datetime, list[Interval]]:
        """The window, and the stretches of it that were said, if there are several."""
        own = list(self.stretches)
        for week in self.around:
            own = [found for s in own if (found := _moved_into(s, week)) is not None] if own else own
            if self.stretches and not own:
                named = " and ".join(f"“{s.name}”" for s in (week, *self.stretches))
                raise NotUnderstood(f"{named} do not fit together; say which is meant.")
        own = [s for s in own if not any(_inside(o, s) for o in own)]
        own = own or [w for w in self.around if not any(_inside(o, w) for o in self.around)]
        lows, ends = [d for d in (self.now, start, self.low) if d], [d for d in (end, self.high) if d]
        first = min((s.start for s in own), default=self.now)
        for r in self.ends:
            edge = r.start or r.end
            while edge and self.around and edge <= first and _WEEKDAY_IN.search(r.text):
                edge += timedelta(days=7)
            if edge:
                (lows if r.start else ends).append(edge)
        low = max(lows)
        if own:
            low = max(low, first)
            ends.append(max(s.end for s in own))
        return low, min(ends, default=low + AHEAD), own

    def _daily(self, clocks: Clocks, low: datetime, high: datetime, tz: tzinfo) -> list[Interval]:
        """The same hours of every day of a window, by one clock."""
        made = []
        first, last = clocks[0] or time(0), clocks[1]
        overnight = last is not None and last <= first
        day = low.astimezone(tz).date() - timedelta(days=1 if overnight else 0)
        while day <= high.astimezone(tz).date():
            over = day if last and last > first else day + timedelta(days=1)
            end = datetime.combine(over, last or time(0), tz)
            made.append(Interval(datetime.combine(day, first, tz), end, name=f"{first:%H:%M} to {end:%H:%M}"))
            day += timedelta(days=1)
        return made

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


def _inside(inner: Interval, outer: Interval) -> bool:
    same = (inner.start, inner.end) == (outer.start, outer.end)
    return not same and outer.start <= inner.start and inner.end <= outer.end


def _moved_into(day: Interval, week: Interval) -> Interval | None:
    """A weekday as the one of that week; None: it is not in it."""
    length = day.end - day.start
    plain = _WEEKDAY_IN.search(day.name) and not re.search(r"\b(?:this|next|last)\b", day.name, re.I)
    for weeks in range(6 if plain else 1):
        start = day.start + timedelta(days=7 * weeks)
        if start < week.end and start + length > week.start:
            return replace(day, start=max(start, week.start), end=min(start + length, week.end))
    return None


def _common(one: Sequence[Interval], other: Sequence[Interval]) -> list[Interval]:
    both = ((max(a.start, b.start), min(a.end, b.end)) for a in one for b in other)
    return sorted(Interval(low, high) for low, high in both if low < high)
