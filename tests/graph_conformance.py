"""Writes docs/graph-conformance.md: the routes of Microsoft Graph that are used, and Microsoft's samples.

    .venv/bin/python tests/graph_conformance.py > docs/graph-conformance.md

A route is one that our fake of Graph answers: the connectors are tested against nothing else, and what the
fake has not it refuses. Whether Microsoft has it is looked up in the wheel of its own library. A sample is
accepted without loss where our reader takes from it all that it says of what the reader knows.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from re import _parser  # type: ignore[attr-defined]
from typing import Any
from urllib.parse import unquote, urlsplit

from fakes.graph import server
from fakes.graph.contract import Contract, Route, found
from fakes.graph.wire import Handler
from msgcal_givens import proposals

from deskhand.connectors import _msgcal_diary, _msgcal_list, _onedrive_items
from deskhand.connectors._ical_zones import iana
from deskhand.connectors._msgcal_event import shaped
from deskhand.connectors._outlook_mailbox import _named, told_of
from deskhand.connectors._outlook_settings import profile_of

Json = Any
SHARED = Path(__file__).parents[2] / "shared" / "data" / "msgraph"
PAGE = Path(__file__).parents[1] / "docs" / "graph-conformance.md"
ME = "ana@example.org"
_PLACEHOLDER = re.compile(r"datetime-value|[a-zA-Z]+-value")


_INTRO = """\
# Microsoft Graph: what is used of it, and how far that is Microsoft's

Written by `python tests/graph_conformance.py > docs/graph-conformance.md`; a test holds it to that.

No request of the tests goes to Microsoft. The sources `outlook`, `msgraph_calendar` and `onedrive` are
tested against a fake (`tests/fakes/graph`) that answers the routes below and refuses all others; each
request and each answer is held against the route in the wheel of `msgraph-sdk` and the types of Graph's
CSDL. The samples are those of Microsoft's reference pages. Some of these are no answers of Graph's: they
hold the names of values in their place (`datetime-value`), or leave out the `id`, which is the key of its
type in the CSDL and comes with every thing, whatever was selected. One without an `id` is given one, and
read.
"""


@dataclass(frozen=True)
class Sample:
    """A request with its answer, as a page of Microsoft's shows them."""

    method: str
    path: str
    route: Route
    status: int
    body: Json

    @property
    def name(self) -> str:
        short = re.sub(r"[A-Za-z0-9_=-]{25,}", "ID", self.path)
        return f"{self.method} {short}"


# ---------------------------------------------------------------------- routes


def examples(pattern: str) -> list[str]:
    """Paths that a pattern of the fake's fits, one for each way it branches."""
    return list(dict.fromkeys("".join(p) for p in product(*map(_one, _parser.parse(pattern)))))


def _one(token: Any) -> list[str]:
    kind, value = str(token[0]), token[1]
    if kind == "LITERAL":
        return [chr(value)]
    if kind == "SUBPATTERN":
        return ["".join(p) for p in product(*map(_one, value[-1]))]
    if kind == "BRANCH":
        return ["".join(p) for branch in value[1] for p in product(*map(_one, branch))]
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        least, _, inner = value
        some = ["".join(p) for p in product(*map(_one, inner))]
        return some if least else ["", *some]
    return ["x"]  # anything but a slash


def routes(contract: Contract) -> dict[tuple[str, str], Route | None]:
    """What the fake answers, by method and template; None: Microsoft has no such route."""
    made: dict[tuple[str, str], Route | None] = {}
    for handler in server._HANDLERS:
        for path in examples(handler.pattern.pattern.removesuffix("/?")):
            route = contract.route(handler.method, path)
            if route is not None:
                made[handler.method, route.template] = route
            elif not _is_known(contract, handler):
                made[handler.method, handler.pattern.pattern] = None
    return dict(sorted(made.items(), key=lambda one: (one[0][1], one[0][0])))


def _is_known(contract: Contract, handler: Handler) -> bool:
    """Whether one of the paths that a handler takes is Microsoft's."""
    paths = examples(handler.pattern.pattern.removesuffix("/?"))
    return any(contract.route(handler.method, p) for p in paths)


# ---------------------------------------------------------------------- samples


def samples(contract: Contract) -> Iterator[Sample]:
    """Those of Microsoft's samples that are of routes which the fake answers."""
    for one in json.loads((SHARED / "samples.json").read_text("utf-8")):
        request, answer = one["request"], one["response"]
        url = request.get("exampleUrl") or request["url"]
        path = unquote(urlsplit(url).path.removeprefix("/v1.0"))
        method = request["method"]
        played = any(h.method == method and h.pattern.fullmatch(path) for h in server._HANDLERS)
        route = contract.route(method, path)
        if played and route is not None:
            yield Sample(method, path, route, int(answer.get("statusCode") or 200), answer.get("body"))


def lost(sample: Sample) -> list[str]:
    """What our reader does not take from a sample, or why it does not take it at all."""
    body = sample.body
    if sample.status in (202, 204, 302) or not isinstance(body, dict) or not body:
        return []  # nothing is said, or bytes are, which are taken as they come
    if (reader := _reader(sample)) is None:
        return ["nothing reads it"]
    said: list[str] = []
    for row in _rows(sample):
        try:
            said += reader({"id": "x", **row})
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            said.append(f"{type(error).__name__}: {error}")
    return list(dict.fromkeys(said))


def _rows(sample: Sample) -> list[Json]:
    body = sample.body
    rows = body["value"] if isinstance(body.get("value"), list) else [body]
    return list(rows)


def is_short(sample: Sample) -> bool:
    """Whether the page leaves out the ids of what has one."""
    if sample.status in (202, 204, 302) or not isinstance(sample.body, dict) or not sample.body:
        return False
    return _reader(sample) in _KEYED and any("id" not in row for row in _rows(sample))


def _reader(sample: Sample) -> Callable[[Json], list[str]] | None:
    return next((r for names, r in _READERS if re.search(names, sample.route.template)), None)


def is_template(sample: Sample) -> bool:
    """Whether the page shows names of values ("datetime-value") in the place of some."""
    return bool(_PLACEHOLDER.search(json.dumps(sample.body)))


def _differ(row: Mapping[str, Json], taken: Mapping[str, object]) -> list[str]:
    """Names of what a row says and the reader has otherwise."""
    return [name for name, has in taken.items() if row.get(name) is not None and row[name] != has]


def _message(row: Json) -> list[str]:
    told = told_of(row)
    return _differ(row, {
        "id": told.id, "changeKey": told.change, "parentFolderId": told.folder, "conversationId": told.thread,
        "isRead": told.read, "isDraft": told.draft, "hasAttachments": told.attached, "webLink": told.link,
        "categories": sorted(told.categories),
    }) + _moment(row, "receivedDateTime", told.arrived)  # fmt: skip


def _folder(row: Json) -> list[str]:
    (folder,) = _named({str(row["id"]): row}, {}).values()
    return _differ(row, {"id": folder.id, "displayName": folder.name, "totalItemCount": folder.count})


def _settings(row: Json) -> list[str]:
    told = profile_of(row, 2019)
    zone, hours = iana(str(row.get("timeZone") or "")), row.get("workingHours") or {}
    wanted = {
        "timeZone": zone is None or told.zone == zone.key,
        "workingHours": not hours or (told.hours is not None and bool(told.hours_zone or told.zone)),
        "language": not row.get("language") or told.locale.replace("_", "-") == row["language"]["locale"],
        "automaticRepliesSetting": told.away
        == (str((row.get("automaticRepliesSetting") or {}).get("status", "disabled")).lower() != "disabled"),
    }
    return [name for name, right in wanted.items() if not right]


def _attachment(row: Json) -> list[str]:
    return [] if row.get("name") else ["name"]


def _session(row: Json) -> list[str]:
    urlsplit(str(row["uploadUrl"]))
    return [] if int(str(row["nextExpectedRanges"][0]).partition("-")[0]) == 0 else ["nextExpectedRanges"]


def _event(row: Json) -> list[str]:
    made = shaped(row, [ME])
    wrong = _differ(row, {"id": made["id"], "subject": made["summary"], "webLink": made["htmlLink"]})
    if place := (row.get("location") or {}).get("displayName"):
        wrong += ["location"] * (made["location"] != place)
    people = [a["emailAddress"]["address"].lower() for a in row.get("attendees") or ()]
    known = sorted(a["email"] for a in made["attendees"] if not a.get("self"))
    wrong += ["attendees"] * (known != sorted(people))
    who = ((row.get("organizer") or {}).get("emailAddress") or {}).get("address")
    wrong += ["organizer"] * bool(who and made["organizer"].get("email") != who.lower())
    wrong += [edge for edge in ("start", "end") if row.get(edge) and not made[edge]]
    repeats = str(made.get("recurrence") or "")
    return wrong + ["recurrence"] * bool(row.get("recurrence") and (not repeats or "UNKNOWN" in repeats))


def _calendar(row: Json) -> list[str]:
    address = (row.get("owner") or {}).get("address")
    return ["owner"] * bool(address and _msgcal_list._owner(row) != address.lower())


def _schedule(row: Json) -> list[str]:
    told = _msgcal_diary._Told()
    low = datetime(2019, 3, 15, tzinfo=UTC)
    high = low + timedelta(days=2)
    # The sample's view is by the hour; its items are what is compared.
    view = "0" * math.ceil((high - low) / _msgcal_diary._SLOT)
    wrong = _msgcal_diary._read({**row, "availabilityView": view}, told, low, high)
    taken = [i for i in row.get("scheduleItems") or () if i["status"] not in ("free", "workingElsewhere")]
    made = [wrong] if wrong else []
    made += ["scheduleItems"] * (len(told.busy) != len(taken))
    return made + ["workingHours"] * bool(row.get("workingHours") and not (told.hours and told.zone))


def _suggested(row: Json) -> list[str]:
    """Of what the tests compare our own proposals with."""
    made, said = proposals(row), row["meetingTimeSuggestions"]
    wanted = [datetime.fromisoformat(s["meetingTimeSlot"]["start"]["dateTime"]) for s in said]
    return ["meetingTimeSuggestions"] * ([at.replace(tzinfo=None) for at in made] != wanted)


def _drive_item(row: Json) -> list[str]:
    doc = _onedrive_items.doc_of(row, "")
    wrong = _differ(row, {
        "id": doc.id, "name": doc.name, "size": doc.size, "eTag": doc.etag, "cTag": doc.ctag,
        "createdDateTime": doc.created, "webUrl": doc.link, "lastModifiedDateTime": doc.at,
    })  # fmt: skip
    file = row.get("file") or {}
    return wrong + ["file"] * bool(file.get("mimeType") and doc.mime != file["mimeType"])


def _version(row: Json) -> list[str]:
    head = _onedrive_items.past(row)
    who = ((row.get("lastModifiedBy") or {}).get("user") or {}).get("displayName")
    at = row.get("lastModifiedDateTime")
    wrong = ["lastModifiedBy"] * bool(who and head.author != who)
    return wrong + ["lastModifiedDateTime"] * bool(at and head.at != at)


def _right(row: Json) -> list[str]:
    _onedrive_items.readers_of([row], ME, "")
    return []


def _drive(row: Json) -> list[str]:
    return [] if row.get("id") else ["id"]


def _moment(row: Json, name: str, has: datetime) -> list[str]:
    said = row.get(name)
    return [name] if said and datetime.fromisoformat(str(said)) != has else []


_READERS: tuple[tuple[str, Callable[[Json], list[str]]], ...] = (
    (r"/attachments/createUploadSession$|/createUploadSession$", _session),
    (r"/messages/\{[^}]*\}/attachments", _attachment),
    (r"/messages(?:/|$)|sendMail", _message),
    (r"/mailFolders", _folder),
    (r"/mailboxSettings$", _settings),
    (r"/getSchedule$", _schedule),
    (r"/findMeetingTimes$", _suggested),
    (r"/events|/calendarView|/instances", _event),
    (r"/calendars?(?:/\{[^}]*\})?$", _calendar),
    (r"/versions$", _version),
    (r"/permissions$|/invite$", _right),
    (r"/items/|/root$|/children$", _drive_item),
    (r"/drives?(?:/\{[^}]*\})?$", _drive),
)


_KEYED = (_message, _folder, _attachment, _event, _calendar, _drive_item, _drive)
"""Readers of what is known by an id."""


# ---------------------------------------------------------------------- the page


def page(contract: Contract) -> str:
    """The whole page."""
    table, tried = routes(contract), list(samples(contract))
    had = [(s, lost(s)) for s in tried]
    data = [(s, wrong) for s, wrong in had if not is_template(s)]
    taken = sum(not wrong for _, wrong in data)
    templates, short = [s for s in tried if is_template(s)], [s for s, _ in data if is_short(s)]
    by_route: dict[tuple[str, str], int] = {}
    for sample in tried:
        key = sample.method, sample.route.template
        by_route[key] = by_route.get(key, 0) + 1
    known = sum(route is not None for route in table.values())
    lines = [
        _INTRO,
        f"- Routes: {len(table)}, of which Microsoft's library has {known}.",
        f"- Samples of these routes: {len(tried)}, of which {len(data)} hold values.",
        f"- Of those with values taken without loss: {taken} of {len(data)} ({_share(taken, len(data))}); "
        f"{len(short)} of these leave out the `id`.",
        "", "## Not taken whole", "",
    ]  # fmt: skip
    lines += [f"- `{s.name}`: {', '.join(w)}" for s, w in data if w] or ["Nothing of those with values."]
    lines += ["", "## No answers of Graph's", ""]
    lines += [f"- `{s.name}`: names of values in their place" for s in templates]
    lines += [f"- `{s.name}`: no `id`" for s in short]
    lines += ["", "## Routes", "", "| method | route | Microsoft's | parameters | samples |"]
    lines += ["|---|---|---|---|---|"]
    for (method, template), route in table.items():
        query = ", ".join(f"`{q}`" for q in sorted(route.query)) if route else ""
        count = by_route.get((method, template), 0) or ""
        lines.append(f"| {method} | `{template}` | {'yes' if route else 'no'} | {query} | {count} |")
    return "\n".join([*lines, ""])


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "none"


def main() -> int:
    """Print the page."""
    if (contract := found(SHARED)) is None:
        print("It needs ../shared/data/msgraph and .venv/msgraph (make test).", file=sys.stderr)
        return 2
    sys.stdout.write(page(contract))
    return 0


if __name__ == "__main__":
    sys.exit(main())
