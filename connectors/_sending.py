"""Sends a message once or not at all: through an outbox folder, or through a mail server.

Outbox: `<key>.eml`, complete when it appears, is for another program to pick up; who gets it stands
beside it in `<key>.envelope.json` ({"from": ..., "to": [...]}), because a Bcc must not be in the message.
Server: a note written before DATA says that an attempt was made; while nothing proves how it ended, no
second one is made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from deskhand.connectors import _smtp
from deskhand.connectors._mailfolders import write
from deskhand.connectors.errors import SourceError, Unknown


@dataclass(frozen=True, slots=True)
class Notes:
    """What is known of effects beyond what the mailbox shows: one small JSON file for each key."""

    folder: Path

    def get(self, slug: str) -> dict[str, Any]:
        try:
            note = json.loads((self.folder / f"{slug}.json").read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError:
            # Notes appear whole, so this is damage; the careful reading is that something was begun.
            return {"state": "sending"}
        return note if isinstance(note, dict) else {"state": "sending"}

    def put(self, slug: str, note: dict[str, Any]) -> None:
        waiting = self.folder / f".{slug}.tmp"
        write(waiting, json.dumps(note).encode())
        os.replace(waiting, self.folder / f"{slug}.json")

    def drop(self, slug: str) -> None:
        with suppress(FileNotFoundError):
            (self.folder / f"{slug}.json").unlink()


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent, and the copy that stays."""

    slug: str
    data: bytes
    sender: str
    recipients: Sequence[str]
    keep: Callable[[], None]
    """Puts the copy into Sent, if it is not there yet."""


class Route(Protocol):
    """A way out of the house."""

    def pending(self, slug: str) -> bool:
        """Whether a copy in Sent does not yet prove that the message is out."""
        ...

    def send(self, letter: Letter) -> None:
        """Send and keep the copy, whatever an earlier attempt left undone. :raises SourceError: not sent."""
        ...


@dataclass(frozen=True, slots=True)
class Outbox:
    """A folder from which another program sends."""

    folder: Path

    def pending(self, slug: str) -> bool:
        return self._waiting(slug).exists()

    def send(self, letter: Letter) -> None:
        # Hidden file, copy in Sent, then the name that counts: at every point between, what is there
        # tells how far it came, even after the other program has taken the file away.
        done = self.folder / f"{letter.slug}.eml"
        if not done.exists():
            envelope = {"from": letter.sender, "to": list(letter.recipients)}
            write(self.folder / f"{letter.slug}.envelope.json", json.dumps(envelope, indent=1).encode())
            write(self._waiting(letter.slug), letter.data)
        letter.keep()
        if not done.exists():
            os.replace(self._waiting(letter.slug), done)

    def _waiting(self, slug: str) -> Path:
        return self.folder / f".{slug}.tmp"


@dataclass(frozen=True, slots=True)
class Relay:
    """A mail server that sends."""

    server: _smtp.Server
    notes: Notes = field(repr=False)

    def pending(self, slug: str) -> bool:
        return False

    def send(self, letter: Letter) -> None:
        note = self.notes.get(letter.slug)
        if note.get("state") == "sending":
            raise Unknown(
                "An earlier attempt to send this message was cut off; whether it was sent is not known."
                " It will not be sent again by itself."
            )
        if note.get("state") != "sent":
            try:
                refused = _smtp.send(
                    letter.data,
                    server=self.server,
                    sender=letter.sender,
                    recipients=letter.recipients,
                    before_data=lambda: self.notes.put(letter.slug, {"state": "sending"}),
                )
            except Unknown:
                raise
            except SourceError:
                self.notes.drop(letter.slug)  # the server said no: the way is free for another attempt
                raise
            try:
                self.notes.put(letter.slug, {"state": "sent", "refused": refused})
            except OSError:  # a full disk: the note still says that an attempt was made
                raise Unknown("The message was sent, but that could not be written down.") from None
        letter.keep()
