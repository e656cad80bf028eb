"""The writes that Google is asked for, each sent once; what became of one whose answer was lost is looked up.

All of them say `sendUpdates=none` where they can: Google tells nobody by mail.
https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from deskhand.connectors._calendar_changes import Change, untouched
from deskhand.connectors._calendar_event import EFFECTS, Json, moment_of, original
from deskhand.connectors._gcal_event import shaped
from deskhand.connectors._gcal_pass import by_uid
from deskhand.connectors._google import Api
from deskhand.connectors._google_errors import Gone
from deskhand.connectors._tries import Lost, looked
from deskhand.connectors.errors import Changed, Exists, Missing

QUIET = "none"
"""Google is to tell nobody (the parameter sendUpdates)."""
_WRITTEN = "the event was written"


class Requests:
    """Writes to the calendars of an account, and looks at single events."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def insert(self, calendar: str, id_: str, body: Mapping[str, Any]) -> str:
        """The id of the new event; empty where something of that id is there."""
        events = self._api.service.events()
        try:
            self._api.write(events.insert(calendarId=calendar, body={**body, "id": id_}, sendUpdates=QUIET))
        except Exists:
            if self.one(calendar, id_) is None:
                raise Missing("The event was made before, and was taken away since.") from None
            return ""
        except Lost as lost:
            if looked(lost, _WRITTEN, lambda: self.one(calendar, id_)) is None:
                raise untouched(lost) from None
        return id_

    def put(self, calendar: str, uid: str, body: Mapping[str, Any]) -> str:
        """A private copy of what somebody else called, under its UID; the id it has."""
        request = self._api.service.events().import_(calendarId=calendar, body={**body, "iCalUID": uid})
        try:
            return str(self._api.write(request)["id"])
        except Lost as lost:
            there = looked(lost, _WRITTEN, lambda: by_uid(self._api, calendar, uid))
            events = [e for e in there if not e.get("recurringEventId")]
            if not events:
                raise untouched(lost) from None
            return str(events[0]["id"])

    def patch(self, calendar: str, base: str, step: Change) -> bool:
        """Do one change, once. False, and nothing done, where the event is not what it was."""
        id_, etag = step.event, step.etag
        if step.at is not None:
            instance = self.instance(calendar, base, step.at)
            if instance is None:
                raise Missing("The event does not happen at that time.")
            id_, etag = str(instance["id"]), str(instance.get("etag") or "")
        request = self._api.service.events().patch(
            calendarId=calendar, eventId=id_, body=dict(step.fields), sendUpdates=QUIET
        )
        if etag:
            request.headers["If-Match"] = etag
        try:
            self._api.write(request)
        except (Changed, Missing):
            return False
        except Lost as lost:
            now = looked(lost, _WRITTEN, lambda: self.one(calendar, id_, cancelled=True))
            if now is None:
                return False
            if now.get("etag") == etag:
                raise untouched(lost) from None
            return _holds(now, step.fields)
        return True

    def delete(self, calendar: str, event: Json) -> bool:
        """Take an event away, once. False, and nothing done, where it is not what it was."""
        request = self._api.service.events().delete(
            calendarId=calendar, eventId=str(event["id"]), sendUpdates=QUIET
        )
        request.headers["If-Match"] = str(event.get("etag") or "")
        try:
            self._api.write(request)
        except Gone:
            return True
        except (Changed, Missing):
            return False
        except Lost as lost:
            now = looked(lost, _WRITTEN, lambda: self.one(calendar, str(event["id"])))
            if now is not None and now.get("etag") == event.get("etag"):
                raise untouched(lost) from None
            return now is None
        return True

    def instance(self, calendar: str, base: str, at: datetime) -> Json | None:
        """One occurrence of a series."""
        stamp = at.isoformat().replace("+00:00", "Z")
        token = None
        while True:
            page = self._api.read(
                self._api.service.events().instances(
                    calendarId=calendar, eventId=base, originalStart=stamp, showDeleted=True,
                    pageToken=token, maxResults=2_500,
                )
            )  # fmt: skip
            for event in map(shaped, page.get("items") or ()):
                if moment_of(original(event)) == at:
                    return event
            token = page.get("nextPageToken")
            if not token:
                return None

    def one(self, calendar: str, id_: str, *, cancelled: bool = False) -> Json | None:
        """One event as it is now; None where it is not there, or (without `cancelled`) is cancelled."""
        try:
            found = shaped(self._api.read(self._api.service.events().get(calendarId=calendar, eventId=id_)))
        except Missing:
            return None
        return found if cancelled or found.get("status") != "cancelled" else None


def _holds(event: Json, fields: Mapping[str, Any]) -> bool:
    """Whether a change is in an event: by the key of its effect, or else by the answer in it."""
    wanted = ((fields.get("extendedProperties") or {}).get("private") or {}).get(EFFECTS, "")
    if wanted:
        private = (event.get("extendedProperties") or {}).get("private") or {}
        return str(private.get(EFFECTS) or "") == str(wanted)
    if "attendees" in fields:
        have = {a.get("email"): a.get("responseStatus") for a in event.get("attendees") or ()}
        return all(bool(have.get(a["email"]) == a["responseStatus"]) for a in fields["attendees"])
    return all(bool(event.get(k) == v) for k, v in fields.items())
