"""What the calendar actions share: occurrences there are, and how one is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from deskhand.agent.actions import CannotDo, Context
from deskhand.agent.agenda import busy, occurrences_between, takes_time
from deskhand.agent.slots import Availability
from deskhand.agent.wording import span
from deskhand.connectors.occurrences import Occurrence

BEYOND = timedelta(days=29)
"""How far behind a window calendars are read: so far the nearest time is looked for when nothing fits."""


def there(context: Context, start: datetime, end: datetime) -> list[Occurrence]:
    """What happens in [start, end), without what was cancelled."""
    found = occurrences_between(
        context.archive.events(start, end), start=start, end=end, zone=context.owner.zone,
        me=context.owner.addresses,
    )  # fmt: skip
    return [o for o in found if o.status != "cancelled"]


def taken(context: Context, start: datetime, end: datetime) -> list[Occurrence]:
    """What takes the owner's time in [start, end)."""
    return [o for o in there(context, start, end) if takes_time(o, me=context.owner.addresses)]


def mark(occurrence: Occurrence) -> str:
    """Names one occurrence as it lies: one that was moved has another mark."""
    return f"{occurrence.ref} {occurrence.start.astimezone(UTC):%Y-%m-%dT%H:%M}"


def blind(context: Context) -> list[str]:
    """Calendars that could not be read: they may hold anything."""
    return [p.alias for p in context.places if p.alias in context.unreadable and "event" in p.holds]


def me(context: Context, start: datetime, end: datetime, *, any_hour: bool = False) -> Availability:
    """When the owner is free. Not known where one of her calendars cannot be read."""
    until = end + BEYOND
    taken = busy(there(context, start - timedelta(days=1), until), me=context.owner.addresses)
    known = None if blind(context) else tuple(taken)
    hours = None if any_hour else context.owner.hours
    return Availability("you", context.owner.email, known, until, context.owner.zone, hours)


def theirs(context: Context, name: str, address: str, start: datetime, end: datetime) -> list[Availability]:
    """What is known of somebody else: that they may not be free at all, and when they are not for certain.

    The own calendars tell of meetings they are in; that says nothing of the rest of their time.
    """
    until = end + BEYOND
    found = there(context, start - timedelta(days=1), until)
    named = [o for o in found if any(p.address == address for p in o.people)]
    made = [Availability(name, address, busy=None, hours=None)]
    if known := busy(named, me=frozenset({address})):
        made.append(Availability(f"{name}, as far as is known", address, tuple(known), until, hours=None))
    return made


def when(context: Context, start: datetime, end: datetime) -> str:
    """`Tue 1 Dec, 10:00–10:45`, on the owner's clock."""
    return span(start, end, zone=context.owner.zone, now=context.now)


def on_the_clock(tz: ZoneInfo, on: date, clock: datetime) -> datetime:
    """A wall-clock time on another day. :raises CannotDo: the clocks skip it that day."""
    new = datetime.combine(on, clock.time(), tz)
    if new.astimezone(ZoneInfo("UTC")).astimezone(tz).time() != new.time():
        raise CannotDo(
            f"{new:%H:%M} does not exist in {tz.key} on {new:%a} {new.day} {new:%b}: the clocks go "
            f"forward then."
        )
    return new
