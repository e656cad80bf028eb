"""Listens to the INBOX of an IMAP account (IDLE, RFC 2177), on a connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from deskhand.connectors import _imap_commands as imap
from deskhand.connectors._imap_account import Account
from deskhand.connectors._imap_session import Session
from deskhand.connectors.errors import SourceError, Transient

SECONDS = 60.0
"""So often it is looked if anybody still wants to know, and a server that is gone is asked again."""

PAUSE = 2.0
"""Seconds after each change: what a server says in between is told once, and one that never stops is not run
after."""


def watch(account: Account, changed: Callable[[], None], stop: Event) -> None:
    """See `base.Watched`. Ends where the server cannot do it, or lets nobody in."""
    session = Session(account)
    try:
        while not stop.is_set():
            try:
                if "IDLE" not in session.offers:
                    return
                imap.opened(session, b"INBOX")
                changed()  # what came while nobody listened
                while not stop.is_set():
                    if session.idle(SECONDS):
                        changed()
                        stop.wait(PAUSE)
                        if session.selected is None:
                            break
            except Transient:
                stop.wait(SECONDS)
            except SourceError:
                return  # who is not let in does not knock every minute
    finally:
        session.close()
