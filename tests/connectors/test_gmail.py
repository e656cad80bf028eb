"""Mail at Gmail is read by what changed, written once, and what Gmail says of it stays with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from contracts import ConnectorContract, Write
from gmail_givens import BO, CY, OFFICE, does, mailbox, messages
from google_givens import Google

from deskhand.connectors.gmail import Gmail
from deskhand.connectors.model import ItemRef
from deskhand.connectors.operations import MailDraft, MailFlag, MailMove, MailSend, MailTrash


@pytest.mark.parametrize("google", [OFFICE], indirect=True)
class TestGmail(ConnectorContract):
    @pytest.fixture
    def connector(self, google: Google, tmp_path: Path) -> Iterator[Gmail]:
        does(google, "POST", "/labels", {"name": "archive/2026"})
        gmail = mailbox(google, tmp_path / "state")
        yield gmail
        gmail.close()

    @pytest.fixture
    def writes(self, connector: Gmail) -> list[Write]:
        known = messages(connector)
        a, b, c = (known[subject].ref for subject in ("Budget", "Plan", "Notes"))
        none = ItemRef("mail", "message", "0123456789abcdef")
        return [
            Write(
                MailDraft(source="mail", to=(BO,), subject="s", body="b"),
                MailDraft(source="mail", to=(BO,), subject="s", body="b", answers=none),
            ),
            Write(MailSend(source="mail", to=(BO,), bcc=(CY,), subject="Re: Budget", body="b", answers=a)),
            Write(
                MailFlag(source="mail", ref=a, add=("flagged", "seen")),
                MailFlag(source="mail", ref=none, add=("seen",)),
            ),
            Write(
                MailMove(source="mail", ref=b, folder="archive/2026"),
                MailMove(source="mail", ref=b, folder="Nowhere"),
            ),
            Write(MailTrash(source="mail", ref=c), MailTrash(source="mail", ref=none)),
        ]
