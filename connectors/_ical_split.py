"""A series changed "from then on": the old one ends, a new one begins, tied to it (RFC 5545 3.8.4.5).

RFC 5545 has THISANDFUTURE for it, which most programs do not read; two series are read by all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

from deskhand.connectors._ical_edit import Edited, Found, owned, signed, update
from deskhand.connectors._ical_event import Event, read_series
from deskhand.connectors._ical_lines import Lines, again, time_line, tzid_of
from deskhand.connectors._ical_rules import Rule
from deskhand.connectors._ical_text import EFFECT, Property, content, group, scan
from deskhand.connectors._ical_times import Length, When, Zones, when_of
from deskhand.connectors._ical_until import until_of
from deskhand.connectors.errors import Missing, Unsupported
from deskhand.connectors.operations import EventCancel, EventUpdate


@dataclass(frozen=True, slots=True)
class Halves:
    """What a series becomes: what was before, and the new series from then on."""

    left: Edited
    right: Edited


def split(op: EventUpdate, found: Found, *, uid: str, key: str, me: str, now: datetime) -> Halves | None:
    """The two halves, the right one changed; None where the named occurrence is the first of all.

    :param uid: of the new series.
    :raises Missing: there is no such occurrence.
    :raises Unsupported: somebody else's series, or one that cannot be cut there.
    """
    place = _place(op.occurrence, found, me)
    if place is None:
        return None
    master, moment, wall, earlier = place
    tz = master.start.tz
    lefts: list[Lines] = []
    rights: list[Lines] = []
    for lines in found.lines():
        if (named := found.named(lines)) is not None:
            (lefts if earlier(named) else rights).append(lines)
            if named.is_at(moment) and (op.start or op.end):  # named itself: it goes along like the others
                _unmove(lines, named, master.length)
            continue
        base, new = lines, lines.copy()
        for name in ("RDATE", "EXDATE"):
            _part(new, name, found, lambda when: not earlier(when))
        rules = [Rule.parse(p.value) for p in base.all("RRULE")]
        _end(base, master, wall, found, earlier)
        new.set("RRULE", *(_begun(rule, master.start.wall, wall) for rule in rules))
        at, tzid = wall.replace(tzinfo=tz or UTC), tzid_of(base.first("DTSTART"))
        new.set("DTSTART", time_line("DTSTART", at, master.start, tzid))
        if new.first("DTEND") is not None:
            new.set("DTEND", time_line("DTEND", master.length.after(at), master.start, tzid))
        base.touch(now, mine=True, revised=True)
        lefts.insert(0, base)
        rights.insert(0, new)
    for lines in rights:
        lines.set("UID", content("UID", uid))
        lines.drop(EFFECT)
        lines.ask_again(me)
    stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    rights[0].set("CREATED", content("CREATED", stamp))
    kept = [again(p, p.value) for p in rights[0].all("RELATED-TO")]
    rights[0].set("RELATED-TO", *kept, content("RELATED-TO", found.group.uid, RELTYPE="SIBLING"))
    return Halves(signed(lefts, found, key), _changed(op, rights, found, key, me, now))


def shortened(op: EventCancel, found: Found, *, key: str, me: str, now: datetime) -> Edited | None:
    """The series without the named occurrence and all after it; None where nothing is left before that.

    Those invited keep the answer they gave: what stays is when it was.

    :raises Missing: there is no such occurrence.
    :raises Unsupported: somebody else's series, or one that cannot be cut there.
    """
    place = _place(op.occurrence, found, me)
    if place is None:
        return None
    master, _, wall, earlier = place
    tz = master.start.tz or UTC
    out = {when.wall if not when.date else when.wall.date() for when in master.exdates}
    before = found.series.starts(master.start.wall, wall - timedelta(seconds=1), tz)
    if all(start in out or start.date() in out for start in before):
        return None
    lefts: list[Lines] = []
    for lines in found.lines():
        if (named := found.named(lines)) is not None:
            lefts += [lines] if earlier(named) else []
            continue
        _end(lines, master, wall, found, earlier)
        lines.touch(now, mine=True, revised=True)
        lefts.insert(0, lines)
    return signed(lefts, found, key)


class _Place(NamedTuple):
    """Where a series is cut."""

    master: Event
    moment: datetime
    wall: datetime
    earlier: Callable[[When], bool]


def _place(moment: datetime | None, found: Found, me: str) -> _Place | None:
    """Where a series is cut that is cut at this occurrence; None: at its very start."""
    master = found.series.master
    if master is None or moment is None or not found.series.recurring:
        raise Missing("This is no repeating event, so nothing follows.")
    tz = master.start.tz
    wall = (moment.astimezone(tz) if tz else moment).replace(tzinfo=None)
    if master.start.date:
        wall = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    if wall == master.start.wall:
        return None
    if not owned(found.series, me):
        raise Unsupported("Somebody else called this series; only they can change it from a date on.")
    if any(o.this_and_future for o in found.series.overrides):
        raise Unsupported("The series was changed from a date on by another program; change it there.")
    _happens(wall, moment, found)

    def earlier(when: When) -> bool:
        if when.date:
            return when.wall.date() < wall.date()
        at = when.at(tz or UTC)
        return (at.astimezone(tz) if tz else at).replace(tzinfo=None) < wall

    return _Place(master, moment, wall, earlier)


def _end(base: Lines, master: Event, wall: datetime, found: Found, earlier: Callable[[When], bool]) -> None:
    """Let a series end before then: its rules, and what was added and excluded."""
    for name in ("RDATE", "EXDATE"):
        _part(base, name, found, earlier)
    base.set("RRULE", *(_ended(Rule.parse(p.value), master.start, wall) for p in base.all("RRULE")))


def _unmove(lines: Lines, named: When, length: Length) -> None:
    tzid, at = tzid_of(lines.first("RECURRENCE-ID")), named.at(UTC)
    lines.drop("DURATION")
    lines.set("DTSTART", time_line("DTSTART", at, named, tzid))
    lines.set("DTEND", time_line("DTEND", length.after(at), named, tzid))


def _happens(wall: datetime, moment: datetime, found: Found) -> None:
    master = found.series.master
    assert master is not None  # noqa: S101 - `split` looked
    if any(o.recurrence_id is not None and o.recurrence_id.is_at(moment) for o in found.series.overrides):
        return
    excluded = any(e.wall.date() == wall.date() if e.date else e.is_at(moment) for e in master.exdates)
    if excluded or wall not in found.series.starts(wall, wall, master.start.tz or UTC):
        raise Missing("The event does not happen at that time.")


def _changed(op: EventUpdate, rights: list[Lines], found: Found, key: str, me: str, now: datetime) -> Edited:
    """The right half, changed like any whole series; a new event, so its SEQUENCE is 0."""
    calendar = found.group.calendar
    used = {p.params["TZID"] for lines in rights for n in _ZONED for p in lines.all(n) if "TZID" in p.params}
    zones = {
        tzid: found.data[p.start : p.end].decode("utf-8", "surrogateescape")
        for tzid, p in calendar.zones.items()
        if tzid in used
    }
    text = "".join(["BEGIN:VCALENDAR\r\n", *zones.values(), *map(str, rights), "END:VCALENDAR\r\n"])
    data = text.encode("utf-8", "surrogateescape")
    (only,) = group(data, scan(data)).values()
    within = Zones(data, only.calendar)
    half = Found(data, only, read_series(data, only, within), within)
    whole = op.model_copy(update={"occurrence": None, "following": False})
    made = update(whole, half, key=key, me=me, now=now)
    components = [Lines(c) for c in made.components]
    for lines in components:
        lines.set("SEQUENCE", content("SEQUENCE", "0"))
        lines.set("DTSTAMP", content("DTSTAMP", f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"))
    return Edited([str(lines) for lines in components], zones)


_ZONED = ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE")


def _part(lines: Lines, name: str, found: Found, stays: Callable[[When], bool]) -> None:
    """Keep the dates of a list for which this holds."""
    kept = []
    for p in lines.all(name):
        values = [v for v in p.value.split(",") if v.strip()]
        left = [
            v for v in values if stays(when_of(Property(name, p.params, v.partition("/")[0]), found.zones))
        ]
        if left:
            kept.append(again(p, ",".join(left)))
    lines.set(name, *kept)


def _before(rule: Rule, start: datetime, wall: datetime) -> list[datetime]:
    return [*takewhile(lambda found: found < wall, rule.walk(start, since=start))]


def _ended(rule: Rule, start: When, wall: datetime) -> str:
    """The rule with an UNTIL at its last start before then, or its own where that is sooner."""
    own = rule.until_wall(lambda moment: moment.astimezone(start.tz or UTC).replace(tzinfo=None))
    if own is not None and own < wall:
        return content("RRULE", rule.shortened(UNTIL=rule.until))
    last = max(_before(rule, start.wall, wall), default=start.wall)
    return content("RRULE", rule.shortened(UNTIL=until_of(start, last)))


def _begun(rule: Rule, start: datetime, wall: datetime) -> str:
    """The rule from then on; of its COUNT what is left. :raises Unsupported: it has no start just then."""
    following = rule.walk(start, since=wall)
    if next((found for found in following if found >= wall), None) != wall:
        raise Unsupported("The series cannot be changed from an added date on; name one of its regular ones.")
    if rule.count is not None:
        used = len(_before(rule, start, wall)) + (not rule.matches(start))
        return content("RRULE", rule.shortened(COUNT=str(rule.count - used)))
    return content("RRULE", rule.shortened(UNTIL=rule.until) if rule.until else rule.shortened())
