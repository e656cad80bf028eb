"""How the fake Graph tells an event, a series or an occurrence: in Graph's own names, as it was asked for."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from fakes.graph.events import PROPERTIES, Meeting, dated, key_text, shown, utc
from fakes.graph.wire import Call
from fakes.graph.world import Person, World

Json = Any


def id_of_event(call: Call, key: int, day: str) -> str:
    return call.id_of(key, "calendar") + (f".{day}" if day else "")


def told(world: World, call: Call, meeting: Meeting, day: str) -> Json:
    """An event, a series or an occurrence, in Graph's own names."""
    on = date.fromisoformat(day) if day else None
    made = _whole(world, call.person, meeting, on, call.prefers("outlook.timezone") or "UTC")
    if call.prefers("outlook.body-content-type").lower() != "html":
        made["body"] = {**made["body"], "contentType": made["body"].get("contentType", "text")}
    made["id"] = id_of_event(call, meeting.key, day)
    if on is not None:
        made["seriesMasterId"] = id_of_event(call, meeting.key, "")
    expand = call.query.get("$expand", "")
    if PROPERTIES in expand:
        wanted = re.findall(r"id eq '([^']*)'", expand)
        own = meeting.exceptions.get(on, {}).get(PROPERTIES, {}) if on else meeting.properties
        if held := [{"id": i, "value": v} for i, v in own.items() if i in wanted]:
            made[PROPERTIES] = held
    series = meeting.repeats and not day
    asked = call.query.get("$select", "")
    if series and "exceptionOccurrences" in expand:
        inner = [told(world, _plain(call), meeting, d.isoformat()) for d in sorted({*meeting.exceptions})]
        made["exceptionOccurrences"] = inner
    if series and "cancelledOccurrences" in asked:
        made["cancelledOccurrences"] = [f"OID.{made['id']}.{d.isoformat()}" for d in sorted(meeting.gone)]
    return made


def _plain(call: Call) -> Call:
    """The same request without what it asks of the whole."""
    query = {n: v for n, v in call.query.items() if not n.startswith("$")}
    return Call(call.method, call.path, query, call.headers, call.content, call.person, call.named)


def _whole(world: World, person: Person, meeting: Meeting, on: date | None, zone: str) -> Json:
    """All but ids."""
    fields = deepcopy(meeting.of(on))
    start, end = meeting.span(on)
    original = meeting.fields["start"]["timeZone"]
    body = fields.get("body") or {"contentType": "text", "content": ""}
    organizer = {"name": _name(world, meeting.organizer), "address": meeting.organizer}
    answer = fields.get("answer") or meeting.answer
    online = bool(fields.get("isOnlineMeeting"))
    key = key_text(meeting)
    never = "0001-01-01T00:00:00Z"
    return {
        "@odata.etag": f'W/"{key}"', "id": "", "changeKey": key, "createdDateTime": utc(meeting.created),
        "lastModifiedDateTime": utc(meeting.created + timedelta(seconds=meeting.changed)),
        "transactionId": fields.get("transactionId"), "iCalUId": dated(meeting.uid, on),
        "categories": fields.get("categories") or [], "hasAttachments": False, "isDraft": False,
        "originalStartTimeZone": original, "originalEndTimeZone": meeting.fields["end"]["timeZone"],
        "reminderMinutesBeforeStart": fields.get("reminderMinutesBeforeStart", 15),
        "isReminderOn": fields.get("isReminderOn", True), "subject": fields.get("subject", ""),
        "bodyPreview": str(body.get("content") or "")[:255], "importance": fields.get("importance", "normal"),
        "sensitivity": fields.get("sensitivity", "normal"), "isAllDay": bool(fields.get("isAllDay")),
        "isCancelled": meeting.cancelled, "isOrganizer": meeting.mine,
        "responseRequested": fields.get("responseRequested", True), "seriesMasterId": None,
        "showAs": fields.get("showAs", "busy"),
        "type": "singleInstance" if not meeting.repeats else "seriesMaster" if on is None
        else "exception" if on in meeting.exceptions else "occurrence",
        "webLink": f"https://outlook.office365.com/owa/?itemid={meeting.key}&exvsurl=1",
        "onlineMeetingUrl": None, "isOnlineMeeting": online,
        "onlineMeetingProvider": fields.get("onlineMeetingProvider", "unknown"),
        "onlineMeeting": fields.get("onlineMeeting"), "allowNewTimeProposals": True, "hideAttendees": False,
        "responseStatus": {
            "response": answer, "time": utc(meeting.answered) if meeting.answered else never,
        },
        "body": body, "start": shown(start, zone, all_day=bool(fields.get("isAllDay"))),
        "end": shown(end, zone, all_day=bool(fields.get("isAllDay"))),
        "location": {
            "locationType": "default", "uniqueIdType": "unknown",
            **(fields.get("location") or {"displayName": ""}),
        },
        "locations": [], "recurrence": fields.get("recurrence") if on is None else None,
        "attendees": [
            {
                "type": a.get("type", "required"),
                "status": a.get("status") or {"response": "none", "time": never},
                "emailAddress": {
                    "name": a["emailAddress"].get("name") or a["emailAddress"]["address"],
                    "address": a["emailAddress"]["address"],
                },
            }
            for a in fields.get("attendees") or ()
        ],
        "organizer": {"emailAddress": organizer},
        **({"originalStart": utc(meeting.span_original(on))} if on is not None else {}),
    }  # fmt: skip


def _name(world: World, address: str) -> str:
    return next((p.shown for p in world.people.values() if p.address == address), address)
