"""The window of one request in minutes, and what is worked out over it: clocks, days, who is taken when.
Each thing is worked out once, however many people share it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from deskhand.agent.slots.intervals.clocks import local_days, offset_at, offsets, on_the_clock
from deskhand.agent.slots.intervals.minutes import DAY, Minutes, ceil_minute, day_number, floor_minute
from deskhand.agent.slots.intervals.spans import Span, Spans, joined, outside, united
from deskhand.agent.slots.model import Availability, Interval, SlotRequest, Week

_MARGIN = 2 * DAY
"""Days are looked at so far beyond the window: the local day of its first minute began before it."""

Kept = TypeVar("Kept")


@dataclass
class Window:
    """The ground that the rules and preferences of one request stand on."""

    within: Span
    """From the earliest moment allowed to the end of the window; backward if nothing is left of it."""
    now: datetime
    notice: timedelta
    _over: dict[Hashable, object] = field(default_factory=dict[Hashable, object], repr=False)
    _minutes: Minutes = field(default_factory=Minutes, repr=False)
    _taken: dict[int, tuple[object, Spans]] = field(
        default_factory=dict[int, "tuple[object, Spans]"], repr=False
    )
    """By identity, which the calendar kept beside it keeps good; hashing a full calendar costs more."""

    @classmethod
    def of(cls, request: SlotRequest, *, now: datetime, notice: timedelta) -> Window:
        """The window, without what is past or too soon. It may be empty."""
        return cls((0, 0), now.astimezone(UTC), notice).over(request)

    def over(self, request: SlotRequest) -> Window:
        """Another window, which shares what does not hang on the window."""
        earliest = ceil_minute(self.now + self.notice)
        within = (max(ceil_minute(request.start), earliest), floor_minute(request.end))
        return Window(within, self.now, self.notice, {}, self._minutes, self._taken)

    def holds(self, minutes: int) -> bool:
        """Whether the window is long enough for a meeting."""
        return self.within[1] - self.within[0] >= minutes

    def segments(self, zone: str) -> list[tuple[int, int, int]]:
        """Offsets of a zone over the window and two days at either side."""
        wide = (self.within[0] - _MARGIN, self.within[1] + _MARGIN)
        return self._once(("segments", zone), lambda: offsets(ZoneInfo(zone), wide))

    def days(self, zone: str) -> list[tuple[int, int, int]]:
        """See `local_days`: those of the window and two at either side."""
        return self._once(("days", zone), lambda: local_days(self.segments(zone)))

    def daily(self, zone: str, spans: Iterable[Span]) -> Spans:
        """These minutes of every day on a zone's clock."""
        kept = tuple(spans)
        return self._once(
            ("daily", zone, kept), lambda: on_the_clock(self.segments(zone), lambda _number, _weekday: kept)
        )

    def weekly(self, zone: str, week: Week) -> Spans:
        """These minutes of every week on a zone's clock."""
        return self._once(
            ("weekly", zone, week),
            lambda: on_the_clock(self.segments(zone), lambda _, weekday: week[weekday]),
        )

    def dates(self, zone: str, dates: Iterable[date]) -> Spans:
        """These days on a zone's clock, as far as they lie in the window."""
        numbers = {day_number(day) for day in dates}
        days = joined((a, b) for a, b, number in self.days(zone) if number in numbers)
        return [(a, b) for a, b in days if a < self.within[1] and b > self.within[0]]

    def hours(self, person: Availability, *, give: int = 0) -> Spans:
        """When a person works, or would with so many minutes more at both ends of the day."""
        week = person.hours
        if week is None:
            return [self.within]
        if give:
            return self.weekly(
                person.zone, tuple(tuple((a - give, b + give) for a, b in day) for day in week)
            )
        # Asked again and again of the same people, so by identity, which the week kept beside it keeps good.
        _, hours = self._once(
            ("hours", person.zone, id(week)), lambda: (week, self.weekly(person.zone, week))
        )
        return hours

    def taken(self, person: Availability) -> Spans:
        """When a person is known to be taken: the busy stretches, in the window and outside."""
        if not person.busy:
            return []
        if id(person.busy) not in self._taken:
            self._taken[id(person.busy)] = (person.busy, self.stretches(person.busy))
        return self._taken[id(person.busy)][1]

    def full_days(self, person: Availability, most: int) -> Spans:
        """The local days on which so many meetings begin already."""
        if most <= 0:
            return [self.within]
        count = self._once(("meetings", id(person.busy), person.zone), lambda: self._meetings(person))
        return joined((a, b) for a, b, number in self.days(person.zone) if count[number] >= most)

    def _meetings(self, person: Availability) -> Counter[int]:
        """How many meetings begin on each local day."""
        segments, low, high = self.segments(person.zone), self.within[0] - _MARGIN, self.within[1] + _MARGIN
        meetings = self._minutes.covered([(i.start, i.end) for i in person.busy or () if i.meeting])
        begin = (start for start, _ in meetings if low <= start < high)
        return Counter((start + offset_at(segments, start)) // DAY for start in begin)

    def lunch(self, person: Availability, span: Span) -> Spans:
        """Lunch of every day, the person's own or else this one."""
        return self.daily(person.zone, [person.lunch or span])

    def known_until(self, person: Availability) -> int:
        """The minute up to which a person's calendar is known; the window's start if not at all."""
        low, high = self.within
        if person.busy is None:
            return low
        return high if person.known_until is None else min(max(floor_minute(person.known_until), low), high)

    def off(self, person: Availability, *, give: int = 0) -> Spans:
        """The rest of the window: when a person does not work."""
        key = ("off", person.zone, person.hours, give)
        return self._once(key, lambda: self.closed(self.hours(person, give=give)))

    def closed(self, open_times: Spans) -> Spans:
        """The rest of the window."""
        return outside(open_times, within=self.within)

    def stretches(self, intervals: Iterable[Interval]) -> Spans:
        """The minutes that these touch, where those that overlap or touch are one."""
        return united(self._minutes.covered([(i.start, i.end) for i in intervals]))

    def _once(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        if key not in self._over:
            self._over[key] = make()
        return cast("Kept", self._over[key])
