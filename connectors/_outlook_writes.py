"""Changes flags and places of Outlook's messages: looks, acts, and looks again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from deskhand.connectors._mail_api import receipt
from deskhand.connectors._mail_sending import Notes
from deskhand.connectors._outlook_mailbox import USES, Folder, Mailbox, Told
from deskhand.connectors.errors import Missing, Unsupported
from deskhand.connectors.model import ItemRef, Receipt

_FLAGS = ("flagged", "seen")


@dataclass(frozen=True, slots=True)
class Writes:
    """The writing half of an Outlook source, without drafts and the way out."""

    source: str
    mailbox: Mailbox
    notes: Notes = field(repr=False)

    # ------------------------------------------------------------------ flags

    def flag(self, ref: ItemRef, name: str, *, add: Sequence[str], remove: Sequence[str]) -> None:
        """Set and clear flags of a message. :raises Missing: it is not there."""
        for flag in (*add, *remove):
            if flag not in _FLAGS:
                raise Unsupported(f"Outlook has no flag {flag!r} to be set; it has {', '.join(_FLAGS)}.")
        now = _has(self._message(ref))
        changed = {"added": sorted({*add} - now), "removed": sorted({*remove} & now)}
        self.notes.put(name, changed)  # first: after a crash nobody could tell what was set before
        given: dict[str, Any] = {}
        for flag, on in [*((f, True) for f in changed["added"]), *((f, False) for f in changed["removed"])]:
            if flag == "seen":
                given["isRead"] = on
            else:
                given["flag"] = {"flagStatus": "flagged" if on else "notFlagged"}
        if given:
            self.mailbox.graph.write("PATCH", f"/me/messages/{ref.native}", given)

    def flagged(
        self, ref: ItemRef, name: str, *, add: Sequence[str], remove: Sequence[str]
    ) -> Receipt | None:
        """The receipt, where the flags are as they shall be."""
        there = self._there(ref)
        if there is None or not {*add, *remove} <= {*_FLAGS}:
            return None
        now = _has(there)
        if {*add} - now or {*remove} & now:
            return None
        note = self.notes.get(name)
        return self._receipt(ref, added=note.get("added", []), removed=note.get("removed", []))

    # ------------------------------------------------------------------ moving

    def target(self, name: str) -> Folder:
        """The folder of that name. :raises Missing: there is none."""
        wanted = name.strip().casefold()
        use = next((use for use, known in USES.items() if known.casefold() == wanted), "")
        return self.mailbox.special(use) if use else self.mailbox.named(name)

    def move(self, ref: ItemRef, name: str, target: Folder) -> None:
        """Move a message. :raises Missing: it is not there."""
        there = self._message(ref)
        if there.folder == target.id:
            return
        note = self.notes.get(name)
        if note.get("ref") != ref.native or note.get("to") != target.name:
            was = self.mailbox.name_of(there.folder)
            self.notes.put(name, {"ref": ref.native, "was": was, "to": target.name})
        self.mailbox.graph.write("POST", f"/me/messages/{ref.native}/move", {"destinationId": target.id})

    def moved(self, ref: ItemRef, name: str, target: Folder) -> Receipt | None:
        """The receipt, where a message lies in a folder."""
        there = self._there(ref)
        if there is None or there.folder != target.id:
            return None
        was = str(self.notes.get(name).get("was") or target.name)
        return self._receipt(ref, folder=target.name, was=was)

    # ------------------------------------------------------------------ looking

    def _there(self, ref: ItemRef) -> Told | None:
        return self.mailbox.told(ref.native) if ref.kind == "message" else None

    def _message(self, ref: ItemRef) -> Told:
        if (there := self._there(ref)) is None:
            raise Missing(f"{ref} is not there any more.")
        return there

    def _receipt(self, ref: ItemRef, **detail: object) -> Receipt | None:
        letter = self.mailbox.get(ref.native)
        return None if letter is None else receipt(self.source, letter, **detail)


def _has(told: Told) -> set[str]:
    return {flag for flag, on in (("seen", told.read), ("flagged", told.flagged)) if on}
