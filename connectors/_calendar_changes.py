"""A changed VCALENDAR as what its provider is to be asked for: what differs is named, and the rest stays.

Values first: `changes` says what is to be done to which event; `_gcal_shelf` and `_msgcal_writing` do it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from deskhand.connectors._calendar_event import EFFECTS, HELD, Json, master_of, moment_of, original
from deskhand.connectors._calendar_fields import REPEATS, TIMES, differences, extended, kept, private_of
from deskhand.connectors._ical_edit import Found, override
from deskhand.connectors._ical_event import read_series
from deskhand.connectors._ical_lines import Lines, value_of
from deskhand.connectors._ical_text import Group, Property
from deskhand.connectors._ical_times import Zones, when_of
from deskhand.connectors._tries import Lost
from deskhand.connectors.errors import Missing, Transient, Unsupported

BEGUN = ".begun"
"""What the key of an effect ends with until all of it is written."""


@dataclass(frozen=True, slots=True)
class Change:
    """One event, and what of it becomes something else."""

    fields: Mapping[str, Any]
    event: str = ""
    """Its id; empty: the occurrence of the series `at` that moment, which has none of its own yet."""
    etag: str = ""
    at: datetime | None = None
    moves: bool = False
    """Single occurrences have something of their own, and are others after this: they are to be compared
    with what is there then."""


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


def changes(
    old: Written, new: Written, events: Sequence[Json], me: str, *, settled: bool = False
) -> list[Change]:
    """What makes of the events what the new text says; the one with the effect's key comes last.

    :param events: the series and its exceptions, as they are there.
    :param settled: it was moved already, where it was to be.
    :raises Unsupported: the provider has no words for it.
    """
    master = master_of(events)
    by_moment = {
        at.astimezone(UTC): e
        for e in events
        if e is not master and (at := moment_of(original(e))) is not None
    }
    steps: list[Change] = []
    # Back again: what was left out by an exception that is cancelled, and is in no more.
    for at in sorted(left_out(old) - left_out(new)):
        event = by_moment.get(at)
        if event is not None and event.get("status") == "cancelled" and new.plain(at) is not None:
            steps.append(_changed({"status": "confirmed"}, event))
    for at, lines in new.overrides.items():
        event = by_moment.get(at)
        was = old.overrides.get(at)
        if was is None or event is None:
            was = _like_all(old, at)
        fields = differences(was, lines, new.zones, event or master or {}, me)
        if fields.get("status") == "cancelled":
            fields = {k: v for k, v in fields.items() if k in ("status", "extendedProperties")}
        steps.append(_changed(fields, event) if event is not None else Change(fields, at=at))
    for at in sorted(old.overrides.keys() - new.overrides.keys()):
        if (event := by_moment.get(at)) is None:
            continue
        like = new.plain(at)
        if like is not None:  # as all the others again
            fields = differences(old.overrides[at], like, new.zones, event, me)
            steps.append(_changed(fields, event))
        elif event.get("status") != "cancelled":
            steps.append(_changed({"status": "cancelled"}, event))
    steps = _together(steps)
    if new.master is None or old.master is None or master is None:
        return steps
    fields = differences(old.master, new.master, new.zones, master, me)
    if fields.keys() == {"extendedProperties"} and steps and HELD not in private_of(fields):
        # Nothing of the series itself changes: the key goes with what does, in one request.
        last = steps.pop()
        event = next((e for e in events if e.get("id") == last.event), {})
        keyed = {**kept(event), EFFECTS: private_of(fields).get(EFFECTS, "")}
        steps.append(Change({**last.fields, **extended(event, keyed)}, last.event, last.etag, last.at))
        return steps
    mine = old.overrides.keys() - _gone(old)
    if not settled and fields.keys() & {"start", "recurrence"} and _moved(old, new) and mine:
        # Google says of no exception what becomes of it: the series first, with a sign that this is not all.
        keyed = {**kept(master), EFFECTS: f"{private_of(fields).get(EFFECTS, '').partition(' ')[0]}{BEGUN}"}
        return [replace(_changed({**fields, **extended(master, keyed)}, master), moves=True)]
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


def _like_all(old: Written, at: datetime) -> Lines:
    """What an occurrence was before it had anything of its own."""
    if (plain := old.plain(at)) is not None:
        return plain
    if old.master is None:
        raise Unsupported(
            "Only single occurrences of this series are in the calendar; it is the organizer's."
        )
    base = old.master.copy()
    base.drop(*REPEATS, *TIMES)
    return base


def left_out(written: Written) -> set[datetime]:
    """The moments (UTC) that a series leaves out."""
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


def untouched(lost: Lost) -> Transient:
    """What to say of a write that never came to be."""
    return Transient(f"{lost} The calendar is as it was; nothing was changed.")
