"""Where a value came from, in words: "from a mail by Bo Lindqvist <bo@example.org>, Thu 12 Nov, “Budget”".

Titles and names in it are other people's words: they stand in quotation marks that they cannot close.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from deskhand.agent.wording.unseen import visible
from deskhand.agent.wording.writes import called, day, quoted
from deskhand.connectors.model import Item, ItemRef, Label

_NAMED = 2
"""So many origins are told one by one."""
_TITLE = 60

PLAIN = {
    "user": "you wrote",
    "contact": "from your contacts",
    "assistant": "worked out by Deskhand",
    "metadata": "from your own data",
    "untrusted": "written by somebody else",
}
"""Of a value of which no more is known than how far it is trusted."""


def origin(
    label: Label, *, look_up: Callable[[ItemRef], Item | None], zone: str, now: datetime
) -> str:  # fmt: skip
    """The origin of a value in words, its items as the archive knows them now."""
    if label.trust not in ("metadata", "untrusted") or not label.origins:
        return PLAIN[label.trust]
    told = [
        visible(item_in_words(o, look_up=look_up, zone=zone, now=now), lines=False)
        for o in label.origins[:_NAMED]
    ]
    more = len(label.origins) - len(told)
    listed = f"{', '.join(told)} and {more} more" if more > 0 else " and ".join(told)
    return f"from {listed}" if label.trust == "untrusted" else f"{PLAIN['metadata']}: {listed}"


def item_in_words(
    ref: str, *, look_up: Callable[[ItemRef], Item | None], zone: str, now: datetime
) -> str:  # fmt: skip
    """An item by who wrote it, when and what it is called; its bare address where it is not known. What hides
    in it is still hidden."""
    try:
        item = look_up(parsed := ItemRef.parse(ref))
    except ValueError:
        return ref
    if item is None:
        return f"{_KINDS[parsed.kind]} ({ref})"
    title = quoted(item.title or parsed.native.rpartition("/")[2] or "no title", most=_TITLE)
    local = day(item.at.astimezone(ZoneInfo(zone)), now=now)
    match item.ref.kind:
        case "message":
            if item.label.trust == "user":
                return f"your own mail of {local}, {title}"
            sender = item.person("from")
            by = called(sender.name, sender.address, most=_TITLE) if sender else ""
            return f"a mail by {by or quoted(item.author or 'nobody', most=_TITLE)}, {local}, {title}"
        case "event":
            organizer = item.person("organizer")
            by = f" of {called(organizer.name, organizer.address, most=_TITLE)}" if organizer else ""
            begins = f", {day(item.start.astimezone(ZoneInfo(zone)), now=now)}" if item.start else ""
            return f"the event {title}{by}{begins}"
        case "attachment":
            whose = next((r.target for r in item.relations if r.type == "attachment-of"), "")
            holder = f"{item.ref.source}:message:{whose}"
            if not whose or look_up(ItemRef.parse(holder)) is None:
                return f"the attachment {title}"
            mail = item_in_words(holder, look_up=look_up, zone=zone, now=now)
            return f"the attachment {title} of {mail}"
        case _:
            by = f" by {quoted(item.author, most=_TITLE)}" if item.author else ""
            return f"the file {title}, version of {local}{by}"


_KINDS = {
    "message": "a mail", "event": "an event", "attachment": "an attachment", "document": "a file",
}  # fmt: skip
