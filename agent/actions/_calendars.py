"""What the calendar actions share: occurrences there are, and how one is told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from deskhand.agent.actions import CannotDo, Context
from deskhand.agent.diaries import blind, people_for, taken, there
from deskhand.agent.slots import Availability
from deskhand.agent.wording import span
from deskhand.connectors.occurrences import Occurrence

__all__ = ["blind", "mark", "me", "on_the_clock", "taken", "theirs", "there", "when"]


def mark(occurrence: Occurrence) -> str:
    """Names one occurrence as it lies: one that was moved has another mark."""
    return f"{occurrence.ref} {occurrence.start.astimezone(UTC):%Y-%m-%dT%H:%M}"


def me(context: Context, start: datetime, end: datetime, *, any_hour: bool = False) -> Availability:
    """When the owner is free. Unknown where one of her calendars cannot be read."""
    return people_for(context, [], start, end, any_hour=any_hour)[0]


def theirs(context: Context, name: str, address: str, start: datetime, end: datetime) -> list[Availability]:
    """What is known of somebody else."""
    return people_for(context, [address], start, end)[1:]


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
