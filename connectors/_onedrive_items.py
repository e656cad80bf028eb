"""What OneDrive and SharePoint say, read leniently: a driveItem as a value, who may see it, an item of it.

https://learn.microsoft.com/en-us/graph/api/resources/driveitem
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from deskhand.connectors._cloud_scope import moment
from deskhand.connectors._cloud_texts import Head
from deskhand.connectors._reader import Text
from deskhand.connectors.model import Item, ItemRef, Label, Participant, Relation

Json = Mapping[str, Any]
FIELDS = (
    "id,name,eTag,cTag,size,file,folder,package,root,deleted,remoteItem,parentReference,createdDateTime,"
    "lastModifiedDateTime,createdBy,lastModifiedBy,shared,webUrl"
)
_COUNTED = re.compile(r'"?\{[^{}]+\},\d+"?')
"""An eTag of SharePoint's, which counts the changes of the item itself. Of a folder, a personal OneDrive's is
another one with all that lies in it."""
_LOGIN = re.compile(r"[^|]*\|[^|]*\|([^|@\s]+@[^|@\s]+)")


@dataclass(frozen=True, slots=True)
class Doc:
    """Something in a drive, as it is told."""

    drive: str
    """"" is the person's own."""
    id: str
    name: str
    parent: str
    kind: str
    """file, folder, package, remote, root; "" of what is gone."""
    etag: str
    ctag: str
    size: int
    mime: str
    created: str
    at: str
    creator: tuple[str, str]
    """Name and address."""
    author: tuple[str, str]
    xor: str
    sha: str
    """SHA-256, where it is told."""
    shared: str
    link: str
    target: str
    inside: int
    """Of a folder: how much lies right in it."""
    gone: bool

    @property
    def key(self) -> str:
        """By which it is known here."""
        return key_of(self.drive, self.id)

    @property
    def above(self) -> str:
        """The key of the folder it lies in; "" of a root."""
        return key_of(self.drive, self.parent) if self.parent else ""

    @property
    def short(self) -> bool:
        """Whether it is a file of which it is not told at which state its content is."""
        return self.kind == "file" and not self.ctag

    @property
    def seen(self) -> str:
        """Another one after each change, of whatever kind."""
        return _short(self.etag, self.ctag, self.shared, self.name, self.parent)

    @property
    def version(self) -> str:
        """Another one when what is in it is another: its name and place do not count."""
        content = self.ctag or f"{self.etag}\0{self.at}"
        return f"c-{_short(content, '' if self.ctag else str(self.size))}"

    @property
    def mark(self) -> str:
        """Of a folder: another one when what lies in it lies elsewhere, or others may see it."""
        return _short(self.name, self.parent, self.shared, self.etag if _COUNTED.fullmatch(self.etag) else "")


def doc_of(row: Json, drive: str) -> Doc:
    """Read a driveItem; what is left out is as it usually is."""
    parent, file = row.get("parentReference") or {}, row.get("file") or {}
    hashes, remote = file.get("hashes") or {}, row.get("remoteItem") or {}
    gone = row.get("deleted") is not None
    kind = next((k for k in ("root", "package", "folder", "file") if row.get(k) is not None), "")
    kind = "remote" if remote else kind
    of = str((remote.get("parentReference") or {}).get("driveId") or "")
    size = int(row.get("size") or remote.get("size") or 0)
    return Doc(
        drive, str(row["id"]), str(row.get("name") or ""), str(parent.get("id") or ""), kind,
        str(row.get("eTag") or ""), str(row.get("cTag") or ""), size,
        str(file.get("mimeType") or ""), str(row.get("createdDateTime") or ""),
        str(row.get("lastModifiedDateTime") or row.get("createdDateTime") or ""),
        who(row.get("createdBy")), who(row.get("lastModifiedBy")), str(hashes.get("quickXorHash") or ""),
        str(hashes.get("sha256Hash") or "").lower(), str((row.get("shared") or {}).get("scope") or ""),
        str(row.get("webUrl") or ""), key_of(of, str(remote.get("id") or "")) if remote else "",
        int((row.get("folder") or {}).get("childCount") or 0), gone,
    )  # fmt: skip


def key_of(drive: str, id: str) -> str:
    """The id of an item in the person's own drive; of others with the drive's before it."""
    return f"{drive}/{id}" if drive else id


def parted(key: str) -> tuple[str, str]:
    """Drive and id of a key."""
    drive, _, id = key.rpartition("/")
    return drive, id


def head_of(doc: Doc) -> Head:
    """The version a file is at."""
    return Head(doc.version, doc.at, *doc.author)


def past(version: Json) -> Head:
    """An earlier version as it is told."""
    name, address = who(version.get("lastModifiedBy"))
    return Head(f"v-{version['id']}", str(version.get("lastModifiedDateTime") or ""), name, address)


def item_of(
    doc: Doc, head: Head, text: Text, digest: str, *, ref: ItemRef, folder: str,
    readers: tuple[str, ...] | None, shared: bool, size: int | None = None, note: str = "",
) -> Item:  # fmt: skip
    """A file at one of its versions.

    :param shared: others can read it, though nobody may be able to say who. :param size: then, in bytes.
    """
    data: dict[str, str | int] = {"mime": doc.mime, "size": doc.size if size is None else size}
    if text.note:
        data["note"] = text.note
    if shared:
        data["shared"] = True
    people = [Participant("author", a, n) for n, a in ((head.author, head.address), doc.creator) if a or n]
    return Item(
        ref, head.version, doc.name, text.text, moment(head.at), digest, folder=folder,
        author=head.author or head.address, note=note, people=tuple(dict.fromkeys(people)),
        relations=(Relation("mentions", doc.target),) if doc.target else (), data=data,
        # As of any drive: a file is nobody's word (docs/threat-model.md).
        label=Label("untrusted", (str(ref),), readers), link=doc.link,
    )  # fmt: skip


def readers_of(rights: Sequence[Json], me: str, id: str) -> tuple[str, ...]:
    """Who could read a file, as far as that is sure: see `Label.readers`.

    Who has a link can read what is shared by link, but nobody can tell who has it; nor who is in an
    organisation, or in a group of a site. A group with an address is that.

    :param rights: none: it is not told. :param id: by which Microsoft knows the person, whatever the address.
    """
    found = {address for right in rights for address in _named(right, me, id) if address} | {me}
    return tuple(sorted(found)) if found != {me} else ()


def alone(rights: Sequence[Json], me: str, id: str) -> bool:
    """Whether surely nobody else can read a file, by link neither."""

    def mine(right: Json) -> bool:
        if right.get("link") is not None or right.get("invitation") is not None:
            return False
        kinds = {kind for kind, _ in _identities(right)}
        return bool(kinds) and kinds <= {"user", "siteUser"} and _named(right, me, id) == {me}

    return bool(rights) and all(map(mine, rights))


def why_without_text(doc: Doc, max_size: int) -> str:
    """Why the text of a file is not fetched; "" where it is."""
    if doc.kind == "remote":
        return "a shortcut to another file"
    if doc.kind != "file":
        return "what is in a notebook cannot be read: found by its name only"
    return f"larger than {max_size:,} bytes: found by its name only" if doc.size > max_size else ""


def told_by(doc: Doc) -> str:
    """The hash of a file whose bytes were not read: as it is told, else what tells it from others."""
    return doc.sha or sha256("\0".join((doc.key, doc.xor, doc.version, str(doc.size))).encode()).hexdigest()


def who(identities: object) -> tuple[str, str]:
    """Name and address of who did something; a program has a name alone."""
    for kind in ("user", "application", "device", "group"):
        found = identities.get(kind) if isinstance(identities, dict) else None
        if isinstance(found, dict):
            name = " ".join(str(found.get("displayName") or "").split())[:200]
            return name, str(found.get("email") or found.get("userPrincipalName") or "").lower()
    return "", ""


def _identities(right: Json) -> Iterable[tuple[str, Json]]:
    """Those whom a right names: what kind each is."""
    several = right.get("grantedToIdentitiesV2") or right.get("grantedToIdentities") or ()
    one = right.get("grantedToV2") or right.get("grantedTo")
    for identities in [*several, *([one] if one else [])]:
        for kind, found in identities.items():
            if isinstance(found, dict):
                yield kind, found


def _named(right: Json, me: str, id: str) -> set[str]:
    """The addresses of those who have a right; "" of somebody of whom none is told."""
    invited = str((right.get("invitation") or {}).get("email") or "").lower()
    found = {invited} if invited else set()
    for kind, identity in _identities(right):
        login = _LOGIN.fullmatch(str(identity.get("loginName") or ""))
        said = identity.get("email") or identity.get("userPrincipalName") or (login[1] if login else "")
        if kind == "user" and id and identity.get("id") == id:
            said = me
        if said or kind != "siteUser":  # which is the user once more
            found.add(str(said).lower() if "@" in str(said) else "")
    return found


def _short(*words: str) -> str:
    return sha256("\0".join(words).encode()).hexdigest()[:16]
