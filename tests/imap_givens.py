"""What the tests of mail on a server share: messages, a mailbox, and a mail server that takes them."""

from __future__ import annotations

import base64
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent_givens import ENVIRONMENT
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from contracts import NOW
from fakes.dovecot import PASSWORD, Server

from deskhand.agent.app import App
from deskhand.agent.sample.servers import free_ports
from deskhand.connectors.imap import Imap, connect
from deskhand.connectors.model import ItemRef
from deskhand.connectors.operations import Mailbox
from deskhand.connectors.sync import Progress

BO = Mailbox(address="bo@example.org", name="Bo Test")
CY = Mailbox(address="cy@example.net")

PLAIN = b"""From: Bo Test <bo@example.org>\r
To: Ana Test <ana@example.org>\r
Subject: Budget\r
Date: Fri, 20 Nov 2026 09:00:00 +0100\r
Message-ID: <m%d@example.org>\r
\r
The budget is %d.\r
"""
WITH_FILE = b"""From: bo@example.org\r
Subject: Notes\r
Message-ID: <file@example.org>\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
\r
See the notes.\r
--b\r
Content-Type: text/plain; name="notes.txt"\r
Content-Disposition: attachment\r
\r
Remember the milk.\r
--b--\r
"""


def open_(dovecot: Server, user: str, state: Path, **options: object) -> Imap:
    given: dict[str, object] = {
        "host": "127.0.0.1", "port": dovecot.port, "security": "none", "password": PASSWORD,
    }  # fmt: skip
    return connect(source="mail", state=state, place=user, **{**given, **options})  # type: ignore[arg-type]


class Sink:
    """Takes what it is given."""

    def __init__(self) -> None:
        self.got: list[tuple[list[str], bytes]] = []
        self.signed: list[str] = []
        """What was said to sign in."""
        self.tokens: set[str] = set()
        self.refused: set[str] = set()
        self.then = ""
        """`drop`: the connection breaks once it has the message."""

    async def auth_XOAUTH2(self, server: Any, arguments: list[str]) -> AuthResult:
        said = base64.b64decode(arguments[1]).decode()
        self.signed.append(said)
        if said.partition("auth=Bearer ")[2].rstrip("\1") in self.tokens:
            return AuthResult(success=True)
        await server.challenge_auth('{"status":"400"}')
        return AuthResult(success=False, handled=False)

    async def handle_RCPT(
        self, server: object, session: object, envelope: object, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such user"
        envelope.rcpt_tos.append(address)  # type: ignore[attr-defined]
        return "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.got.append((list(envelope.rcpt_tos), envelope.content))  # type: ignore[attr-defined]
        if self.then == "drop":
            server.transport.abort()  # type: ignore[attr-defined]
        return "250 OK"


class Quick(Controller):
    """aiosmtpd asks for the machine's full name otherwise, which can take seconds."""

    def factory(self) -> object:
        self.SMTP_kwargs["hostname"] = "localhost"
        return super().factory()


@contextmanager
def sinking() -> Iterator[tuple[Sink, int]]:
    """A mail server, and its port."""
    (port,) = free_ports(1)  # aiosmtpd takes no port 0
    taken = Sink()
    controller = Quick(taken, hostname="127.0.0.1", port=port, auth_require_tls=False)
    controller.start()
    yield taken, port
    controller.stop()


def somebody(dovecot: Server) -> str:
    """A user with three messages in the INBOX and one in another folder."""
    name = dovecot.user()
    dovecot.put(name, "INBOX", PLAIN % (1, 1), PLAIN % (2, 2), WITH_FILE)
    dovecot.put(name, "Archive.2026", PLAIN % (3, 3), flags=["\\Seen", "\\Answered"])
    return name


def messages(connector: Imap) -> dict[str, ItemRef]:
    """Messages by Message-ID."""
    found = {}
    for change in connector.changes(None):
        ref = getattr(change, "ref", None)
        if ref is not None and ref.kind == "message":
            found[change.data["message_id"].partition("@")[0].strip("<")] = ref  # type: ignore[union-attr]
    return found


def sync_and_die(home: str, pages: int) -> None:
    """Syncs, and is killed once so many pages are stored."""
    try:
        with App.open(Path(home), now=NOW, environ=ENVIRONMENT) as app:
            stored = 0

            def count(progress: Progress) -> None:
                nonlocal stored
                stored += progress.done > 0
                if stored == pages:
                    os.kill(os.getpid(), signal.SIGKILL)

            app.sync(progress=count, embed=0)
    except BaseException:
        traceback.print_exc()
        sys.exit(3)
