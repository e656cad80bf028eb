"""Reads files of OneDrive: their text, the versions the service still has, and who may see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from deskhand.connectors._cloud_history import between, gone, left_out
from deskhand.connectors._cloud_texts import Head, Kept, Texts
from deskhand.connectors._graph_errors import NotAllowed
from deskhand.connectors._onedrive_hash import quick_xor
from deskhand.connectors._onedrive_items import (
    Doc,
    alone,
    head_of,
    item_of,
    parted,
    past,
    readers_of,
    told_by,
    why_without_text,
)
from deskhand.connectors._onedrive_known import Entry
from deskhand.connectors._onedrive_remote import Remote
from deskhand.connectors._text import NOTHING_TO_READ, Reader, Text, Unreadable, extract, may_have_text
from deskhand.connectors._tries import Refused
from deskhand.connectors.errors import Changed, Transient, Unsupported
from deskhand.connectors.model import Content, Item, ItemRef

Json = Mapping[str, Any]
SERVICE = "OneDrive"
_ATTEMPTS = 3


class Reading:
    """What is made of files. Knows drives, and no pass over them."""

    def __init__(
        self, remote: Remote, texts: Texts, *, source: str, me: str, max_size: int, history: int
    ) -> None:
        self.remote, self.texts, self.source = remote, texts, source
        self.me, self.max_size, self._history = me, max_size, history
        self.reader = Reader()

    def ref(self, key: str) -> ItemRef:
        return ItemRef(self.source, "document", key)

    def kept(self, doc: Doc) -> Kept | None:
        """What was read of this very content."""
        return self.texts.get(doc.key, doc.version)

    def has_versions(self, doc: Doc) -> bool:
        """Whether earlier versions of it are worth asking for."""
        return not why_without_text(doc, self.max_size) and may_have_text(doc.name, doc.mime)

    def fetched(self, doc: Doc, head: Head) -> Kept:
        """What a file is now.

        :raises Unreadable: its bytes are broken. :raises Missing: it is gone. :raises Refused: not to be had.
        """
        if why := why_without_text(doc, self.max_size):
            return Kept(head, Text(note=why), told_by(doc))
        if not may_have_text(doc.name, doc.mime):
            return Kept(head, Text(note=NOTHING_TO_READ), told_by(doc))
        data = self.whole(doc)
        return Kept(head, self._text(doc, data), sha256(data).hexdigest())

    def item(
        self, doc: Doc, kept: Kept, folder: str, rights: Sequence[Json], *, size: int | None = None
    ) -> Item:
        """The item of what was read."""
        return item_of(
            doc, kept.head, kept.text, kept.digest, ref=self.ref(doc.key), folder=folder, size=size,
            readers=readers_of(rights, self.me, self.remote.owner()), shared=not self.alone(doc, rights),
            note=kept.note,
        )  # fmt: skip

    def alone(self, doc: Doc, rights: Sequence[Json]) -> bool:
        """Whether surely nobody else can read a file, or what lies in a folder.

        In a drive of somebody else's Microsoft tells one of one's own right alone: there it is never sure.
        """
        return not doc.drive and alone(rights, self.me, self.remote.owner())

    def now(self, doc: Doc, folder: str) -> Item:
        """A file as it is this moment; what cannot be read is said in place of its text."""
        kept, rights = self.kept(doc), self.remote.rights(doc)
        if kept is None:
            try:
                kept = self.fetched(doc, head_of(doc))
            except (Unreadable, Refused) as error:
                kept = Kept(head_of(doc), Text(note=str(error)), told_by(doc))
        return self.item(doc, kept, folder, rights)

    def past(
        self, doc: Doc, versions: Sequence[Json], before: Entry | None, folder: str, rights: Sequence[Json]
    ) -> Iterator[Item | str]:
        """The versions between the one that was told last and the present one, oldest first.

        A word, where some are gone for good: for the note of the version after.
        """
        heads = [past(v) for v in versions]
        sizes = {f"v-{v['id']}": int(v.get("size") or 0) for v in versions}
        last = f"v-{before.last}" if before is not None and before.last else ""
        known = before.at if before is not None and before.version else ""
        wanted, missing = between(heads, last=last, at=known), list[Head]()
        word = left_out(SERVICE, heads, last=last, since=known or doc.created)
        if word and len(wanted) < self._history:
            yield word
        for head in wanted[max(0, len(wanted) - self._history + 1) :]:
            if sizes[head.version] > self.max_size:
                text, digest = Text(note=f"larger than {self.max_size:,} bytes"), _named(doc, head)
            elif (data := self.remote.revised(doc.key, head.version.removeprefix("v-"))) is None:
                missing.append(head)
                continue
            else:
                digest = sha256(data).hexdigest()
                try:
                    text = self._text(doc, data)
                except Unreadable as error:
                    text = Text(note=error.reason)
            if missing:
                yield gone(SERVICE, missing)
            missing = []
            yield self.item(doc, Kept(head, text, digest), folder, rights, size=sizes[head.version])
        if missing:
            yield gone(SERVICE, missing)

    def content(self, doc: Doc, version: str) -> Content:
        """See `Connector.content`."""
        if doc.version != version:
            raise Changed(f"{doc.name} changed since it was read.")
        if doc.kind == "remote":
            try:
                target = self.remote.doc(doc.target) if parted(doc.target)[0] else None
            except (NotAllowed, Refused):
                target = None  # in a drive that was not chosen, nothing was allowed
            if target is None or target.kind != "file":
                raise Unsupported(f"What {doc.name} is a shortcut to cannot be taken along.")
            return self.content(target, target.version)
        if doc.kind != "file":
            raise Unsupported(f"{doc.name} has no bytes of its own that could be taken along.")
        if doc.size > self.max_size:
            raise Unsupported(f"{doc.name} is too large to be taken along.")
        return Content(doc.name, doc.mime, self.whole(doc))

    def whole(self, doc: Doc) -> bytes:
        """The bytes a file has, checked by the hash that they are said to have.

        SharePoint hands some Office files out otherwise than it counted them: what comes the same twice is
        what there is.
        """
        before = b""
        for attempt in range(_ATTEMPTS):
            data = self.remote.content(doc.key)
            if _fits(doc, data) or (attempt and data == before and len(data) >= doc.size):
                return data
            before = data
            now = self.remote.doc(doc.key)
            if now is None or now.version != doc.version:
                raise Unreadable("it was changed while it was read")  # the changes tell of it once more
        raise Transient(f"{SERVICE} does not send {doc.name} whole.")

    def _text(self, doc: Doc, data: bytes) -> Text:
        return extract(data, name=doc.name, mime=doc.mime, reader=self.reader)


def _fits(doc: Doc, data: bytes) -> bool:
    if doc.sha:
        return sha256(data).hexdigest() == doc.sha
    return quick_xor(data) == doc.xor if doc.xor else len(data) == doc.size


def _named(doc: Doc, head: Head) -> str:
    return sha256(f"{doc.key}\0{head.version}".encode()).hexdigest()
