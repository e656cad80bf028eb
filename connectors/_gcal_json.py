"""A changed VCALENDAR as what Google is to be asked for: what differs is named, and the rest stays as it is.

Values first: `changes` says what is to be done to which event, `_gcal_shelf` does it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from deskhand.connectors._gcal_text import (
    ANSWERED,
    EFFECTS,
    HELD,
    STATUS,
    Json,
    master_of,
    moment_of,
    original,
)
from deskhand.connectors._ical_edit import Found, override
from deskhand.connectors._ical_event import Zones, length_of, person_of, read_series, sequence_of, when_of
from deskhand.connectors._ical_lines import Lines, value_of
from deskhand.connectors._ical_text import (
    EFFECT,
    HOLD,
    REPLIED,
    REPLY_COMMENT,
    Group,
    Property,
    unescape,
)
from deskhand.connectors.errors import Missing, Unsupported

_RESPONSE = {v: k for k, v in STATUS.items()}
_FOLD = re.compile(r"(?:\r\n|\n|\r)[ \t]")
_REPEATS = ("RRULE", "EXRULE", "RDATE", "EXDATE")
_TIMES = ("DTSTART", "DTEND", "DURATION")
_NOTES = (EFFECT, HOLD)
_LONGEST = 1_000
"""Characters of one extended property; Google takes 1024."""


@dataclass(frozen=True, slots=True)
class Change:
    """One event, and what of it becomes something else."""

    fields: Mapping[str, Any]
    event: str = ""
    """Its id; empty: the occurrence of the series `at` that moment, which has none of its own yet."""
    etag: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The components of one UID in a VCALENDAR."""

    found: Found
    master: Lines | None
    overrides: Mapping[datetime, Lines]
    """By the moment (UTC) that their RECURRENCE-ID names."""

    @classmethod
    def of(cls, data: bytes, group: Group) -> Written:
        """:raises Unsupported: it cannot be read."""
        zones = Zones(data, group.calendar)
        try:
            found = Found(data, group, read_series(data, group, zones), zones)
        except (ValueError, OverflowError) as error:
            raise Unsupported(f"The event cannot be written: {error}") from error
        master, overrides = None, dict[datetime, Lines]()
        for lines in found.lines():
            named = lines.first("RECURRENCE-ID")
            if named is None:
                master = lines
            else:
                overrides[_utc(named, zones)] = lines
        return cls(found, master, overrides)

    @property
    def zones(self) -> Zones:
        """Those its times are in."""
        return self.found.zones

    def plain(self, at: datetime) -> Lines | None:
        """An occurrence that has nothing of its own; None where the series does not happen then."""
        if self.master is None:
            return None
        try:
            return override(at, self.found, [self.master.copy()])
        except Missing:
            return None


def changes(old: Written, new: Written, events: Sequence[Json], me: str) -> list[Change]:
    """What makes of the events what the new text says; the one with the effect's key comes last.

    :param events: the series and its exceptions, as Google has them.
    :raises Unsupported: it cannot be said in Google's terms.
    """
    master = master_of(events)
    by_moment = {
        at.astimezone(UTC): e
        for e in events
        if e is not master and (at := moment_of(original(e))) is not None
    }
    steps: list[Change] = []
    # Back again: what was left out by an exception that is cancelled, and is in no more.
    for at in sorted(_left_out(old) - _left_out(new)):
        event = by_moment.get(at)
        if event is not None and event.get("status") == "cancelled" and new.plain(at) is not None:
            steps.append(_changed({"status": "confirmed"}, event))
    for at, lines in new.overrides.items():
        event = by_moment.get(at)
        was = old.overrides.get(at)
        if was is None or event is None:
            was = _like_all(old, at)
        fields = differences(was, lines, old.zones, new.zones, event or master or {}, me)
        if fields.get("status") == "cancelled":
            fields = {k: v for k, v in fields.items() if k in ("status", "extendedProperties")}
        steps.append(_changed(fields, event) if event is not None else Change(fields, at=at))
    for at in sorted(old.overrides.keys() - new.overrides.keys()):
        if (event := by_moment.get(at)) is None:
            continue
        like = new.plain(at)
        if like is not None:  # as all the others again
            fields = differences(old.overrides[at], like, old.zones, new.zones, event, me)
            steps.append(_changed(fields, event))
        elif event.get("status") != "cancelled":
            steps.append(_changed({"status": "cancelled"}, event))
    steps = _together(steps)
    if new.master is None or old.master is None or master is None:
        return steps
    fields = differences(old.master, new.master, old.zones, new.zones, master, me)
    if fields.keys() == {"extendedProperties"} and steps and HELD not in _private(fields):
        # Nothing of the series itself changes: the key goes with what does, in one request.
        last = steps.pop()
        event = next((e for e in events if e.get("id") == last.event), {})
        keyed = {**_kept(event), EFFECTS: _private(fields).get(EFFECTS, "")}
        steps.append(Change({**last.fields, **_extended(event, keyed)}, last.event, last.etag, last.at))
        return steps
    if fields.keys() & {"start", "recurrence"} and _moved(old, new) and old.overrides.keys() - _gone(old):
        raise Unsupported(
            "Single occurrences of this series were changed, and Google would forget that if the whole were"
            " moved; please move it in Google Calendar."
        )
    if fields:
        steps.append(_changed(fields, master))
    return steps


def _together(steps: Sequence[Change]) -> list[Change]:
    """One change for each event, and none that changes nothing."""
    made: dict[object, Change] = {}
    for step in steps:
        which = step.event or step.at
        before = made[which].fields if which in made else {}
        made[which] = Change({**before, **step.fields}, step.event, step.etag, step.at)
    return [s for s in made.values() if s.fields]


def _changed(fields: Mapping[str, Any], event: Json) -> Change:
    return Change(fields, str(event["id"]), str(event.get("etag") or ""))


def whole(lines: Lines, zones: Zones, me: str, *, imported: bool = False) -> dict[str, Any]:
    """The body of a new event. `imported`: somebody else called it, or it is as it was before."""
    empty = Lines("BEGIN:VEVENT\r\nEND:VEVENT\r\n")
    made = differences(empty, lines, zones, zones, {}, me)
    if imported:
        made["sequence"] = sequence_of(value_of(lines, "SEQUENCE"))
        organizer = lines.first("ORGANIZER")
        if organizer is not None:
            made["organizer"] = _organizer(organizer)
    return made


def differences(
    old: Lines, new: Lines, old_zones: Zones, zones: Zones, event: Json, me: str
) -> dict[str, Any]:
    """The fields of an event in which two of its states differ, as they become."""
    made: dict[str, Any] = {}

    def differ(*names: str) -> bool:
        return _plain(old, names) != _plain(new, names)

    for name, field in (("SUMMARY", "summary"), ("DESCRIPTION", "description"), ("LOCATION", "location")):
        if differ(name):
            made[field] = unescape(value_of(new, name))
    repeats = differ(*_REPEATS)
    if differ(*_TIMES) or (
        repeats and new.first("RRULE") is not None and "timeZone" not in (event.get("start") or {})
    ):
        made |= _span(new, zones, event)
    if repeats:
        made["recurrence"] = [line for name in _REPEATS for line in _plain(new, (name,))]
    if differ("STATUS"):
        said = value_of(new, "STATUS").strip().lower()
        made["status"] = said if said in ("tentative", "cancelled") else "confirmed"
    if differ("TRANSP"):
        free = value_of(new, "TRANSP").strip().upper() == "TRANSPARENT"
        made["transparency"] = "transparent" if free else "opaque"
    if differ("CLASS"):
        said = value_of(new, "CLASS").strip().lower()
        made["visibility"] = said if said in ("private", "confidential", "public") else "default"
    if differ("ATTENDEE"):
        made["attendees"] = _attendees(new, event, me)
    replied = _replied(new)
    if differ(*_NOTES) or replied != _replied(old):
        keyed = {**_kept(event), EFFECTS: " ".join(p.value.strip() for p in new.all(EFFECT))}
        keyed[HELD] = value_of(new, HOLD).strip()
        keyed[ANSWERED] = replied
        before = _kept(event)
        made |= _extended(event, {k: v for k, v in keyed.items() if v or before.get(k)})
    return made


def own_answer(fields: Mapping[str, Any]) -> bool:
    """Whether nothing but somebody's answer changes, and notes of ours."""
    return fields.keys() <= {"attendees", "extendedProperties"}


def _like_all(old: Written, at: datetime) -> Lines:
    """What an occurrence was before it had anything of its own."""
    if (plain := old.plain(at)) is not None:
        return plain
    if old.master is None:
        raise Unsupported(
            "Only single occurrences of this series are in the calendar; it is the organizer's."
        )
    base = old.master.copy()
    base.drop(*_REPEATS, *_TIMES)
    return base


def _span(lines: Lines, zones: Zones, event: Json) -> dict[str, Any]:
    first = lines.first("DTSTART")
    if first is None:
        raise Unsupported("The event has no start.")
    start = when_of(first, zones)
    by = {n: [*lines.all(n)] for n in _TIMES if lines.first(n)}
    if start.tz is not None and not start.zone and lines.first("RRULE") is not None:
        raise Unsupported(
            "The series is in a time zone that only its own message defines; Google has no such."
        )
    last = lines.first("DTEND")
    if last is not None:
        end_at = when_of(last, zones)
        end = end_at.at(UTC)
        end_zone = end_at.zone or start.zone
    else:
        end = length_of(start, by, zones).after(start.at(UTC))
        end_zone = start.zone
    if start.date:
        days = max(end.date() - start.wall.date(), timedelta(days=1))
        return {
            "start": _dated(start.wall, event.get("start") or {}),
            "end": _dated(start.wall + days, event.get("end") or {}),
        }
    return {
        "start": _timed(start.at(UTC), start.zone or "UTC", event.get("start") or {}),
        "end": _timed(end, end_zone or "UTC", event.get("end") or {}),
    }


def _dated(day: datetime, was: Json) -> dict[str, Any]:
    made: dict[str, Any] = {"date": f"{day:%Y-%m-%d}"}
    return made | {k: None for k in ("dateTime", "timeZone") if k in was}


def _timed(at: datetime, zone: str, was: Json) -> dict[str, Any]:
    made: dict[str, Any] = {"dateTime": at.isoformat(timespec="seconds"), "timeZone": zone}
    return made | ({"date": None} if "date" in was else {})


def _attendees(lines: Lines, event: Json, me: str) -> list[dict[str, Any]]:
    """All that are invited, as Google has them where it knows them: the list takes the place of its own."""
    known = [a for a in event.get("attendees") or () if isinstance(a, Mapping)]
    by = {str(a.get("email") or "").lower(): a for a in known}
    myself = next((a for a in known if a.get("self")), None)
    if myself is not None and me not in by:
        by[me] = myself
    made, done = list[dict[str, Any]](), list[Json]()
    for p in lines.all("ATTENDEE"):
        who = person_of(p, "attendee")
        was = by.get(who.address, {})
        done.append(was)
        if not who.address:
            continue
        one: dict[str, Any] = {k: was[k] for k in _THEIRS if k in was}
        one["email"] = was.get("email") or who.address
        if who.name and not was:
            one["displayName"] = who.name
        if who.role == "resource":
            one["resource"] = True
        if p.params.get("ROLE", "").upper() == "OPT-PARTICIPANT" and not was:
            one["optional"] = True
        one["responseStatus"] = _RESPONSE.get(p.params.get("PARTSTAT", "").upper(), "needsAction")
        if (comment := p.params.get(REPLY_COMMENT, "")) or "comment" in one:
            one["comment"] = comment[:_LONGEST]
        made.append(one)
    # Not written in the text: whoever has no address there, and the organizer's own place in the list.
    for was in known:
        if not any(was is d for d in done) and (not was.get("email") or was.get("organizer")):
            made.append({k: was[k] for k in (*_THEIRS, "email", "responseStatus") if k in was})
    return made


_THEIRS = ("displayName", "optional", "resource", "comment", "additionalGuests")


def _organizer(p: Property) -> dict[str, str]:
    who = person_of(p, "organizer")
    return {"email": who.address, **({"displayName": who.name} if who.name else {})}


def _replied(lines: Lines) -> str:
    said = [
        f"{person_of(p, 'attendee').address} {at}"
        for p in lines.all("ATTENDEE")
        if (at := p.params.get(REPLIED))
    ]
    while len(";".join(said)) > _LONGEST:
        said.pop(0)
    return ";".join(said)


def _private(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = fields.get("extendedProperties", {}).get("private", {})
    return found


def _kept(event: Json) -> dict[str, Any]:
    return dict((event.get("extendedProperties") or {}).get("private") or {})


def _extended(event: Json, private: Mapping[str, Any]) -> dict[str, Any]:
    """All properties there are: a server that does not merge them would lose those that are not named."""
    before = event.get("extendedProperties") or {}
    return {"extendedProperties": {**before, "private": {k: str(v) for k, v in private.items()}}}


def _left_out(written: Written) -> set[datetime]:
    if written.master is None:
        return set()
    found = set()
    for p in written.master.all("EXDATE"):
        for value in p.value.split(","):
            if value.strip():
                found.add(_utc(Property("EXDATE", p.params, value), written.zones))
    return found


def _gone(written: Written) -> set[datetime]:
    """Occurrences that are cancelled: nothing is lost of them."""
    return {at for at, o in written.overrides.items() if value_of(o, "STATUS").upper() == "CANCELLED"}


def _moved(old: Written, new: Written) -> bool:
    """Whether occurrences with something of their own are at other times of the series now."""
    before, after = old.overrides.keys(), new.overrides.keys()
    return bool(before - after) and bool(after - before)


def _utc(p: Property, zones: Zones) -> datetime:
    return when_of(p, zones).at(UTC).astimezone(UTC)


def _plain(lines: Lines, names: Sequence[str]) -> tuple[str, ...]:
    """The lines of these names, unfolded."""
    return tuple(_FOLD.sub("", raw).rstrip("\r\n") for raw in lines.raws(*names))
