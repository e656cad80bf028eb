"""How a write is told once its receipt is there."""

from __future__ import annotations

from agent_givens import ANN, BO, NOW

from deskhand.agent.wording import done
from deskhand.connectors.operations import Mailbox, MailSend


def test_whom_the_server_refused_was_not_reached() -> None:
    mail = MailSend(source="mail", to=(Mailbox(address=ANN), Mailbox(address=BO)), subject="Hi", body="x")
    told = done(mail, zone="UTC", now=NOW, detail={"refused": {BO: "550 no such user"}})
    reached, _, lost = told.partition("; ")
    assert reached == f"Sent “Hi” to {ANN}, from mail"
    assert lost == f"not reached, the mail server refused: {BO} (550 no such user)"
