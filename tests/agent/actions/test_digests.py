"""The digest and the waiting list, out of real mail, calendars and documents."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

ANN, BO, ME = "Ann Ruiz <ann@example.org>", "Bo Lindqvist <bo@example.org>", "Noor Haddad <noor@example.org>"


class TestDigest:
    def test_it_tells_the_day_and_who_waits_and_what_changed(self, desk: Any) -> None:
        desk.event("Board", "20261122T150000", "20261122T160000")
        desk.mail(BO, "Lenses", "Could you send me the list?")
        desk.document("memo.md", "# Memo\n\nNew.\n")
        answer = desk.tell("give me a digest")
        assert "15:00–16:00 Board" in answer
        assert "Could you send me the list?" in answer
        assert "“Memo”" in answer

    def test_a_meeting_comes_with_the_documents_it_names(self, desk: Any) -> None:
        desk.document("plans/price list.md", "# Prices\n\nLens: 520.\n")
        desk.event("Board", "20261122T150000", "20261122T160000", description="We go through price list.md")
        assert "Prices" in desk.tell("give me a digest").partition("Board")[2].partition("Changed")[0]

    def test_what_was_told_is_not_told_again_unless_it_changed(self, desk: Any) -> None:
        desk.mail(BO, "Lenses", "Could you send me the list?")
        assert "Could you send me the list?" in desk.tell("give me a digest")
        assert "Nothing new" in desk.tell("give me a digest")
        assert "Could you send me the list?" in desk.tell("give me the full digest")
        desk.mail(ANN, "Roof", "Can you come on Monday?", ago=timedelta(minutes=5))
        again = desk.tell("give me a digest")
        assert "Can you come on Monday?" in again
        assert "Could you send me the list?" not in again

    @pytest.mark.long
    def test_each_series_remembers_for_itself(self, desk: Any) -> None:
        desk.mail(BO, "Lenses", "Could you send me the list?")
        assert "Could you send me the list?" in desk.app.digest().answer
        assert "Nothing new" in desk.app.digest().answer
        assert "Could you send me the list?" in desk.app.digest(everything=True).answer
        assert "Could you send me the list?" in desk.app.digest(series="evening").answer

    def test_an_empty_one_says_so(self, empty_desk: Any) -> None:
        assert "Nothing new" in empty_desk.tell("give me a digest")

    def test_by_mail_it_goes_to_the_owner_without_asking(self, desk: Any) -> None:
        desk.mail(BO, "Lenses", "Could you send me the list?")
        run = desk.ask("send me a digest now", approve=None)
        assert run.status == "done"
        (mail,) = desk.sent()
        assert mail["To"] == ME
        assert mail["Subject"] == "Digest for Sun 22 Nov 2026"
        assert "Could you send me the list?" in mail.body

    def test_into_a_file(self, desk: Any) -> None:
        desk.mail(BO, "Lenses", "Could you send me the list?")
        run = desk.ask("write the digest to a markdown file", approve=None)
        assert run.status == "done"
        (path,) = (desk.root / "home").rglob("digest-2026-11-22T080000.md")
        assert "Could you send me the list?" in path.read_text("utf-8")

    def test_one_that_could_not_be_delivered_was_not_told(self, desk: Any) -> None:
        desk.mail(BO, "Lenses", "Could you send me the list?")
        desk.app.sync(embed=0)
        outbox = desk.root / "outbox"
        outbox.rmdir()
        outbox.write_text("in the way")
        assert desk.ask("send me a digest now").status == "failed"
        assert "Could you send me the list?" in desk.tell("give me a digest")

    def test_what_waits_for_a_decision_is_in_it(self, desk: Any) -> None:
        waiting = desk.ask("mail Ann: hello", approve=None)
        assert f"deskhand approve {waiting.approvals[0].id}" in desk.tell("give me a digest")


class TestWaiting:
    def test_for_my_answer(self, desk: Any) -> None:
        desk.mail(BO, "Lenses", "Could you send me the list?", ago=timedelta(days=20))
        desk.mail(ANN, "Roof", "The roof is done.")
        run = desk.ask("Which mails are waiting for my answer?")
        assert run.status == "done"
        assert "Could you send me the list?" in run.answer
        assert "The roof is done." not in run.answer
        assert [c.title for c in run.citations] == ["Lenses"]

    def test_for_an_answer_of_others(self, desk: Any) -> None:
        desk.mail(ME, "Lenses", "When do the lenses ship?", to=(BO,))
        answer = desk.tell("who owes me an answer")
        assert "Bo Lindqvist" in answer
        assert "When do the lenses ship?" in answer

    def test_of_one_person(self, desk: Any) -> None:
        desk.mail(BO, "Lenses", "Could you send me the list?")
        desk.mail(ANN, "Roof", "Can you come on Monday?")
        answer = desk.tell("which mails from Ann are waiting for my answer?")
        assert "Can you come on Monday?" in answer
        assert "Could you send me the list?" not in answer

    def test_nothing_waits(self, desk: Any) -> None:
        assert "Nothing waits for your answer" in desk.tell("what emails need a reply?")
        assert "Nobody owes you an answer" in desk.tell("what am I waiting for?")
