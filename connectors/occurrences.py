"""When an event happens: its occurrences in a window of time, overrides and exceptions applied.

recurring-ical-events answers the same question (the tests hold us to it), but walks every rule from its
first day and copies components: 1 to 4 ms an event, and a rule that repeats every second or never comes
true does not end. Free time is looked for in thousands of events, some of them sent by strangers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from deskhand.connectors._ical_event import Event, Series, series_of, within
from deskhand.connectors._ical_times import Length
from deskhand.connectors._taken import ANSWERS, answer, away, takes_time, unsure
from deskhand.connectors.model import Item, ItemRef, Participant

__all__ = [
    "ANSWERS",
    "MOST",
    "Occurrence",
    "answer",
    "away",
    "occurrences",
    "takes_time",
    "unsure",
]

MOST = 5_000
"""So many occurrences of one event are told at most; what lies behind them is not known."""

_DAY = timedelta(days=1)
_SHIFT = timedelta(hours=3)
"""More than clocks are ever set on or back: what wall-clock bounds are widened by."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which an event happens."""

    ref: ItemRef
    title: str
    start: datetime
    """Aware; a local midnight of the asked zone when `all_day`."""
    end: datetime
    """Exclusive; equal to `start` for an event without length."""
    all_day: bool
    status: str
    """confirmed, tentative or cancelled. Cancelled ones are there, for whoever wants to show them."""
    transparent: bool
    """It leaves the time free."""
    location: str
    people: tuple[Participant, ...]
    recurrence_id: datetime | None
    """Names this occurrence, as `EventUpdate.occurrence` wants it; None when the event is no series."""
    zone: str
    """IANA name of the zone it repeats in; empty for all-day and floating events."""
    private: bool = False
    """CLASS:PRIVATE or CONFIDENTIAL (RFC 5545 3.8.1.3): it takes time, and what it is stays untold."""
    shown_as: str = ""
    """free, tentative, busy, oof (out of office) or workingelsewhere, where a program said so; else empty."""
    copies: tuple[ItemRef, ...] = ()
    """Every event that tells of it, the one to act upon first, where several of one person's calendars do."""


def occurrences(
    item: Item, *, start: datetime, end: datetime, zone: str, limit: int = MOST
) -> list[Occurrence]:
    """Occurrences that overlap [start, end), by start; at most the first `limit`.

    One without length belongs to the window its start lies in. Floating times are read in `zone` (the
    person's; RFC 5545 3.3.5), all-day events are midnights of it. An endless or hostile rule costs a
    bounded number of steps; what lies beyond them is left out.

    :raises ValueError: naive times, an unknown zone, or an Item whose calendar data no connector made.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("a window needs aware times")
    try:
        local = ZoneInfo(zone)
    except (KeyError, OSError) as e:
        raise ValueError(f"{zone!r} is no time zone") from e
    if item.start is None or start >= end:
        return []
    if not item.data.get("recurring", False):
        single = _single(item, item.start, local)
        return [single] if _overlaps(single.start, single.end, start, end) else []
    # Every place on earth lies within a day of UTC, so this never hides an occurrence.
    if item.start - _DAY >= end and not _may_start_earlier(item):
        return []
    if item.until is not None and item.until + _DAY < start:
        return []
    _, series = series_of(item.data["ics"])
    found = _expand(item.ref, series, start, end, local, limit)
    return sorted(found, key=lambda o: (o.start, o.end, o.recurrence_id or o.start))[:limit]


def _may_start_earlier(item: Item) -> bool:
    ics = item.data["ics"]
    return "RECURRENCE-ID" in ics or "RDATE" in ics


def _single(item: Item, first: datetime, local: tzinfo) -> Occurrence:
    all_day = bool(item.data.get("all_day", False))
    start, end = first, item.end or first
    if all_day or item.data.get("floating", False):
        start, end = (m.astimezone(UTC).replace(tzinfo=local) for m in (start, end))
    elif item.data.get("zone"):
        start, end = (m.astimezone(ZoneInfo(item.data["zone"])) for m in (start, end))
    return Occurrence(
        item.ref,
        item.title,
        start,
        end,
        all_day,
        str(item.data.get("status", "confirmed")),
        bool(item.data.get("transparent", False)),
        str(item.data.get("location", "")),
        item.people,
        None,
        str(item.data.get("zone", "")),
        item.data.get("class", "public") != "public",
        str(item.data.get("shown_as", "")),
    )


def _expand(
    ref: ItemRef, series: Series, start: datetime, end: datetime, local: tzinfo, limit: int
) -> Iterator[Occurrence]:
    overridden: set[datetime] = set()
    excluded: set[datetime] = set()
    days: set[object] = set()
    for override in series.overrides:
        if override.recurrence_id is not None:
            overridden.add(_moment(override.recurrence_id.at(local)))
    for when in series.master.exdates if series.master else ():
        if when.date:
            days.add(when.wall.date())  # Outlook and others leave the time out
        else:
            excluded.add(_moment(when.at(local)))
    for override in series.overrides:
        named = override.recurrence_id
        if named is None or _moment(named.at(local)) in excluded:
            continue
        made = _made(ref, override, override.start.at(local), override.length, named.at(local))
        if _overlaps(made.start, made.end, start, end):
            yield made
    if (master := series.master) is None:
        return
    tz = master.start.tz or local
    later = sorted(
        ((o.recurrence_id.wall, o) for o in series.overrides if o.this_and_future and o.recurrence_id),
        key=lambda pair: pair[0],
    )
    moves = [o.start.wall - wall for wall, o in later]
    longest = max([master.length.span, *(o.length.span for _, o in later)])
    since = _wall(start, tz) - longest - max([timedelta(0), *moves]) - _SHIFT
    stop = _wall(end, tz) - min([timedelta(0), *moves]) + _SHIFT
    for rule in master.exrules:
        last = rule.until_wall(lambda moment: _wall(moment, tz)) or stop
        walk = rule.walk(master.start.wall, since=since)
        excluded |= {_moment(wall.replace(tzinfo=tz)) for wall in within(walk, min(stop, last))}
    lengths = {_moment(when.at(local)): length for when, length in master.rdates if length}
    count = 0
    seen: set[datetime] = set()
    for wall in series.starts(since, stop, local):
        at = wall.replace(tzinfo=tz)
        moment = _moment(at)
        if moment in seen or moment in overridden or moment in excluded or wall.date() in days:
            continue
        seen.add(moment)
        event, first = master, at
        for (from_wall, override), move in zip(later, moves, strict=True):
            if from_wall <= wall:
                event, first = override, (wall + move).replace(tzinfo=override.start.tz or tz)
        made = _made(ref, event, first, lengths.get(moment, event.length), at)
        if _overlaps(made.start, made.end, start, end):
            yield made
            count += 1
            if count >= limit:
                return


def _made(ref: ItemRef, event: Event, start: datetime, length: Length, named: datetime) -> Occurrence:
    return Occurrence(
        ref, event.title, start, length.after(start), event.start.date, event.status, event.transparent,
        event.location, event.people, named, event.start.zone, event.privacy != "public", event.shown_as,
    )  # fmt: skip


def _overlaps(start: datetime, end: datetime, window: datetime, window_end: datetime) -> bool:
    # Compared in UTC: Python compares two times of one zone by the wall clock alone.
    start, end, window, window_end = (_moment(m) for m in (start, end, window, window_end))
    return start < window_end and (end > window or start == end >= window)


def _moment(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _wall(at: datetime, tz: tzinfo) -> datetime:
    return at.astimezone(tz).replace(tzinfo=None)
