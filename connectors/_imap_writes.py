"""Changes a mailbox on an IMAP server: looks first, then acts, then looks what became of it.

A note is written before each effect: which flags there were, what Message-ID is looked for and where. With
it a crash, or a lost answer, is told from what did not happen. A message is put in by APPEND under a
Message-ID made from the effect's key, and moved by MOVE, or by a copy whose original alone is expunged
(UIDPLUS); nothing else is ever expunged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from deskhand.connectors import _imap_commands as imap
from deskhand.connectors._imap_errors import Refused
from deskhand.connectors._imap_fetch import Fetching
from deskhand.connectors._imap_folders import Folder, Folders
from deskhand.connectors._imap_session import Session
from deskhand.connectors._imap_survey import FLAGS
from deskhand.connectors._imap_uids import Uids, native, place_of
from deskhand.connectors._mail_scope import Special
from deskhand.connectors._mail_sending import Notes
from deskhand.connectors._message_head import message_id as id_of
from deskhand.connectors.errors import Missing, SourceError, Transient, Unknown, Unsupported
from deskhand.connectors.model import ItemRef, Receipt

WRITTEN = {"seen": "\\Seen", "answered": "\\Answered", "flagged": "\\Flagged", "draft": "\\Draft",
           "passed": "$Forwarded"}  # fmt: skip
"""How flags are written. Not `trashed`: what has \\Deleted may be expunged by any program."""


@dataclass(frozen=True, slots=True)
class Writes:
    """The writing half of an IMAP source, without the way out."""

    source: str
    session: Session
    folders: Folders
    fetching: Fetching
    notes: Notes = field(repr=False)

    # ------------------------------------------------------------------ putting in

    def put(self, name: str, kind: Special, data: bytes, message_id: str, *, now: datetime) -> Receipt:
        """Have a message in a folder of this purpose, once; `name` is the effect's.

        :raises Unknown: the server took it and does not show it.
        """
        folder = self.folders.made(kind)
        if (there := self.written(name, kind, message_id)) is not None:
            return there
        unseen = Unknown(f"{folder.name} took the message, and does not show it (any more).")
        if self.notes.get(name).get("taken"):
            raise unseen  # who puts it there again may have it twice
        self.notes.put(name, self.notes.get(name) | {"put": message_id})
        named = ["\\Draft", "\\Seen"] if kind == "Drafts" else ["\\Seen"]
        try:
            placed = imap.append(self.session, folder.raw, data, named=named, at=now)
        except Transient:
            # The answer is lost, or the server is busy: what counts is what is there.
            if (there := self.written(name, kind, message_id)) is not None:
                return there
            raise
        except Refused as error:
            raise Unsupported(f"{folder.name} takes no message: {error}") from None
        where = {} if placed is None else {"placed": native(folder.name, *placed)}
        self.notes.put(name, self.notes.get(name) | {"taken": True} | where)
        if (there := self.written(name, kind, message_id)) is None:
            raise unseen
        return there

    def written(self, name: str, kind: Special, message_id: str) -> Receipt | None:
        """Where the message of an effect lies: where it was put, else in the folders it may be in."""
        note = self.notes.get(name)
        if (placed := str(note.get("placed", ""))) and (receipt := self._at(placed)):
            return receipt
        first = self.folders.special(kind)
        others: Sequence[Folder] = ()
        if "put" in note:  # it may have been moved, or thrown away, since
            others = [f for f in self.folders.all() if first is None or f.raw != first.raw]
        for folder in [*([first] if first else []), *others]:
            if (found := self._with_id(folder, message_id)) is not None:
                return self._at(found)
        return None

    # ------------------------------------------------------------------ flags

    def flag(self, ref: ItemRef, name: str, *, add: Sequence[str], remove: Sequence[str]) -> None:
        """Set and clear flags of a message. :raises Missing: it is not there."""
        for flag in (*add, *remove):
            if flag not in WRITTEN:
                raise Unsupported(f"There is no flag {flag!r}; there are {', '.join(sorted(WRITTEN))}.")
        folder, uid, now = self._there(ref)
        changed = {"added": sorted({*add} - now), "removed": sorted({*remove} & now)}
        self.notes.put(name, changed)  # first: after a crash nobody could tell what was set before
        self._open(folder, ref)
        for sign, flags in (("+", changed["added"]), ("-", changed["removed"])):
            if flags:
                try:
                    imap.store(self.session, uid, sign, [WRITTEN[f] for f in flags])
                except Refused as error:
                    raise Unsupported(f"{folder.name}: {error}") from None

    def passed(self, ref: ItemRef) -> None:
        """Mark a message as forwarded ($Forwarded, RFC 5788), where it lies there still and the server keeps
        such marks. Nothing is said of it where not: what passes it on is out."""
        with suppress(SourceError, OSError):
            folder, uid, now = self._there(ref)
            if "passed" not in now:
                self._open(folder, ref)
                imap.store(self.session, uid, "+", [WRITTEN["passed"]])

    def flagged(
        self, ref: ItemRef, name: str, *, add: Sequence[str], remove: Sequence[str]
    ) -> Receipt | None:
        """The receipt, where the flags are as they shall be."""
        found = self.fetching.one(ref.native) if ref.kind == "message" else None
        if found is None:
            return None
        now = {FLAGS[f] for f in found[2].flags if f in FLAGS}
        if {*add} - now or {*remove} & now:
            return None
        note = self.notes.get(name)
        return self._receipt(
            ref.native, found[2].data, added=note.get("added", []), removed=note.get("removed", [])
        )

    # ------------------------------------------------------------------ moving

    def move(self, ref: ItemRef, name: str, target: Folder) -> None:
        """Move a message into another folder. :raises Missing: it is not there."""
        folder, uid, _ = self._there(ref)
        if folder.raw == target.raw:
            return
        note = self.notes.get(name)
        if note.get("was") != ref.native:
            data = self._data(ref)
            note = {
                "was": ref.native, "to": target.name, "message_id": id_of(data, sha256(data).hexdigest()),
                "digest": sha256(data).hexdigest(), "next": imap.opened(self.session, target.raw).next,
            }  # fmt: skip
            self.notes.put(name, note)
        self._open(folder, ref)
        try:
            if "MOVE" in self.session.offers:
                placed = imap.move(self.session, uid, target.raw)
            elif "UIDPLUS" in self.session.offers:
                placed = self._copied(uid, note, target, folder, ref)
            else:
                raise Unsupported(
                    f"{self.session.account.host} can move no message without taking others away "
                    "(it offers neither MOVE nor UIDPLUS)."
                )
        except Refused as error:
            raise Unsupported(f"{target.name} takes no message: {error}") from None
        if placed is not None:
            self.notes.put(name, note | {"placed": native(target.name, *placed)})

    def moved(self, ref: ItemRef, name: str, target: Folder) -> Receipt | None:
        """The receipt, where a message lies in a folder and no longer where it was."""
        place = place_of(ref.native) if ref.kind == "message" else None
        if place is None:
            return None
        if place[0] == target.name:
            return self._at(ref.native, folder=target.name, was=place[0])
        note = self.notes.get(name)
        if note.get("was") != ref.native or note.get("to") != target.name:
            return None
        if self.fetching.one(ref.native) is not None:
            return None  # it is still there: nothing happened, or it was only copied
        placed = str(note.get("placed", "")) or self._arrived(note, target)
        return self._at(placed, folder=target.name, was=place[0]) if placed else None

    def _copied(
        self, uid: int, note: Mapping[str, Any], target: Folder, folder: Folder, ref: ItemRef
    ) -> tuple[int, int] | None:
        """Copy a message, and expunge the one it was copied from; a copy that is there already is taken."""
        there = place_of(self._arrived(note, target))
        placed = (there[1], there[2]) if there else None
        self._open(folder, ref)
        if placed is None:
            placed = imap.copy(self.session, uid, target.raw)
        try:
            imap.store(self.session, uid, "+", ["\\Deleted"])
        except Refused as error:
            self._uncopied(note, target)
            raise Unsupported(f"{folder.name} lets nothing go: {error}") from None
        imap.expunge(self.session, uid)
        return placed

    def _uncopied(self, note: Mapping[str, Any], target: Folder) -> None:
        """Take a copy away again whose original has to stay; where that is refused too, it stays."""
        if (there := place_of(self._arrived(note, target))) is not None:
            with suppress(Refused):
                imap.opened(self.session, target.raw, writing=True)
                imap.store(self.session, there[2], "+", ["\\Deleted"])
                imap.expunge(self.session, there[2])

    def _arrived(self, note: Mapping[str, Any], target: Folder) -> str:
        """The native id of what came into a folder since a note was written, and is what it tells of."""

        def look() -> str:
            there = imap.opened(self.session, target.raw)
            known = str(note.get("message_id", ""))
            new = range(int(note.get("next", 0)), there.next)
            made_up = known.endswith("@missing.invalid>")
            found = imap.uids(self.session, there.count) if made_up else self._searched(known)
            for uid in sorted((u for u in found if u in new), reverse=True):
                data = imap.bodies(self.session, [uid]).get(uid, b"")
                if sha256(data).hexdigest() == note.get("digest"):
                    return native(target.name, there.validity, uid)
            return ""

        return self.session.again(look)

    # ------------------------------------------------------------------ looking

    def _with_id(self, folder: Folder, message_id: str) -> str | None:
        def look() -> str | None:
            try:
                validity = imap.opened(self.session, folder.raw).validity
            except Refused:
                return None
            found = self._searched(message_id)
            return native(folder.name, validity, min(found)) if found else None

        return self.session.again(look)

    def _searched(self, message_id: str) -> Uids:
        if not message_id.isascii():
            return Uids()
        return imap.with_header(self.session, "Message-ID", message_id)

    def _there(self, ref: ItemRef) -> tuple[Folder, int, set[str]]:
        found = self.fetching.one(ref.native) if ref.kind == "message" else None
        if found is None:
            raise Missing(f"{ref} is not there any more.")
        return found[0], found[1], {FLAGS[f] for f in found[2].flags if f in FLAGS}

    def _data(self, ref: ItemRef) -> bytes:
        found = self.fetching.one(ref.native)
        if found is None:
            raise Missing(f"{ref} is not there any more.")
        if found[2].data is None:
            raise Unsupported(f"{ref} is too large to be read (option max_size).")
        return found[2].data

    def _open(self, folder: Folder, ref: ItemRef) -> None:
        """Have a folder open for writing, as it was. :raises Missing: it was numbered anew."""
        try:
            validity = imap.opened(self.session, folder.raw, writing=True).validity
        except Refused as error:
            raise Unsupported(f"{folder.name} cannot be changed: {error}") from None
        place = place_of(ref.native)
        if place is None or place[1] != validity:
            raise Missing(f"{ref} is not there any more.")

    def _at(self, text: str, **detail: object) -> Receipt | None:
        found = self.fetching.one(text)
        return None if found is None else self._receipt(text, found[2].data, **detail)

    def _receipt(self, text: str, data: bytes | None, **detail: object) -> Receipt:
        version = f"m-{sha256(data).hexdigest()[:12]}" if data else ""
        return Receipt(ItemRef(self.source, "message", text), version, detail)
