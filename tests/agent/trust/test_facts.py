"""Whom a mail may reach for it to be one to the owner alone."""

from __future__ import annotations

import pytest

from deskhand.agent.trust.conditions import only_you, recipients_known
from deskhand.agent.trust.facts import Facts
from deskhand.agent.trust.write import Write
from deskhand.connectors.operations import Mailbox, MailSend

ME, TEAM = "ana@example.org", "support@example.org"


@pytest.mark.parametrize(("address", "alone"), [(ME, True), (TEAM, False)])
def test_mail_to_a_teams_address_is_not_to_the_owner_alone(address: str, alone: bool) -> None:
    facts = Facts(mine=frozenset({ME, TEAM}), contacts=frozenset(), shared=frozenset({TEAM}))
    mail = MailSend(source="mail", to=(Mailbox(address=address),), subject="Plan", body="Text.")
    write = Write(mail, {}, facts)
    assert only_you(write) == recipients_known(write) == alone
