"""A picture of who is free when, each in one's own local time: a grid for the terminal, and an SVG.

Both are pure functions of people, a request (its window, zone and rooms) and proposed slots. A column is
half an hour of the asker's day. It counts as free only where all of its minutes are known to be free.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from itertools import groupby
from typing import Literal
from zoneinfo import ZoneInfo

from deskhand.agent.render import clean
from deskhand.agent.slots.model import Availability, Slot, SlotRequest
from deskhand.agent.slots.spans import (
    DAY,
    Span,
    Spans,
    before,
    ceil_minute,
    common,
    floor_minute,
    moment,
    offsets,
    on_the_clock,
    outside,
    united,
)

State = Literal["free", "busy", "unknown", "outside"]
MARKS: dict[State, str] = {"free": ".", "busy": "#", "unknown": "?", "outside": " "}
NUMBERS = "123456789abcdefghijklmnopqrstuvwxyz"
HALF, LABEL = 30, 6
"""Minutes of a column; columns from one clock time above the columns to the next: three hours."""


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    states: tuple[State, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """People of one zone, and the local time at every third hour of the asker's day."""

    zone: str
    clock: tuple[str, ...]
    rows: tuple[_Row, ...]


@dataclass(frozen=True, slots=True)
class _Day:
    date: date
    groups: tuple[_Group, ...]
    proposed: tuple[int, ...]
    """For each column the number of the slot that touches it, from 1; 0 is none."""

    @property
    def title(self) -> str:
        return f"{self.date:%A} {self.date.day} {self.date:%B %Y}"

    @property
    def empty(self) -> bool:
        return not any(self.proposed) and not any(
            state != "outside" for group in self.groups for row in group.rows for state in row.states
        )


def grid(
    people: Sequence[Availability], request: SlotRequest, slots: Sequence[Slot] = (), *, width: int = 100
) -> str:
    """Lines of plain text, readable without colour: a line a person, a column per half hour of a day of
    the asker's clock. No line is wider than `width` (at least 72), whatever people are called."""
    days = _days(people, request, slots)
    columns = max((len(day.proposed) for day in days), default=0)
    room = max(10, min(36, max(72, width) - columns - 4))
    lines = []
    for day in days:
        if day.empty:
            lines += [f"{day.title}: nobody can", ""]
            continue
        lines.append(day.title)
        for group in day.groups:
            lines.append(
                f"  {_fit(group.zone, room)}  {''.join(t.ljust(LABEL) for t in group.clock)}".rstrip()
            )
            for row in group.rows:
                cells = (
                    NUMBERS[(number - 1) % len(NUMBERS)] if number and state == "free" else MARKS[state]
                    for state, number in zip(row.states, day.proposed, strict=True)
                )
                lines.append(f"  {_fit('  ' + row.name, room)}  {''.join(cells)}".rstrip())
        if any(day.proposed):
            cells = (NUMBERS[(n - 1) % len(NUMBERS)] if n else " " for n in day.proposed)
            lines.append(f"  {_fit('proposed', room)}  {''.join(cells)}".rstrip())
        lines.append("")
    lines.append(". free   # taken   ? not known   1-9 free and proposed   blank: outside hours")
    lines.append("a column is half an hour; + the next day there, - the day before")
    for number, slot in enumerate(slots):
        lines += [f"{NUMBERS[number % len(NUMBERS)]}  {line}" for line in _told(slot, people, request)[:1]]
        lines += [f"   {line}" for line in _told(slot, people, request)[1:]]
    return "\n".join(line if _wide(line) <= width else _fit(line, width).rstrip() for line in lines) + "\n"


_SIZE, _NAMES, _ROW = 880, 190, 22
_STYLE = """
.availability{--paper:#fff;--ink:#1d2430;--soft:#5b6472;--line:#c3c9d2;--free:#cdeccf;--busy:#5b6472;\
--mark:#0b57d0;font:13px system-ui,-apple-system,"Segoe UI",sans-serif}
@media(prefers-color-scheme:dark){.availability{--paper:#17191d;--ink:#e4e6ea;--soft:#a3aab6;--line:#4a505b;\
--free:#2c5a35;--busy:#8d95a3;--mark:#8fb4ee}}
.availability .paper{fill:var(--paper)}.availability text{fill:var(--ink)}
.availability .soft{fill:var(--soft);font-size:11px}.availability .day{font-weight:600;font-size:14px}
.availability .free{fill:var(--free);stroke:var(--line)}.availability .busy{fill:var(--busy)}
.availability .unknown{fill:none;stroke:var(--soft);stroke-dasharray:3 2}
.availability .outside{fill:var(--line);opacity:.35}
.availability .slot{fill:none;stroke:var(--mark);stroke-width:2.5}
.availability .number{fill:var(--mark);font-weight:700;text-anchor:middle}
.availability .query{text-anchor:middle;fill:var(--soft)}
""".strip()


def svg(
    people: Sequence[Availability], request: SlotRequest, slots: Sequence[Slot] = (), *,
    title: str = "Who is free when",
) -> str:  # fmt: skip
    """The same picture as one SVG: with a title and a description in words, for light and dark pages,
    without scripts and without anything loaded. Told apart by shape as well: taken is solid, free is
    filled and outlined, not known is dashed with a question mark, outside hours is a thin bar."""
    days = _days(people, request, slots)
    columns = max((len(day.proposed) for day in days), default=1)
    step = (_SIZE - _NAMES - 16) / columns
    drawn: list[str] = []
    y = 12
    for day in days:
        y += 22
        drawn.append(_text(12, y, day.title + (": nobody can" if day.empty else ""), "day"))
        y += 6
        title_line = y - 6
        top = y + 18
        for group in () if day.empty else day.groups:
            y += 15
            drawn.append(_text(12, y, group.zone, "soft"))
            drawn += [_text(_NAMES + n * LABEL * step, y, at, "soft") for n, at in enumerate(group.clock)]
            y += 5
            for row in group.rows:
                drawn.append(_text(20, y + 14, _fit(row.name, 22).rstrip()))
                drawn += _bars(row, day, y, step)
                y += _ROW
        drawn += _frames(day, title_line, (top, y), step)
    y += 24
    drawn += _legend(y)
    for number, slot in enumerate(slots, 1):
        for n, line in enumerate(_told(slot, people, request)):
            y += 18
            drawn.append(_text(12, y, f"{number}.", "number-line") if not n else "")
            drawn.append(_text(32, y, line, "soft" if n else ""))
    about = "; ".join(f"{n}. {', '.join(_told(slot, people, request))}" for n, slot in enumerate(slots, 1))
    names = ", ".join(_line(p.called) for p in (*people, *request.rooms))
    described = f"Times of {names} by the half hour. Proposed: {about or 'nothing'}."
    height = y + 16
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="availability" role="img" viewBox="0 0 {_SIZE} {height}"'
            f' width="{_SIZE}" height="{height}" aria-labelledby="availability-title availability-desc">',
            f'<title id="availability-title">{_xml(title)}</title>',
            f'<desc id="availability-desc">{_xml(described)}</desc>',
            f"<style>{_STYLE}</style>",
            f'<rect class="paper" width="{_SIZE}" height="{height}" rx="6"/>',
            *filter(None, drawn),
            "</svg>",
        ]
    ) + "\n"  # fmt: skip


def _bars(row: _Row, day: _Day, y: float, step: float) -> list[str]:
    made, at = [], 0
    for state, cells in groupby(row.states):
        count = len(list(cells))
        x, wide = _NAMES + at * step, count * step
        thin = state == "outside"
        made.append(_box(x + 0.5, y + (9 if thin else 2), wide - 1, 4 if thin else _ROW - 4, state))
        if state == "unknown":
            made.append(_text(x + wide / 2, y + 15, "?", "query"))
        at += count
    return made


def _frames(day: _Day, title: float, rows: tuple[float, float], step: float) -> list[str]:
    """A frame around each proposed slot, over all rows of its day, with its number on the day's line."""
    (top, bottom), made, at = rows, [], 0
    for number, cells in groupby(day.proposed):
        count = len(list(cells))
        if number:
            x, wide = _NAMES + at * step, count * step
            made.append(_box(x, top, wide, bottom - top, "slot"))
            made.append(_text(x + wide / 2, title, str(number), "number"))
        at += count
    return made


def _legend(y: float) -> list[str]:
    made: list[str] = []
    for n, (state, words) in enumerate(
        {"free": "free", "busy": "taken", "unknown": "not known", "outside": "outside hours", "slot": "proposed"}.items()
    ):  # fmt: skip
        x, thin = 12 + n * 150, state == "outside"
        made += [_box(x, y - (6 if thin else 11), 26, 4 if thin else 14, state), _text(x + 34, y, words)]
    return made


def _box(x: float, y: float, wide: float, high: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="2"/>'


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}">{_xml(words)}</text>'


def _days(people: Sequence[Availability], request: SlotRequest, slots: Sequence[Slot]) -> list[_Day]:
    """The days of the window, cut to the hours in which somebody could, the same for every day."""
    zone = ZoneInfo(request.zone)
    within = floor_minute(request.start), ceil_minute(request.end)
    everybody = (*people, *request.rooms)
    states = [_states(person, request, within) for person in everybody]
    taken = [(floor_minute(slot.start), ceil_minute(slot.end)) for slot in slots]
    days = []
    first = request.start.astimezone(zone).date()
    last = (request.end.astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone).date()
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        low, high = (
            floor_minute(datetime.combine(d, time(), zone).astimezone(UTC))
            for d in (day, day + timedelta(days=1))
        )
        starts = range(low, high, HALF)
        rows = [
            _Row(_line(person.called), tuple(look(at) for at in starts))
            for person, look in zip(everybody, states, strict=True)
        ]
        zones = dict.fromkeys(person.zone for person in everybody)
        groups = tuple(
            _Group(
                of,
                tuple(_clock(at, ZoneInfo(of), day) for at in starts[::LABEL]),
                tuple(row for row, person in zip(rows, everybody, strict=True) if person.zone == of),
            )
            for of in zones
        )
        proposed = tuple(
            next((n for n, (a, b) in enumerate(taken, 1) if a < at + HALF and at < b), 0) for at in starts
        )
        days.append(_Day(day, groups, proposed))
    return _cut(days)


def _states(person: Availability, request: SlotRequest, within: Span) -> Callable[[int], State]:
    """What a half hour that begins at a minute is to a person. The worst of its minutes counts."""
    segments = offsets(ZoneInfo(person.zone), within)
    off = {day for day, _ in person.days_off}
    lunch = person.lunch or request.prefer.lunch_span if person.keep_lunch else (0, 0)

    def day(of: date) -> Spans:
        hours = [(0, DAY)] if person.hours is None else person.hours[of.weekday()]
        return [] if of in off else common(united(hours), outside([lunch], within=(0, DAY)))

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


def _cut(days: list[_Day]) -> list[_Day]:
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
        _Day(
            day.date,
            tuple(
                _Group(g.zone, g.clock[low:high], tuple(_Row(r.name, r.states[cells]) for r in g.rows))
                for g in day.groups
            ),
            day.proposed[cells],
        )
        for day in days
    ]


def _told(slot: Slot, people: Sequence[Availability], request: SlotRequest) -> list[str]:
    """A slot in words: the asker's time, then everybody else's local one, then who is in doubt."""
    start, end = slot.start.astimezone(UTC), slot.end.astimezone(UTC)
    told = []
    for zone in dict.fromkeys((request.zone, *(p.zone for p in people))):
        here, there = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
        told.append(f"{here:%a} {here.day} {here:%b} {here:%H:%M}-{there:%H:%M} {zone}")
    if slot.room:
        told.append(f"room {_line(slot.room)}")
    if slot.unconfirmed:
        told.append(f"not confirmed with {', '.join(map(_line, slot.unconfirmed))}")
    if slot.absent:
        told.append(f"without {', '.join(map(_line, slot.absent))}")
    return told


def _clock(minute: int, zone: ZoneInfo, day: date) -> str:
    here = moment(minute, zone)
    sign = "" if here.date() == day else "+" if here.date() > day else "-"
    return f"{here:%H:%M}{sign}"


def _line(text: str) -> str:
    return " ".join(clean(text).split())


def _xml(text: str) -> str:
    return escape(_line(text))


def _wide(text: str) -> int:
    """Columns of a terminal: East Asian wide characters take two, accents none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def _fit(text: str, width: int) -> str:
    """Exactly so many columns: filled up, or cut with an ellipsis."""
    if _wide(text) <= width:
        return text + " " * (width - _wide(text))
    while _wide(text) > width - 1:
        text = text[:-1]
    return text + "…" + " " * (width - 1 - _wide(text))
