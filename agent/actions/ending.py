"""Series that go on until a later day."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Any

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._calendars import taken
from deskhand.agent.actions._shapes import Given, Has, Instant
from deskhand.agent.endorsers import own_words
from deskhand.agent.times import slots_between
from deskhand.agent.times.rules import parse
from deskhand.agent.wording.writes import day
from deskhand.connectors.model import Item, ItemRef


class Extended(Given):
    """Until when a series goes on."""

    until: Instant
    notes: list[str]


@action("event.extend", gives=Extended)
def extend(
    context: Context, *, event: Annotated[dict[str, Any], Has("ref", "title")], until: datetime
) -> Output:
    """Whether a whole series can go on until then, and what that adds: {until, notes}.

    :raises CannotDo: it has no end, or goes on longer already.
    """
    title, zone = event["title"], event.get("zone") or context.owner.zone
    item = context.archive.item(ItemRef.parse(event["ref"]))
    rule = str(item.data.get("rrule") or "") if item else ""
    if item is None or item.start is None or item.end is None or not rule or "\n" in rule:
        raise CannotDo(f"“{title}” does not repeat by one rule, so it cannot be extended.")
    if item.until is None:
        raise CannotDo(f"“{title}” has no end, so it goes on after {_day(context, until)} anyway.")
    if item.until > until:
        raise CannotDo(
            f"“{title}” goes on until {_day(context, item.until)} already. To end it sooner, say: "
            f"end {title} after {until.astimezone(context.owner.tz):%Y-%m-%d}."
        )
    endless = ";".join(p for p in rule.split(";") if not p.startswith(("UNTIL=", "COUNT=")))
    try:
        more = slots_between(endless, item.start, after=item.until, until=until, zone=zone)
    except ValueError:
        more = []  # a rule that we have no words for is extended all the same
    length = item.end - item.start
    if not more:
        raise CannotDo(f"“{title}” has no occurrence after {_day(context, item.until)} until then.")
    there_ = [o for o in taken(context, more[0], more[-1] + length) if o.ref != item.ref]
    clashes = [s for s in more if any(o.start < s + length and o.end > s for o in there_)]
    notes = [
        f"Until now it ends on {_day(context, item.until)}; {len(more)} more "
        f"{'occurrence' if len(more) == 1 else 'occurrences'}, the last on {_day(context, more[-1])}."
    ]
    if clashes:
        days = ", ".join(_day(context, s) for s in clashes[:5])
        verb = "clashes" if len(clashes) == 1 else "clash"
        notes.append(f"{len(clashes)} of them {verb} with something of yours: {days}.")
    return Output({"until": until.isoformat(), "notes": notes}, {"": own_words()})


def _day(context: Context, moment: datetime) -> str:
    return day(moment.astimezone(context.owner.tz), now=context.now)


def rule_end(context: Context, item: Item) -> datetime | None:
    """When the rule of a series ends by its UNTIL."""
    try:
        until = parse(str(item.data.get("rrule") or "")).until
    except ValueError:
        return None
    if until is None or isinstance(until, datetime):
        return until.replace(tzinfo=until.tzinfo or context.owner.tz) if until else None
    return datetime.combine(until, time(), context.owner.tz)
