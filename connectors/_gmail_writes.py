"""Changes labels of Gmail's messages, as flags, folders and the trash: looks, acts, and looks again.

A message has several labels and lies, for the person, in one place. Moving gives it the label of a place and
takes away the one it lay in; what was there before stands in a note, for whoever takes it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from deskhand.connectors._gmail_mailbox import ARCHIVE, FOLDERS, Mailbox
from deskhand.connectors._mail_api import receipt
from deskhand.connectors._mail_sending import Notes
from deskhand.connectors.errors import Missing, Unsupported
from deskhand.connectors.model import ItemRef, Receipt

_MODIFY = 5
"""Units a call."""
_FLAGS = {"seen": ("UNREAD", False), "flagged": ("STARRED", True)}
"""The label of a flag, and whether having it is having the flag."""
_NO_PLACE = frozenset({"INBOX", "SPAM", "TRASH"})
"""What a message loses when it is moved somewhere else."""


@dataclass(frozen=True, slots=True)
class Target:
    """A place a message can be moved to."""

    name: str
    label: str
    """What it gets there; "" where it only loses others."""
    keeps: bool = False
    """It has the label already, or cannot lie there: Gmail gives DRAFT and SENT itself."""


@dataclass(frozen=True, slots=True)
class Writes:
    """The writing half of a Gmail source, without drafts and the way out."""

    source: str
    mailbox: Mailbox
    notes: Notes = field(repr=False)

    # ------------------------------------------------------------------ flags

    def flag(self, ref: ItemRef, name: str, *, add: Sequence[str], remove: Sequence[str]) -> None:
        """Set and clear flags of a message. :raises Missing: it is not there."""
        for flag in (*add, *remove):
            if flag not in _FLAGS:
                raise Unsupported(f"Gmail has no flag {flag!r}; it has {', '.join(sorted(_FLAGS))}.")
        now = self._has(self._labels(ref))
        changed = {"added": sorted({*add} - now), "removed": sorted({*remove} & now)}
        self.notes.put(name, changed)  # first: after a crash nobody could tell what was set before
        turned = [(*_FLAGS[f], True) for f in changed["added"]] + [
            (*_FLAGS[f], False) for f in changed["removed"]
        ]
        add_labels = [label for label, means, on in turned if means == on]
        self._modify(ref, add_labels, [label for label, means, on in turned if means != on])

    def flagged(
        self, ref: ItemRef, name: str, *, add: Sequence[str], remove: Sequence[str]
    ) -> Receipt | None:
        """The receipt, where the flags are as they shall be."""
        there = self._there(ref)
        if there is None or not {*add, *remove} <= _FLAGS.keys():
            return None
        now = self._has(there)
        if {*add} - now or {*remove} & now:
            return None
        note = self.notes.get(name)
        return self._receipt(ref, added=note.get("added", []), removed=note.get("removed", []))

    # ------------------------------------------------------------------ moving

    def target(self, name: str) -> Target:
        """The place of that name. :raises Missing: there is none."""
        plain = {n.casefold(): label for label, n in FOLDERS.items()} | {"junk": "SPAM", "inbox": "INBOX"}
        wanted = name.strip().casefold()
        if wanted in (ARCHIVE.casefold(), "archive"):
            return Target(ARCHIVE, "")
        if (label := plain.get(wanted)) is not None:
            return Target(FOLDERS[label], label, label in ("DRAFT", "SENT"))
        for anew in (False, True):
            own = self.mailbox.own(anew=anew)
            exact = [i for i, n in own.items() if n == name.strip()]
            alike = [i for i, n in own.items() if n.casefold() == wanted]
            if found := [*exact, *alike]:
                return Target(own[found[0]], found[0])
        there = ", ".join(sorted([*FOLDERS.values(), ARCHIVE, *own.values()]))
        raise Missing(f"There is no label {name!r}; there are {there}.")

    def move(self, ref: ItemRef, name: str, target: Target) -> None:
        """Move a message. :raises Missing: it is not there."""
        labels = self._labels(ref)
        if target.keeps and target.label not in labels:
            raise Unsupported(f"Gmail puts nothing into {target.name} that was not written there.")
        if self._lies(labels, target):
            return
        was = self.mailbox.folder(labels)
        self._noted(name, ref, was, target)
        if target.label == "TRASH":
            request = self.mailbox.me.messages().trash(userId="me", id=ref.native)
            self.mailbox.api.write(request, units=_MODIFY)
        else:
            gets = [target.label] * bool(target.label and not target.keeps)
            self._modify(ref, gets, sorted(self._left_behind(ref, labels, was) - {target.label}))
        if target.label in self.mailbox.own():
            self.notes.put(_filed(ref), {"label": target.label})
        else:
            self.notes.drop(_filed(ref))

    def moved(self, ref: ItemRef, name: str, target: Target) -> Receipt | None:
        """The receipt, where a message lies at a place."""
        there = self._there(ref)
        if there is None or not self._lies(there, target):
            return None
        note = self.notes.get(name)
        return self._receipt(ref, folder=target.name, was=str(note.get("was") or target.name))

    def _left_behind(self, ref: ItemRef, labels: frozenset[str], was: str) -> set[str]:
        """The labels a message loses when it is moved out of the place where it lies."""
        lost = {*_NO_PLACE, str(self.notes.get(_filed(ref)).get("label", ""))}
        if "INBOX" not in labels:
            lost |= {x for x, n in self.mailbox.own().items() if n == was}
        return lost & labels

    def _noted(self, name: str, ref: ItemRef, was: str, target: Target) -> None:
        note = self.notes.get(name)
        if note.get("ref") != ref.native or note.get("to") != target.name:
            self.notes.put(name, {"ref": ref.native, "was": was, "to": target.name})

    def _lies(self, labels: frozenset[str], target: Target) -> bool:
        others = _NO_PLACE - {target.label}
        if target.label == "TRASH":  # what else it has there counts once it is taken out again
            others = frozenset()
        return (not target.label or target.label in labels) and not others & labels

    # ------------------------------------------------------------------ looking

    def _modify(self, ref: ItemRef, add: Sequence[str], remove: Sequence[str]) -> None:
        if add or remove:
            body = {"addLabelIds": [*add], "removeLabelIds": [*remove]}
            request = self.mailbox.me.messages().modify(userId="me", id=ref.native, body=body)
            self.mailbox.api.write(request, units=_MODIFY)

    def _has(self, labels: frozenset[str]) -> set[str]:
        return {flag for flag, (label, have) in _FLAGS.items() if (label in labels) == have}

    def _there(self, ref: ItemRef) -> frozenset[str] | None:
        found = self.mailbox.there(ref.native) if ref.kind == "message" else None
        return None if found is None else found[1]

    def _labels(self, ref: ItemRef) -> frozenset[str]:
        if (labels := self._there(ref)) is None:
            raise Missing(f"{ref} is not there any more.")
        return labels

    def _receipt(self, ref: ItemRef, **detail: object) -> Receipt | None:
        letter = self.mailbox.get(ref.native)
        return None if letter is None else receipt(self.source, letter, **detail)


def _filed(ref: ItemRef) -> str:
    return f"filed-{ref.native}"
