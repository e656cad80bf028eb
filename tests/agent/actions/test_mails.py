"""Replies and forwards out of a real mailbox: to whom, about what, with which text, and what goes along."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

ANN, BO, ME = "Ann Ruiz <ann@example.org>", "Bo Lindqvist <bo@example.org>", "Noor Haddad <noor@example.org>"


class TestReply:
    def test_to_the_last_mail_of_somebody(self, desk: Any) -> None:
        desk.mail(BO, "Lenses", "They left on Monday.", ago=timedelta(days=3))
        desk.mail(BO, "Gaskets", "The gaskets are here.", ago=timedelta(hours=3))
        run = desk.ask("reply to Bo's last mail: thanks, that works")
        assert run.status == "done"
        (mail,) = desk.sent()
        assert (mail["To"], mail["Subject"]) == (BO, "Re: Gaskets")
        assert mail.body.startswith("Thanks, that works\n")
        assert "Bo Lindqvist wrote:\n> The gaskets are here.\n" in mail.body
        assert mail["In-Reply-To"] == "<3@example.org>"

    def test_it_is_asked_first_and_shows_to_whom(self, desk: Any) -> None:
        desk.mail(BO, "Lenses", "They left on Monday.")
        run = desk.ask("reply to Bo: thanks", approve=None)
        assert run.status == "waiting"
        (approval,) = run.approvals
        assert "bo@example.org" in approval.summary
        assert desk.sent() == []

    def test_reply_to_decides_where_it_goes(self, desk: Any) -> None:
        desk.mail(BO, "Lenses", "They left.", Reply_To="orders@example.com")
        desk.ask("reply to Bo's last mail: thanks")
        assert desk.sent()[0]["To"] == "orders@example.com"

    def test_after_an_own_last_word_the_same_people_are_meant(self, desk: Any) -> None:
        first = desk.mail(BO, "Lenses", "When shall they leave?", ago=timedelta(days=3))
        desk.mail(ME, "Re: Lenses", "On Monday.", to=(BO,), answers=first, ago=timedelta(days=2))
        desk.ask("reply to the thread about the lenses: or on Tuesday")
        assert desk.sent()[0]["To"] == BO

    def test_everybody_and_never_oneself(self, desk: Any) -> None:
        desk.mail(BO, "Roof", "Shall we?", to=(ME, ANN), cc=("cleo@example.net",))
        desk.ask("reply all to the mail about the roof: yes")
        (mail,) = desk.sent()
        assert mail["To"] == BO
        assert mail["Cc"] == f"{ANN}, cleo@example.net"

    def test_without_words_it_is_a_draft_with_the_quotation_alone(self, desk: Any) -> None:
        desk.mail(BO, "Roof", "Shall we?")
        run = desk.ask("reply to Bo's last mail", approve=None)
        assert run.status == "done"
        (draft,) = desk.drafts()
        assert draft["Subject"] == "Re: Roof"
        assert draft.body.strip().splitlines()[-1] == "> Shall we?"
        assert desk.sent() == []

    def test_nothing_that_fits_is_said(self, desk: Any) -> None:
        run = desk.ask("reply to the mail about the submarine: no")
        assert run.status == "failed"
        assert "no message about “submarine”" in run.answer
        assert desk.sent() == []


class TestForward:
    def test_as_it_is_with_what_was_attached(self, desk: Any) -> None:
        desk.mail(BO, "Offer", "Here it is.\n\nBo", attach=(("offer.txt", "98,400 euros"),))
        run = desk.ask("forward the last mail from Bo to Ann: please have a look")
        assert run.status == "done"
        (mail,) = desk.sent()
        assert (mail["To"], mail["Subject"]) == (ANN, "Fwd: Offer")
        assert mail.body.startswith("Please have a look\n")
        assert "From: Bo Lindqvist <bo@example.org>" in mail.body
        assert "Here it is." in mail.body
        assert mail.attached == ("offer.txt",)

    def test_it_is_always_asked(self, desk: Any) -> None:
        desk.mail(BO, "Offer", "Here it is.")
        assert desk.ask("forward Bo's last mail to Ann", approve=None).status == "waiting"


class TestWriting:
    def test_a_draft_needs_nobody(self, desk: Any) -> None:
        run = desk.ask("draft a mail to Ann about the offer: could you send it by Friday?", approve=None)
        assert run.status == "done"
        (draft,) = desk.drafts()
        assert (draft["To"], draft["Subject"]) == (ANN, "Offer")
        assert draft.body.strip() == "Could you send it by Friday?"

    def test_what_is_sent_is_what_was_said(self, desk: Any) -> None:
        desk.ask("send Ann a note that I am late")
        (mail,) = desk.sent()
        assert (mail["Subject"], mail.body.strip()) == ("I am late", "I am late")

    def test_two_of_one_name_are_a_question(self, desk: Any) -> None:
        desk.mail("Bo Nilsson <bo.nilsson@example.net>", "Hi", "Hello.")
        run = desk.ask("mail Bo: hello")
        assert run.status == "unclear"
        assert len(run.choices) == 2
        desk.ask(next(c for c in run.choices if "nilsson" in c))
        assert desk.sent()[0]["To"] == "Bo Nilsson <bo.nilsson@example.net>"
