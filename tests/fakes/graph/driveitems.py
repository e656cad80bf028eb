"""What the fake Graph tells of drives, items and rights, as JSON."""

from __future__ import annotations

import base64
from datetime import datetime
from hashlib import sha1, sha256
from typing import Any

from fakes.graph.drives import HOST, Drive, Drives, Node, Right

Json = Any
_MIMES = {
    "md": "text/markdown", "txt": "text/plain", "png": "image/png", "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip


def told(drives: Drives, drive: Drive, node: Node, *, changes: bool = False) -> Json:
    """A driveItem. Of changes neither paths nor addresses of bytes are told, nor every cTag."""
    parent = {"driveId": drive.id, "driveType": drive.kind}
    if node.parent:
        above = drive.path(drive.nodes[node.parent])
        parent["id"] = node.parent
        if not changes:
            parent["path"] = f"/drives/{drive.id}/root:" + (f"/{above}" if above else "")
    said: Json = {"id": node.id, "parentReference": parent}
    facet = _facet(drives, drive, node)
    if node.gone:
        return {**said, **{n: {} for n in facet}, "deleted": {"state": "deleted"}}
    url = f"{drive.url}/{drive.path(node)}" if drive.path(node) else drive.url
    said |= {
        "name": node.name, "eTag": node.etag, "size": len(node.data), "webUrl": url.replace(" ", "%20"),
        "createdDateTime": _stamp(node.created), "lastModifiedDateTime": _stamp(node.at),
        "createdBy": {"user": identity(drives, node.by)},
        "lastModifiedBy": {"user": identity(drives, node.versions[-1].by if node.versions else node.by)},
        "fileSystemInfo": {
            "createdDateTime": _stamp(node.created), "lastModifiedDateTime": _stamp(node.at),
        },
        **facet,
    }  # fmt: skip
    if node.id == drive.root:
        said["root"] = {}
    if node.kind == "file" and (not changes or drive.kind == "personal" or drives.ctags):
        said["cTag"] = f'"c:{{{node.id}}},{node.content}"'
    if len(drive.rights(node)) > 1:
        said["shared"] = {"scope": "users"}
    return said


def _facet(drives: Drives, drive: Drive, node: Node) -> Json:
    if node.kind == "folder":
        return {"folder": {"childCount": len(drive.inside(node.id))}}
    if node.kind == "package":
        return {"package": {"type": "oneNote"}}
    if node.kind == "remote":
        of = drives.all[node.target[0]]
        there = of.nodes[node.target[1]]
        said = {
            "id": there.id,
            "name": there.name,
            "parentReference": {"driveId": of.id},
            "size": len(there.data),
        }
        return {"remoteItem": {**said, **_facet(drives, of, there)}}
    hashes = {"quickXorHash": quick_xor(node.data)}
    if drive.kind == "personal":
        hashes |= {
            "sha1Hash": sha1(node.data).hexdigest().upper(),  # noqa: S324 - as OneDrive says it
            "sha256Hash": sha256(node.data).hexdigest().upper(),
        }
    ending = node.name.rpartition(".")[2]
    return {
        "file": {"mimeType": _MIMES.get(ending, "application/octet-stream"), "hashes": hashes},
    }


def told_right(drives: Drives, drive: Drive, node: Node, right: Right, at: Node) -> Json:
    """A permission of a node."""
    said: Json = {"id": right.id, "roles": list(right.roles)}
    if at.id != node.id:
        said["inheritedFrom"] = {"driveId": drive.id, "id": at.id, "path": f"/drives/{drive.id}/root:"}
    if right.scope:
        url = f"https://{HOST}/:t:/g/{right.id}"
        said["link"] = {"scope": right.scope, "type": "view", "webUrl": url}
        given = [{"user": identity(drives, right.who)}] if right.who else []
        return {**said, "grantedToIdentitiesV2": given}
    if right.group and "@" not in right.who:  # of the site's own, which has no address
        return {**said, "grantedToV2": {"siteGroup": {"id": "5", "displayName": right.who}}}
    who = identity(drives, right.who)
    return {**said, "grantedToV2": {"group" if right.group else "user": who}}


def told_drive(drives: Drives, drive: Drive) -> Json:
    """A drive."""
    owner = {"user": identity(drives, drive.owner)} if drive.owner else {"group": {"displayName": "Team"}}
    return {
        "id": drive.id, "driveType": drive.kind, "name": drive.name, "webUrl": drive.url, "owner": owner,
        "quota": {"total": 1099511627776, "used": 0, "remaining": 1099511627776, "state": "normal"},
    }  # fmt: skip


def identity(drives: Drives, who: str) -> Json:
    """Somebody by name, or by an address."""
    who = next((p.name for p in drives.world.people.values() if p.address == who), who)
    address = who if "@" in who else drives.address(who)
    name = who.partition("@")[0].capitalize()
    if who in drives.world.people:
        address = drives.called.get(who, address)
        return {"email": address, "id": f"user-{who}", "displayName": drives.world.people[who].shown}
    return {"email": address, "id": f"user-{who}", "displayName": f"{name} Test"}


def quick_xor(data: bytes) -> str:
    """The hash that SharePoint has of a file, byte by byte as Microsoft writes it down.

    https://learn.microsoft.com/en-us/onedrive/developer/code-snippets/quickxorhash
    """
    made, mask = 0, (1 << 160) - 1
    for n, byte in enumerate(data):
        shifted = byte << (n * 11 % 160)
        made ^= (shifted & mask) | (shifted >> 160)
    out = bytearray(made.to_bytes(20, "little"))
    for n, byte in enumerate(len(data).to_bytes(8, "little")):
        out[12 + n] ^= byte
    return base64.b64encode(out).decode()


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
