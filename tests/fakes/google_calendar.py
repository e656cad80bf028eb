"""A Google Calendar of our own, for what `myworld` does not do: ETags, exceptions in lists, import, undelete.

What it is asked and what it answers is held against Google's discovery document; what it means is written
after https://developers.google.com/workspace/calendar/api/v3/reference, and held against `myworld` where that
does the same. It is the account of one person. `wrong` must be empty in the end.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, islice
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from fakes import google_batch
from fakes.google_schema import Contract

Event = dict[str, Any]
ME = "ana@example.org"
_LETTERS = set("0123456789abcdefghijklmnopqrstuv")
_NO_WITH_TOKEN = {
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax",
    "updatedMin",
}  # fmt: skip
_OWN = {
    "attendees",
    "attendeesOmitted",
    "extendedProperties",
    "reminders",
    "colorId",
    "status",
    "transparency",
}
"""What somebody who is invited may change in the own copy."""


class Refusal(Exception):
    def __init__(self, status: int, reason: str) -> None:
        self.status, self.reason = status, reason


@dataclass
class Calendar:
    """One calendar of the account's list."""

    id: str
    title: str
    role: str = "owner"
    selected: bool = True
    more: dict[str, Any] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    """Stored ones by id, exceptions too; `_seq` says when it changed last."""


@dataclass
class World:
    """The account, what others do in it, and what was asked of it."""

    zone: str = "Europe/Paris"
    calendars: dict[str, Calendar] = field(default_factory=dict)
    busy: dict[str, Any] = field(default_factory=dict)
    """What freeBusy says of an address: stretches, or the reason why not."""
    page: int = 0
    """At most so many on a page, whatever is asked; 0: as asked."""
    gaps: bool = False
    """Every page is followed by an empty one."""
    orphans: bool = False
    """Exceptions of a series that is moved stay where they are; else they are gone. Google does not say."""
    together: bool = False
    """A series has another ETag whenever one of its occurrences was changed."""
    expired: int = -1
    """Sync tokens up to this are no longer known."""
    told: list[tuple[str, str]] = field(default_factory=list)
    """Writes by which Google would have told guests: method, and what `sendUpdates` said."""
    effects: list[tuple[str, str]] = field(default_factory=list)
    """Writes that were done: method and id."""
    fails: dict[str, int] = field(default_factory=dict)
    """What is answered at a path, in a batch too, instead of what is there."""
    fails_once: dict[str, int] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    """Paths whose answer is not in that of a batch."""
    wrong: list[str] = field(default_factory=list)
    emails: dict[str, str] = field(default_factory=lambda: {"ana": ME})
    tokens: dict[str, str] = field(default_factory=lambda: {"ana": "refresh-token"})
    _seq: Iterator[int] = field(default_factory=lambda: count(1))
    _now: int = 0

    # what other programs and people do

    def calendar(self, id_: str, title: str = "", role: str = "owner", **given: Any) -> Calendar:
        made = self.calendars[id_] = Calendar(id_, title or id_, role, **given)
        return made

    def put(self, event: Event, calendar: str = ME) -> Event:
        """Somebody writes an event: all of it is as given."""
        id_ = event.setdefault("id", f"e{len(self.calendars[calendar].events):05d}")
        there = self.calendars[calendar].events.get(id_, {})
        whole = {
            "kind": "calendar#event", "status": "confirmed", "iCalUID": f"{id_}@google.com", "sequence": 0,
            "created": self.stamp(), "eventType": "default",
            "htmlLink": f"https://www.google.com/calendar/event?eid={id_}",
            "creator": {"email": ME, "self": True}, "organizer": {"email": ME, "self": True},
            **there, **event,
        }  # fmt: skip
        for guest in whole.get("attendees", ()):
            guest.setdefault("responseStatus", "needsAction")
        self.calendars[calendar].events[id_] = whole
        return self.touch(whole)

    def change(self, id_: str, calendar: str = ME, **fields: Any) -> Event:
        """Somebody changes an event, or one occurrence of a series."""
        event = self.get(calendar, id_)
        return self.touch(self.keep(calendar, {**event, **fields}))

    def take(self, id_: str, calendar: str = ME) -> None:
        """Somebody takes an event away, or one occurrence of a series."""
        self.change(id_, calendar, status="cancelled")

    # inside

    def stamp(self) -> str:
        return (
            f"{datetime(2026, 11, 22, 8, tzinfo=UTC) + timedelta(seconds=self._now):%Y-%m-%dT%H:%M:%S}.000Z"
        )

    def touch(self, event: Event) -> Event:
        self._now = next(self._seq)
        event |= {"_seq": self._now, "etag": f'"{self._now}"', "updated": self.stamp()}
        return event

    def keep(self, calendar: str, event: Event) -> Event:
        self.calendars[calendar].events[event["id"]] = event
        return event

    def get(self, calendar: str, id_: str) -> Event:
        events = self.calendars[calendar].events
        if id_ in events:
            return events[id_]
        base, _, _ = id_.rpartition("_")
        if base in events:
            for one in self.occurrences(events[base]):
                if one["id"] == id_:
                    return one
        raise Refusal(404, "notFound")

    def occurrences(self, master: Event) -> Iterator[Event]:
        """Those of a series that have nothing of their own yet."""
        start = moment(master["start"])
        rules = "\n".join(r for r in master.get("recurrence", ()))
        zone = ZoneInfo(master["start"].get("timeZone", "UTC"))
        wall = (
            start.astimezone(zone).replace(tzinfo=None)
            if "dateTime" in master["start"]
            else start.replace(tzinfo=None)
        )
        rules = rules.replace(f";TZID={zone.key}", "").replace("EXDATE;VALUE=DATE", "EXDATE")
        lines = [_until(line, zone) for line in rules.splitlines()]
        length = moment(master["end"]) - start
        for found in islice(rrulestr("\n".join(lines), dtstart=wall, forceset=True), 400):
            at = found.replace(tzinfo=zone)
            made = {
                k: v for k, v in deepcopy(master).items() if k not in ("recurrence", "extendedProperties")
            }
            if "date" in master["start"]:
                stamp, times = (
                    f"{found:%Y%m%d}",
                    ({"date": f"{found:%Y-%m-%d}"}, {"date": f"{found + length:%Y-%m-%d}"}),
                )
            else:
                stamp = f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
                times = _timed(at, zone.key), _timed(at + length, zone.key)
            made |= {
                "id": f"{master['id']}_{stamp}", "recurringEventId": master["id"],
                "originalStartTime": dict(times[0]), "start": times[0], "end": times[1],
                "etag": master["etag"],
            }  # fmt: skip
            yield made


def moment(time: Mapping[str, Any]) -> datetime:
    if "date" in time:
        return datetime.fromisoformat(time["date"]).replace(tzinfo=UTC)
    found = datetime.fromisoformat(time["dateTime"])
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(time["timeZone"]))


def _timed(at: datetime, zone: str) -> dict[str, str]:
    return {"dateTime": at.isoformat(), "timeZone": zone}


def _until(line: str, zone: ZoneInfo) -> str:
    """A rule whose UNTIL is on the wall clock, as dateutil wants it beside a start that is."""
    parts = line.split(";")
    for n, part in enumerate(parts):
        name, _, value = part.rpartition("UNTIL=")
        if value.endswith("Z") and "UNTIL=" in part:
            at = datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(zone)
            parts[n] = f"{name}UNTIL={at:%Y%m%dT%H%M%S}"
    return ";".join(parts)


class Answers:
    """What the interface answers."""

    def __init__(self, world: World) -> None:
        self.world = world

    def calendarList_list(self, path: Any, query: dict[str, str], body: Any, headers: Any) -> Any:
        entries = [
            {
                "kind": "calendar#calendarListEntry", "etag": '"1"', "id": c.id, "summary": c.title,
                "accessRole": c.role, "selected": c.selected, "timeZone": self.world.zone,
                **({"primary": True} if c.id == ME else {}), **c.more,
            } for c in self.world.calendars.values()
        ]  # fmt: skip
        chunk, more = self._page(entries, query)
        return {
            "kind": "calendar#calendarList",
            "items": chunk,
            **more,
            **({} if more else {"nextSyncToken": "c"}),
        }

    def events_list(self, path: Any, query: dict[str, str], body: Any, headers: Any) -> Any:
        calendar = self._calendar(path)
        if calendar.role == "freeBusyReader":
            raise Refusal(403, "forbidden")
        token, deleted = query.get("syncToken"), query.get("showDeleted") == "true"
        since = -1
        if token is not None:
            if _NO_WITH_TOKEN & query.keys() or query.get("showDeleted") == "false":
                raise Refusal(400, "invalid")
            known = token.removeprefix("s")
            since = int(known) if known.isdigit() else -1
            if since <= self.world.expired:
                raise Refusal(410, "fullSyncRequired")
        found = []
        for event in sorted(calendar.events.values(), key=lambda e: e["_seq"]):
            gone = event["status"] == "cancelled"
            series = calendar.events.get(event.get("recurringEventId", ""), {})
            if token is None and gone and not deleted and (not series or series["status"] == "cancelled"):
                continue
            if "iCalUID" in query and event.get("iCalUID") != query["iCalUID"]:
                continue
            if event["_seq"] > since:
                found.append(self._shown(event))
        chunk, more = self._page(found, query)
        newest = max([e["_seq"] for e in calendar.events.values()], default=0)
        tail = more or {"nextSyncToken": f"s{max(newest, self.world._now)}"}
        return {
            "kind": "calendar#events", "summary": calendar.title, "timeZone": self.world.zone,
            "accessRole": calendar.role, "items": chunk, **tail,
        }  # fmt: skip

    def events_get(self, path: Any, query: Any, body: Any, headers: Any) -> Any:
        return self._shown(self.world.get(self._calendar(path).id, path["eventId"]))

    def events_instances(self, path: Any, query: dict[str, str], body: Any, headers: Any) -> Any:
        calendar = self._calendar(path)
        master = self.world.get(calendar.id, path["eventId"])
        stored = {e["id"]: e for e in calendar.events.values() if e.get("recurringEventId") == master["id"]}
        found = [stored.get(one["id"], one) for one in self.world.occurrences(master)]
        if "originalStart" in query:
            at = datetime.fromisoformat(query["originalStart"])
            found = [e for e in found if moment(e["originalStartTime"]) == at]
        chunk, more = self._page([self._shown(e) for e in found], query)
        return {"kind": "calendar#events", "items": chunk, **more}

    def events_insert(self, path: Any, query: dict[str, str], body: Event, headers: Any) -> Any:
        calendar = self._writable(path)
        self._times(body)
        id_ = body.get("id", "")
        if id_ and ("iCalUID" in body or not (5 <= len(id_) <= 1024 and set(id_) <= _LETTERS)):
            raise Refusal(400, "invalid")
        if id_ in calendar.events:
            raise Refusal(409, "duplicate")
        made = self.world.put({**body, "id": id_ or self._fresh()}, calendar.id)
        return self._written("insert", calendar, made, query)

    def events_import(self, path: Any, query: dict[str, str], body: Event, headers: Any) -> Any:
        calendar = self._writable(path)
        self._times(body)
        there = [e for e in calendar.events.values() if e["iCalUID"] == body["iCalUID"]]
        organizer = body.get("organizer") or {"email": ME}
        mine = {"self": True} if organizer.get("email") == ME else {}
        made = {**body, "id": there[0]["id"] if there else self._fresh(), "organizer": {**organizer, **mine}}
        made["attendees"] = [_self(a) for a in body.get("attendees", ())]
        self.world.effects.append(("import", made["id"]))
        return self._shown(self.world.put(made, calendar.id))

    def events_patch(self, path: Any, query: dict[str, str], body: Event, headers: Mapping[str, str]) -> Any:
        calendar = self._writable(path)
        event = deepcopy(self.world.get(calendar.id, path["eventId"]))
        self._match(event, headers)
        if not event["organizer"].get("self") and not event.get("guestsCanModify"):
            before = {
                a["email"]: a.get("responseStatus") for a in event.get("attendees", ()) if not a.get("self")
            }
            after = {
                a["email"]: a.get("responseStatus") for a in body.get("attendees", ()) if a["email"] != ME
            }
            if body.keys() - _OWN or any(before.get(a, s) != s for a, s in after.items()):
                raise Refusal(403, "forbiddenForNonOrganizer")
        if body.get("attendeesOmitted") and "attendees" in body:
            mine = {a["email"]: a for a in body.pop("attendees")}
            body.pop("attendeesOmitted")
            event["attendees"] = [{**a, **mine.get(a["email"], {})} for a in event["attendees"]]
        _merge(event, body)
        if "attendees" in body:
            event["attendees"] = [_self(a) for a in body["attendees"]]
        self._times(event)
        if body.keys() & {"start", "end", "recurrence"}:
            event["sequence"] += 1
        if "recurringEventId" in event:
            event.pop("recurrence", None)
        self.world.touch(self.world.keep(calendar.id, event))
        if event.get("recurrence") and not self.world.orphans:
            self._forget(calendar, event)
        series = calendar.events.get(event.get("recurringEventId", ""))
        if series is not None and self.world.together:
            series["etag"] = event["etag"]
        return self._written("patch", calendar, event, query)

    def _forget(self, calendar: Calendar, master: Event) -> None:
        """What single occurrences have of their own that are not in a series any more."""
        there = {e["id"] for e in self.world.occurrences(master)}
        for event in calendar.events.values():
            if event.get("recurringEventId") == master["id"] and event["id"] not in there:
                self.world.touch(event)["status"] = "cancelled"

    def events_delete(self, path: Any, query: dict[str, str], body: Any, headers: Mapping[str, str]) -> Any:
        calendar = self._writable(path)
        event = deepcopy(self.world.get(calendar.id, path["eventId"]))
        if event["status"] == "cancelled":
            raise Refusal(410, "deleted")
        self._match(event, headers)
        event["status"] = "cancelled"
        self._written("delete", calendar, self.world.touch(self.world.keep(calendar.id, event)), query)
        return None

    def freebusy_query(self, path: Any, query: Any, body: Event, headers: Any) -> Any:
        made = {}
        low, high = (datetime.fromisoformat(body[k]) for k in ("timeMin", "timeMax"))
        if high - low > timedelta(days=62):
            raise Refusal(400, "timeRangeTooLong")
        for one in body["items"]:
            said = self.world.busy.get(one["id"], "notFound")
            if isinstance(said, str):
                made[one["id"]] = {"errors": [{"domain": "global", "reason": said}], "busy": []}
            else:
                kept = [(a, b) for a, b in said if a < high and b > low]
                made[one["id"]] = {"busy": [{"start": _z(a), "end": _z(b)} for a, b in kept]}
        return {"kind": "calendar#freeBusy", "timeMin": _z(low), "timeMax": _z(high), "calendars": made}

    def _calendar(self, path: Any) -> Calendar:
        id_ = ME if path["calendarId"] == "primary" else path["calendarId"]
        if id_ not in self.world.calendars:
            raise Refusal(404, "notFound")
        return self.world.calendars[id_]

    def _writable(self, path: Any) -> Calendar:
        calendar = self._calendar(path)
        if calendar.role not in ("owner", "writer"):
            raise Refusal(403, "requiredAccessLevel")
        return calendar

    def _match(self, event: Event, headers: Mapping[str, str]) -> None:
        wanted = next((v for k, v in headers.items() if k.lower() == "if-match"), "")
        if wanted and wanted != event["etag"]:
            raise Refusal(412, "conditionNotMet")

    def _times(self, event: Event) -> None:
        for end in ("start", "end"):
            time = event.get(end) or {}
            if len({"date", "dateTime"} & {k for k, v in time.items() if v}) != 1:
                raise Refusal(400, "required")
            if event.get("recurrence") and "dateTime" in time and "timeZone" not in time:
                raise Refusal(400, "required")
        if moment(event["end"]) < moment(event["start"]):
            raise Refusal(400, "timeRangeEmpty")

    def _written(self, method: str, calendar: Calendar, event: Event, query: Mapping[str, str]) -> Any:
        self.world.effects.append((method, event["id"]))
        if event.get("attendees") and query.get("sendUpdates", "unsaid") != "none":
            self.world.told.append((method, query.get("sendUpdates", "unsaid")))
        return self._shown(event)

    def _shown(self, event: Event) -> Event:
        made = {k: v for k, v in deepcopy(event).items() if not k.startswith("_")}
        if made["status"] == "cancelled" and not made["organizer"].get("self"):
            keys = (
                "kind",
                "etag",
                "id",
                "status",
                "recurringEventId",
                "originalStartTime",
                "iCalUID",
                "organizer",
            )
            return {k: made[k] for k in keys if k in made}
        return made

    def _page(self, found: list[Any], query: Mapping[str, str]) -> tuple[list[Any], dict[str, str]]:
        start, _, gap = query.get("pageToken", "0").partition("-")
        if gap:
            return [], {"nextPageToken": start}
        size = self.world.page or int(query.get("maxResults", 250))
        end = int(start) + size
        more = {"nextPageToken": f"{end}-gap" if self.world.gaps else str(end)} if end < len(found) else {}
        return found[int(start) : end], more

    def _fresh(self) -> str:
        return f"gen{next(self.world._seq):05d}"


def _self(person: Event) -> Event:
    return {**person, "self": True} if person.get("email") == ME else person


def _merge(into: Event, given: Mapping[str, Any]) -> None:
    """JSON as PATCH has it: objects are merged, null takes away, lists are replaced."""
    for name, value in given.items():
        if value is None:
            into.pop(name, None)
        elif isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value


def _without_nulls(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {k: _without_nulls(v) for k, v in value.items() if v is not None}


def _z(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@contextmanager
def served(world: World) -> Iterator[int]:
    """The port at which a world is asked."""
    contract, answers = Contract.of("calendar", "v3"), Answers(world)
    lock = threading.Lock()

    def one(method: str, target: str, headers: Mapping[str, str], data: bytes) -> tuple[int, bytes]:
        status, said = heard(method, urlsplit(target), headers, data)
        return status, b"" if said is None else json.dumps(said).encode()

    def heard(method: str, parts: SplitResult, headers: Mapping[str, str], data: bytes) -> tuple[int, Any]:
        if parts.path == "/token":
            return 200, {"access_token": "access", "expires_in": 3599, "token_type": "Bearer"}
        if {n.lower(): v for n, v in headers.items()}.get("authorization") != "Bearer access":
            return 401, {"error": {"code": 401, "message": "No.", "errors": [{"reason": "authError"}]}}
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        body = json.loads(data) if data else None
        with lock:
            # null takes a field away (RFC 7396), which no schema says.
            sent = _without_nulls(body) if method == "PATCH" else body
            wrong = contract.wrong_request(method, parts.path, pairs, sent)
            call = contract.method(method, parts.path)
            assert call is not None, (method, parts.path)
            name = call.method.id.removeprefix("calendar.").replace(".", "_")
            try:
                if status := world.fails_once.pop(parts.path, world.fails.get(parts.path, 0)):
                    raise Refusal(status, "backendError")
                said = getattr(answers, name)(call.path, dict(pairs), deepcopy(body), dict(headers))
                status = 200 if said is not None else 204
            except Refusal as no:
                status = no.status
                said = {"error": {"code": status, "message": no.reason, "errors": [{"reason": no.reason}]}}
            if status == 200:
                wrong += contract.wrong_answer(method, parts.path, said)
            world.wrong += wrong
        return status, said

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two writes

        def handle_any(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = dict(self.headers)
            if self.command == "POST" and self.path == "/batch/calendar/v3":
                self.say(
                    *google_batch.answered(
                        headers, data, one, lost=lambda path: path.partition("?")[0] in world.lost
                    )
                )
                return
            status, said = one(self.command, self.path, headers, data)
            self.say(status, "application/json; charset=UTF-8", said)

        def say(self, status: int, kind: str, data: bytes) -> None:
            self.send_response_only(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    for method in ("GET", "POST", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.handle_any)
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def ask(port: int, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """A request past everything under test: status, and the JSON."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        headers = {"Authorization": "Bearer access", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)
        answer = connection.getresponse()
        data = answer.read()
        return answer.status, json.loads(data) if data else None
    finally:
        connection.close()
