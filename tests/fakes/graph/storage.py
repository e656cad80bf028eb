"""The host to which the fake Graph sends one for the bytes of files: whoever knows an address may use it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fakes.graph.driveitems import told
from fakes.graph.drives import Session
from fakes.graph.wire import Answer
from fakes.graph.world import Refused, World

Json = Any
PART = 320 * 1024
"""Bytes of which every part of an upload but the last is a multiple."""


def stored(
    world: World, method: str, target: str, headers: Mapping[str, str], content: bytes,
    wrong: Callable[[Json, str], list[str]],
) -> Answer:  # fmt: skip
    """What it answers. Nobody says there who he is.

    :param wrong: what is wrong with JSON as a type of Microsoft's.
    """
    parts = urlsplit(target)
    query = {n: v[0] for n, v in parse_qs(parts.query).items()}
    if any(n in headers for n in ("authorization", "cookie", "prefer")):
        world.wrong.append(f"{method} {parts.path}: what is Graph's went along to another host")
    if parts.path.endswith("/uploadSession"):
        try:
            got = _uploaded(world, method, query.get("guid", ""), headers, content)
        except Refused as refused:
            return Answer(refused.status, refused.body)
        world.wrong += wrong(got.body, "graph.uploadSession" if got.status == 202 else "graph.driveItem")
        return got
    data = world.drives.tickets.get(query.get("tempauth", ""))
    if method != "GET" or data is None:
        return Answer(401, {"error": {"code": "unauthenticated", "message": "The address has expired."}})
    return Answer(200, data, {"Content-Type": "application/octet-stream"})


def _uploaded(world: World, method: str, guid: str, headers: Mapping[str, str], content: bytes) -> Answer:
    session = world.drives.sessions.get(guid)
    if session is None:
        raise Refused(404, "itemNotFound", "The upload session was not found")
    if method == "GET":
        return Answer(202, expected(session))
    if method == "DELETE":
        del world.drives.sessions[guid]
        return Answer(202, expected(session))
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", headers.get("content-range", ""))
    first, last, total = map(int, found.groups()) if found else (0, 0, 0)
    if found is None or method != "PUT" or last - first + 1 != len(content):
        raise Refused(400, "invalidRequest", "The Content-Range header is missing or malformed.")
    if first != len(session.data):
        raise Refused(416, "invalidRange", "The range was received already, or is not expected yet.")
    if last + 1 < total and len(content) % PART:
        raise Refused(400, "invalidRequest", "A part is a multiple of 320 KiB.")
    session.data += content
    if len(session.data) < total:
        return Answer(202, expected(session))
    del world.drives.sessions[guid]
    return committed(world, session, session.data)


def expected(session: Session) -> Json:
    return {"expirationDateTime": "2026-11-30T08:00:00Z", "nextExpectedRanges": [f"{len(session.data)}-"]}


def committed(world: World, session: Session, data: bytes) -> Answer:
    """All of it is there: it becomes a file, or a version of one."""
    of, drives = session.drive, world.drives
    there = of.nodes.get(session.item) if session.item else of.named(session.parent, session.name)
    if there is not None and session.etag and there.etag != session.etag:
        raise Refused(412, "preconditionFailed", "ETag does not match current item's value")
    if there is not None and not session.item and session.conflict == "fail":
        raise taken()
    if there is None or there.gone:
        if session.item:
            raise Refused(404, "itemNotFound", "The resource could not be found.")
        drives.did.append(f"create {session.name}")
        made = drives.file(of, session.name, data, parent=session.parent, by=session.by)
        return Answer(201, told(drives, of, made))
    drives.did.append(f"update {there.name}")
    drives.edit(of, there, data, by=session.by)
    return Answer(200, told(drives, of, there))


def taken() -> Refused:
    return Refused(409, "nameAlreadyExists", "An item with the same name already exists under the parent")
