"""The writes that Graph is asked for, each sent once; what became of one whose answer was lost is looked up.

https://learn.microsoft.com/en-us/graph/api/resources/event
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from deskhand.connectors._calendar_changes import untouched
from deskhand.connectors._calendar_event import EFFECTS, Json
from deskhand.connectors._graph import Graph
from deskhand.connectors._msgcal_event import KEPT, PREFER, PROPERTIES, kept, time
from deskhand.connectors._msgcal_find import Finding
from deskhand.connectors._msgcal_pass import place_of_event
from deskhand.connectors._tries import Gone, Lost, looked
from deskhand.connectors.errors import Changed, Missing, Unknown

Answer = Literal["accept", "decline", "tentativelyAccept"]
_WRITTEN = "the event was written"
_ANSWERED = {"accept": "accepted", "decline": "declined", "tentativelyAccept": "tentativelyAccepted"}


@dataclass(frozen=True, slots=True)
class Requests:
    """Writes to the calendars of an account."""

    graph: Graph
    finding: Finding
    comment: Callable[[], str] = str
    """What those invited are told beside that a meeting is called off."""

    def insert(self, calendar: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The new event, or the one that the same transaction made. :raises Lost: nobody knows."""
        path = f"/me/calendars/{quote(calendar, safe='')}/events"
        return self.graph.write("POST", path, dict(body), prefer=PREFER)

    def patch(self, calendar: str, id_: str, body: Mapping[str, Any], etag: str) -> bool:
        """Do one change, once. False, and nothing done, where the event is not what it was.

        :raises Unknown: its answer was lost, and the event is neither what it was nor what it should be.
        """
        try:
            self.graph.write("PATCH", place_of_event(calendar, id_), dict(body), etag=etag, prefer=PREFER)
        except (Changed, Missing):
            return False
        except Lost as lost:
            now = looked(lost, _WRITTEN, lambda: self.finding.one(calendar, id_))
            if now is None:
                return False
            wanted = [p["value"] for p in body.get(KEPT) or () if p["id"] == PROPERTIES[EFFECTS]]
            if wanted and kept(now).get(EFFECTS) == wanted[0]:
                return True
            if not wanted and _says(now, body):
                return True
            if not etag or now.get("@odata.etag") == etag:
                raise untouched(lost) from None
            if wanted:
                return False
            # Somebody wrote in it meanwhile: that it is another one now does not say that it was us.
            raise Unknown(f"{lost} Whether {_WRITTEN} is not known: it was changed meanwhile.") from None
        return True

    def delete(self, calendar: str, event: Json, *, meeting: bool) -> bool:
        """Take an event or an occurrence away, once; of a `meeting` of one's own the others are told.

        False, and nothing done, where it is not what it was.
        """
        place, etag = place_of_event(calendar, str(event["id"])), str(event.get("etag") or "")
        try:
            if meeting:
                self.graph.write("POST", f"{place}/cancel", {"comment": self.comment()})
            else:
                self.graph.write("DELETE", place, etag=etag)
        except Gone:
            return True
        except (Changed, Missing):
            return False
        except Lost as lost:
            now = looked(lost, _WRITTEN, lambda: self.finding.one(calendar, str(event["id"])))
            if now is not None and now.get("@odata.etag") == etag:
                raise untouched(lost) from None
            return now is None
        return True

    def answer(self, calendar: str, event: Json, answer: Answer, comment: str) -> bool:
        """Answer an invitation, once, and have its organizer told. False where nobody can tell that it
        was."""
        place = place_of_event(calendar, str(event["id"]))
        try:
            self.graph.write("POST", f"{place}/{answer}", {"comment": comment, "sendResponse": True})
        except Missing:
            return False
        except Lost as lost:
            now = looked(lost, "the answer was given", lambda: self.finding.one(calendar, str(event["id"])))
            if now is None:
                return answer == "decline"
            if str((now.get("responseStatus") or {}).get("response")) == _ANSWERED[answer]:
                return True
            raise untouched(lost) from None
        return True


def _says(now: Json, body: Mapping[str, Any]) -> bool:
    """Whether an event has all that was sent; what Graph may say in other words counts as not."""
    return all(_plain(name, body[name], body) == _plain(name, now.get(name), now) for name in body)


def _plain(name: str, said: Any, event: Mapping[str, Any]) -> Any:
    """A field, so that two of them can be compared."""
    if name in ("start", "end"):
        return time(said, "UTC", bool(event.get("isAllDay")))
    if name == "body" and isinstance(said, Mapping):
        return str(said.get("content") or "").replace("\r\n", "\n").strip()
    if name == "location" and isinstance(said, Mapping):
        return said.get("displayName") or ""
    if name == "attendees" and isinstance(said, list):
        return sorted(str(((a or {}).get("emailAddress") or {}).get("address")).lower() for a in said)
    return kept({KEPT: said}) if name == KEPT else said
