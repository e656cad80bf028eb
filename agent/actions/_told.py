"""The words of the mail that goes with a write to an event: the same before it on the card, and after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from deskhand.agent.actions import Context
from deskhand.agent.actions._calendars import when
from deskhand.agent.times import say_rrule
from deskhand.agent.wording.writes import day


def invited(
    context: Context,
    title: str,
    start: datetime,
    end: datetime,
    *,
    rrule: str = "",
    exdates: Sequence[datetime] = (),
    place: str = "",
) -> tuple[str, str]:
    """Subject and body of the mail that invites to an event."""
    stretch = when(context, start, end)
    lines = [f"{context.owner.name} invites you to “{title}”.", "", f"When: {stretch} ({context.owner.zone})"]
    if rrule:
        lines.append(f"Repeats: {say_rrule(rrule, start.astimezone(context.owner.tz))}")
    if exdates:
        days = (day(one.astimezone(context.owner.tz), now=context.now) for one in sorted(exdates))
        lines.append(f"Not on: {', '.join(days)}")
    lines += [f"Where: {place}"] if place else []
    return f"Invitation: {title}, {stretch}", _text(lines)


def changed(
    context: Context, what: str, title: str, old: tuple[datetime, datetime],
    new: tuple[datetime, datetime] | None, *, place: str = "",
) -> tuple[str, str]:  # fmt: skip
    """Subject and body of the mail that tells of a move (`new`), or that a meeting is off.

    :param place: where it is now, if that is another place; the time may be the same then.
    """
    zone = context.owner.zone
    what = "changed" if new == old else what
    lines = [f"{context.owner.name} {what} “{title}”.", ""]
    lines += [f"Was: {when(context, *old)} ({zone})"] if new != old else []
    if new is not None:
        lines.append(
            f"Now: {when(context, *new)} ({zone})" if new != old else f"When: {when(context, *new)} ({zone})"
        )
    lines += [f"Where: {place}"] if place else []
    return f"{what.title()}: {title}, {when(context, *(new or old))}", _text(lines)


def renamed(context: Context, title: str, name: str, at: tuple[datetime, datetime]) -> tuple[str, str]:
    """Subject and body of the mail that tells that a meeting has another title."""
    lines = [f"{context.owner.name} renamed “{title}”. It is now called “{name}”.", ""]
    lines.append(f"When: {when(context, *at)} ({context.owner.zone}), as before")
    return f"Renamed: {name}, {when(context, *at)}", _text(lines)


def uninvited(context: Context, title: str, at: tuple[datetime, datetime]) -> tuple[str, str]:
    """Subject and body of the mail to somebody who is not invited any more."""
    lines = [f"{context.owner.name} does not need you any more in “{title}”; the meeting itself is held.", ""]
    lines.append(f"When: {when(context, *at)} ({context.owner.zone})")
    return f"Not needed any more: {title}, {when(context, *at)}", _text(lines)


def put_back(context: Context, title: str, now: tuple[datetime, datetime]) -> tuple[str, str]:
    """Subject and body of the mail that tells that a change was taken back."""
    lines = [
        f"{context.owner.name} put “{title}” back as it was before the last change.", "",
        f"Now: {when(context, *now)} ({context.owner.zone})",
    ]  # fmt: skip
    return f"Restored: {title}, {when(context, *now)}", _text(lines)


def from_then_on(
    context: Context, title: str, old: tuple[datetime, datetime], new: tuple[datetime, datetime] | None
) -> tuple[str, str]:
    """Subject and body of the mail about a series that changes from one occurrence on.

    Without `new` it is about the part before that, which stays: a mail for calendar programs.
    """
    first = day(old[0].astimezone(context.owner.tz), now=context.now)
    if new is None:
        lines = [
            f"“{title}” stays as it was before {first}.",
            f"From {first} on it is a series of its own; another mail tells of that.",
        ]
        return f"Until {first}: {title} stays as it was", _text(lines)
    zone = context.owner.zone
    lines = [
        f"{context.owner.name} changed “{title}” from {first} on.", "",
        f"The first of them was: {when(context, *old)} ({zone})",
        f"It is now: {when(context, *new)} ({zone}), and those after it likewise.",
    ]  # fmt: skip
    return f"From {first} on: {title}, {when(context, *new)}", _text(lines)


def of_another_end(
    context: Context, title: str, first: datetime | None, until: datetime | None
) -> tuple[str, str]:
    """Subject and body of the mail about a series that ends sooner, or later.

    :param first: the first occurrence that is not held any more; None: it goes on `until` then.
    """
    tz, now = context.owner.tz, context.now
    if first is not None:
        gone = day(first.astimezone(tz), now=now)
        lines = [
            f"{context.owner.name} ends “{title}”: it is not held from {gone} on.", "",
            "Those before that day stay as they are.",
        ]  # fmt: skip
        return f"Ends: {title}, none from {gone} on", _text(lines)
    last = day(until.astimezone(tz), now=now) if until else "a later day"
    lines = [f"{context.owner.name} extends “{title}”: it goes on until {last}.", ""]
    return f"Extended: {title}, until {last}", _text(lines)


def shifted(
    context: Context, event: dict[str, Any], first: tuple[datetime, datetime] | None
) -> tuple[datetime, datetime] | None:
    """The new time of the occurrence that was named, where a whole series moved to begin at `first`."""
    if first is None or not event.get("series_start"):
        return first
    tz = context.owner.tz
    old, began = (datetime.fromisoformat(event[n]).astimezone(tz) for n in ("start", "series_start"))
    start = old + (first[0].astimezone(tz).replace(tzinfo=None) - began.replace(tzinfo=None))
    return start, start + (first[1] - first[0])


def _text(lines: list[str]) -> str:
    return "\n".join([*lines, ""])
