"""The newest version to whoever asked for it: who did, what is attached, what the card says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .conftest import ANN, BO, ME, Desk

ASK = "send the newest version of the proposal to everybody who asked for it this month"
CY, DEE = "Cy Stranger <cy@example.net>", "Dee Vance <dee@example.com>"
NEWEST = "# Proposal\n\nSecond.\n"


@pytest.fixture
def asked(desk: Desk) -> Desk:
    desk.document("proposal.md", "# Proposal\n\nFirst.\n", ago=timedelta(days=20))
    desk.app.sync(embed=0)
    desk.document("proposal.md", NEWEST, ago=timedelta(days=2))
    desk.mail(BO, "Pier", "Could you send me the proposal?", ago=timedelta(days=9))
    desk.mail(CY, "Proposal", "I would like the latest version, please.", ago=timedelta(days=5))
    desk.mail(ANN, "Pier", "The proposal looks fine to me.", ago=timedelta(days=4))
    desk.mail(DEE, "Old", "Could you send me the proposal?", ago=timedelta(days=40))
    return desk


def test_each_who_asked_gets_a_mail_of_his_own_with_the_newest_bytes(asked: Desk) -> None:
    run = asked.ask(ASK)
    assert run.status == "done", run.answer
    mails = asked.sent()
    assert sorted(m["To"] for m in mails) == [BO, CY]
    for mail in mails:
        assert mail["Subject"] == "Proposal"
        assert mail.body == "Here is the newest version of the proposal, as you asked.\n"
        (part,) = mail.headers.iter_attachments()
        assert part.get_filename() == "proposal.md"
        assert part.get_payload(decode=True) == NEWEST.encode()
    assert "ann@example.org only mentions it" in run.answer


def test_the_card_says_which_version_goes_to_whom_and_where_that_comes_from(asked: Desk) -> None:
    run = asked.ask(ASK, approve=None)
    assert asked.sent() == []
    cards = {c.arguments["to"][0]["address"]: c for c in run.approvals}
    assert cards.keys() == {"bo@example.org", "cy@example.net"}
    card = cards["cy@example.net"]
    assert card.reason == "a recipient was not chosen by you"
    shown = {a.name: a for a in card.shown}
    assert shown["to"].trust == "untrusted"
    assert shown["to"].origin.startswith("from a mail by ")
    assert all(ref.startswith("mail:message:") for ref in shown["to"].origins)
    assert shown["to"].origins
    assert shown["attachments"].value.startswith("proposal.md (documents:document:proposal.md, version ")
    assert card.notes[0].startswith("Attached: proposal.md as of Fri 20 Nov, 08:00")
    assert card.notes[1] == "cy@example.net asked on Tue 17 Nov: “I would like the latest version, please.”"


def test_a_version_that_changed_after_the_yes_is_not_sent(asked: Desk) -> None:
    run = asked.ask(ASK, approve=None)
    asked.document("proposal.md", "# Proposal\n\nThird.\n", ago=timedelta(0))
    for card in run.approvals:
        after = asked.app.decide(card.id, "approve")
    assert asked.sent() == []
    assert "proposal.md changed since it was read" in after.answer


def test_a_second_time_who_has_it_is_left_out(asked: Desk) -> None:
    asked.ask(ASK)
    again = asked.ask(ASK)
    assert len(asked.sent()) == 2
    assert "Nobody else asked for “proposal”" in again.answer
    assert "bo@example.org has this version already" in again.answer


def test_nobody_who_asked_is_said(desk: Desk) -> None:
    desk.document("proposal.md", NEWEST)
    desk.mail(ME, "Proposal", "Could you send me the proposal?", ago=timedelta(days=3))
    run = desk.ask(ASK)
    assert (run.status, desk.sent()) == ("done", [])
    assert "Nobody asked for “proposal”" in run.answer
