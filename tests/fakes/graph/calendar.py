"""Calendars of the fake Graph: calendars, events, views of a window and what changed in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from fakes.graph import meetings
from fakes.graph.events import (
    PROPERTIES,
    Calendar,
    Meeting,
    key_text,
    misfit,
    utc,
    wall,
    zone_of,
)
from fakes.graph.told import id_of_event, told
from fakes.graph.wire import Answer, Call, routes
from fakes.graph.world import Refused, World

Json = Any
CALENDAR = routes()
READ, WRITE = "Calendars.Read", "Calendars.ReadWrite"
_LONGEST = timedelta(days=1825)
"""How much time one view may hold."""
_EVENTS = r"/me/(?:calendars/([^/]+)/)?events"
_VIEW = r"/me/(?:calendars/([^/]+)/|calendar/)?calendarView"
_SET = frozenset({
    "subject", "body", "start", "end", "location", "locations", "attendees", "isAllDay", "showAs",
    "sensitivity", "recurrence", "importance", "isReminderOn", "reminderMinutesBeforeStart", "categories",
    "responseRequested",
    "isOnlineMeeting", "onlineMeetingProvider", "allowNewTimeProposals", "hideAttendees",
})  # fmt: skip
"""What may be set in an event."""
_OWN = frozenset({"showAs", "sensitivity", "isReminderOn", "reminderMinutesBeforeStart", "categories"})
"""What whoever is invited may set in the own copy."""

# ---------------------------------------------------------------------- calendars


@CALENDAR("GET", r"/me/calendars", READ)
def calendars(world: World, call: Call) -> Answer:
    found = [call.chosen(_calendar(world, c)) for c in call.person.diary.calendars.values()]
    top, skip = int(call.query.get("$top", "10")), int(call.query.get("$skip", "0"))
    more = {"@odata.nextLink": call.again({"$skip": str(skip + top)})} if len(found) > skip + top else {}
    return Answer(200, {"value": found[skip : skip + top], **more})


@CALENDAR("GET", r"/me/calendar|/me/calendars/([^/]+)", READ)
def calendar(world: World, call: Call) -> Answer:
    return Answer(200, call.chosen(_calendar(world, _where(call))))


def _calendar(world: World, calendar: Calendar) -> Json:
    who = next((p.shown for p in world.people.values() if p.address == calendar.owner), calendar.owner)
    return {
        "id": calendar.id, "name": calendar.name, "color": "auto", "hexColor": "", "changeKey": "CK=",
        "isDefaultCalendar": calendar.default, "canShare": calendar.default, "canViewPrivateItems": True,
        "canEdit": calendar.editable, "isTallyingResponses": True, "isRemovable": not calendar.default,
        "owner": {"name": who, "address": calendar.owner}, "allowedOnlineMeetingProviders": [],
        "defaultOnlineMeetingProvider": "unknown",
    }  # fmt: skip


def _where(call: Call) -> Calendar:
    """The calendar that is named, or the default one."""
    all_ = call.person.diary.calendars
    named = unquote(call.named[0]) if call.named else ""
    found = all_.get(named) if named else next(c for c in all_.values() if c.default)
    if found is None:
        raise Refused(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    return found


# ---------------------------------------------------------------------- a window


@CALENDAR("GET", _VIEW + r"/delta(?:\(\))?", READ)
def view_delta(world: World, call: Call) -> Answer:
    """https://learn.microsoft.com/en-us/graph/api/event-delta"""
    for name in ("$select", "$expand", "$filter", "$orderby", "$search", "$top"):
        if name in call.query:
            raise Refused(400, "ErrorInvalidUrlQuery", f"{name} is not supported here.")
    diary, at = call.person.diary, _where(call)
    token = call.query.get("$skiptoken") or call.query.get("$deltatoken")
    if token is None:
        low, high = _window(call)
        what = f"view {at.id} {utc(low)} {utc(high)}"
    else:
        what = str(world.linked(token)["what"])
        low, high = (datetime.fromisoformat(t) for t in what.split(" ")[-2:])
    inside = [m for m in diary.meetings.values() if m.calendar == at.id]
    given = call.continued(
        world, what, lambda: [[m.key, day, True] for m in inside for day in m.inside(low, high)],
        lambda since: diary.touched(at.id, since, low, high), len(diary.log),
    )  # fmt: skip
    rows = [_row(world, call, *row) for row in given.rows]
    return Answer(200, {"value": rows, **given.links(world, call)})


def _row(world: World, call: Call, key: int, day: str, there: bool) -> Json:
    meeting = call.person.diary.meetings.get(key)
    kind = {"@odata.type": "#microsoft.graph.event"}
    if meeting is None or not there or (day and date.fromisoformat(day) in meeting.gone):
        return {**kind, "id": id_of_event(call, key, day), "@removed": {"reason": "deleted"}}
    made = told(world, call, meeting, day)
    if made["type"] == "occurrence":
        made = {n: made[n] for n in ("@odata.etag", "id", "seriesMasterId", "type", "start", "end")}
    return {**kind, **made}


@CALENDAR("GET", _VIEW, READ)
def view(world: World, call: Call) -> Answer:
    low, high = _window(call)
    at = _where(call)
    rows = []
    for meeting in call.person.diary.meetings.values():
        if meeting.calendar == at.id:
            days = [d for d in meeting.inside(low, high) if d or not meeting.repeats]
            rows += [told(world, call, meeting, d) for d in days]
    return _listed(call, sorted(rows, key=lambda r: r["start"]["dateTime"]))


def _window(call: Call) -> tuple[datetime, datetime]:
    given = {n.lower(): v for n, v in call.query.items()}
    try:
        low, high = (datetime.fromisoformat(given[n]) for n in ("startdatetime", "enddatetime"))
    except (KeyError, ValueError):
        raise Refused(400, "ErrorInvalidParameter", "This request requires a time window.") from None
    low, high = (t if t.tzinfo else t.replace(tzinfo=UTC) for t in (low, high))
    if high < low or high - low > _LONGEST:
        raise Refused(
            400, "ErrorCalendarViewRangeTooBig", "The range is too large. Maximum number of days: 1825."
        )
    return low, high


def _listed(call: Call, rows: list[Json]) -> Answer:
    top, skip = int(call.query.get("$top", "10")), int(call.query.get("$skip", "0"))
    more = {"@odata.nextLink": call.again({"$skip": str(skip + top)})} if len(rows) > skip + top else {}
    return Answer(200, {"value": [_chosen(call, r) for r in rows[skip : skip + top]], **more})


def _chosen(call: Call, row: Json) -> Json:
    """What is selected, and what is expanded."""
    expanded = {n: row[n] for n in (PROPERTIES, "exceptionOccurrences") if n in row}
    return {**call.chosen(row), **expanded}


# ---------------------------------------------------------------------- events


@CALENDAR("GET", _EVENTS, READ)
def events(world: World, call: Call) -> Answer:
    """Events and masters of series, of all times; no occurrences."""
    at = _where(call)
    found: Iterable[Meeting] = [m for m in call.person.diary.meetings.values() if m.calendar == at.id]
    if asked := call.query.get("$filter"):
        uid = re.fullmatch(r"iCalUId eq '((?:[^']|'')*)'", asked)
        held = re.fullmatch(
            rf"{PROPERTIES}/any\(ep: ?ep/id eq '([^']*)' and ep/value eq '((?:[^']|'')*)'\)", asked
        )
        assert uid or held, f"the fake knows no filter {asked}"
        if uid:
            found = [m for m in found if m.uid == uid[1].replace("''", "'")]
        if held:
            found = [m for m in found if m.properties.get(held[1]) == held[2].replace("''", "'")]
    return _listed(call, [told(world, call, m, "") for m in found])


@CALENDAR("GET", _EVENTS + "/([^/]+)", READ)
def event(world: World, call: Call) -> Answer:
    meeting, day = _found(call)
    return Answer(200, _chosen(call, told(world, call, meeting, day)))


@CALENDAR("GET", _EVENTS + "/([^/]+)/instances", READ)
def instances(world: World, call: Call) -> Answer:
    meeting, day = _found(call)
    low, high = _window(call)
    if day or not meeting.repeats:
        raise Refused(400, "ErrorInvalidRequest", "It is no series.")
    return _listed(call, [told(world, call, meeting, d.isoformat()) for d in meeting.days(low, high)])


@CALENDAR("POST", _EVENTS, WRITE)
def create(world: World, call: Call) -> Answer:
    at, diary = _where(call), call.person.diary
    given = dict(call.json)
    if not at.editable:
        raise Refused(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    transaction = str(given.get("transactionId") or "")
    if (known := diary.meetings.get(diary.transactions.get(transaction, 0))) is not None:
        return Answer(201, told(world, call, known, ""))
    fields, properties = _checked(given)
    if "start" not in fields or "end" not in fields:
        raise Refused(400, "ErrorInvalidRequest", "An event has a start and an end.")
    made = meetings.made(world, call.person, at.id, fields, properties)
    if transaction:
        diary.transactions[transaction] = made.key
        made.fields["transactionId"] = transaction
    diary.written.append(f"create {made.fields.get('subject')}")
    return Answer(201, told(world, call, made, ""))


@CALENDAR("PATCH", _EVENTS + "/([^/]+)", WRITE)
def change(world: World, call: Call) -> Answer:
    meeting, day = _found(call)
    _if_match(call, meeting)
    before = meeting.of(date.fromisoformat(day)) | {"recurrence": None} if day else meeting.fields
    fields, properties = _checked(dict(call.json), before)
    if not meeting.mine and (wrong := fields.keys() - _OWN):
        raise Refused(
            400, "ErrorCannotUpdatePropertyOfMeeting", f"Only the organizer can change {sorted(wrong)}."
        )
    if day and "recurrence" in fields:
        raise Refused(400, "ErrorInvalidRequest", "An occurrence does not repeat.")
    meetings.changed(
        world, call.person, meeting, date.fromisoformat(day) if day else None, fields, properties
    )
    call.person.diary.written.append(f"change {meeting.fields.get('subject')}")
    return Answer(200, told(world, call, meeting, day))


@CALENDAR("DELETE", _EVENTS + "/([^/]+)", WRITE)
def delete(world: World, call: Call) -> Answer:
    """Whoever called it tells those invited."""
    meeting, day = _found(call)
    _if_match(call, meeting)
    meetings.taken(world, call.person, meeting, date.fromisoformat(day) if day else None)
    call.person.diary.written.append(f"delete {meeting.fields.get('subject')}")
    return Answer(204)


@CALENDAR("POST", _EVENTS + "/([^/]+)/cancel", WRITE)
def cancel(world: World, call: Call) -> Answer:
    meeting, day = _found(call)
    if not meeting.mine or not meeting.fields.get("attendees"):
        raise Refused(400, "ErrorInvalidRequest", "You need to be the organizer of a meeting to cancel it.")
    comment = str(call.argument("comment") or "")
    meetings.taken(world, call.person, meeting, date.fromisoformat(day) if day else None, comment)
    call.person.diary.written.append(f"cancel {meeting.fields.get('subject')}: {comment}")
    return Answer(202)


@CALENDAR("POST", _EVENTS + "/([^/]+)/(accept|decline|tentativelyAccept)", WRITE)
def respond(world: World, call: Call) -> Answer:
    meeting, day = _found(call)
    if meeting.mine:
        raise Refused(400, "ErrorInvalidRequest", "You can't respond to this meeting: you're the organizer.")
    send = call.argument("sendResponse")
    answer = {"accept": "accepted", "decline": "declined"}.get(call.named[2], "tentativelyAccepted")
    meetings.answered(
        world, call.person, meeting, date.fromisoformat(day) if day else None, answer,
        comment=str(call.argument("comment") or ""), send=True if send is None else bool(send),
    )  # fmt: skip
    call.person.diary.written.append(f"{call.named[2]} {meeting.fields.get('subject')}")
    return Answer(202)


def _found(call: Call) -> tuple[Meeting, str]:
    """The meeting that an id names, and the day of an occurrence."""
    named = re.fullmatch(r"(.*?=?)(?:\.(\d{4}-\d\d-\d\d))?", unquote(call.named[1]))
    assert named is not None
    meeting = call.person.diary.meetings.get(call.key_of(named[1]))
    if meeting is None or (call.named[0] and meeting.calendar != unquote(call.named[0])):
        raise Refused(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    if day := named[2] or "":
        at = meeting.original(date.fromisoformat(day))
        near = meeting.repeats and [*meeting.days(at - timedelta(days=400), at + timedelta(days=400))]
        if not near or date.fromisoformat(day) not in near:
            raise Refused(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    return meeting, day


def _if_match(call: Call, meeting: Meeting) -> None:
    wanted = call.headers.get("if-match")
    if wanted and wanted not in ("*", f'W/"{key_text(meeting)}"'):
        raise Refused(
            412, "ErrorIrresolvableConflict", "The send or update operation could not be performed."
        )


def _checked(given: Json, before: Json = None) -> tuple[Json, dict[str, str]]:
    """What is to be set, and extended properties; refused where Graph would."""
    properties = {p["id"]: p["value"] for p in given.pop(PROPERTIES, None) or ()}
    for id_ in properties:
        if not re.fullmatch(r"String \{[0-9a-f-]{36}\} Name \w+", id_):
            raise Refused(400, "ErrorInvalidProperty", f"{id_} is no extended property.")
    given.pop("transactionId", None)
    if wrong := given.keys() - _SET:
        raise Refused(400, "ErrorInvalidPropertySet", f"{sorted(wrong)} cannot be set.")
    whole = {**(before or {}), **given}
    for name in ("start", "end"):
        if name in given:
            try:
                zone_of(given[name]["timeZone"])
            except (KeyError, ValueError, OSError):
                raise Refused(400, "TimeZoneNotSupportedException", "A time zone is not supported.") from None
            if whole.get("isAllDay") and wall(given[name]).time() != datetime.min.time():
                raise Refused(400, "ErrorInvalidRequest", "A whole day begins and ends at midnight.")
    if whole.get("recurrence") and ("recurrence" in given or "start" in given):
        if wrong_ := misfit(whole["recurrence"], whole["start"]):
            raise Refused(400, "ErrorPropertyValidationFailure", wrong_)
        whole["recurrence"]["range"].setdefault("recurrenceTimeZone", whole["start"]["timeZone"])
    return given, properties
