"""Find a time for a recurring meeting: one slot that works for every occurrence, or the best one with its
exceptions. Every start in the window is tried with all of its occurrences, so that none is missed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from deskhand.agent.slots.candidates import Times
from deskhand.agent.slots.find import NOTICE, find_slots
from deskhand.agent.slots.intervals.clocks import grid_starts
from deskhand.agent.slots.intervals.minutes import (
    DAY,
    DayOffsets,
    ceil_minute,
    day_number,
    floor_minute,
    moment,
)
from deskhand.agent.slots.intervals.spans import Spans, holding
from deskhand.agent.slots.intervals.window import Window
from deskhand.agent.slots.model import Availability, Conflict, Slot, SlotRequest, each_once
from deskhand.agent.slots.objective.ranking import lengths
from deskhand.agent.slots.phrases import listed
from deskhand.agent.slots.series.model import Missed, Series, SeriesProposal
from deskhand.agent.slots.series.repeats import Repeats

_LONGEST = 23 * 60
"""A longer meeting could run into its own next occurrence on the day the clock goes forward."""
_MARGIN = timedelta(days=9)
"""So far after the last date a time is looked for in its stead: its week, and what zones differ by."""


@dataclass(frozen=True, slots=True)
class _Tried:
    """A start, a length, and what its occurrences come to."""

    exceptions: int
    points: int
    start: int
    minutes: int
    count: int
    """How many occurrences it has."""

    def order(self) -> tuple[int, int, int, int]:
        return self.exceptions, self.points, self.start, -self.minutes


def find_series(
    people: Sequence[Availability],
    request: SlotRequest,
    repeats: Repeats,
    *,
    now: datetime,
    notice: timedelta = NOTICE,
    limit: int = 3,
    most_exceptions: int | None = None,
) -> SeriesProposal:
    """The best times for a recurring meeting, or what stands against it.

    The window of `request`, and its `within`, say where the first occurrence may lie, held or not; all
    other rules hold for each occurrence. Later occurrences keep the wall-clock time in `request.zone`; in
    an hour that comes twice, the first is meant. All have the same length. Ranked by fewest exceptions,
    then the sum of the points, then the earliest, then the longer; each further series begins at a time
    that overlaps the beginning of none before it. `most_exceptions` None allows half of the occurrences.

    A calendar is known up to `known_until`, and without it only to the end of the window: whoever knows more
    says so. An occurrence where a required calendar is not known is held as "not confirmed", at the points
    that costs, or missed if that person must confirm.

    :raises ValueError: as `find_slots`; a meeting of 23 hours or more; occurrences over more than two years.
    """
    if max(request.minutes, request.longest) > _LONGEST:
        raise ValueError("a meeting that is held again and again takes less than 23 hours")
    people = each_once(people)
    tried: list[_Tried] = []
    runs: dict[int, _Run] = {}
    for minutes in lengths(request):
        runs[minutes] = _Run(people, request, repeats, minutes, now=now, notice=notice)
        tried += runs[minutes].tried()
    tried.sort(key=_Tried.order)
    held = [one for one in tried if one.exceptions < one.count]
    fit = [one for one in held if one.exceptions <= _allowed(one.count, most_exceptions)]
    if fit:
        best = tuple(runs[one.minutes].series(one) for one in _apart(fit, limit))
        return SeriesProposal(best, possible=len(fit))
    nearest = tuple(runs[one.minutes].series(one) for one in _apart(held, limit))
    conflict = _conflict(people, request, repeats, nearest, most_exceptions, now=now, notice=notice)
    return SeriesProposal(conflict=conflict, nearest=nearest)


class _Run:
    """All occurrences of one length."""

    def __init__(
        self,
        people: Sequence[Availability],
        request: SlotRequest,
        repeats: Repeats,
        minutes: int,
        *,
        now: datetime,
        notice: timedelta,
    ) -> None:
        self.request, self.repeats, self.minutes = request, repeats, minutes
        self.zone = ZoneInfo(request.zone)
        self.offsets = DayOffsets(self.zone)
        self.dates = self._dates()
        last = max((dates[-1][0] for dates in self.dates.values()), default=date.min)
        end = request.end.astimezone(UTC)
        if self.dates:
            end = max(end, datetime.combine(last, time(0), UTC) + _MARGIN)
        whole = replace(
            request, minutes=minutes, longest=0, within=(), end=end,
            rooms=tuple(_as_known(request.rooms, request)), prefer=replace(request.prefer, later=0),
        )  # fmt: skip
        self.window = Window.of(whole, now=now, notice=notice)
        self.low = self.window.within[0]
        self.times = Times(_as_known(people, request), whole, self.window, longest=request.longest)
        self.shorter = request.prefer.shorter * (request.longest - minutes) if request.longest else 0

    def _dates(self) -> dict[date, list[tuple[date, bool]]]:
        """The dates of each series, by the date of its first occurrence."""
        day, end = (m.astimezone(self.zone).date() for m in (self.request.start, self.request.end))
        made: dict[date, list[tuple[date, bool]]] = {}
        while day <= end:
            if self.repeats.begins_on(day):
                made[day] = self.repeats.dates(day)
            day += timedelta(days=1)
        return made

    def tried(self) -> Iterator[_Tried]:
        """Every start in the window with what its series comes to."""
        prefer, known = self.request.prefer, self.times.scored
        for start in self._starts():
            begins = moment(start, self.zone)
            dates = self.dates.get(begins.date())
            if begins.fold or dates is None or not (dates := self.repeats.lasting(dates, begins.time())):
                continue
            at = self._at(dates, begins.time())
            held = [known[minute].points for minute, exists, _ in at if exists and minute in known]
            points = sum(held) + self.shorter * len(held) + prefer.later * ((start - self.low) // 60)
            yield _Tried(len(dates) - len(held), points, start, self.minutes, len(dates))

    def _starts(self) -> Iterator[int]:
        low, high = self.low, floor_minute(self.request.end)
        segments = self.window.segments(self.request.zone)
        spans: Spans = [(low, high)]
        if self.request.within:
            # Each by itself: a meeting lies in a single one, even where two touch.
            spans = sorted(
                (max(low, ceil_minute(i.start)), min(high, floor_minute(i.end))) for i in self.request.within
            )
        seen: set[int] = set()
        for span in spans:
            seen.update(grid_starts(holding([span], self.minutes), segments, grid=self.request.grid))
        yield from sorted(seen)

    def _at(self, dates: Sequence[tuple[date, bool]], clock: time) -> Iterator[tuple[int, bool, bool]]:
        """The minute of each occurrence, whether it exists, and whether its date does."""
        wall = clock.hour * 60 + clock.minute
        for day, exists in dates:
            number = day_number(day)
            if (offset := self.offsets[number]) is not None:
                yield number * DAY + wall - offset, exists, exists
                continue
            local = datetime.combine(day, clock, self.zone)
            minute = floor_minute(local)
            skipped = exists and moment(minute, self.zone).replace(tzinfo=None) != local.replace(tzinfo=None)
            yield minute, exists and not skipped, exists

    def series(self, one: _Tried) -> Series:
        """A series in words, with a time for each exception if there is one."""
        first = moment(one.start, self.zone)
        clock = first.time()
        dates = self.repeats.lasting(self.dates[first.date()], clock)
        at = list(self._at(dates, clock))
        held = {m for m, exists, _ in at if exists and m in self.times.scored}
        taken = sorted(held)
        missed: list[Missed] = []
        for (day, _), (minute, exists, is_date) in zip(dates, at, strict=True):
            if minute in held and exists:
                continue
            blockers = self._blockers(minute, day, clock, first, exists=exists, is_date=is_date)
            near = self._nearest(minute, day, taken)
            if near is not None:
                taken.append(near)
            slot = None if near is None else self._slot(near)
            start = moment(minute, self.zone)
            missed.append(
                Missed(start, f"{start:%a} {start.day} {start:%b}: {listed(blockers)}", blockers, slot)
            )
        slots = tuple(self._slot(m) for m in sorted(held))
        ends = self._until(at) if self.repeats.ends is None else self.repeats.ends
        rule = self.repeats.rule(first.date()) + (f";{ends}" if ends else "")
        return Series(slots, tuple(missed), one.points, rule, first, self._why(slots, missed))

    def _until(self, at: Sequence[tuple[int, bool, bool]]) -> str:
        """COUNT where all occurrences exist; else UNTIL, since the RFC does not count those that do not."""
        if all(exists for _, exists, _ in at):
            return f"COUNT={len(at)}"
        last = max(minute for minute, exists, _ in at if exists)
        return f"UNTIL={moment(last, ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}"

    def _slot(self, minute: int) -> Slot:
        slot = self.times.slot(minute)
        return replace(slot, points=slot.points + self.shorter)

    def _blockers(
        self, minute: int, day: date, clock: time, first: datetime, *, exists: bool, is_date: bool
    ) -> tuple[str, ...]:
        if exists:
            return self.times.broken(minute)
        if is_date:
            return (f"{clock:%H:%M} does not exist on {day.day} {day:%B}, when the clock goes forward",)
        what = (
            f"{first.day}{'st' if first.day == 31 else 'th'}"
            if self.repeats.monthly == "day"
            else f"fifth {first:%A}"
        )
        return (f"{day:%B} has no {what}",)

    def _nearest(self, minute: int, day: date, taken: Sequence[int]) -> int | None:
        monday = day - timedelta(days=day.weekday())
        for since, until in ((day, day + timedelta(days=1)), (monday, monday + timedelta(days=7))):
            low, high = (floor_minute(datetime.combine(d, time(0), self.zone)) for d in (since, until))
            free = [
                m
                for m in range(max(low, self.low), high)
                if m in self.times.scored and all(abs(m - other) >= self.minutes for other in taken)
            ]
            if free:
                return min(free, key=lambda m: (abs(m - minute), m))
        return None

    def _why(self, slots: Sequence[Slot], missed: Sequence[Missed]) -> str:
        count = len(slots) + len(missed)
        facts = [f"all {count} times fit" if not missed else f"{len(slots)} of {count} times fit"]
        for name, times in Counter(name for slot in slots for name in slot.unconfirmed).items():
            facts.append(f"not confirmed with {name} {_times(times)}")
        for name, times in Counter(name for slot in slots for name in slot.absent).items():
            facts.append(f"without {name} {_times(times)}")
        facts += [one.why for one in missed]
        return "; ".join(facts)


def _apart(tried: Sequence[_Tried], limit: int) -> list[_Tried]:
    chosen: list[_Tried] = []
    for one in tried:
        if len(chosen) >= limit:
            break
        if all(one.start + one.minutes <= c.start or c.start + c.minutes <= one.start for c in chosen):
            chosen.append(one)
    return chosen


def _as_known(people: Sequence[Availability], request: SlotRequest) -> list[Availability]:
    # What is known of the window asked about says nothing of the time after it.
    return [replace(p, known_until=p.known_until or request.end) for p in people]


def _conflict(
    people: Sequence[Availability],
    request: SlotRequest,
    repeats: Repeats,
    nearest: Sequence[Series],
    most_exceptions: int | None,
    *,
    now: datetime,
    notice: timedelta,
) -> Conflict:
    if not nearest:
        others = frozenset(range(7)) - repeats.weekdays if repeats.weekdays else frozenset()
        first = replace(request, not_on=request.not_on | others)
        single = find_slots(people, first, now=now, notice=notice).conflict
        return single or Conflict("No day in the time asked for is one on which such a series may begin.")
    best = nearest[0]
    count = len(best.slots) + len(best.missed)
    allowed = _allowed(count, most_exceptions)
    counted = Counter(name for one in best.missed for name in one.blockers)
    blockers = tuple(name for name, _ in counted.most_common())
    shown = [f"{name} ({_times(counted[name])})" for name in blockers[:4]]
    exceptions = "without exception" if not allowed else f"with at most {allowed} exceptions"
    message = (
        f"No time fits all {count} occurrences {exceptions}. The nearest, {best.first:%A} "
        f"{best.first.day} {best.first:%B} {best.first:%H:%M}, misses {len(best.missed)}: "
        f"what stands in the way is {listed(shown)}."
    )
    number = len(best.missed)
    accepted = f"if {number} {'exception is' if number == 1 else 'exceptions are'} accepted"
    slots = tuple(replace(s.slots[0], why=f"{accepted}; {s.slots[0].why}") for s in nearest[:1])
    return Conflict(message, blockers, slots)


def _allowed(count: int, most: int | None) -> int:
    return count // 2 if most is None else most


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
