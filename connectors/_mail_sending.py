"""Sends a message once or not at all: through an outbox folder, or through a mail server.

Outbox: `<key>.eml`, complete when it appears, is for another program to pick up; who gets it stands
beside it in `<key>.envelope.json` ({"from": ..., "to": [...]}), because a Bcc must not be in the message.
What Sent gets waits in our own folder until the message is out, so that Sent never shows what was not sent.
Server: a note written before DATA says that an attempt was made; while nothing proves how it ended, no
second one is made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path
from typing import Any, Protocol

from deskhand.connectors import _smtp
from deskhand.connectors._keep import sync_folder, write_beside
from deskhand.connectors._maildir_folders import write
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
class Copies:
    """What Sent gets, each under the name it has there, until its message is out."""

    folder: Path

    def put(self, unique: str, data: bytes) -> None:
        """Keep it, through a power cut too. :raises OSError: nothing is kept."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_beside(self.folder / f"{unique}.eml", data, beside=self.folder / f".{unique}.tmp")

    def get(self, mark: str) -> tuple[str, bytes] | None:
        """The name and the bytes of the one whose name ends with a mark."""
        return next(((p.stem, p.read_bytes()) for p in self._named(mark)), None)

    def drop(self, mark: str) -> None:
        for path in self._named(mark):
            path.unlink(missing_ok=True)
        sync_folder(self.folder)

    def _named(self, mark: str) -> list[Path]:
        return sorted(self.folder.glob(f"*{escape(mark)}.eml"))


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent, and the copy that stays."""

    slug: str
    data: bytes
    sender: str
    recipients: Sequence[str]
    stage: Callable[[], None]
    """Has the copy wait for `keep`, and Sent ready for it. :raises OSError: it may wait all the same."""
    unstage: Callable[[], None]
    """Drops the copy that waits. :raises OSError: it may wait still."""
    keep: Callable[[], object]
    """Puts the copy that waits into Sent, if it is not there yet."""


class Route(Protocol):
    """A way out of the house."""

    def pending(self, slug: str) -> bool:
        """Whether a copy in Sent does not yet prove that the message is out."""
        ...

    def out(self, slug: str) -> bool:
        """Whether the message is out whose copy waits."""
        ...

    def send(self, letter: Letter) -> None:
        """Send and keep the copy, whatever an earlier attempt left undone.

        :raises SourceError, OSError: not sent. :raises Unknown: it may have been.
        """
        ...


@dataclass(frozen=True, slots=True)
class Outbox:
    """A folder from which another program sends."""

    folder: Path

    def pending(self, slug: str) -> bool:
        return self._waiting(slug).exists()

    def out(self, slug: str) -> bool:
        return not self._waiting(slug).exists()

    def send(self, letter: Letter) -> None:
        # Hidden file, the copy that waits, the name that counts, Sent: at every point between, what is
        # there tells how far it came, even after the other program has taken the file away.
        there = self._done(letter.slug).exists()
        if not there:
            try:
                write(self._envelope(letter.slug), _addresses(letter))
                write(self._waiting(letter.slug), letter.data)
                letter.stage()
                self._release(letter.slug)
            except Unknown:
                raise  # it may be out
            except (OSError, SourceError):
                self._forget(letter)
                raise
        _keep(letter, f"The message lies in the outbox {self.folder}", staged=not there)

    def _release(self, slug: str) -> None:
        """Give it the name that counts. :raises OSError: it does not have it."""
        try:
            os.replace(self._waiting(slug), self._done(slug))
        except OSError as error:
            try:
                os.lstat(self._waiting(slug))
            except FileNotFoundError:
                pass  # only the rename takes it away: it was done, and its answer lost
            except OSError:
                why = f"is not known ({error.strerror or error})"
                raise Unknown(f"Whether the message lies in the outbox {self.folder} {why}.") from None
            else:
                raise
        sync_folder(self.folder)

    def _forget(self, letter: Letter) -> None:
        """Leave nothing of what was not sent; the hidden file after the copy that waits, which shows nothing
        as long as that is there."""
        with suppress(OSError):
            letter.unstage()
            self._waiting(letter.slug).unlink(missing_ok=True)
            self._envelope(letter.slug).unlink(missing_ok=True)

    def _waiting(self, slug: str) -> Path:
        return self.folder / f".{slug}.tmp"

    def _done(self, slug: str) -> Path:
        return self.folder / f"{slug}.eml"

    def _envelope(self, slug: str) -> Path:
        return self.folder / f"{slug}.envelope.json"


@dataclass(frozen=True, slots=True)
class Relay:
    """A mail server that sends."""

    server: _smtp.Server
    notes: Notes = field(repr=False)

    def check(self) -> None:
        """Sign in, and send nothing. :raises SourceError: that cannot be done."""
        _smtp.check(self.server)

    def pending(self, slug: str) -> bool:
        return False

    def out(self, slug: str) -> bool:
        return self.notes.get(slug).get("state") == "sent"

    def send(self, letter: Letter) -> None:
        note = self.notes.get(letter.slug)
        if note.get("state") == "sending":
            raise Unknown(
                "An earlier attempt to send this message was cut off; whether it was sent is not known."
                " It will not be sent again by itself."
            )
        there = note.get("state") == "sent"
        if not there:
            letter.stage()  # first: what is out is found by its copy, whatever happens from then on
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
            except (SourceError, OSError):
                self.notes.drop(letter.slug)  # the server said no: the way is free for another attempt
                with suppress(OSError):
                    letter.unstage()
                raise
            try:
                self.notes.put(letter.slug, {"state": "sent", "refused": refused})
            except OSError:  # a full disk: the note still says that an attempt was made
                raise Unknown("The message was sent, but that could not be written down.") from None
        _keep(letter, f"{self.server.host} took the message", staged=not there)


def _keep(letter: Letter, done: str, *, staged: bool) -> None:
    """Put the copy of what is out into Sent. :raises Unknown: it is out all the same."""
    try:
        if not staged:
            letter.stage()
        letter.keep()
    except (OSError, SourceError) as error:
        why = str(getattr(error, "strerror", None) or error).rstrip(".")
        raise Unknown(f"{done}, but its copy could not be put into Sent ({why}).") from None


def _addresses(letter: Letter) -> bytes:
    return json.dumps({"from": letter.sender, "to": list(letter.recipients)}, indent=1).encode()
