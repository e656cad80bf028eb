"""What the calendar actions share: occurrences there are, and how one is told."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from deskhand.agent.actions import CannotDo, Context
from deskhand.agent.availability.diaries import blind, diaries, taken, there
from deskhand.agent.slots import Availability
from deskhand.agent.wording.writes import span
from deskhand.connectors.model import Item
from deskhand.connectors.occurrences import Occurrence, occurrences

__all__ = [
    "blind", "lies", "mark", "me", "meant", "on_the_clock", "replying", "taken", "theirs", "there", "when",
]  # fmt: skip

_FAR = timedelta(days=400)
"""How far from its own day an occurrence that was moved is looked for."""
_AHEAD = timedelta(days=90)
"""How far the times of a series that moves are looked at."""
_PLAIN = re.compile(r"[^\w &'/.-]+")


def mark(occurrence: Occurrence) -> str:
    """Names one occurrence as it lies: one that was moved has another mark."""
    return f"{occurrence.ref} {occurrence.start.astimezone(UTC):%Y-%m-%dT%H:%M}"


def replying(context: Context, start: datetime, end: datetime) -> str:
    """That an account of the owner's answers by itself at a time in [start, end), in a sentence; or ""."""
    said = [a.said(context.owner.zone, context.now) for a in context.owner.away if a.within(start, end)]
    return " ".join(dict.fromkeys(filter(None, said)))


def lies(context: Context, item: Item | None, one: datetime | None) -> tuple[datetime, datetime] | None:
    """When an event takes place by now, or one occurrence of a series, also where that was moved by itself.

    None where it does not take place, and for a whole series: its first one was long ago, and says little.
    """
    if item is None or item.start is None or item.end is None:
        return None
    if one is None:
        return None if item.data.get("rrule") else (item.start, item.end)
    low, high = min(one, context.now) - _FAR, max(one, context.now) + _FAR
    around = occurrences(item, start=low, end=high, zone=context.owner.zone)
    found = next((o for o in around if o.recurrence_id == one and o.status != "cancelled"), None)
    if found is None and not item.data.get("recurring"):
        return item.start, item.end
    return (found.start, found.end) if found else None


def moved_times(
    context: Context, item: Item, start: datetime, end: datetime, *, since: datetime | None = None
) -> list[tuple[datetime, datetime]]:
    """When the occurrences of the next 90 days of a series take place, once it begins at another time.

    Each moves by as much of the owner's clock as the first one; one that was moved by itself moves likewise.

    :param start: when its first occurrence is to begin; with `since`, the one of that name.
    """
    if item.start is None:
        return []
    tz = context.owner.tz
    old = (since or item.start).astimezone(tz).replace(tzinfo=None)
    by = start.astimezone(tz).replace(tzinfo=None) - old
    found = occurrences(item, start=context.now, end=context.now + _AHEAD, zone=context.owner.zone)
    held = [
        o for o in found if o.status != "cancelled" and (o.recurrence_id or o.start) >= (since or o.start)
    ]
    starts = [(o.start.astimezone(tz).replace(tzinfo=None) + by).replace(tzinfo=tz) for o in held]
    return [(one, one + (end - start)) for one in starts]


def me(
    context: Context, start: datetime, end: datetime, *, any_hour: bool = False, exact: bool = False
) -> Availability:
    """When the owner is free; see `diaries` for `any_hour` and `exact`. Unknown where a calendar of hers
    cannot be read."""
    return diaries(context, [], start, end, any_hour=any_hour, exact=exact)[0].who


def theirs(
    context: Context, name: str, address: str, start: datetime, end: datetime, *, exact: bool = False
) -> list[Availability]:
    """What is known of somebody else. A `name` that the settings or the directory know better is theirs."""
    known = [d.who for d in diaries(context, [address], start, end, exact=exact)[1:]]
    return [replace(a, name=name) if a.name == address else a for a in known]


def when(context: Context, start: datetime, end: datetime) -> str:
    """`Tue 1 Dec, 10:00–10:45`, on the owner's clock."""
    return span(start, end, zone=context.owner.zone, now=context.now)


def meant(context: Context, title: str, start: datetime) -> str:
    """Words by which a request means one event. Its title may be a stranger's: quoted, it can be no more."""
    local = start.astimezone(context.owner.tz)
    return f"“{plain_title(title)}” on {local:%Y-%m-%d} at {local:%H:%M}"


def plain_title(title: str) -> str:
    """A title of which nothing can leave its quotation."""
    return " ".join(_PLAIN.sub(" ", title).split())[:60] or "event"


def on_the_clock(tz: ZoneInfo, on: date, clock: datetime) -> datetime:
    """A wall-clock time on another day. :raises CannotDo: the clocks skip it that day."""
    new = datetime.combine(on, clock.time(), tz)
    if new.astimezone(ZoneInfo("UTC")).astimezone(tz).time() != new.time():
        raise CannotDo(
            f"{new:%H:%M} does not exist in {tz.key} on {new:%a} {new.day} {new:%b}: the clocks go "
            f"forward then."
        )
    return new
