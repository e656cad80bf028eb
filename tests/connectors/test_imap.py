"""Mail on an IMAP server is read by what changed, written once, and never marked as seen by being read."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from contracts import ConnectorContract, Write
from fakes.dovecot import PASSWORD, Server

from deskhand.connectors.imap import Imap, connect
from deskhand.connectors.model import ItemRef
from deskhand.connectors.operations import Mailbox, MailDraft, MailFlag, MailMove, MailSend, MailTrash

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

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.got.append((list(envelope.rcpt_tos), envelope.content))  # type: ignore[attr-defined]
        return "250 OK"


class Quick(Controller):
    """aiosmtpd asks for the machine's full name otherwise, which can take seconds."""

    def factory(self) -> object:
        self.SMTP_kwargs["hostname"] = "localhost"
        return super().factory()


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    with socket.socket() as free:  # aiosmtpd takes no port 0
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    taken = Sink()
    controller = Quick(taken, hostname="127.0.0.1", port=port)
    controller.start()
    yield taken, port
    controller.stop()


@pytest.fixture
def user(dovecot: Server) -> str:
    """Somebody with three messages in the INBOX and one in another folder."""
    name = dovecot.user()
    dovecot.put(name, "INBOX", PLAIN % (1, 1), PLAIN % (2, 2), WITH_FILE)
    dovecot.put(name, "Archive.2026", PLAIN % (3, 3), flags=["\\Seen", "\\Answered"])
    return name


def refs(connector: Imap) -> dict[str, ItemRef]:
    """Messages by Message-ID."""
    found = {}
    for change in connector.changes(None):
        ref = getattr(change, "ref", None)
        if ref is not None and ref.kind == "message":
            found[change.data["message_id"].partition("@")[0].strip("<")] = ref  # type: ignore[union-attr]
    return found


class TestImap(ConnectorContract):
    @pytest.fixture
    def connector(self, dovecot: Server, user: str, tmp_path: Path, sink: tuple[Sink, int]) -> Iterator[Imap]:
        imap = open_(dovecot, user, tmp_path, smtp=f"smtp://127.0.0.1:{sink[1]}")
        yield imap
        imap.close()

    @pytest.fixture
    def writes(self, connector: Imap) -> list[Write]:
        known = refs(connector)
        a, b, c = known["m1"], known["m2"], known["file"]
        none = ItemRef("mail", "message", a.native.rpartition(".")[0] + ".999")
        return [
            Write(
                MailDraft(source="mail", to=(BO,), subject="s", body="b"),
                MailDraft(source="mail", to=(BO,), subject="s", body="b", answers=none),
            ),
            Write(MailSend(source="mail", to=(BO,), bcc=(CY,), subject="s", body="b", answers=a)),
            Write(
                MailFlag(source="mail", ref=a, add=("flagged",), remove=("seen",)),
                MailFlag(source="mail", ref=none, add=("seen",)),
            ),
            Write(
                MailMove(source="mail", ref=b, folder="archive/2026"),
                MailMove(source="mail", ref=b, folder="Nowhere"),
            ),
            Write(MailTrash(source="mail", ref=c), MailTrash(source="mail", ref=none)),
        ]
