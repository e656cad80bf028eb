"""Reads one file of a Drive: its text, the versions Google still has of it, what was said beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256

from deskhand.connectors._cloud_history import between, gone, left_out
from deskhand.connectors._cloud_texts import Head, Kept, Texts
from deskhand.connectors._gdrive_items import (
    COMMENTS,
    alone,
    comments_of,
    head_of,
    item_of,
    past,
    readers_of,
    told_by,
    why_without_text,
)
from deskhand.connectors._gdrive_known import Entry
from deskhand.connectors._gdrive_remote import OWN, PRINTED, SHORTCUT, File, Remote, export_of, plainer
from deskhand.connectors._google_errors import Refused
from deskhand.connectors._text import NOTHING_TO_READ, Reader, Text, Unreadable, extract, may_have_text
from deskhand.connectors.errors import Changed, Missing, Transient, Unsupported
from deskhand.connectors.model import Content, Item, ItemRef

_ATTEMPTS = 3
_PICTURES = re.compile(r"^\[[^\]\n]+\]: ?<data:[^>\n]*>[ \t]*\n?", re.M)
"""Where Google's Markdown has its pictures, in letters."""


class Reading:
    """What is made of files. Knows a Drive, and no pass over it."""

    def __init__(
        self, remote: Remote, texts: Texts, *, source: str, me: str, max_size: int, history: int
    ) -> None:
        self.remote, self.texts, self.source = remote, texts, source
        self._me, self.max_size, self._history = me, max_size, history
        self.reader = Reader()
        self._members: dict[str, dict[str, File]] = {}

    def ref(self, id: str) -> ItemRef:
        return ItemRef(self.source, "document", id)

    def begin(self) -> None:
        """Who is a member of which drive is asked anew from now on."""
        self._members.clear()

    def head(self, file: File) -> tuple[Head, Sequence[File] | None]:
        """The version a file is at, and all of its revisions that are told; none where they do not matter,
        and None where Google does not say."""
        revisions: Sequence[File] | None = ()
        if self._has_text(file) and file.get("capabilities", {}).get("canReadRevisions"):
            revisions = self.remote.revisions(file["id"])
        return head_of(file, revisions or ()), revisions

    def kept(self, file: File, head: Head) -> Kept | None:
        """What was read of this very content. A document that is written in may keep its revision's id."""
        kept = self.texts.get(file["id"], head.version)
        same = kept is not None and (bool(file.get("headRevisionId")) or kept.head.at == head.at)
        return kept if same else None

    def current(self, file: File, head: Head, *, note: str = "") -> Kept:
        """What a file is now, fetched; kept for later.

        :raises Unreadable: its bytes are broken. :raises Missing: it is gone. :raises Refused: not to be had.
        """
        text, digest = self._fetched(file)
        kept = Kept(head, text, digest, note)
        self.texts.put(file["id"], kept)
        return kept

    def item(self, file: File, kept: Kept, folder: str) -> Item:
        """The item of what was read."""
        return item_of(
            file, kept.head, kept.text, kept.digest, ref=self.ref(file["id"]), folder=folder,
            readers=self._readers(file), shared=not self.alone(file), note=kept.note,
        )  # fmt: skip

    def now(self, file: File, folder: str) -> Item:
        """A file as it is this moment; what cannot be read is said in place of its text."""
        head, _ = self.head(file)
        kept = self.kept(file, head)
        if kept is None:
            try:
                kept = Kept(head, *self._fetched(file))
            except (Unreadable, Refused) as error:
                kept = Kept(head, Text(note=str(error)), told_by(file))
        return self.item(file, kept, folder)

    def past(
        self, file: File, revisions: Sequence[File] | None, before: Entry | None, folder: str
    ) -> Iterator[Item | str]:
        """The revisions between the version that was told last and the present one, oldest first.

        A word, where some are gone for good, or are not told: for the note of the version after.
        """
        if revisions is None:
            yield "Google does not tell which versions there were before this one."
            return
        heads = {past(r): r for r in revisions}
        last, at = (before.version, before.at) if before is not None and before.version else ("", "")
        wanted, missing = between([*heads], last=last, at=at), list[Head]()
        word = left_out("Google", [*heads], last=last, since=at or str(file.get("createdTime", "")))
        if word and len(wanted) < self._history:
            yield word
        for head in wanted[max(0, len(wanted) - self._history + 1) :]:
            revision = heads[head]
            data = self.remote.revised(file, revision, export_of(file))
            if data is None:
                missing.append(head)
                continue
            try:
                then = {**file, "mimeType": revision.get("mimeType", file["mimeType"])}
                text = self._text(then, data, export_of(file))
            except Unreadable as error:
                text = Text(note=error.reason)
            if missing:
                yield gone("Google", missing)
            missing = []
            kept = Kept(head, text, _digest(file, text, data))
            size = {"size": str(len(data))} if not file["mimeType"].startswith(OWN) else {}
            yield self.item({**file, **size}, kept, folder)
        if missing:
            yield gone("Google", missing)

    def alone(self, file: File) -> bool:
        """Whether surely nobody else can read a file, or what lies in a folder."""
        return alone(self._rights(file), self._me)

    def comments(self, file: File, folder: str) -> Item | None:
        """What was said beside a file; None: nothing. :raises Missing: or Refused: Google does not say."""
        if file["mimeType"] == SHORTCUT:
            return None
        said = self.remote.comments(file["id"])
        if not said:
            return None
        return comments_of(file, said, ref=self.ref(file["id"]), folder=folder, readers=self._readers(file))

    def content(self, file: File, version: str) -> Content:
        """See `Connector.content`. Google's own documents are taken along as PDF."""
        name, kind = str(file["name"]), str(file["mimeType"])
        if self.head(file)[0].version != version:
            raise Changed(f"{name} changed since it was read.")
        if kind == SHORTCUT:
            target = self.remote.file(str(file.get("shortcutDetails", {}).get("targetId", "")))
            if target is None or target["mimeType"] == SHORTCUT:
                raise Missing(f"What {name} is a shortcut to is not there any more.")
            return self.content(target, self.head(target)[0].version)
        if kind.startswith(OWN) and not export_of(file):
            raise Unsupported(f"{name} has no bytes of its own that could be taken along.")
        if not kind.startswith(OWN) and int(file.get("size") or 0) > self.max_size:
            raise Unsupported(f"{name} is too large to be taken along.")
        if kind.startswith(OWN):
            return Content(f"{name}.pdf", PRINTED, self.remote.content(file, PRINTED))
        data = self.remote.content(file)
        if file.get("sha256Checksum", sha256(data).hexdigest()) != sha256(data).hexdigest():
            raise Changed(f"{name} changed while it was read.")
        return Content(name, kind, data)

    def _has_text(self, file: File) -> bool:
        if why_without_text(file, self.max_size):
            return False
        return file["mimeType"].startswith(OWN) or may_have_text(file["name"], file["mimeType"])

    def _fetched(self, file: File) -> tuple[Text, str]:
        if why := why_without_text(file, self.max_size):
            return Text(note=why), told_by(file)
        if not self._has_text(file):
            return Text(note=NOTHING_TO_READ), told_by(file)
        try:
            data = self._whole(file, export_of(file))
            text = self._text(file, data, export_of(file))
        except Unreadable:
            if not (other := plainer(file)):
                raise
            data = self._whole(file, other)
            text = self._text(file, data, other)
        return text, _digest(file, text, data)

    def _whole(self, file: File, mime: str) -> bytes:
        """The bytes a file has, checked by the hash that Google says they have."""
        known = file.get("sha256Checksum")
        for _ in range(_ATTEMPTS):
            data = self.remote.content(file, mime)
            if not known or known == sha256(data).hexdigest():
                return data
            now = self.remote.file(file["id"])
            if now is None or now.get("sha256Checksum") != known:
                raise Unreadable("it was changed while it was read")  # the log tells of it once more
        raise Transient(f"Google Drive does not send {file['name']} whole.")

    def _text(self, file: File, data: bytes, exported: str) -> Text:
        mime, name = str(file["mimeType"]), str(file["name"])
        if mime.startswith(OWN):
            mime, name = exported, ""
            if mime == "text/markdown":
                data = _PICTURES.sub("", data.decode(errors="replace")).encode()
        return extract(data, name=name, mime=mime, reader=self.reader)

    def _readers(self, file: File) -> tuple[str, ...] | None:
        return readers_of(file, self._rights(file), self._me)

    def _rights(self, file: File) -> Sequence[File]:
        if not (drive := file.get("driveId")):
            return list(file.get("permissions") or ())
        if drive not in self._members:
            self._members[drive] = {r["id"]: r for r in self.remote.rights(drive)}
        ids = file.get("permissionIds") or ()
        if any(id not in self._members[drive] for id in ids):
            self._members[drive] |= {r["id"]: r for r in self.remote.rights(file["id"])}
        # Of whom Google tells the number alone, is somebody all the same.
        return [self._members[drive].get(id, {"id": id, "type": "unknown"}) for id in ids]


def plain_id(native: str) -> str:
    """The file behind an address, of what was said beside it too."""
    return native.removesuffix(COMMENTS)


def _digest(file: File, text: Text, data: bytes) -> str:
    """Of the bytes; of what Google exports anew each time, of the text in it."""
    return sha256(text.text.encode() if file["mimeType"].startswith(OWN) else data).hexdigest()
