"""What Graph is asked for to make one state of an event another: the differences of two texts, request by
request.

Another time or another rule of a series makes Outlook forget what single occurrences had of their own: that
is put back after it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from deskhand.connectors._calendar_changes import Change, Written, changes, left_out, untouched
from deskhand.connectors._calendar_event import (
    EFFECTS,
    Json,
    called_here,
    master_of,
    moment_of,
    original,
    others_in,
)
from deskhand.connectors._calendar_fields import REPEATS, TIMES, differences, own_answer, whole
from deskhand.connectors._calendar_known import name_of
from deskhand.connectors._calendar_shelf import Fetched
from deskhand.connectors._ical_lines import Lines, value_of
from deskhand.connectors._ical_text import EFFECT, group, scan
from deskhand.connectors._msgcal_event import KEPT, MADE, PROPERTIES, UID, is_alias, transaction, uid_of
from deskhand.connectors._msgcal_fields import body_of, shown_as
from deskhand.connectors._msgcal_find import Finding
from deskhand.connectors._msgcal_list import Calendar
from deskhand.connectors._msgcal_notes import Notes, answer_fact, facts_of, gone_fact
from deskhand.connectors._msgcal_pass import Group
from deskhand.connectors._msgcal_requests import Answer, Requests
from deskhand.connectors._tries import Lost, looked
from deskhand.connectors.errors import Missing, SourceError, Unknown, Unsupported

NEW = "new="
"""How the name of an event begins that is not there yet."""
_ANSWERS: dict[str, Answer] = {
    "accepted": "accept", "declined": "decline", "tentative": "tentativelyAccept",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Step:
    """One request: an event that is taken away, or what of it becomes something else."""

    event: Json
    body: dict[str, Any] | None
    """None: it is taken away."""


@dataclass(frozen=True, slots=True)
class Writing:
    """Writes to the calendars of an account."""

    requests: Requests
    finding: Finding
    notes: Notes
    me: str
    mine: Callable[[], Sequence[str]]
    fetched: Callable[[Calendar, Group], Fetched]

    def create(self, calendar: Calendar, new: bytes) -> tuple[str, str, str]:
        """Put a new event in, once; the native id that its text says, the id it has, and its UID."""
        ((native, made),) = group(new, scan(new)).items()
        written = Written.of(new, made)
        lines = written.master
        if lines is None:
            raise Unsupported("Outlook takes no single occurrences of a series that is not in the calendar.")
        if not self._own(lines):
            raise Unsupported("Outlook takes nothing into a calendar that somebody else called.")
        key = next((p.value.strip() for p in lines.all(EFFECT)), "")
        body = body_of(whole(lines, written.zones, self.me), {}, self.mine())
        if (shown := shown_as(lines)) and "showAs" not in body:
            body["showAs"] = shown
        later = bool(written.overrides or left_out(written))
        held = [] if later else body.pop(KEPT, [])  # else the key comes last, and says that all is there
        body.pop(KEPT, None)
        name = MADE if is_alias(native) else UID
        body |= {
            "transactionId": transaction(f"{key} {native}"),
            KEPT: [*held, {"id": PROPERTIES[name], "value": native}],
        }  # fmt: skip
        try:
            said = self.requests.insert(calendar.id, body)
        except Lost as lost:
            there = looked(
                lost, "the event was written", lambda: self.finding.search([calendar], native, sure=True)
            )  # fmt: skip
            if there is None:
                raise untouched(lost) from None
            said = there[1]
        id_, uid = str(said["id"]), uid_of(said)
        if later:
            self._complete(calendar, id_, written)
        return native, id_, uid if is_alias(native) else native

    def delete(self, calendar: Calendar, events: Sequence[Json]) -> bool:
        """Take an event away, whole. False, and nothing done, where it is not what it was."""
        master = master_of(events)
        targets = [master] if master is not None else [e for e in events if e.get("status") != "cancelled"]
        for n, event in enumerate(targets):
            if self.requests.delete(calendar.id, event, meeting=called_here(events) and others_in([event])):
                continue
            if n:
                raise Unknown("A part of the event was taken away, and the rest changed meanwhile.")
            return False
        return True

    def change(self, calendar: Calendar, name: str, old: Fetched, new: bytes) -> bool:
        """Make of an event what the text says. False, and nothing done, where it is not what it was.

        :raises Unsupported: Graph cannot do it.
        """
        uid = next(iter(old.groups))
        groups = group(new, scan(new))
        if uid not in groups:
            raise Unsupported("An event of Outlook's keeps its UID.")
        before, after = Written.of(old.data, old.groups[uid]), Written.of(new, groups[uid])
        if not called_here(old.events):
            return self._answer(calendar, name, old, before, after)
        master = master_of(old.events)
        if master is not None and master.get("recurrence") and _anew(before, after, old.events):
            return self._begin_anew(calendar, name, old, before, after)
        return self._do(calendar, name, old, before, after, first=True)

    # ------------------------------------------------------------------ one's own

    def _do(
        self, calendar: Calendar, name: str, old: Fetched, before: Written, after: Written, *, first: bool
    ) -> bool:
        """The differences, without what begins a series anew. `first`: nothing was written yet."""
        steps = self._steps(calendar, old, before, changes(before, after, old.events, self.me), after)
        keys = _keys(after)
        if not any(_carries(s, keys) for s in steps):
            gone = {gone_fact(s.event) for s in steps if s.body is None}
            self.notes.keep(name, keys, gone or facts_of(old.events))
        others = others_in(old.events)
        for n, step in enumerate(steps):
            now = first and n == 0
            event = step.event if now else {**step.event, "etag": ""}
            try:
                if step.body is None:
                    done = self.requests.delete(calendar.id, event, meeting=others)
                else:
                    done = self.requests.patch(calendar.id, str(event["id"]), step.body, str(event["etag"]))
            except Unknown:
                raise
            except SourceError as error:
                if now:
                    raise
                raise Unknown(f"A part of the change was written, and the rest was not: {error}") from error
            if not done and now:
                return False
            if not done:
                raise Unknown("A part of the change was written, and the rest changed meanwhile.")
        return True

    def _steps(
        self, calendar: Calendar, old: Fetched, before: Written, wanted: Sequence[Change], after: Written
    ) -> list[_Step]:
        """Requests in order: what goes, what changes; the series itself, and the key, last."""
        master = master_of(old.events) or {}
        by_id = {str(e["id"]): e for e in old.events}
        by_moment = {moment_of(original(e)): e for e in old.events if e.get("recurringEventId")}
        gone: dict[str, Json] = {}
        for at in sorted(left_out(after) - left_out(before)):
            event = by_moment.get(at) or self._instance(calendar, master, at)
            gone[str(event["id"])] = event
        made: list[_Step] = []
        for step in wanted:
            event = by_id.get(step.event) or self._instance(calendar, master, step.at)
            fields = dict(step.fields)
            if fields.get("status") == "cancelled" and event is not master:
                gone[str(event["id"])] = event
                continue
            if event is master and master.get("recurrence"):
                for name in ("recurrence", "start", "end"):
                    fields.pop(name, None)
            if str(event["id"]) not in gone and fields:
                made.append(_Step(event, body_of(fields, event, self.mine())))
        if gone and all(s.event is master and (s.body or {}).keys() <= {KEPT} for s in made):
            made = [s for s in made if not _only_effects(s)]
        return [*(_Step(e, None) for e in gone.values() if e.get("status") != "cancelled"), *made]

    def _instance(self, calendar: Calendar, master: Json, at: datetime | None) -> Json:
        found = self.finding.instance(calendar.id, master, at) if at is not None and master else None
        if found is None:
            raise Missing("The event does not happen at that time.")
        return found

    def _begin_anew(
        self, calendar: Calendar, name: str, old: Fetched, before: Written, after: Written
    ) -> bool:
        """A series with another time or rule, or with an occurrence back that was called off."""
        assert before.master is not None  # noqa: S101 - `_anew` looked
        assert after.master is not None  # noqa: S101
        master = cast(Json, master_of(old.events))
        fields = differences(before.master, after.master, after.zones, master, self.me)
        fields["recurrence"] = [
            f"{p.name}:{p.value}" for n in REPEATS if n != "EXDATE" for p in after.master.all(n)
        ]
        later = bool(after.overrides or left_out(after))
        if later:
            fields.pop("extendedProperties", None)
        body = body_of(fields, master, self.mine())
        if not self.requests.patch(calendar.id, str(master["id"]), body, str(master["etag"])):
            return False
        if later:
            self._finish(calendar, name, str(master["id"]), after)
        return True

    def _complete(self, calendar: Calendar, id_: str, written: Written) -> None:
        """What single occurrences of a new series have of their own, and its key when they do."""
        self._finish(calendar, name_of(calendar.id, id_), id_, written)

    def _finish(self, calendar: Calendar, name: str, id_: str, after: Written) -> None:
        """Write the rest of what a text says of a series that was begun.

        :raises Unknown: it was not written, or only a part of it.
        """
        try:
            there = self.finding.group(calendar.id, id_)
            if there is None:
                raise Unknown("The series was written, and is not there when it is read back.")
            file = self.fetched(calendar, there)
            before = Written.of(file.data, file.groups[next(iter(file.groups))])
            if _anew(before, after, there.events):
                raise Unknown("The series was written, and Outlook made something else of it.")
            self._do(calendar, name, file, before, after, first=False)
        except Unknown:
            raise
        except SourceError as error:
            raise Unknown(f"A part of the series was written: {error}") from error

    def _own(self, lines: Lines) -> bool:
        organizer = lines.first("ORGANIZER")
        if organizer is None:
            return True
        address = organizer.value.strip().lower().removeprefix("mailto:")
        return address in self.mine()

    # ------------------------------------------------------------------ somebody else's

    def _answer(self, calendar: Calendar, name: str, old: Fetched, before: Written, after: Written) -> bool:
        """One's own answer given, and a note of it kept here: nothing else may be done to what others called.

        :raises Unsupported: it is something else.
        """
        steps = changes(before, after, old.events, self.me)
        if not all(own_answer(s.fields) for s in steps):
            raise Unsupported("Somebody else called this meeting; only they can change it.")
        master = master_of(old.events) or {}
        by_id = {str(e["id"]): e for e in old.events}
        own = {str(a.get("email")) for e in old.events for a in e.get("attendees") or () if a.get("self")}
        todo: list[tuple[Json, Answer, str]] = []
        facts: set[str] = set()
        for step in steps:
            said = next((a for a in step.fields.get("attendees") or () if a["email"] in own), None)
            if said is None:
                continue
            event = by_id.get(step.event) or self._instance(calendar, master, step.at)
            if (answer := _ANSWERS.get(str(said["responseStatus"]))) is None:
                raise Unsupported("Outlook does not take an answer back; give another one.")
            todo.append((event, answer, str(said.get("comment") or "")))
            gone = answer == "decline" and bool(event.get("recurringEventId"))
            facts.add(gone_fact(event) if gone else answer_fact(event, str(said["responseStatus"])))
        if not facts:  # the same answer again: what the event says is what was wanted
            facts = {f for f in facts_of(old.events) if f.startswith("answer")}
        self.notes.keep(name, _keys(after), facts)
        for n, (event, answer, comment) in enumerate(todo):
            try:
                done = self.requests.answer(calendar.id, event, answer, comment)
            except SourceError as error:
                if n == 0 or isinstance(error, Unknown):
                    raise
                raise Unknown(f"A part of the answer was given, and the rest was not: {error}") from error
            if not done and n == 0:
                return False
            if not done:
                raise Unknown("A part of the answer was given, and the rest changed meanwhile.")
        return True


def _anew(before: Written, after: Written, events: Sequence[Json]) -> bool:
    """Whether the occurrences of a series become others, or one comes back that was called off."""
    if before.master is None or after.master is None:
        return False
    rules = [n for n in REPEATS if n != "EXDATE"]
    if any(_said(before.master, n) != _said(after.master, n) for n in (*rules, *TIMES)):
        return True
    out = left_out(after) | {
        at for at, o in after.overrides.items() if value_of(o, "STATUS").upper() == "CANCELLED"
    }
    called_off = {
        moment_of(original(e))
        for e in events
        if e.get("recurringEventId") and e.get("status") == "cancelled"
    }  # fmt: skip
    return bool({at for at in called_off if at is not None} - out)


def _said(lines: Lines, name: str) -> list[tuple[str, str]]:
    return [(p.params.get("TZID", ""), p.value) for p in lines.all(name)]


def _keys(written: Written) -> list[str]:
    lines = [written.master] if written.master is not None else [*written.overrides.values()]
    return [p.value.strip() for one in lines for p in one.all(EFFECT)]


def _carries(step: _Step, keys: Collection[str]) -> bool:
    held = [p["value"] for p in (step.body or {}).get(KEPT) or () if p["id"] == PROPERTIES[EFFECTS]]
    return bool(held) and bool({*held[0].split()} & {*keys})


def _only_effects(step: _Step) -> bool:
    return [p["id"] for p in (step.body or {}).get(KEPT) or ()] == [PROPERTIES[EFFECTS]]
