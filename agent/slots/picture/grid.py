"""A picture of who is free when, each in one's own local time: the grid, and its form for a terminal.

Pure functions of people, a request (its window, zone and rooms) and proposed slots; drawing.py makes the
same grid an SVG. A column is half an hour of the asker's day. The worst of its minutes counts, so that it
is free only where every minute is known to be. Hours, days off, kept lunches and buffers are in it; what
hangs on a meeting's start (notice, meetings a day) is not.
"""

from __future__ import annotations

import textwrap
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from deskhand.agent.clean import clean
from deskhand.agent.slots.intervals.clocks import offsets, on_the_clock
from deskhand.agent.slots.intervals.minutes import DAY, before, ceil_minute, day_number, floor_minute, moment
from deskhand.agent.slots.intervals.spans import Span, Spans, common, outside, united
from deskhand.agent.slots.model import Availability, Slot, SlotRequest

State = Literal["free", "busy", "unknown", "outside"]
MARKS: dict[State, str] = {"free": ".", "busy": "#", "unknown": "?", "outside": " "}
NUMBERS = "123456789abcdefghijklmnopqrstuvwxyz"
HALF, LABEL = 30, 6
"""Minutes of a column; columns from one clock time above the columns to the next: three hours."""


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    states: tuple[State, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """People of one zone, and the local time at every third hour of the asker's day."""

    zone: str
    clock: tuple[datetime, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    groups: tuple[Group, ...]
    proposed: tuple[int, ...]
    """For each column the number of the slot that touches it, from 1; 0 is none."""

    @property
    def title(self) -> str:
        return f"{self.date:%A} {self.date.day} {self.date:%B %Y}"

    @property
    def empty(self) -> bool:
        """Nothing is proposed on it, and nobody can."""
        return not any(self.proposed) and not any(
            state in ("free", "unknown") for g in self.groups for row in g.rows for state in row.states
        )


def to_lines(
    people: Sequence[Availability], request: SlotRequest, slots: Sequence[Slot] = (), *, width: int = 100
) -> str:
    """Plain text, readable without colour: a line a person, a column per half hour of the asker's day. No
    line is wider than `width` columns of a terminal (at least 72), whatever people are called."""
    width = max(72, width)
    days = grid_days(people, request, slots)
    room = min(32, width - 4 - max((len(day.proposed) for day in days), default=0))
    lines: list[str] = []

    def line(name: str, cells: str) -> None:
        lines.append(f"  {fitted(name, room)}  {cells}".rstrip())

    for day in days:
        lines.append(day.title + (": nobody can" if day.empty else ""))
        for group in () if day.empty else day.groups:
            line(group.zone, "".join(_clock(at, day.date).ljust(LABEL) for at in group.clock))
            for row in group.rows:
                line("  " + row.name, "".join(map(_cell, row.states, day.proposed)))
        if any(day.proposed):
            line("proposed", "".join(_number(n) if n else " " for n in day.proposed))
        lines.append("")
    for words in (
        f". free   {MARKS['busy']} taken   ? not known   1, 2, ... free and proposed   blank: outside hours",
        "A column is half an hour of the asker's day. 00:30> is the next day there, 23:30< the day before.",
    ):
        lines += textwrap.wrap(words, width, drop_whitespace=True)
    for n, slot in enumerate(slots, 1):
        first, *rest = told(slot, people, request)
        lines += ["", f"{_number(n)}  {first}"]
        lines += textwrap.wrap("; ".join(rest), width, initial_indent="   ", subsequent_indent="   ")
    return "\n".join(line if _wide(line) <= width else fitted(line, width) for line in lines) + "\n"


def _cell(state: State, proposed: int) -> str:
    return _number(proposed) if proposed and state == "free" else MARKS[state]


def _number(slot: int) -> str:
    return NUMBERS[min(slot, len(NUMBERS)) - 1]


def grid_days(people: Sequence[Availability], request: SlotRequest, slots: Sequence[Slot]) -> list[Day]:
    """The days of the window by the asker's clock, all cut to the hours in which somebody could."""
    zone = ZoneInfo(request.zone)
    within = ceil_minute(request.start), floor_minute(request.end)
    everybody = [(person, plain(person.called)) for person in people]
    everybody += [(room, f"room {plain(room.called)}") for room in request.rooms]
    states = [_states(person, request, within) for person, _ in everybody]
    taken = [(floor_minute(slot.start), ceil_minute(slot.end)) for slot in slots]
    first, last = (moment(minute, zone).date() for minute in (within[0], max(within[0], within[1] - 1)))
    days = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        starts = range(_midnight(day, zone), _midnight(day + timedelta(days=1), zone), HALF)
        rows = [
            Row(name, tuple(map(look, starts))) for (_, name), look in zip(everybody, states, strict=True)
        ]
        groups = [
            Group(
                there,
                tuple(moment(at, ZoneInfo(there)) for at in starts[::LABEL]),
                tuple(row for row, (who, _) in zip(rows, everybody, strict=True) if who.zone == there),
            )
            for there in dict.fromkeys(who.zone for who, _ in everybody)
        ]
        proposed = (
            next((n for n, (a, b) in enumerate(taken, 1) if a < at + HALF and at < b), 0) for at in starts
        )
        days.append(Day(day, tuple(groups), tuple(proposed)))
    return _cut(days)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return floor_minute(datetime.combine(day, time(), zone))


def _states(person: Availability, request: SlotRequest, within: Span) -> Callable[[int], State]:
    """What a half hour that begins at a minute is to a person. The worst of its minutes counts."""
    segments = offsets(ZoneInfo(person.zone), within)
    off = {day_number(day) for day, _ in person.days_off}
    lunch = person.lunch or request.prefer.lunch_span if person.keep_lunch else (0, 0)

    def day(number: int, weekday: int) -> Spans:
        hours = [(0, DAY)] if person.hours is None else person.hours[weekday]
        return [] if number in off else common(united(hours), outside([lunch], within=(0, DAY)))

    away = outside(on_the_clock(segments, day), within=within)
    busy = united(
        (floor_minute(i.start) - person.buffer, ceil_minute(i.end) + person.buffer)
        for i in person.busy or ()
        if before(i.start, i.end)
    )
    known = within[0] if person.busy is None else within[1]
    if person.busy is not None and person.known_until is not None:
        known = floor_minute(person.known_until)

    def state(at: int) -> State:
        span = at, at + HALF
        if _touches(busy, span):
            return "busy"
        if at < within[0] or span[1] > within[1] or _touches(away, span):
            return "outside"
        return "unknown" if span[1] > known else "free"

    return state


def _touches(spans: Spans, span: Span) -> bool:
    after = bisect_left(spans, (span[1], span[1]))
    return after > 0 and spans[after - 1][1] > span[0]


def _cut(days: list[Day]) -> list[Day]:
    """Leave out the early and late columns in which nobody can on any day, three hours at a time."""
    used = [
        n
        for day in days
        for n, number in enumerate(day.proposed)
        if number or any(row.states[n] in ("free", "unknown") for group in day.groups for row in group.rows)
    ]
    low = min(used, default=0) // LABEL
    high = max(used, default=0) // LABEL + 1
    cells = slice(low * LABEL, high * LABEL)
    return [
        Day(
            day.date,
            tuple(
                Group(g.zone, g.clock[low:high], tuple(Row(r.name, r.states[cells]) for r in g.rows))
                for g in day.groups
            ),
            day.proposed[cells],
        )
        for day in days
    ]


def told(slot: Slot, people: Sequence[Availability], request: SlotRequest) -> list[str]:
    """A slot in words: the asker's time, then everybody else's local one, then who is in doubt."""
    start, end = slot.start.astimezone(UTC), slot.end.astimezone(UTC)
    said = []
    for zone in dict.fromkeys((request.zone, *(p.zone for p in people))):
        here, there = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
        said.append(f"{here:%a} {here.day} {here:%b} {here:%H:%M}-{there:%H:%M} {zone}")
    if slot.room:
        said.append(f"room {plain(slot.room)}")
    if doubtful := [who for who in slot.unconfirmed if who not in slot.absent]:
        said.append(f"not confirmed with {', '.join(map(plain, doubtful))}")
    if slot.absent:
        said.append(f"without {', '.join(map(plain, slot.absent))}")
    return said


def _clock(here: datetime, day: date) -> str:
    # No minus: "22:00-01:00" would be a span.
    sign = "" if here.date() == day else ">" if here.date() > day else "<"
    return f"{here:%H:%M}{sign}"


def plain(text: str) -> str:
    return " ".join(clean(text).split())


def _wide(text: str) -> int:
    """Columns of a terminal: East Asian wide characters take two, accents none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def fitted(text: str, width: int) -> str:
    """Exactly so many columns: filled up, or cut with an ellipsis."""
    if _wide(text) <= width:
        return text + " " * (width - _wide(text))
    while _wide(text) > width - 1:
        text = text[:-1]
    return text + "…" + " " * (width - 1 - _wide(text))
