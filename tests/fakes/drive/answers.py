"""What each method of Drive v3 answers, of a `World`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fakes import office
from fakes.drive import query
from fakes.drive.shapes import (
    EXPORTS,
    OFFICE,
    comment_,
    file_,
    may_write,
    permission_,
    revision_,
    time_,
    user_,
)
from fakes.drive.world import FOLDER, Grant, Node, Revision, World

_ORDERS: dict[str, Callable[[Node], Any]] = {
    "modifiedTime": lambda n: n.modified, "createdTime": lambda n: n.created, "name": lambda n: n.name,
}  # fmt: skip
_FILE = "kind,id,name,mimeType"
DEFAULT = {
    "files.get": _FILE, "files.create": _FILE, "files.update": _FILE,
    "files.list": f"kind,incompleteSearch,nextPageToken,files({_FILE})",
    "changes.list": "kind,nextPageToken,newStartPageToken,"
    f"changes(kind,changeType,time,removed,fileId,file({_FILE}))",
    "revisions.list": "kind,nextPageToken,revisions(kind,id,mimeType,modifiedTime)",
    "drives.list": "kind,nextPageToken,drives(kind,id,name)",
    "permissions.list": "kind,nextPageToken,permissions(kind,id,type,role)",
}  # fmt: skip


class Refusal(Exception):
    """An error, as Google words it."""

    def __init__(self, status: int, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.status, self.reason = status, reason


@dataclass
class Bytes:
    """An answer that is no JSON."""

    data: bytes
    mime: str


def _about(server: Any, who: str, asked: Any, data: bytes | None) -> Any:
    if not asked.given("fields"):
        raise Refusal(400, "required", "The 'fields' parameter is required for this method.")
    return {
        "kind": "drive#about",
        "user": user_(who, who),
        "exportFormats": {k: list(v) for k, v in EXPORTS.items()},
    }


def _files_list(server: Any, who: str, asked: Any, data: bytes | None) -> Any:
    world: World = server.world
    drive = asked.given("driveId")
    corpora = asked.given("corpora") or ("drive" if drive else "user")
    if drive and (asked.given("supportsAllDrives"), asked.given("includeItemsFromAllDrives")) != (
        "true",
        "true",
    ):
        raise Refusal(403, "teamDrivesNotSupported")
    if (corpora == "drive") != bool(drive):
        raise Refusal(400, "invalid", "corpora")
    fits = _fits(world, who, asked.given("q"))
    found = [
        n for n in world.nodes.values()
        if n.drive == drive and n.id != world.root and world.sees(who, n) and fits(n)
    ]  # fmt: skip
    found.sort(key=lambda n: n.id)
    for key in reversed([k.strip() for k in asked.given("orderBy").split(",") if k.strip()]):
        name, _, way = key.partition(" ")
        if name not in _ORDERS or way not in ("", "desc"):
            raise Refusal(400, "invalid", "orderBy")
        found.sort(
            key=lambda n, name=name: getattr(
                n, {"modifiedTime": "modified", "createdTime": "created"}.get(name, name)
            ),
            reverse=way == "desc",
        )
    part, token = _page(server, found, asked, 100)
    return {"kind": "drive#fileList", "incompleteSearch": False,
            "files": [file_(world, who, n) for n in part]} | token  # fmt: skip


def _fits(world: World, who: str, q: str) -> Callable[[Node], bool]:
    try:
        return query.read(q, world, who)
    except ValueError as error:
        raise Refusal(400, "invalid", f"Invalid Value: {error}") from None


def _files_get(server: Any, who: str, asked: Any, data: bytes | None) -> Any:
    node = _node(server.world, who, asked)
    if asked.given("alt") != "media":
        return file_(server.world, who, node)
    if node.native or node.head is None:
        raise Refusal(403, "fileNotDownloadable", "Only files with binary content can be downloaded.")
    return Bytes(node.head.data, node.mime)


def _export(server: Any, who: str, asked: Any, data: bytes | None) -> Any:
    node = _node(server.world, who, asked)
    if not node.native or node.head is None:
        raise Refusal(403, "fileNotExportable", "Export only supports Docs Editors files.")
    if node.large:
        raise Refusal(403, "exportSizeLimitExceeded", "This file is too large to be exported.")
    return _converted(node, node.head, asked.given("mimeType"))


def linked(world: World, who: str, asked: Any) -> Any:
    """What an export link leads to."""
    node = _node(world, who, asked, id=asked.given("id"))
    number = asked.given("revision")
    found = next((r for r in node.revisions if r.id == number), None) if number else node.head
    if found is None or found.purged:
        raise Refusal(404, "notFound")
    return _converted(node, found, asked.given("exportFormat"))


def _converted(node: Node, revision: Revision, mime: str) -> Bytes:
    if mime not in EXPORTS[node.mime]:
        raise Refusal(400, "badRequest", "The requested conversion is not supported.")
    if mime.startswith(OFFICE):
        rows = [line.split(",") for line in revision.data.decode().split("\n")]
        return Bytes(office.xlsx(rows), mime)
    mark = b"\xef\xbb\xbf" if mime == "text/plain" else b""
    return Bytes(mark + revision.data, mime)


def _files_create(server: Any, who: str, asked: Any, data: bytes | None) -> Any:
    world, meta = server.world, asked.json
    if (id := meta.get("id", "")) and id not in world.promised:
        if id in world.nodes:
            raise Refusal(409, "fileIdInUse", "A file already exists with the provided ID.")
        raise Refusal(400, "invalid", "The provided file ID is not usable.")
    parent = (meta.get("parents") or [world.root])[0]
    above = world.nodes.get(parent)
    drive = parent if parent in world.drives else (above.drive if above else "")
    if above is None and not drive:
        raise Refusal(404, "notFound", f"File not found: {parent}.")
    if meta.get("mimeType") == FOLDER:
        made = world.nodes[
            world.folder(meta.get("name", "Untitled"), parent=parent, by=who, drive=drive, id=id)
        ]
    else:
        mime = meta.get("mimeType") or "application/octet-stream"
        made = world.nodes[
            world.file(
                meta.get("name", "Untitled"),
                data or b"",
                mime=mime,
                parent=parent,
                by=who,
                drive=drive,
                id=id,
            )
        ]
    made.properties |= meta.get("appProperties", {})
    world.did.append("create")
    return file_(world, who, made)


def _files_update(server: Any, who: str, asked: Any, data: bytes | None) -> Any:
    world, meta = server.world, asked.json
    node = _node(world, who, asked)
    if not may_write(world, who, node):
        raise Refusal(403, "insufficientFilePermissions", "The user does not have sufficient permissions.")
    if "trashed" in meta:
        if node.owner != who and not node.drive:
            raise Refusal(403, "insufficientFilePermissions", "Only its owner may trash it.")
        world.trash(node.id, trashed=meta["trashed"])
        world.did.append("trash" if meta["trashed"] else "untrash")
    if "name" in meta:
        world.rename(node.id, meta["name"])
    if data is not None:
        world.edit(node.id, data, by=who)
        world.did.append("update")
    for name, value in meta.get("appProperties", {}).items():
        node.properties.pop(name, None)
        if value is not None:
            node.properties[name] = value
    return file_(world, who, node)


def _ids(server: Any, who: str, asked: Any, data: bytes | None) -> Any:
    made = [server.world.generated() for _ in range(int(asked.given("count", "10")))]
    return {"kind": "drive#generatedIds", "space": "drive", "ids": made}


def _start(server: Any, who: str, asked: Any, data: bytes | None) -> Any:
    return {"kind": "drive#startPageToken", "startPageToken": str(server.world.token())}


def _changes(server: Any, who: str, asked: Any, data: bytes | None) -> Any:
    world: World = server.world
    drive, since = asked.given("driveId"), asked.given("pageToken")
    if not since.isdigit():
        raise Refusal(400, "invalid", "Invalid Value: pageToken")
    if drive and drive not in world.drives:
        raise Refusal(404, "teamDriveNotFound", f"Shared drive not found: {drive}")
    last: dict[str, tuple[int, str, str, datetime]] = {}
    for entry in world.log:
        if entry[0] >= int(since) and entry[1] == drive:
            last.pop(entry[2], None)
            last[entry[2]] = entry
    size = min(int(asked.given("pageSize", "100")), server.page or 1000)
    entries = sorted(last.values())
    made = []
    for _, _, id, at in entries[:size]:
        change: dict[str, Any] = {
            "kind": "drive#change", "changeType": "file", "fileId": id, "time": time_(at), "removed": True,
        }  # fmt: skip
        node = world.nodes.get(id)
        if node is not None and node.drive == drive and world.sees(who, node):
            change |= {"removed": False, "file": file_(world, who, node)}
        elif id not in world.seen:
            continue
        made.append(change)
    whole = len(entries) <= size
    on = {"newStartPageToken": str(world.token())} if whole else {"nextPageToken": str(entries[size][0])}
    return {"kind": "drive#changeList", "changes": made} | on


def _revisions(server: Any, who: str, asked: Any, data: bytes | None) -> Any:
    node = _revised(server.world, who, asked)
    listed = [r for r in node.revisions if not r.omitted]
    part, token = _page(server, listed, asked, 200)
    return {
        "kind": "drive#revisionList",
        "revisions": [revision_(server.world, node, r, who) for r in part],
    } | token


def _revision_get(server: Any, who: str, asked: Any, data: bytes | None) -> Any:
    node = _revised(server.world, who, asked)
    found = next((r for r in node.revisions if r.id == asked.given("revisionId")), None)
    if found is None:
        raise Refusal(404, "notFound", "Revision not found.")
    if asked.given("alt") != "media":
        return revision_(server.world, node, found, who)
    if node.native:
        raise Refusal(403, "fileNotDownloadable")
    if found.purged:
        raise Refusal(404, "notFound", "The content of this revision is gone.")
    return Bytes(found.data, node.mime)


def _comments(server: Any, who: str, asked: Any, data: bytes | None) -> Any:
    if not asked.given("fields"):
        raise Refusal(400, "required", "The 'fields' parameter is required for this method.")
    node = _node(server.world, who, asked)
    shown = [c for c in node.comments if not c.deleted or asked.given("includeDeleted") == "true"]
    part, token = _page(server, shown, asked, 20, most=100)
    return {"kind": "drive#commentList", "comments": [comment_(c, who) for c in part]} | token


def _permissions(server: Any, who: str, asked: Any, data: bytes | None) -> Any:
    world: World = server.world
    if (id := asked.given("fileId")) in world.drives:
        grants: Iterable[Grant] = world.drives[id].members.values()
    else:
        grants = world.grants(_node(world, who, asked))
    part, token = _page(server, list(grants), asked, 100, most=100)
    return {"kind": "drive#permissionList", "permissions": [permission_(g) for g in part]} | token


def _drives(server: Any, who: str, asked: Any, data: bytes | None) -> Any:
    mine = [d for d in server.world.drives.values() if who in d.members]
    part, token = _page(server, mine, asked, 10, most=100)
    made = [{"kind": "drive#drive", "id": d.id, "name": d.name} for d in part]
    return {"kind": "drive#driveList", "drives": made} | token


METHODS: dict[str, Callable[[Any, str, Any, bytes | None], Any]] = {
    "drive.about.get": _about,
    "drive.files.list": _files_list,
    "drive.files.get": _files_get,
    "drive.files.export": _export,
    "drive.files.create": _files_create,
    "drive.files.update": _files_update,
    "drive.files.generateIds": _ids,
    "drive.changes.getStartPageToken": _start,
    "drive.changes.list": _changes,
    "drive.revisions.list": _revisions,
    "drive.revisions.get": _revision_get,
    "drive.comments.list": _comments,
    "drive.permissions.list": _permissions,
    "drive.drives.list": _drives,
}


def _node(world: World, who: str, asked: Any, *, id: str = "") -> Node:
    id = id or asked.given("fileId")
    node = world.nodes.get(world.root if id == "root" else id)
    if node is None or not world.sees(who, node):
        raise Refusal(404, "notFound", f"File not found: {id}.")
    if node.drive and asked.path.startswith("/drive/") and asked.given("supportsAllDrives") != "true" and (
        asked.name in ("files.get", "files.update", "permissions.list")
    ):  # fmt: skip
        raise Refusal(404, "notFound", f"File not found: {id}.")
    return node


def _revised(world: World, who: str, asked: Any) -> Node:
    node = _node(world, who, asked)
    if not may_write(world, who, node):
        raise Refusal(403, "insufficientFilePermissions", "The user cannot read revisions of this file.")
    if node.head is None:
        raise Refusal(403, "revisionsNotSupported", "The file does not support revisions.")
    return node


def _page(
    server: Any, found: list[Any], asked: Any, default: int, *, most: int = 1000
) -> tuple[list[Any], Any]:
    size = min(int(asked.given("pageSize") or default), most, server.page or most)
    token = asked.given("pageToken") or "0"
    if not token.isdigit() or int(token) > len(found):
        raise Refusal(400, "invalid", "Invalid Value: pageToken")
    start = int(token)
    on = {"nextPageToken": str(start + size)} if start + size < len(found) else {}
    return found[start : start + size], on
