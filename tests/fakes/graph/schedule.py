"""When people are taken, as the fake Graph tells it, and the times it would propose for a meeting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from fakes.graph.calendar import CALENDAR, READ
from fakes.graph.events import aware, shown
from fakes.graph.wire import Answer, Call
from fakes.graph.world import Person, Refused, World

Json = Any
_MOST = 20
_LONGEST = timedelta(days=62)
_DIGITS = {"free": "0", "tentative": "1", "busy": "2", "oof": "3", "workingElsewhere": "4"}


@CALENDAR("POST", r"/me/calendar/getSchedule", READ)
def get_schedule(world: World, call: Call) -> Answer:
    """https://learn.microsoft.com/en-us/graph/api/calendar-getschedule"""
    asked = [str(a).lower() for a in call.argument("schedules") or ()]
    low, high = (aware(call.argument(n)) for n in ("startTime", "endTime"))
    every = timedelta(minutes=int(call.argument("availabilityViewInterval") or 30))
    if not asked or len(asked) > _MOST or not low < high or high - low > _LONGEST:
        raise Refused(400, "ErrorInvalidRequest", "The time window or the number of schedules is too large.")
    zone = call.prefers("outlook.timezone") or "UTC"
    by = {p.address: p for p in world.people.values()}
    return Answer(200, {"value": [_one(world, a, by.get(a), low, high, every, zone) for a in asked]})


def _one(
    world: World, address: str, person: Person | None, low: datetime, high: datetime, every: timedelta,
    zone: str,
) -> Json:  # fmt: skip
    if person is None or not person.diary.shares:
        code = "ErrorMailRecipientNotFound" if person is None else "ErrorNoFreeBusyAccess"
        return {
            "scheduleId": address, "availabilityView": "", "scheduleItems": [],
            "error": {"message": "The schedule cannot be told.", "responseCode": code},
        }  # fmt: skip
    spans = taken(person, low, high)
    view, at = "", low
    while at < high:
        now = [s for s, a, b in spans if a < at + every and b > at]
        view += max((_DIGITS[s] for s in now if s != "workingElsewhere"), default="0")
        at += every
    made = {
        "scheduleId": address, "availabilityView": view, "workingHours": person.settings["workingHours"],
        "scheduleItems": [
            {"isPrivate": False, "status": s, "subject": "", "location": "",
             "start": shown(a, zone), "end": shown(b, zone)}
            for s, a, b in spans
        ],
    }  # fmt: skip
    if person.diary.blind:
        del made["scheduleItems"]
    return made


def taken(person: Person, low: datetime, high: datetime) -> list[tuple[str, datetime, datetime]]:
    """What is in somebody's calendar in a window, and how it is shown to others."""
    default = next(c.id for c in person.diary.calendars.values() if c.default)
    found = []
    for meeting in person.diary.meetings.values():
        if meeting.calendar != default or meeting.cancelled:
            continue
        days = [*meeting.days(low, high)] if meeting.repeats else [None]
        for day in days:
            status = str(meeting.of(day).get("showAs") or "busy")
            start, end = meeting.span(day)
            if status != "free" and start < high and end > low:
                found.append((status, start.astimezone(UTC), end.astimezone(UTC)))
    return sorted(found, key=lambda f: (f[1], f[2]))


@CALENDAR("POST", r"/me/findMeetingTimes", READ)
def find_meeting_times(world: World, call: Call) -> Answer:
    """https://learn.microsoft.com/en-us/graph/api/user-findmeetingtimes"""
    names = [a["emailAddress"]["address"].lower() for a in call.argument("attendees") or ()]
    people = [call.person, *(p for p in world.people.values() if p.address in names)]
    said = str(call.argument("meetingDuration") or "PT30M").removeprefix("PT")
    hours, _, rest = said.partition("H") if "H" in said else ("0", "", said)
    need = timedelta(hours=int(hours), minutes=int(rest.removesuffix("M") or 0))
    most = int(call.argument("maxCandidates") or 5)
    found: list[Json] = []
    for slot in (call.argument("timeConstraint") or {}).get("timeSlots") or ():
        at, high = aware(slot["start"]), aware(slot["end"])
        while at + need <= high and len(found) < most:
            if not any(s != "workingElsewhere" for p in people for s, _, _ in taken(p, at, at + need)):
                found.append(_suggestion(at, at + need, names))
            at += timedelta(minutes=30)
    empty = "" if found else "AttendeesUnavailable"
    return Answer(200, {"emptySuggestionsReason": empty, "meetingTimeSuggestions": found})


def _suggestion(start: datetime, end: datetime, names: list[str]) -> Json:
    return {
        "confidence": 100.0, "organizerAvailability": "free", "suggestionReason": "It is free.",
        "locations": [],
        "attendeeAvailability": [
            {"availability": "free", "attendee": {"type": "required", "emailAddress": {"address": a}}}
            for a in names
        ],
        "meetingTimeSlot": {"start": shown(start, "UTC"), "end": shown(end, "UTC")},
    }  # fmt: skip
