"""What the limits of a wish mean for a `SlotRequest`: one place, for one meeting and for several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from deskhand.agent.actions import Context
from deskhand.agent.availability.daysoff import works
from deskhand.agent.availability.distances import Distance, Edges, together
from deskhand.agent.slots import PARTS, Availability, Interval, Part, SlotRequest

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

SOON = 20
"""Points for each hour of waiting, where it shall be as early as possible: more than a back-to-back after
two hours, never so much as somebody who is missing within a day."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What a time must keep to and what it would like, as it was said: limits and likes as in `SlotRequest`,
    by the owner's clock. They stand in plans under these names, so a name that was once here stays."""

    between: tuple[time, time] | None = None
    """Clock times it must lie between, whatever the working hours."""
    not_before: time | None = None
    not_after: time | None = None
    not_between: tuple[time, time] | None = None
    """Clock times of every day that it must not touch."""
    not_on: Sequence[int] = ()
    """Weekdays, Monday is 0; so in all that follows."""
    not_dates: Sequence[date] = ()
    parts: Sequence[Part] = ()
    not_parts: Sequence[Part] = ()
    not_when: Sequence[tuple[int, Part]] = ()
    within: Sequence[tuple[datetime, datetime]] = ()
    avoid: Sequence[tuple[datetime, datetime]] = ()
    likes_parts: Sequence[Part] = ()
    soon: bool = False
    """As early as possible."""
    spaced: int = 0
    """Minutes the owner keeps free around her other meetings."""
    keep_lunch: bool = False
    likes_days: Sequence[int] = ()


def limited(
    context: Context,
    start: datetime,
    end: datetime,
    *,
    minutes: int,
    grid: int,
    kept: Kept,
    longest: int = 0,
    rooms: Sequence[Availability] = (),
) -> SlotRequest:
    """The request for a meeting in [start, end), with the owner's preferences; see `slots.find`."""
    prefer = context.owner.habits.prefer
    wish = replace(prefer, parts=frozenset(kept.likes_parts) or prefer.parts)
    wish = replace(wish, later=SOON) if kept.soon else wish
    first, last = kept.between or (kept.not_before, kept.not_after)
    return SlotRequest(
        minutes=minutes, longest=longest, start=start, end=end, zone=context.owner.zone, grid=grid,
        not_before=first, not_after=last, not_on=frozenset(kept.not_on), not_dates=frozenset(kept.not_dates),
        parts=frozenset(kept.parts), not_parts=frozenset(kept.not_parts),
        within=tuple(Interval(a, b) for a, b in kept.within),
        avoid=(
            *(Interval(a, b) for a, b in kept.avoid),
            *(_each_day(context, start, end, kept.not_between) if kept.not_between else ()),
            *(i for day, part in kept.not_when for i in _on_days(context, start, end, day, part)),
        ),
        rooms=tuple(rooms), prefer=wish,
    )  # fmt: skip


def beside(
    context: Context,
    distances: Sequence[Distance],
    events: Sequence[tuple[datetime, datetime]],
    *,
    minutes: int,
) -> Edges:
    """What the distances from some events leave of time, on the owner's clock and working days."""
    owner = context.owner
    return together(distances, events, zone=owner.zone, works=works(owner), minutes=minutes)


def no_time(context: Context, low: datetime, high: datetime, at: datetime | None = None) -> str:
    """The sentence where the times that were said leave none."""
    if at is not None and at < context.now:
        return f"That would be {_moment(context, at)}, which is over."
    if at is not None and low < high:
        then = _moment(context, at)
        return f"That would be {then}, which is not within the time that was said, so nothing was done."
    if high <= context.now:
        return f"That time is over: it would have to be over by {_moment(context, high)}."
    first, last = _moment(context, low), _moment(context, high)
    return f"What was said leaves no time: not before {first}, and over by {last}."


def _moment(context: Context, moment: datetime) -> str:
    """A moment with its day, on the owner's clock."""
    local = moment.astimezone(context.owner.tz)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def asking(who: Availability, kept: Kept) -> Availability:
    """The owner, with what was said of her own time."""
    return replace(
        who, buffer=max(who.buffer, kept.spaced), keep_lunch=who.keep_lunch or kept.keep_lunch,
        likes_days=frozenset(kept.likes_days) or who.likes_days,
    )  # fmt: skip


def _each_day(
    context: Context, low: datetime, high: datetime, hours: tuple[time, time]
) -> tuple[Interval, ...]:
    """The same stretch of every day of a window, on the owner's clock."""
    tz, made = context.owner.tz, []
    day, last = low.astimezone(tz).date(), high.astimezone(tz).date()
    while day <= last:
        start, end = (datetime.combine(day, clock, tz) for clock in hours)
        if start < end:
            made.append(Interval(start, end, name=f"{hours[0]:%H:%M} to {hours[1]:%H:%M}"))
        day += timedelta(days=1)
    return tuple(made)


def _on_days(context: Context, low: datetime, high: datetime, weekday: int, part: Part) -> list[Interval]:
    first, last = (time(m // 60, m % 60) if m < 24 * 60 else time(23, 59) for m in PARTS[part])
    tz, name = context.owner.tz, f"the {part} of {_DAYS[weekday]}"
    each = _each_day(context, low, high, (first, last))
    return [replace(i, name=name) for i in each if i.start.astimezone(tz).weekday() == weekday]
