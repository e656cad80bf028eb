"""What Exchange does by itself when a meeting is called, changed, called off or answered: whom it tells of
it, and what becomes of it in their calendars. Everything it mails stands in `World.posted` too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any

from fakes.graph.events import PROPERTIES, Meeting, goid
from fakes.graph.world import Person, World

Json = Any
_TIMES = frozenset({"start", "end", "recurrence", "isAllDay"})
_TOLD = _TIMES | {
    "subject",
    "body",
    "location",
    "attendees",
    "sensitivity",
    "isOnlineMeeting",
    "onlineMeeting",
}
_ANSWERS = {
    "accepted": ("Accepted", "meetingAccepted"), "declined": ("Declined", "meetingDeclined"),
    "tentativelyAccepted": ("Tentative", "meetingTenativelyAccepted"),
}  # fmt: skip
"""With the misspelling of the CSDL."""
_SHOWN = {"accepted": "busy", "tentativelyAccepted": "tentative"}


def made(
    world: World, person: Person, calendar: str, fields: dict[str, Json], properties: Mapping[str, str]
) -> Meeting:
    """A new event, and its invitations."""
    number = world.number()
    new = Meeting(
        number, calendar, goid(number), person.address, deepcopy(fields), world.tick(),
        properties=dict(properties),
    )  # fmt: skip
    if fields.get("isOnlineMeeting"):
        join = f"https://teams.microsoft.com/l/meetup-join/{number}"
        new.fields |= {"onlineMeeting": {"joinUrl": join}, "onlineMeetingProvider": "teamsForBusiness"}
        body = str((fields.get("body") or {}).get("content") or "")
        new.fields["body"] = {"contentType": "text", "content": f"{body}\n{'_' * 40}\nJoin: {join}\n"}
    person.diary.new(new)
    _invite(world, person, new, None, _guests(new.fields))
    return new


def changed(
    world: World, person: Person, meeting: Meeting, on: date | None, fields: dict[str, Json],
    properties: Mapping[str, str],
) -> None:  # fmt: skip
    """An event, or an occurrence of it, becomes another; those invited are told of what is theirs to know."""
    before = _guests(meeting.of(on))
    person.diary.before(meeting)
    _set(world, meeting, on, fields, properties)
    if not meeting.mine:
        return
    if meeting.fields.get("isOnlineMeeting") and "body" in fields:
        join = str((meeting.fields.get("onlineMeeting") or {}).get("joinUrl"))
        if join not in str((fields["body"] or {}).get("content")):
            meeting.fields |= {"isOnlineMeeting": False, "onlineMeeting": None}
    after = _guests(meeting.of(on))
    told = fields.keys() & _TOLD
    if not told or not (before or after):
        return
    if fields.keys() & _TIMES:
        _open_again(meeting, on)
    for name in before & after:
        if (copy := copy_of(world, name, meeting.uid)) is None:
            continue
        other = world.people[name.partition("@")[0]]
        other.diary.before(copy)
        news = {n: deepcopy(meeting.of(on).get(n)) for n in told}
        _set(world, copy, on, news, {})
        if fields.keys() & _TIMES:
            where = copy.fields if on is None else copy.exceptions[on]
            where["showAs"] = "tentative"
            if on is None:
                copy.answer = "notResponded"
            else:
                where["answer"] = "notResponded"
    _mail(world, person, meeting, on, sorted(before & after), "", "meetingRequest")
    _invite(world, person, meeting, on, after - before)
    _withdraw(world, person, meeting, on, before - after, "")


def taken(world: World, person: Person, meeting: Meeting, on: date | None, comment: str = "") -> None:
    """An event, or an occurrence of it, is taken away; of one's own meeting those invited are told."""
    guests = _guests(meeting.of(on)) if meeting.mine else set[str]()
    person.diary.before(meeting)
    if on is None:
        del person.diary.meetings[meeting.key]
    else:
        meeting.exceptions.pop(on, None)
        meeting.gone.add(on)
        meeting.changed = world.number()
    _withdraw(world, person, meeting, on, guests, comment)


def answered(
    world: World, person: Person, meeting: Meeting, on: date | None, answer: str, *, comment: str, send: bool
) -> None:
    """Somebody who is invited answers; who says no has it no more in the calendar."""
    person.diary.before(meeting)
    if answer == "declined":
        if on is None:
            del person.diary.meetings[meeting.key]
        else:
            meeting.exceptions.pop(on, None)
            meeting.gone.add(on)
    elif on is None:
        meeting.answer, meeting.answered = answer, world.now
        meeting.fields["showAs"] = _SHOWN[answer]
        for own in meeting.exceptions.values():
            own.pop("answer", None)
    else:
        meeting.exceptions.setdefault(on, {}).update(answer=answer, showAs=_SHOWN[answer])
    meeting.changed = world.number()
    if not send:
        return
    _mail(world, person, meeting, on, [meeting.organizer], comment, _ANSWERS[answer][1])
    called = copy_of(world, meeting.organizer, meeting.uid)
    if called is None:
        return
    world.people[meeting.organizer.partition("@")[0]].diary.before(called)
    where = called.fields if on is None else called.exceptions.setdefault(on, {})
    where["attendees"] = [
        {**a, "status": {"response": answer, "time": "2026-11-22T08:00:00Z"}}
        if a["emailAddress"]["address"].lower() == person.address
        else a
        for a in deepcopy(called.of(on).get("attendees") or [])
    ]
    called.changed = world.number()


def copy_of(world: World, address: str, uid: str) -> Meeting | None:
    """A meeting as it lies in somebody's calendar."""
    person = world.people.get(address.partition("@")[0])
    if person is None or person.address != address:
        return None
    return next((m for m in person.diary.meetings.values() if m.uid == uid), None)


def _guests(fields: Mapping[str, Json]) -> set[str]:
    return {a["emailAddress"]["address"].lower() for a in fields.get("attendees") or ()}


def _set(
    world: World, meeting: Meeting, on: date | None, fields: Mapping[str, Json], properties: Mapping[str, str]
) -> None:
    meeting.changed = world.number()
    if "attendees" in fields:  # an answer is its attendee's, and no organizer sets it
        known = {
            a["emailAddress"]["address"].lower(): a.get("status")
            for a in meeting.of(on).get("attendees") or ()
        }
        fields = {**fields, "attendees": [
            {**{n: v for n, v in a.items() if n != "status"}, **(
                {"status": s} if (s := known.get(a["emailAddress"]["address"].lower())) else {}
            )} for a in fields["attendees"] or ()
        ]}  # fmt: skip
    if on is not None:
        own = meeting.exceptions.setdefault(on, {})
        own.update(deepcopy(dict(fields)))
        if ("start" in own) != ("end" in own):
            raise AssertionError("an occurrence is moved with its start and its end")
        if properties:
            own[PROPERTIES] = {**own.get(PROPERTIES, {}), **properties}
        return
    if "recurrence" in fields or (meeting.repeats and fields.keys() & {"start", "end"}):
        meeting.exceptions.clear()  # another pattern makes other occurrences
        meeting.gone.clear()
    else:
        for own in meeting.exceptions.values():  # what was as all the others were stays so
            for name in fields.keys() & own.keys() - {"start", "end"}:
                if own[name] == meeting.fields.get(name):
                    del own[name]
    meeting.fields.update(deepcopy(dict(fields)))
    meeting.properties.update(properties)


def _open_again(meeting: Meeting, on: date | None) -> None:
    where = meeting.fields if on is None else meeting.exceptions[on]
    guests = deepcopy(meeting.of(on).get("attendees") or [])
    where["attendees"] = [{n: v for n, v in a.items() if n != "status"} for a in guests]


def _invite(world: World, person: Person, meeting: Meeting, on: date | None, guests: Iterable[str]) -> None:
    for name in sorted(guests):
        other = world.people.get(name.partition("@")[0])
        if other is None or other.address != name or other is person:
            continue
        fields = {n: v for n, v in deepcopy(meeting.of(on)).items() if n != "transactionId"}
        fields["showAs"] = "tentative"
        if on is not None:
            fields.pop("recurrence", None)
        calendar = next(c.id for c in other.diary.calendars.values() if c.default)
        other.diary.new(Meeting(
            world.number(), calendar, meeting.uid, person.address, fields, world.tick(),
            answer="notResponded", exceptions=deepcopy(meeting.exceptions) if on is None else {},
            gone={*meeting.gone} if on is None else set(),
        ))  # fmt: skip
    _mail(world, person, meeting, on, sorted(guests), "", "meetingRequest")


def _withdraw(
    world: World, person: Person, meeting: Meeting, on: date | None, guests: Iterable[str], comment: str
) -> None:
    for name in guests:
        if (copy := copy_of(world, name, meeting.uid)) is None:
            continue
        other = world.people[name.partition("@")[0]]
        other.diary.before(copy)
        copy.changed = world.number()
        if on is None:
            copy.cancelled = True
            copy.fields["subject"] = f"Canceled: {copy.fields.get('subject', '')}"
            copy.fields["showAs"] = "free"
        else:
            copy.exceptions.pop(on, None)
            copy.gone.add(on)
    _mail(world, person, meeting, on, sorted(guests), comment, "meetingCancelled")


def _mail(
    world: World, person: Person, meeting: Meeting, on: date | None, to: list[str], comment: str, kind: str
) -> None:
    """What stands in the Inbox of whoever is told: an event message, not an ordinary one."""
    to = [a for a in to if a != person.address]
    if not to:
        return
    subject = str(meeting.of(on).get("subject") or "")
    prefix = next((said for said, k in _ANSWERS.values() if k == kind), "")
    prefix = "Canceled" if kind == "meetingCancelled" else prefix
    made = EmailMessage()
    made["From"], made["To"] = f"{person.shown} <{person.address}>", ", ".join(to)
    made["Subject"] = f"{prefix}: {subject}" if prefix else subject
    made["Message-ID"] = f"<meeting-{world.number()}@fake.example.com>"
    made.set_content(comment or str((meeting.fields.get("body") or {}).get("content") or ""))
    data = made.as_bytes()
    world.posted.append((person.name, to, data))
    type_ = "eventMessageRequest" if kind == "meetingRequest" else "eventMessage"
    for address in to:
        other = world.people.get(address.partition("@")[0])
        if other is not None and other.address == address:
            letter = world.keep(other, data, other.folders["inbox"].id)
            letter.event = {"@odata.type": f"#microsoft.graph.{type_}", "meetingMessageType": kind}


def length(meeting: Meeting) -> timedelta:
    start, end = meeting.span()
    return end - start
