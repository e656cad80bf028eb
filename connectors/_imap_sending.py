"""Sends from a mailbox on an IMAP server: by SMTP, once, with a copy in Sent.

The copy waits on our own disk until the message is out, and is put into Sent then; where that fails, at the
next look. Some mail servers put it there themselves: then it is only looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from deskhand.connectors._imap_writes import Writes
from deskhand.connectors._mail_sending import Copies, Letter, Relay
from deskhand.connectors.errors import Unknown
from deskhand.connectors.model import Receipt
from deskhand.connectors.operations import utc_stamp


@dataclass(frozen=True, slots=True)
class Sending:
    """The way out of a mailbox."""

    writes: Writes
    relay: Relay = field(repr=False)
    copies: Copies
    keeps: bool
    """The mail server puts a copy of what is sent into Sent by itself."""

    def send(
        self, name: str, own_id: str, write: Callable[..., bytes], *,
        sender: str, to: Sequence[str], now: datetime,
    ) -> None:  # fmt: skip
        """Send a message; `name` is the effect's, `own_id` its Message-ID (see `Relay.send`)."""

        def stage() -> None:
            if not self.keeps:
                self.copies.drop(_mark(name))
                self.copies.put(_stamped(name, now), write(show_bcc=True))
                self.writes.folders.made("Sent")

        self.relay.send(
            Letter(
                name, write(show_bcc=False), sender, to, stage,
                partial(self.copies.drop, _mark(name)), partial(self._keep, name, own_id),
            )
        )  # fmt: skip

    def sent(self, name: str, own_id: str) -> Receipt | None:
        """The copy of a message that is out. :raises Unknown: it is out, and its copy is not there yet."""
        if not self.relay.out(name):
            return self.writes.written(name, "Sent", own_id)
        if (kept := self._keep(name, own_id)) is None and self.keeps:
            raise Unknown("It was sent, but the copy that the server makes is not in Sent (yet).")
        return kept

    def _keep(self, name: str, own_id: str) -> Receipt | None:
        """The copy in Sent of what is out; put there now, where it waits for that still."""
        waits = self.copies.get(_mark(name))
        if waits is None:
            return self.writes.written(name, "Sent", own_id)
        stamped, data = waits
        kept = self.writes.put(name, "Sent", data, own_id, now=_moment(stamped))
        with suppress(OSError):  # the next look drops it
            self.copies.drop(_mark(name))
        return kept


def _mark(name: str) -> str:
    return f".deskhand-{name}"


def _stamped(name: str, now: datetime) -> str:
    """What a copy that waits is called: when it was written, and whose it is (see `Copies`)."""
    return f"{utc_stamp(now)}{_mark(name)}"


def _moment(stamped: str) -> datetime:
    return datetime.strptime(stamped.partition(".")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
