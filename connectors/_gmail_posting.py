"""Puts drafts into Gmail and sends them: once or not at all, though Gmail lets nobody choose an id.

A note is written before each effect: the state of the mailbox then, and what the message is like. Where an
answer was lost, what came since is looked through; Gmail may have given the message a Message-ID of its own,
so it is known by what it says, too. Sending is sending a draft: it can go out once, for it is gone then.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar

from deskhand.connectors._gmail_mailbox import GET, LIST, Letter, Mailbox
from deskhand.connectors._google import in_parts
from deskhand.connectors._mail_sending import Notes
from deskhand.connectors._message import Found, items
from deskhand.connectors._text import Reader
from deskhand.connectors._tries import Lost, looked
from deskhand.connectors.errors import Changed, Missing, Transient, Unknown
from deskhand.connectors.model import Item, ItemRef

CREATE, SEND = 10, 100
"""Units a call."""
_AT_ONCE = 1_000_000
"""Bytes of a message that go in one request; a larger one is uploaded in parts."""
_WAITS = (1.0, 2.0, 4.0, 8.0)
"""Seconds between looks for what an answer was lost of."""
_ONCE = datetime(1970, 1, 1, tzinfo=UTC)


Got = TypeVar("Got")


@dataclass(frozen=True, slots=True)
class Posting:
    """Drafts, and the way out."""

    mailbox: Mailbox
    reader: Reader
    notes: Notes = field(repr=False)

    # ------------------------------------------------------------------ drafts

    def draft(self, name: str, data: bytes, own_id: str, *, thread: str = "") -> None:
        """Have a message among the drafts, once; `name` is the effect's.

        :raises Transient: it is not there; another attempt does no harm.
        """
        note = self.notes.get(name)
        if note.get("draft"):
            return
        if not note:
            _, state = self.mailbox.profile()
            note = {"since": state, "print": self._print(data), "message_id": own_id}
            self.notes.put(name, note)
        elif self._noted_draft(name, note):
            return
        try:
            made = self.mailbox.api.write(self._create(data, thread), units=CREATE)
            draft, message = _id_of(made), _id_of(made.get("message"))
        except Lost as lost:
            if looked(lost, "it became a draft", lambda: self._again(lambda: self._noted_draft(name, note))):
                return
            raise Transient(f"{lost} There is no such draft; nothing was changed.") from None
        self.notes.put(name, note | {"draft": draft, "message": message})

    def drafted(self, name: str) -> Letter | None:
        """The draft of an effect as it is now: a person may have gone on writing it."""
        note = self.notes.get(name)
        if not note or (not note.get("draft") and not (note := self._noted_draft(name, note))):
            return None
        current = self._message_of(str(note["draft"]))
        return self.mailbox.get(current) if current else None

    # ------------------------------------------------------------------ sending

    def send(self, name: str, write: Callable[[], bytes], own_id: str, *, thread: str = "") -> None:
        """Send a message: a draft is made of it, and that is sent.

        :raises Changed: somebody changed the draft meanwhile; it was not sent.
        :raises Unknown: nobody can tell whether it was sent.
        """
        if self.notes.get(name).get("sent"):
            return
        old = self.notes.get(name).get("draft")
        if not old:
            self.draft(name, write(), own_id, thread=thread)
        note = self.notes.get(name)
        draft = str(note["draft"])
        if old and self._message_of(draft) != note["message"]:
            raise Changed(
                "The draft that was to be sent was changed or taken away meanwhile; nothing was sent."
            )
        self.notes.put(name, note := note | {"state": "sending"})
        request = self.mailbox.me.drafts().send(userId="me", body={"id": draft})
        try:
            sent = _id_of(self.mailbox.api.write(request, units=SEND))
        except (Lost, Missing) as error:
            if looked(error, "it was sent", lambda: self._again(lambda: self.sent(name, own_id))) is not None:
                return
            raise Transient(f"{error} The message is still a draft: it was not sent.") from None
        with suppress(OSError):  # it is sent all the same, and Gmail tells so
            self.notes.put(name, note | {"state": "sent", "sent": sent})

    def sent(self, name: str, own_id: str) -> Letter | None:
        """The message of an effect in Sent; None where it was not sent.

        :raises Unknown: an attempt was made, and nobody can tell how it ended.
        """
        note = self.notes.get(name)
        if not note:  # nothing was begun here; where what we knew is lost, Gmail may know
            return self._searched(own_id)
        if not note.get("sent"):
            if note.get("state") != "sending":
                return None
            found = self._came(note, "SENT")
            if found is None:
                if not self._message_of(str(note["draft"])):
                    raise Unknown(
                        "An earlier attempt to send this was cut off; whether it was sent is not known."
                    )
                return None
            note |= {"state": "sent", "sent": found.id}
            with suppress(OSError):  # it is sent all the same
                self.notes.put(name, note)
        return self.mailbox.get(str(note["sent"]))

    # ------------------------------------------------------------------ looking

    def _again(self, look: Callable[[], Got]) -> Got:
        """What is found, looked for several times: what Gmail did it may tell only a while later.

        :raises Unknown: nobody can tell, the last time neither.
        """
        for wait in _WAITS:
            with suppress(Unknown):
                if found := look():
                    return found
            self.mailbox.api.pause(wait)
        return look()

    def _noted_draft(self, name: str, note: dict[str, Any]) -> dict[str, Any]:
        """The note, with the draft that an attempt left whose answer was lost; {} where there is none."""
        found = self._came(note, "DRAFT")
        if found is None:
            return {}
        for page in self.mailbox.pages(LIST, lambda token: self.mailbox.me.drafts().list(
            userId="me", maxResults=500, pageToken=token
        )):  # fmt: skip
            for one in page.get("drafts") or ():
                if one["message"]["id"] == found.id:
                    note = note | {"draft": str(one["id"]), "message": found.id}
                    self.notes.put(name, note)
                    return note
        return {}

    def _came(self, note: dict[str, Any], label: str) -> Letter | None:
        """What came since a note was written, has a label, and is what the note tells of.

        :raises Unknown: the note is too old, so nobody can tell.
        """
        try:
            ids = self.mailbox.since(str(note["since"])).touched
        except (Missing, KeyError):
            if (found := self._searched(str(note.get("message_id", "")))) and label in found.labels:
                return found
            raise Unknown(
                "It is too long ago that this was begun; Gmail no longer tells what came of it."
            ) from None
        for id_ in ids:
            there = self.mailbox.there(id_)
            if there is None or label not in there[1]:
                continue
            letter = self.mailbox.get(id_)
            if letter is not None and self._is(letter, note):
                return letter
        return None

    def _is(self, letter: Letter, note: dict[str, Any]) -> bool:
        own_id = str(self._item(letter.data).data["message_id"])
        return bool(own_id == note["message_id"] or self._print(letter.data) == note["print"])

    def _searched(self, own_id: str) -> Letter | None:
        """The sent message that has a Message-ID of ours, if Gmail let it keep it."""
        for id_ in self.mailbox.ids(label="SENT", query=f"rfc822msgid:{own_id.strip('<>')}"):
            letter = self.mailbox.get(id_)
            if letter is not None and self._item(letter.data).data["message_id"] == own_id:
                return letter
        return None

    def _message_of(self, draft: str) -> str:
        """The id of the message that a draft is now: another one with each change. "": it is gone."""
        try:
            said = self.mailbox.api.read(
                self.mailbox.me.drafts().get(userId="me", id=draft, format="minimal"), units=GET
            )
        except Missing:
            return ""
        return str(said["message"]["id"])

    def _create(self, data: bytes, thread: str) -> Any:
        message: dict[str, Any] = {"threadId": thread} if thread else {}
        drafts = self.mailbox.me.drafts()
        if len(data) <= _AT_ONCE:
            raw = base64.urlsafe_b64encode(data).decode()
            return drafts.create(userId="me", body={"message": {**message, "raw": raw}})
        media = in_parts(data, "message/rfc822")
        return drafts.create(userId="me", body={"message": message}, media_body=media)

    def _item(self, data: bytes) -> Item:
        found = Found(ItemRef("gmail", "message", "0"), "", _ONCE)
        return items(data, found, reader=self.reader, only=0)[0]

    def _print(self, data: bytes) -> str:
        """What a message says and to whom, whatever is made of its bytes."""
        item = self._item(data)
        to = sorted(p.address for p in item.people if p.role in ("to", "cc"))
        text = " ".join(f"{item.text} {item.data['signature']} {item.data['quoted']}".split())
        named = [a["name"] for a in item.data["attachments"]]
        return sha256("\0".join([item.title, *to, text, *named]).encode("utf-8", "replace")).hexdigest()


def _id_of(made: Any) -> str:
    """The id of what was made. :raises Lost: the answer says none, so it is looked for."""
    id_ = made.get("id") if isinstance(made, dict) else None
    if not id_:
        raise Lost("Gmail did not say what became of it.")
    return str(id_)
