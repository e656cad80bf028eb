"""The calendars of a Google account as a `Shelf`: every look asks Google, every write names the ETag it read.

Nothing that is written makes Google tell anybody by mail (`sendUpdates=none`): Deskhand does that by mail of
its own, after a yes. Guests who use Google Calendar see an event in theirs as soon as it is written; that is
what was asked about. https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from deskhand.connectors._calendar_changes import Change, Written, changes
from deskhand.connectors._calendar_event import Json, master_of, others_in
from deskhand.connectors._calendar_fields import own_answer, whole
from deskhand.connectors._calendar_known import name_of, place_of
from deskhand.connectors._calendar_list import Calendars
from deskhand.connectors._calendar_text import calendar_of
from deskhand.connectors._gcal_event import AT, id_of, uid_of
from deskhand.connectors._gcal_list import Calendar
from deskhand.connectors._gcal_notes import Notes
from deskhand.connectors._gcal_pass import base_of, by_uid, group_of
from deskhand.connectors._gcal_requests import Requests
from deskhand.connectors._google import Api
from deskhand.connectors._ical_text import EFFECT, group, scan
from deskhand.connectors._ics_file import Mark, Opened, opened
from deskhand.connectors.errors import (
    Changed,
    Missing,
    SourceError,
    Unknown,
    Unsupported,
)

_PROGRAM = "-//Google//Calendar//EN"
_IMPORT = "uid="
"""How the name of an event begins that has a UID of its own, and no id yet."""
_MADE_BY_GOOGLE = {
    "birthday": "a birthday, which Google takes from your contacts",
    "fromGmail": "an event that Google made of a mail",
}


@dataclass(frozen=True, slots=True)
class Fetched(Opened):
    """A VCALENDAR made of Google's events, and these."""

    events: tuple[Json, ...] = ()

    @property
    def mine(self) -> bool:
        """The person called it: who is its organizer is whose calendar it lies in."""
        return _called(self.events)


class GoogleShelf:
    """See `Shelf`. A name is a calendar's id and an event's, with a slash between them."""

    single = False
    keeps_cancelled = False

    def __init__(self, api: Api, account: Callable[[], Calendars[Calendar]], me: str, notes: Notes) -> None:
        """:param account: as it is known now. :param me: the person's address, lower case."""
        self._api, self._account, self._me, self._notes = api, account, me, notes
        self._requests = Requests(api)
        self._places: Mapping[str, tuple[str, str]] = {}
        self._written: dict[str, tuple[str, str]] = {}

    def remember(self, places: Mapping[str, tuple[str, str]]) -> None:
        """Where a pass has seen each event: name and UID by native id. Looked at there first."""
        self._places, self._written = places, {}

    def find(self, native: str) -> tuple[Opened, str, str] | None:
        """See `Shelf.find`."""
        place = self._written.get(native) or self._places.get(native)
        if place is not None:
            name, uid = place
            file = self.open(name, uid)
            if file is not None and uid in file.groups:
                return file, name, uid
        found = self._search(native, self._account().calendars)
        if found is None:  # one UID in two calendars: `native_of`
            for calendar in self._account().calendars:
                uid, at, _ = native.partition(f"@{calendar.id}")
                if at and (found := self._search(uid, [calendar])) is not None:
                    break
        if found is not None:
            self._written[native] = found[1:]
        return found

    def open(self, name: str, uid: str) -> Fetched | None:
        """An event as it is now; None where it is not there."""
        calendar, base = place_of(name)
        known = self._account().calendar(calendar)
        if known is None or not known.readable:
            return None
        try:
            events = group_of(self._api, calendar, base, uid)
        except Missing:
            return None
        return self.fetched(known, base, events) if events else None

    def fetched(self, calendar: Calendar, base: str, events: Sequence[Json]) -> Fetched:
        """The file that these events make."""
        signed = [] if _called(events) else self._notes.keys(name_of(calendar.id, base), events)
        data = calendar_of(
            events, uid_of(events, base), me=self._me, own=calendar.own(self._me), zone=calendar.zone,
            signed=signed, program=_PROGRAM,
        )  # fmt: skip
        file = opened(Mark(0, 0, 0), data)
        master = master_of(events) or events[0]
        return Fetched(
            file.mark, data, file.digest, file.calendars, file.groups, str(master.get("etag") or ""),
            tuple(events),
        )  # fmt: skip

    def home(self, calendar: str, uid: str) -> tuple[str, Opened | None]:
        """See `Shelf.home`."""
        account = self._account()
        if not calendar:
            if account.default is None:
                raise Unsupported("All calendars of this account are only read.")
            return self.fresh(name_of(account.default.id, "").rstrip("/"), uid), None
        here = account.called(calendar)
        if here is None:
            raise Missing(f"There is no calendar called {calendar!r} here.")
        if not here.writable:
            raise Unsupported(f"The calendar {here.title} is only read.")
        return self.fresh(name_of(here.id, "").rstrip("/"), uid), None

    def fresh(self, folder: str, uid: str) -> str:
        """See `Shelf.fresh`: the id that belongs to a UID of ours, else a name that says that it has none."""
        calendar, _ = place_of(f"{folder}/")
        id_ = uid.removesuffix(AT)
        ours = id_ != uid and id_.startswith("dh") and id_.isalnum()
        return name_of(calendar, id_ if ours else _IMPORT + uid)

    def check(self, name: str, file: Opened, uid: str) -> None:
        """See `Shelf.check`."""
        calendar = self._account().calendar(place_of(name)[0])
        if calendar is None or not calendar.writable:
            raise Unsupported(f"The calendar {calendar.title if calendar else name} is only read.")
        events = file.events if isinstance(file, Fetched) else ()
        for event in events:
            if kind := _MADE_BY_GOOGLE.get(str(event.get("eventType"))):
                raise Unsupported(f"This is {kind}; it is not changed from here.")
            if event.get("locked"):
                raise Unsupported("Google has locked this event; it is not changed from here.")

    def replace(self, name: str, old: Opened | None, new: bytes | None) -> bool:
        """See `Shelf.replace`: the requests that make of the one what the other says."""
        calendar, base = place_of(name)
        if old is None:
            return new is None or self._create(calendar, base, new)
        assert isinstance(old, Fetched)  # noqa: S101 - `find` made it
        if new is None:
            return self._delete(calendar, old)
        uid = next(iter(old.groups))
        data_groups = group(new, scan(new))
        if uid not in data_groups:
            raise Unsupported("An event of Google's keeps its UID.")
        before, after = Written.of(old.data, old.groups[uid]), Written.of(new, data_groups[uid])
        steps = changes(before, after, old.events, self._me)
        moves = any(step.moves for step in steps)
        if not old.mine:
            if moves:
                raise Unsupported("Somebody else called this series; please move it in Google Calendar.")
            steps = self._answers(name, old, steps, after)
        if not self._change(calendar, base, old, steps):
            return False
        if moves:
            self._complete(calendar, base, uid, after)
        return True

    # one kind of write each

    def _create(self, calendar: str, base: str, new: bytes) -> bool:
        ((uid, made),) = group(new, scan(new)).items()
        written = Written.of(new, made)
        lines = written.master
        if lines is None:
            raise Unsupported("Google takes no single occurrences of a series that is not in the calendar.")
        newest = next((p.value.strip() for p in lines.all(EFFECT)), "")
        if base != id_of(newest):  # it was there before, or somebody sent it
            calendar, id_ = self._put_back(calendar, uid, written)
        else:
            body = whole(lines, written.zones, self._me)
            if written.overrides:  # the key comes last, and says that all is there
                body.pop("extendedProperties", None)
            id_ = self._requests.insert(calendar, base, body)
            if id_:
                self._complete(calendar, id_, uid, written)
        if not id_:
            return False
        self._written[uid] = (name_of(calendar, id_), uid)
        return True

    def _put_back(self, calendar: str, uid: str, written: Written) -> tuple[str, str]:
        """An event that was there before, as Google has it, or one that somebody sent; its UID stays."""
        assert written.master is not None  # noqa: S101 - `_create` looked
        there = self._left(calendar, uid)
        if there is None:
            body = whole(written.master, written.zones, self._me, imported=True)
            if written.overrides:
                body.pop("extendedProperties", None)
            id_ = self._requests.put(calendar, uid, body)
            self._complete(calendar, id_, uid, written)
            return calendar, id_
        known, events = there
        master = next(e for e in events if not e.get("recurringEventId"))
        id_ = str(master["id"])
        if master.get("status") != "cancelled":
            return known.id, ""
        back = {"status": "confirmed"}
        step = Change(back, id_, str(master.get("etag") or ""))
        file = self.fetched(known, id_, [{**e, **back} if e is master else e for e in events])
        if not file.mine:
            keys = [p.value.strip() for p in written.master.all(EFFECT)]
            self._notes.keep(name_of(known.id, id_), keys, [], [])
            return known.id, id_ if self._requests.patch(known.id, id_, step) else ""
        steps = changes(
            Written.of(file.data, file.groups[next(iter(file.groups))]), written, file.events, self._me
        )
        if len(steps) == 1 and steps[0].event == id_:
            step, steps = replace(step, fields={**back, **steps[0].fields}), []
        if not self._requests.patch(known.id, id_, step):
            return known.id, ""
        self._rest(known.id, id_, steps)
        return known.id, id_

    def _left(self, calendar: str, uid: str) -> tuple[Calendar, list[Json]] | None:
        """What Google still has of an event that was taken away, and in which calendar: that one first."""
        known = sorted((c for c in self._account().calendars if c.writable), key=lambda c: c.id != calendar)
        for here in known:
            events = by_uid(self._api, here.id, uid, deleted=True)
            for event in events:
                if not event.get("recurringEventId"):
                    return here, [e for e in events if base_of(e) == event["id"]]
        return None

    def _complete(self, calendar: str, id_: str, uid: str, written: Written) -> None:
        """What single occurrences of a new or moved series have of their own, and its key when they do."""
        if not written.overrides:
            return
        known = self._account().calendar(calendar) or Calendar(calendar, calendar, "owner")
        try:
            events = group_of(self._api, calendar, id_, uid)
            if not events:
                raise Unknown("The series was written, and is not there when it is read back.")
            file = self.fetched(known, id_, events)
            there = next(iter(file.groups))
            now = Written.of(file.data, file.groups[there])
            steps = changes(now, written, events, self._me, settled=True)
        except Unknown:
            raise
        except SourceError as error:
            raise _in_part(error) from error
        self._rest(calendar, id_, steps)

    def _rest(self, calendar: str, id_: str, steps: Sequence[Change]) -> None:
        """The steps after the first, which was done."""
        for step in steps:
            try:
                # Ours since a moment ago: no ETag, which may change with each of its occurrences.
                done = self._requests.patch(calendar, id_, replace(step, etag=""))
            except SourceError as error:
                raise _in_part(error) from error
            if not done:
                raise Unknown("A part of the series was written, and the rest changed meanwhile.")

    def _delete(self, calendar: str, old: Fetched) -> bool:
        master = master_of(old.events)
        targets = (
            [master] if master is not None else [e for e in old.events if e.get("status") != "cancelled"]
        )
        for n, event in enumerate(targets):
            try:
                if self._requests.delete(calendar, event):
                    continue
            except Unknown:
                raise
            except SourceError as error:
                if not n:
                    raise
                raise Unknown(f"A part of the event was taken away, and the rest was not: {error}") from error
            if n:
                raise Unknown("A part of the event was taken away, and the rest changed meanwhile.")
            return False
        return True

    def _change(self, calendar: str, base: str, old: Fetched, steps: Sequence[Change]) -> bool:
        for n, step in enumerate(steps):
            try:
                if self._requests.patch(calendar, base, step) or (n and self._again(calendar, old, step)):
                    continue
                error: SourceError = Changed("The event changed meanwhile.")
            except Unknown:
                raise
            except SourceError as e:
                error = e
            if n == 0:
                if isinstance(error, Changed):
                    return False
                raise error
            raise Unknown(f"A part of the change was written, and the rest was not: {error}")
        return True

    def _again(self, calendar: str, old: Fetched, step: Change) -> bool:
        """Change a series whose ETag is another one only since its occurrences were changed just now."""
        was = next((e for e in old.events if e.get("id") == step.event), None)
        now = self._requests.one(calendar, step.event, cancelled=True) if was is not None else None
        if was is None or now is None or _lasting(now) != _lasting(was):
            return False
        return self._requests.patch(calendar, "", replace(step, etag=str(now.get("etag") or "")))

    def _answers(self, name: str, old: Fetched, steps: Sequence[Change], after: Written) -> list[Change]:
        """What may be done to what somebody else called: one's own answer given, and a note of it kept here.

        :raises Unsupported: it is something else.
        """
        free = all(e.get("guestsCanModify") for e in old.events) or not others_in(old.events)
        if not free and not all(own_answer(s.fields) for s in steps):
            raise Unsupported("Somebody else called this meeting; only they can change it.")
        if after.master is not None:
            keys = [p.value.strip() for p in after.master.all(EFFECT)]
        else:
            keys = [p.value.strip() for o in after.overrides.values() for p in o.all(EFFECT)]
        made = []
        for step in steps:
            fields = {k: v for k, v in step.fields.items() if k != "extendedProperties"}
            event = next((e for e in old.events if e.get("id") == step.event), {})
            if event.get("attendeesOmitted") and "attendees" in fields:
                fields["attendeesOmitted"] = True
            if fields:
                made.append(Change(fields, step.event, step.etag, step.at))
        self._notes.keep(name, keys, made, old.events)
        return made

    def _search(self, uid: str, calendars: Sequence[Calendar]) -> tuple[Opened, str, str] | None:
        """Ask the calendars for a UID, the first first."""
        if not uid or len(uid) > 1_000:
            return None
        for calendar in calendars:
            if not calendar.readable:
                continue
            try:
                found = by_uid(self._api, calendar.id, uid)
            except (Missing, Unsupported):
                continue
            bases = sorted(
                {str(e.get("recurringEventId") or e["id"]) for e in found if e.get("iCalUID") == uid}
            )
            for base in bases:
                events = [e for e in found if (e.get("recurringEventId") or e["id"]) == base]
                master = master_of(events)
                if (master or events[0]).get("status") == "cancelled":
                    continue
                file = self.fetched(calendar, base, events)
                if uid in file.groups:
                    return file, name_of(calendar.id, base), uid
        return None


def _called(events: Sequence[Json]) -> bool:
    """Whether whose calendar it lies in is its organizer."""
    event = master_of(events) or (events[0] if events else {})
    organizer = event.get("organizer") or {}
    return not organizer or bool(organizer.get("self"))


def _lasting(event: Json) -> dict[str, Any]:
    """An event without what changes with every write in its series."""
    return {k: v for k, v in event.items() if k not in ("etag", "updated", "sequence")}


def _in_part(error: SourceError) -> Unknown:
    """What to say where the rest of a new series could not be written."""
    return Unknown(f"A part of the series was written: {error}")
