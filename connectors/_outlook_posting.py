"""Puts drafts into Outlook and sends them: once or not at all, though Graph takes a lost answer for none.

A message is sent in two steps: a draft with our Message-ID, whose id stays the same when it is sent, and the
sending of that draft. A note is written before each. Where an answer was lost, the draft itself says what
became of it: it is one still, or it is not. https://learn.microsoft.com/en-us/graph/outlook-send-mime-message
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import sleep
from typing import Literal

from deskhand.connectors._mail_sending import Notes
from deskhand.connectors._outlook_large import Large, named, parted
from deskhand.connectors._outlook_mailbox import Letter, Mailbox, Told, told_of
from deskhand.connectors._tries import Lost, Pause, backoff, looked
from deskhand.connectors.errors import Changed, Missing, SourceError, Transient, Unknown


@dataclass(frozen=True, slots=True)
class Tied:
    """The message that a draft is made of, which Outlook shows as answered or forwarded when that is sent."""

    id: str
    by: Literal["createReply", "createForward"]


_LOOKS = 4
"""How often it is looked for what was made or sent: the search knows it a moment after it was taken."""


@dataclass(frozen=True, slots=True)
class Posting:
    """Drafts, and the way out."""

    mailbox: Mailbox
    notes: Notes = field(repr=False)
    large: Large
    pause: Pause = sleep
    jitter: Callable[[], float] = random.random

    # ------------------------------------------------------------------ drafts

    def draft(self, name: str, data: bytes, own_id: str, *, to: Tied | None = None) -> None:
        """Have a message among the drafts, once; `name` is the effect's.

        :param to: what it answers or passes on.
        :raises Transient: it is not there; another attempt does no harm.
        """
        note = self.notes.get(name)
        if note.get("draft"):
            return
        small, files, along = parted(data)
        forwards = to is not None and to.by == "createForward"
        there = self._noted_by_now(own_id) if note else None
        if there is None:
            # With files that are still to be brought, or taken away, a draft that is found is not yet it.
            self.notes.put(name, {"message_id": own_id, **({"raw": True} if files or forwards else {})})
            there = self._made(small, own_id, to)
        if files:
            self.large.bring(there.id, files, along)
        if forwards:
            self.large.only(there.id, named(data))
        if files or forwards:
            there = self.mailbox.told(there.id) or there
        self._put(name, own_id, there.id, there.change)

    def _made(self, data: bytes, own_id: str, to: Tied | None) -> Told:
        path = f"/me/messages/{to.id}/{to.by}" if to is not None else "/me/messages"
        try:
            made = self.mailbox.graph.write("POST", path, mime=data)
            if made.get("id"):
                return told_of(made)
            lost = Lost(f"{self.mailbox.graph.name} did not say what it made.")
        except Lost as error:
            lost = error
        except Missing:
            if to is None or to.by == "createReply":
                raise
            return self._made(data, own_id, None)  # what is passed on is gone: there is nothing to be marked
        there = looked(lost, "it became a draft", lambda: self._noted_by_now(own_id))
        if there is None:
            raise Transient(f"{lost} There is no such draft; nothing was changed.")
        return there

    def drafted(self, name: str) -> Letter | None:
        """The draft of an effect as it is now: a person may have gone on writing it."""
        note = self.notes.get(name)
        if not note:
            return None
        id_ = str(note.get("draft") or "")
        if not id_ and not note.get("raw"):
            own_id = str(note.get("message_id", ""))
            if (found := self._noted(own_id)) is not None:
                self._put(name, own_id, found.id, found.change)
                id_ = found.id
        return self.mailbox.get(id_) if id_ else None

    # ------------------------------------------------------------------ sending

    def send(self, name: str, write: Callable[[], bytes], own_id: str, *, to: Tied | None = None) -> None:
        """Send a message: a draft is made of it, and that is sent.

        :raises Changed: somebody changed the draft meanwhile; it was not sent.
        :raises Unknown: nobody can tell whether it was sent.
        """
        if self.notes.get(name).get("state") == "sent":
            return
        old = self.notes.get(name).get("draft")
        if not old:
            self.draft(name, write(), own_id, to=to)
        note = self.notes.get(name)
        draft = str(note["draft"])
        if old:
            there = self.mailbox.told(draft)
            if there is None or there.change != note["change"]:
                raise Changed(
                    "The draft that was to be sent was changed or taken away meanwhile; nothing was sent."
                )
        self.notes.put(name, note | {"state": "sending"})
        try:
            self.mailbox.graph.write("POST", f"/me/messages/{draft}/send")
        except (Lost, Missing) as error:
            there = looked(error, "it was sent", lambda: self._by_now(draft, own_id))
            if there is None:
                raise Unknown(
                    f"{error} The draft is gone, and the message not in Sent; whether it was sent is unknown."
                ) from None
            if there.draft:
                raise Transient(f"{error} The message is still a draft: it was not sent.") from None
        with suppress(OSError):  # it is sent all the same, and Outlook tells so
            self.notes.put(name, note | {"state": "sent"})
        with suppress(SourceError):
            self._by_now(draft, own_id)

    def sent(self, name: str, own_id: str) -> Letter | None:
        """The message of an effect in Sent; without bytes where it is not there any more; None: not sent.

        :raises Unknown: an attempt was made, and nobody can tell how it ended.
        """
        note = self.notes.get(name)
        if not note:  # nothing was begun here; where what we knew is lost, Outlook may know
            found = next((t for t in self.mailbox.searched(own_id) if not t.draft), None)
            return self.mailbox.get(found.id) if found is not None else None
        if note.get("state") not in ("sending", "sent"):
            return None
        there = self._sent_as(str(note.get("draft") or ""), own_id)
        if note["state"] == "sending":
            if there is None:
                raise Unknown(
                    "An earlier attempt to send this was cut off; whether it was sent is not known."
                )
            if there.draft:
                return None
            with suppress(OSError):  # it is sent all the same
                self.notes.put(name, note | {"state": "sent"})
        letter = self.mailbox.get(there.id) if there is not None and not there.draft else None
        return letter or Letter(_absent(str(note["draft"])), b"")

    # ------------------------------------------------------------------ looking

    def _by_now(self, draft: str, own_id: str) -> Told | None:
        """The same, of what was taken a moment ago: Graph sends after it has answered."""
        for attempt in range(1, _LOOKS):
            there = self._sent_as(draft, own_id)
            if there is not None and not there.draft:
                return there
            self.pause(backoff(attempt, self.jitter()))
        return self._sent_as(draft, own_id)

    def _sent_as(self, draft: str, own_id: str) -> Told | None:
        """What became of a draft: itself, or what it was sent as."""
        there = self.mailbox.told(draft)
        if there is not None:
            return there
        return next((t for t in self.mailbox.searched(own_id) if not t.draft), None)

    def _noted(self, own_id: str) -> Told | None:
        """The draft that an attempt left whose answer was lost."""
        return next((t for t in self.mailbox.searched(own_id) if t.draft), None)

    def _noted_by_now(self, own_id: str) -> Told | None:
        """The same, of one that was made a moment ago: the search may not know it yet."""
        for attempt in range(1, _LOOKS):
            if (there := self._noted(own_id)) is not None:
                return there
            self.pause(backoff(attempt, self.jitter()))
        return self._noted(own_id)

    def _put(self, name: str, own_id: str, draft: str, change: str) -> None:
        self.notes.put(name, {"message_id": own_id, "draft": draft, "change": change})


def _absent(id_: str) -> Told:
    """Of a message that is not there any more."""
    return told_of({"id": id_})
