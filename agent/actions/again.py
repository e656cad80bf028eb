"""An event once more, after an earlier part of the same wish has changed it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._calendars import there
from deskhand.agent.actions.events import OneEvent
from deskhand.agent.endorsers import selected
from deskhand.connectors.model import Label

_NEAR = timedelta(days=400)
"""So far from where it was an event is looked for that was moved."""


@action("event.still", gives=OneEvent)
def still(context: Context, *, event: dict[str, Any]) -> Output:
    """The event that `event.find` found, as it is now: the same fields, at its present time and version.

    :raises CannotDo: it is not there any more.
    """
    was = datetime.fromisoformat(event["start"])
    one = datetime.fromisoformat(event["occurrence"]) if event.get("occurrence") else None
    found = [o for o in there(context, was - _NEAR, was + _NEAR) if str(o.ref) == event["ref"]]
    same = [o for o in found if o.recurrence_id == one] or (found if one is None else [])
    item = context.archive.item(same[0].ref) if same else None
    if not same or item is None:
        raise CannotDo(
            f"“{event['title']}” is not in your calendar any more, so nothing more was done with it."
        )
    now = min(same, key=lambda o: abs(o.start - was))
    value: dict[str, Any] = {
        **{n: event.get(n) for n in ("ref", "source", "occurrence")}, "version": item.version,
        "following": bool(event.get("following")),
        "title": now.title, "start": now.start.isoformat(), "end": now.end.isoformat(),
        "all_day": now.all_day, "zone": now.zone,
    }  # fmt: skip
    if "series_start" in event and item.start and item.end:
        value |= {"series_start": item.start.isoformat(), "series_end": item.end.isoformat()}
    origin = (str(now.ref),)
    return Output(value, {"": selected(origin), "title": Label("untrusted", origin, ())})
