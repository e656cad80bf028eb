"""What the shelf of a Google account's calendars writes: a text as the requests that make an event of it.

Nothing that is written makes Google tell anybody by mail (`sendUpdates=none`): Deskhand does that by mail of
its own, after a yes. Guests who use Google Calendar see an event in theirs as soon as it is written; that is
what was asked about. https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from deskhand.connectors._calendar_changes import Change, Written, changes
from deskhand.connectors._calendar_event import Json, master_of, others_in
from deskhand.connectors._calendar_fields import own_answer, whole
from deskhand.connectors._calendar_known import name_of
from deskhand.connectors._calendar_list import Calendars
from deskhand.connectors._calendar_shelf import Fetched
from deskhand.connectors._gcal_event import id_of
from deskhand.connectors._gcal_list import Calendar
from deskhand.connectors._gcal_notes import Notes
from deskhand.connectors._gcal_pass import base_of, by_uid, group_of
from deskhand.connectors._gcal_requests import Requests
from deskhand.connectors._google import Api
from deskhand.connectors._ical_text import EFFECT, group, scan
from deskhand.connectors.errors import Changed, SourceError, Unknown, Unsupported


@dataclass(frozen=True, slots=True)
class Writing:
    """Writes to the calendars of an account."""

    api: Api
    requests: Requests
    notes: Notes
    me: str
    calendars: Callable[[], Calendars[Calendar]]
    fetched: Callable[[Calendar, str, Sequence[Json]], Fetched]

    def create(self, calendar: str, base: str, new: bytes) -> tuple[str, str, str]:
        """Put a new event in, once: its UID, the calendar, and the id it has; no id, and nothing done, where
        it is there.

        :param base: the id that an effect gives it; something else: it was there before, or somebody sent it.
        """
        ((uid, made),) = group(new, scan(new)).items()
        written = Written.of(new, made)
        lines = written.master
        if lines is None:
            raise Unsupported("Google takes no single occurrences of a series that is not in the calendar.")
        newest = next((p.value.strip() for p in lines.all(EFFECT)), "")
        if base != id_of(newest):  # it was there before, or somebody sent it
            calendar, id_ = self._put_back(calendar, uid, written)
        else:
            body = whole(lines, written.zones, self.me)
            if written.overrides:  # the key comes last, and says that all is there
                body.pop("extendedProperties", None)
            id_ = self.requests.insert(calendar, base, body)
            if id_:
                self._complete(calendar, id_, uid, written)
        return uid, calendar, id_

    def delete(self, calendar: str, old: Fetched) -> bool:
        """Take an event away, whole. False, and nothing done, where it is not what it was."""
        master = master_of(old.events)
        targets = (
            [master] if master is not None else [e for e in old.events if e.get("status") != "cancelled"]
        )
        for n, event in enumerate(targets):
            try:
                if self.requests.delete(calendar, event):
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

    def change(self, calendar: str, base: str, old: Fetched, new: bytes) -> bool:
        """Make of an event what the text says. False, and nothing done, where it is not what it was.

        :raises Unsupported: Google cannot do it.
        """
        uid = next(iter(old.groups))
        groups = group(new, scan(new))
        if uid not in groups:
            raise Unsupported("An event of Google's keeps its UID.")
        before, after = Written.of(old.data, old.groups[uid]), Written.of(new, groups[uid])
        steps = changes(before, after, old.events, self.me)
        moves = any(step.moves for step in steps)
        if not old.mine:
            if moves:
                raise Unsupported("Somebody else called this series; please move it in Google Calendar.")
            steps = self._answers(name_of(calendar, base), old, steps, after)
        if not self._do(calendar, base, old, steps):
            return False
        if moves:
            self._complete(calendar, base, uid, after)
        return True

    def _put_back(self, calendar: str, uid: str, written: Written) -> tuple[str, str]:
        """An event that was there before, as Google has it, or one that somebody sent; its UID stays."""
        assert written.master is not None  # noqa: S101 - `create` looked
        there = self._left(calendar, uid)
        if there is None:
            body = whole(written.master, written.zones, self.me, imported=True)
            if written.overrides:
                body.pop("extendedProperties", None)
            id_ = self.requests.put(calendar, uid, body)
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
            self.notes.keep(name_of(known.id, id_), keys, [], [])
            return known.id, id_ if self.requests.patch(known.id, id_, step) else ""
        steps = changes(
            Written.of(file.data, file.groups[next(iter(file.groups))]), written, file.events, self.me
        )
        if len(steps) == 1 and steps[0].event == id_:
            step, steps = replace(step, fields={**back, **steps[0].fields}), []
        if not self.requests.patch(known.id, id_, step):
            return known.id, ""
        self._rest(known.id, id_, steps)
        return known.id, id_

    def _left(self, calendar: str, uid: str) -> tuple[Calendar, list[Json]] | None:
        """What Google still has of an event that was taken away, and in which calendar: that one first."""
        known = sorted((c for c in self.calendars().calendars if c.writable), key=lambda c: c.id != calendar)
        for here in known:
            events = by_uid(self.api, here.id, uid, deleted=True)
            for event in events:
                if not event.get("recurringEventId"):
                    return here, [e for e in events if base_of(e) == event["id"]]
        return None

    def _complete(self, calendar: str, id_: str, uid: str, written: Written) -> None:
        """What single occurrences of a new or moved series have of their own, and its key when they do."""
        if not written.overrides:
            return
        known = self.calendars().calendar(calendar) or Calendar(calendar, calendar, "owner")
        try:
            events = group_of(self.api, calendar, id_, uid)
            if not events:
                raise Unknown("The series was written, and is not there when it is read back.")
            file = self.fetched(known, id_, events)
            there = next(iter(file.groups))
            now = Written.of(file.data, file.groups[there])
            steps = changes(now, written, events, self.me, settled=True)
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
                done = self.requests.patch(calendar, id_, replace(step, etag=""))
            except SourceError as error:
                raise _in_part(error) from error
            if not done:
                raise Unknown("A part of the series was written, and the rest changed meanwhile.")

    def _do(self, calendar: str, base: str, old: Fetched, steps: Sequence[Change]) -> bool:
        for n, step in enumerate(steps):
            try:
                if self.requests.patch(calendar, base, step) or (n and self._again(calendar, old, step)):
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
        now = self.requests.one(calendar, step.event, cancelled=True) if was is not None else None
        if was is None or now is None or _lasting(now) != _lasting(was):
            return False
        return self.requests.patch(calendar, "", replace(step, etag=str(now.get("etag") or "")))

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
        self.notes.keep(name, keys, made, old.events)
        return made


def _lasting(event: Json) -> dict[str, Any]:
    """An event without what changes with every write in its series."""
    return {k: v for k, v in event.items() if k not in ("etag", "updated", "sequence")}


def _in_part(error: SourceError) -> Unknown:
    """What to say where the rest of a new series could not be written."""
    return Unknown(f"A part of the series was written: {error}")
