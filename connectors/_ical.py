"""iCalendar to Items: what every calendar source that speaks iCalendar makes of one UID's events."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from deskhand.connectors._ical_event import Series, read_series
from deskhand.connectors._ical_text import Group, wrapped
from deskhand.connectors._ical_times import Zones
from deskhand.connectors.model import Item, ItemRef, Label, Relation


def item_of(
    data: bytes, group: Group, zones: Zones, *,
    ref: ItemRef, folder: str, link: str, me: str, mtime: datetime, owner: str = "",
) -> Item:  # fmt: skip
    """The Item of one UID. `owner`: whose calendar it lies in, where that is not `me`.

    Floating times and dates stand in `start`, `end` and `until` as if they were UTC: who shows them
    reads them in the person's own zone (`occurrences` does). `data["zone"]` is empty then.

    :raises ValueError: a sentence that says what is wrong with it.
    """
    series = read_series(data, group, zones)
    event = series.face
    start = event.start.at(UTC)
    end = event.length.after(start)
    organizer = next((p.address for p in event.people if p.role == "organizer"), "")
    # What lies in somebody else's calendar was not written by the person, whatever it says of itself.
    mine = not owner and (not organizer or organizer == me.lower())
    readers = tuple(sorted({p.address for p in event.people if p.address} | ({me.lower()} if me else set())))
    names = ", ".join(p.name or p.address for p in event.people if p.role == "attendee")
    return Item(
        ref,
        group.version,
        event.title,
        "\n".join(t for t in (event.description, event.location, names) if t),
        event.changed or mtime,
        group.hash,
        start=start,
        end=end,
        until=_until(series, end),
        people=event.people,
        relations=_mentions(event.description, wrapped(data, group)),
        folder=folder,
        data={
            "uid": group.uid,
            "ics": wrapped(data, group),
            "status": event.status,
            "transparent": event.transparent,
            "all_day": event.start.date,
            "floating": event.start.tz is None,
            "recurring": series.recurring,
            "rrule": "\n".join(r.text for r in event.rules),
            "location": event.location,
            "zone": event.start.zone,
            "sequence": max(event.sequence, 0),
            "class": event.privacy,
            "shown_as": event.shown_as,
            **({"exdates": exdates} if (exdates := [w.at(UTC).isoformat() for w in event.exdates]) else {}),
            **({"hold_until": hold.isoformat()} if (hold := event.held) else {}),
            **({"comments": comments} if (comments := dict(event.comments)) else {}),
        },
        label=Label("user" if mine else "untrusted", (str(ref),), readers if event.people else ()),
        link=link,
    )


_FILE = re.compile(
    r"(?<![\w/.-])[\w][\w ()&'’.-]{0,80}?\.(?:docx?|xlsx?|pptx?|pdf|odt|ods|odp|md|txt|html?|csv)\b", re.I
)
_URL = re.compile(r"\b(?:https?|file)://[^\s<>\"]+")
_ATTACH = re.compile(r"^ATTACH(?:;[^:\r\n]*)?:((?:https?|file)://[^\r\n]+)", re.M)


def _mentions(description: str, ics: str) -> tuple[Relation, ...]:
    """The meeting's documents: what is attached by address (RFC 5545 3.8.1.1), and files its text names."""
    unfolded = re.sub(r"\r?\n[ \t]", "", ics)
    named = [f.strip() for line in description[:20_000].splitlines() for f in _files(line)]
    found = [*_ATTACH.findall(unfolded), *_URL.findall(description[:20_000]), *named]
    return tuple(Relation("mentions", target) for target in dict.fromkeys(found))


def _files(line: str) -> list[str]:
    """File names in a line, the longest and every shorter reading: "see Price list.xlsx" may be both."""
    made = []
    for match in _FILE.finditer(line):
        words = match.group().split(" ")
        made += [" ".join(words[n:]) for n in range(len(words))][:6]
    return made


def _until(series: Series, end: datetime) -> datetime | None:
    """End of the last occurrence; EXDATEs are not looked at, so it is never too early."""
    ends = [end, *(o.length.after(o.start.at(UTC)) for o in series.overrides)]
    if (m := series.master) is not None:
        for rule in m.rules:
            bound = rule.until_wall(lambda moment: moment.astimezone(m.start.tz or UTC).replace(tzinfo=None))
            last = rule.last(m.start.wall, until=bound)
            if last is None:
                return None
            ends.append(m.length.after(last.replace(tzinfo=m.start.tz or UTC)))
        ends += [(length or m.length).after(when.at(UTC)) for when, length in m.rdates]
    return max(ends)
