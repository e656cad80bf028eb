"""Asking again below the last mail, and thanking for the last one, out of a real mailbox."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deskhand.agent.desk import overview

from .conftest import ANN, BO, ME, Desk


def _asked(desk: Desk) -> str:
    return desk.mail(
        ME, "Offer for the pier", "Could you send it by Friday?", to=(BO,), ago=timedelta(days=10)
    )


def test_it_follows_the_last_mail_to_them_and_says_politely_that_an_answer_is_awaited(desk: Desk) -> None:
    _asked(desk)
    run = desk.ask("ask Bo again", approve=None)
    (card,) = run.approvals
    assert desk.sent() == []
    assert "bo@example.org" in card.summary
    desk.app.decide(card.id)
    (mail,) = desk.sent()
    assert (mail["To"], mail["Subject"]) == (BO, "Re: Offer for the pier")
    assert mail["In-Reply-To"] == "<2@example.org>"
    said = "Hello Bo,\n\nI am coming back to my mail of Thu 12 Nov. May I ask you for an answer?\n"
    assert mail.body.startswith(said)
    assert "> Could you send it by Friday?" in mail.body


def test_what_it_is_about_chooses_the_mail_and_stands_in_the_sentence(desk: Desk) -> None:
    _asked(desk)
    desk.mail(ME, "Lenses", "They are here.", to=(BO,), ago=timedelta(days=2))
    desk.ask("chase Bo about the offer")
    assert desk.sent()[0]["Subject"] == "Re: Offer for the pier"
    assert "May I ask again about the offer?" in desk.sent()[0].body


def test_of_several_it_goes_to_the_one_who_was_named(desk: Desk) -> None:
    desk.mail(ME, "Figures", "Who has them?", to=(ANN, BO), ago=timedelta(days=3))
    desk.ask("ask Bo again for the figures")
    assert [m["To"] for m in desk.sent()] == [BO]


def test_the_card_says_that_they_have_written_since(desk: Desk) -> None:
    _asked(desk)
    desk.mail(BO, "Holidays", "I am away.", ago=timedelta(days=1))
    (card,) = desk.ask("ask Bo again", approve=None).approvals
    assert card.notes == ("bo@example.org has written since, on Sat 21 Nov at 08:00.",)


def test_nothing_that_could_be_asked_again_is_said(desk: Desk) -> None:
    desk.mail("Marta <marta@example.org>", "Hi", "Hello.", to=(ME,))
    assert "You have not written to Marta" in desk.tell("ask Marta again")
    assert desk.sent() == []


def test_thanks_answer_the_newest_mail(desk: Desk) -> None:
    desk.mail(BO, "Old", "One.", ago=timedelta(days=5))
    desk.mail(BO, "Figures", "Here they are.", ago=timedelta(days=1))
    desk.ask("thank Bo")
    (mail,) = desk.sent()
    assert (mail["To"], mail["Subject"]) == (BO, "Re: Figures")
    assert mail.body.startswith("Thank you.\n")


@pytest.mark.parametrize("answered", [False, True])
def test_a_supplier_who_has_answered_is_thanked_and_one_who_has_not_is_asked_again(
    desk: Desk, answered: bool
) -> None:
    overview.put(desk.app, ["the supplier", "bo@example.org"])
    _asked(desk)
    if answered:
        desk.mail(BO, "Offer for the pier", "Here it is.", ago=timedelta(days=2))
    desk.ask("unless the supplier has answered since Monday, ask again, otherwise say thank you")
    (mail,) = desk.sent()
    assert mail["To"] == BO
    assert ("Thank you." in mail.body) is answered
    assert ("May I ask you for an answer?" in mail.body) is not answered
