"""The occurrences of a booking that repeats: when they are, what is in their way, where a series fits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from deskhand.agent.actions import Context
from deskhand.agent.actions._calendars import taken, when
from deskhand.agent.slots import Availability, SlotRequest, find_slots
from deskhand.agent.times import slots_between
from deskhand.connectors.occurrences import Occurrence

LOOKED = timedelta(days=90)
"""So far ahead of its first occurrence a series is held against the calendars."""

_SHOWN = 5
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def repeats(start: datetime, end: datetime, rrule: str, zone: str) -> list[tuple[datetime, datetime]]:
    """The occurrences within 90 days of the first, which is among them; wall-clock time of `zone`."""
    if not rrule:
        return [(start, end)]
    length = end - start
    later = slots_between(rrule, start, after=start, until=start + LOOKED, zone=zone)
    return [(start, end), *((one, one + length) for one in later if one != start)]


def lies_over(context: Context, start: datetime, end: datetime, rrule: str, zone: str) -> list[Occurrence]:
    """What takes the owner's time at any of the occurrences."""
    times = repeats(start, end, rrule, zone)
    there = taken(context, times[0][0], times[-1][1])
    return [o for o in there if any(o.start < over and o.end > first for first, over in times)]


def exceptions(
    context: Context, people: Sequence[Availability], start: datetime, end: datetime, rrule: str
) -> list[str]:
    """Sentences about the later occurrences at which somebody is not free, as far as is known."""
    times = repeats(start, end, rrule, context.owner.zone)[1:]
    clashes = []
    for first, over in times:
        wanted = SlotRequest(
            minutes=max(1, round((over - first).total_seconds() / 60)), start=first, end=over,
            zone=context.owner.zone, grid=next(g for g in (15, 5, 1) if first.minute % g == 0),
        )  # fmt: skip
        proposal = find_slots(people, wanted, now=context.now, limit=1)
        if proposal.conflict is not None:
            mine = ", ".join(f"“{o.title}”" for o in taken(context, first, over)[:3])
            who = f"you have {mine}" if mine else " and ".join(proposal.conflict.blockers[:2])
            clashes.append(f"{when(context, first, over)} ({who})")
    looked = f"Of the {len(times) + 1} occurrences in the next 90 days"
    if not clashes:
        return [f"{looked} none clashes with anything that is known."]
    more = f"; and {len(clashes) - _SHOWN} more" if len(clashes) > _SHOWN else ""
    verb = "clash" if len(clashes) > 1 else "clashes"
    return [f"{looked}, {len(clashes)} {verb}: {'; '.join(clashes[:_SHOWN])}{more}."]


def weekly_slots(
    context: Context, people: Sequence[Availability], wanted: SlotRequest, rrule: str, *, limit: int
) -> tuple[list[dict[str, Any]], str]:
    """Where a series fits best: [{start, end, why, notes}], or the sentence why it fits nowhere."""
    from deskhand.agent.slots.series import find_series

    found = find_series(people, wanted, _rule(rrule), now=context.now, limit=limit)
    made = []
    for series in found.series:
        length = timedelta(minutes=wanted.minutes)
        if series.slots:
            length = series.slots[0].end - series.slots[0].start
        missed = "; ".join(
            f"{when(context, m.start, m.start + length)} ({m.why})" for m in series.missed[:_SHOWN]
        )
        notes = [f"Not free at {len(series.missed)} of them: {missed}."] if series.missed else []
        first = series.first
        made.append(
            {
                "start": first.isoformat(),
                "end": (first + length).isoformat(),
                "why": series.why,
                "notes": notes,
            }
        )
    return made, found.conflict.message if found.conflict else "No time fits every week."


def _rule(rrule: str) -> Any:
    """An RRULE as the solver has it; of one without an end the next 90 days count."""
    from deskhand.agent.slots.repeats import Repeats

    parts = dict(p.split("=", 1) for p in rrule.split(";") if "=" in p)
    frequency = parts.get("FREQ", "WEEKLY")
    interval = int(parts.get("INTERVAL", "1"))
    days = frozenset(
        _WEEKDAYS.index(d[-2:]) for d in parts.get("BYDAY", "").split(",") if d[-2:] in _WEEKDAYS
    )
    each = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 30}.get(frequency, 7) * interval
    count = int(parts["COUNT"]) if "COUNT" in parts else max(1, LOOKED.days // each)
    if frequency == "WEEKLY" and days and "COUNT" not in parts:
        count *= len(days)
    nth = re.search(r"-1[A-Z]{2}", parts.get("BYDAY", ""))
    monthly = "last weekday" if nth else "weekday" if days and frequency == "MONTHLY" else "day"
    kind: Any = frequency if frequency in ("DAILY", "WEEKLY", "MONTHLY") else "WEEKLY"
    return Repeats(kind, min(count, 100), interval, days, monthly)  # type: ignore[arg-type]
