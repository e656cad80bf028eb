"""Mail at Outlook is read by what changed, written once, and what Outlook says of it stays with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from contracts import ConnectorContract, Write
from graph_givens import Microsoft
from outlook_givens import BO, CY, filled, mailbox, messages

from deskhand.connectors.model import ItemRef
from deskhand.connectors.operations import MailDraft, MailFlag, MailMove, MailSend, MailTrash
from deskhand.connectors.outlook import Outlook


class TestOutlook(ConnectorContract):
    @pytest.fixture
    def connector(self, microsoft: Microsoft, tmp_path: Path) -> Iterator[Outlook]:
        filled(microsoft)
        microsoft.world.folder("ana", "Projects", inside="archive")
        outlook = mailbox(microsoft, tmp_path / "state")
        yield outlook
        outlook.close()

    @pytest.fixture
    def writes(self, connector: Outlook) -> list[Write]:
        known = messages(connector)
        a, b, c = (known[subject].ref for subject in ("Budget", "Plan", "Notes"))
        none = ItemRef("mail", "message", "AAkALg1IMM99999999AA=")
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
                MailMove(source="mail", ref=b, folder="Archive/Projects"),
                MailMove(source="mail", ref=b, folder="Nowhere"),
            ),
            Write(MailTrash(source="mail", ref=c), MailTrash(source="mail", ref=none)),
        ]
