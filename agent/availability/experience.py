"""Working hours of somebody by experience: when she sent mail, and which meetings she accepted.

A guess, made only where the person switched `learn_hours` on, and always shown as one.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from deskhand.agent.slots.model import Week
from deskhand.connectors.archive import Archive
from deskhand.connectors.occurrences import occurrences

LOOK_BACK = timedelta(days=90)
FEWEST = 12
"""Of fewer traces nothing is learned."""
NARROWEST = 4 * 60
"""Minutes of a day; hours are never learned narrower."""
_TAIL = 20
"""One trace in so many, at either end, is an exception; so is a weekday with less than that."""


def hours_by_experience(
    archive: Archive, addresses: frozenset[str], *, zone: str, now: datetime
) -> Week | None:
    """The hours, on the clock of `zone`, in which a person was active in the last 90 days, in half hours,
    the same on every day that counts. None: there are too few traces.
    """
    tz, since = ZoneInfo(zone), now - LOOK_BACK
    seen: list[datetime] = []
    for address in sorted(addresses):
        mails = archive.find(kinds=["message"], since=since, until=now, address=address)
        sent = {str(m.data.get("message_id") or m.ref): m for m in mails}.values()
        seen += [m.at for m in sent if (p := m.person("from")) is not None and p.address == address]
        for event in archive.find(kinds=["event"], address=address):
            for o in occurrences(event, start=since, end=now, zone=zone, limit=100):
                went = any(p.address == address and p.status == "accepted" for p in o.people)
                if went and not o.all_day and o.status != "cancelled":
                    seen += [o.start, o.end]
    local = [moment.astimezone(tz) for moment in seen]
    if len(local) < FEWEST:
        return None
    minutes = sorted(m.hour * 60 + m.minute for m in local)
    cut = len(minutes) // _TAIL
    low, high = minutes[cut] // 30 * 30, -(-minutes[-1 - cut] // 30) * 30
    if (missing := NARROWEST - (high - low)) > 0:
        low = max(0, low - -(-missing // 60) * 30)
        high = max(high, low + NARROWEST)
    if high > 24 * 60:
        low, high = 24 * 60 - NARROWEST, 24 * 60
    days = Counter(m.weekday() for m in local)
    working = {day for day, n in days.items() if n * _TAIL >= len(local)}
    return tuple(((low, high),) if day in working else () for day in range(7))
