"""Mail on an IMAP server is read by what changed, written once, and never marked as seen by being read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from contracts import ConnectorContract, Write, pass_over
from fakes.dovecot import Server
from imap_givens import BO, CY, Sink, messages, open_

from deskhand.connectors.errors import Misconfigured
from deskhand.connectors.imap import Imap
from deskhand.connectors.model import ItemRef
from deskhand.connectors.operations import MailDraft, MailFlag, MailMove, MailSend, MailTrash


class TestImap(ConnectorContract):
    @pytest.fixture
    def connector(self, dovecot: Server, user: str, tmp_path: Path, sink: tuple[Sink, int]) -> Iterator[Imap]:
        imap = open_(dovecot, user, tmp_path, smtp=f"smtp://127.0.0.1:{sink[1]}")
        yield imap
        imap.close()

    @pytest.fixture
    def writes(self, connector: Imap) -> list[Write]:
        known = messages(connector)
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


def test_a_choice_of_folders_that_leaves_none_is_said_and_removes_nothing(
    dovecot: Server, user: str, tmp_path: Path
) -> None:
    imap = open_(dovecot, user, tmp_path)
    _, cursor = pass_over(imap)
    imap.close()
    imap = open_(dovecot, user, tmp_path, folders="Nothing/*")
    for ask in (imap.check, lambda: pass_over(imap, cursor)):
        with pytest.raises(Misconfigured, match=r"No folder is left to be read .* there are .*INBOX"):
            ask()
    imap.close()
