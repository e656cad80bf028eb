"""What Drive v3 says of files, revisions, comments and rights, of a `World`."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fakes.drive.world import (
    DOC,
    FOLDER,
    NAMES,
    SHEET,
    SHORTCUT,
    SLIDES,
    Comment,
    Grant,
    Node,
    Revision,
    World,
)  # fmt: skip

OFFICE = "application/vnd.openxmlformats-officedocument."
EXPORTS = {
    DOC: ("text/plain", "text/markdown", "text/html", "application/pdf"),
    SHEET: ("text/csv", OFFICE + "spreadsheetml.sheet", "application/pdf"),
    SLIDES: ("text/plain", "application/pdf"),
}


def may_write(world: World, who: str, node: Node) -> bool:
    return any(g.who == who and g.role in ("owner", "writer") for g in world.grants(node))


def file_(world: World, who: str, node: Node) -> dict[str, Any]:
    writes, mine = may_write(world, who, node), node.owner == who
    made: dict[str, Any] = {
        "kind": "drive#file", "id": node.id, "name": node.name, "mimeType": node.mime,
        "trashed": world.is_trashed(node), "explicitlyTrashed": node.trashed, "version": str(node.version),
        "createdTime": time_(node.created), "modifiedTime": time_(node.modified), "starred": False,
        "lastModifyingUser": user_(node.by, who), "spaces": ["drive"],
        "webViewLink": f"https://drive.google.com/file/d/{node.id}/view",
        "permissionIds": [g.id for g in world.grants(node)],
        "capabilities": {
            "canDownload": True, "canReadRevisions": writes and node.head is not None, "canEdit": writes,
            "canModifyContent": writes, "canTrash": mine or (writes and bool(node.drive)),
            "canUntrash": mine or (writes and bool(node.drive)),
            "canAddChildren": writes and node.mime == FOLDER,
        },
    }  # fmt: skip
    above = world.nodes.get(node.parent)
    if node.parent in world.drives or (above is not None and world.sees(who, above)):
        made["parents"] = [node.parent]
    if node.properties:
        made["appProperties"] = dict(node.properties)
    if node.drive:
        made["driveId"] = node.drive
    else:
        made |= {"owners": [user_(node.owner, who)], "ownedByMe": mine, "shared": len(world.grants(node)) > 1}
        if writes:
            made["permissions"] = [permission_(g) for g in world.grants(node)]
    if node.mime == SHORTCUT:
        target = world.nodes.get(node.target)
        made["shortcutDetails"] = {"targetId": node.target, "targetMimeType": target.mime if target else ""}
    if node.native and node.head:
        made |= {"size": str(len(node.head.data)), "exportLinks": _links(world, node, "")}
    elif node.head:
        data = node.head.data
        made |= {
            "size": str(len(data)), "headRevisionId": node.head.id,
            "md5Checksum": hashlib.md5(data, usedforsecurity=False).hexdigest(),
            "sha256Checksum": hashlib.sha256(data).hexdigest(), "originalFilename": node.name,
        }  # fmt: skip
    return made


def _links(world: World, node: Node, revision: str) -> dict[str, str]:
    return {
        mime: f"{world.base}feeds/download/Export?" + urlencode(
            {"id": node.id, **({"revision": revision} if revision else {}), "exportFormat": mime}
        )
        for mime in EXPORTS[node.mime]
    }  # fmt: skip


def revision_(world: World, node: Node, revision: Revision, who: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "kind": "drive#revision", "id": revision.id, "mimeType": node.mime,
        "modifiedTime": time_(revision.at), "lastModifyingUser": user_(revision.by, who),
    }  # fmt: skip
    if node.native:
        return made | {"exportLinks": _links(world, node, revision.id)}
    data = revision.data
    return made | {
        "size": str(len(data)), "md5Checksum": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "keepForever": False,
        "originalFilename": node.name,
    }  # fmt: skip


def comment_(comment: Comment, who: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "kind": "drive#comment", "id": comment.id, "author": _author(comment.by, who),
        "content": comment.text,
        "htmlContent": comment.text, "createdTime": time_(comment.at), "modifiedTime": time_(comment.at),
        "resolved": comment.resolved, "deleted": comment.deleted,
        "replies": [
            {
                "kind": "drive#reply", "id": str(n), "author": _author(r.by, who), "content": r.text,
                "createdTime": time_(r.at), "modifiedTime": time_(r.at), "deleted": False,
            } | ({"action": r.action} if r.action else {})
            for n, r in enumerate(comment.replies)
        ],
    }  # fmt: skip
    if comment.quoted:
        made["quotedFileContent"] = {"mimeType": "text/html", "value": comment.quoted}
    return made


def _author(by: str, who: str) -> dict[str, Any]:
    """In comments Google tells the name, and not the address."""
    made = user_(by, who)
    del made["emailAddress"], made["permissionId"]
    return made


def user_(by: str, who: str) -> dict[str, Any]:
    return {
        "kind": "drive#user", "displayName": NAMES.get(by, by), "emailAddress": by, "me": by == who,
        "permissionId": Grant(by).id,
    }  # fmt: skip


def permission_(grant: Grant) -> dict[str, Any]:
    made: dict[str, Any] = {
        "kind": "drive#permission",
        "id": grant.id,
        "type": grant.type,
        "role": grant.role,
    }
    if grant.type in ("user", "group"):
        return made | {
            "emailAddress": grant.who,
            "displayName": NAMES.get(grant.who, grant.who),
            "deleted": False,
        }
    return (
        made | {"allowFileDiscovery": grant.found} | ({"domain": grant.who} if grant.type == "domain" else {})
    )


def time_(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
