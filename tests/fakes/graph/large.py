"""The host to which the fake Graph has the files of large messages brought: whoever knows an address may."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fakes.graph import letters
from fakes.graph.wire import Answer
from fakes.graph.world import Refused, World

Json = Any
PART = 4_000_000
"""Every part has fewer bytes."""


def address(ticket: str) -> str:
    """Where a file is to be brought."""
    return f"https://outlook.office.com/api/gv1.0/users('u')/messages('m')/AttachmentSessions('s')?authtoken={ticket}"


def expected(session: Json) -> Json:
    """What is still to come."""
    return {
        "expirationDateTime": "2026-11-30T08:00:00Z",
        "nextExpectedRanges": [f"{len(session['data'])}-{session['item']['size'] - 1}"],
    }


def brought(
    world: World, method: str, target: str, headers: Mapping[str, str], content: bytes,
    wrong: Callable[[Json, str], list[str]],
) -> Answer:  # fmt: skip
    """What it answers. Nobody says there who he is."""
    if any(n in headers for n in ("authorization", "cookie", "prefer")):
        world.wrong.append(f"{method} {target}: what is Graph's went along to another host")
    ticket = parse_qs(urlsplit(target).query).get("authtoken", [""])[0]
    if (session := world.uploads.get(ticket)) is None:
        refused = Refused(404, "ErrorItemNotFound", "There is no such session.")
        return Answer(refused.status, refused.body)
    if method == "PUT":
        try:
            made = _put(world, session, headers, content)
        except Refused as refused:
            return Answer(refused.status, refused.body)
        if made:
            del world.uploads[ticket]
            return Answer(201, None, {"Location": "https://outlook.office.com/api/gv1.0/attachments('a')"})
    said = expected(session)
    world.wrong += wrong(said, "graph.uploadSession")
    return Answer(200, said)


def _put(world: World, session: Json, headers: Mapping[str, str], content: bytes) -> bool:
    """Take a part; whether it was the last one."""
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", headers.get("content-range", ""))
    first, last, total = map(int, found.groups()) if found else (0, 0, 0)
    size = session["item"]["size"]
    if found is None or last - first + 1 != len(content) or total != size or len(content) >= PART:
        raise Refused(400, "ErrorInvalidRequest", "The Content-Range is not that of a part of the file.")
    if first != len(session["data"]):
        raise Refused(416, "ErrorInvalidRange", "Another range is expected.")
    session["data"] += content
    if len(session["data"]) < size:
        return False
    person = world.people[session["who"]]
    letter = person.mail.get(session["key"])
    if letter is None or not letter.draft:
        raise Refused(404, "ErrorItemNotFound", "The draft is not there any more.")
    made, item = letters.read(letter.data), session["item"]
    letters.attach(made, {
        "name": item["name"], "contentType": item.get("contentType"),
        "contentBytes": base64.b64encode(session["data"]).decode(),
    })  # fmt: skip
    letter.data = made.as_bytes()
    world.touched(person, letter)
    return True
