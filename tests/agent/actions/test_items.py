"""Which thread or document is meant, and its summary."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

ANN, BO, ME = "Ann Ruiz <ann@example.org>", "Bo Lindqvist <bo@example.org>", "Noor Haddad <noor@example.org>"


def test_by_what_it_is_about_its_title_first(desk: Any) -> None:
    desk.mail(BO, "Harbour budget", "We decided to buy 24 lamps.", ago=timedelta(days=5))
    desk.mail(ANN, "Lunch", "The harbour budget can wait for lunch.", ago=timedelta(days=1))
    run = desk.ask("summarize the thread about the harbour budget")
    assert run.status == "done"
    assert "We decided to buy 24 lamps." in run.answer
    assert [c.title for c in run.citations] == ["Harbour budget"]


def test_by_a_person_alone_the_newest(desk: Any) -> None:
    desk.mail(BO, "Old", "We agreed on Monday.", ago=timedelta(days=5))
    desk.mail(BO, "New", "We agreed on Tuesday.", ago=timedelta(days=1))
    desk.mail(ANN, "Newest", "We agreed on Friday.", ago=timedelta(hours=1))
    answer = desk.tell("summarise Bo's last mail")
    assert "Tuesday" in answer
    assert "Monday" not in answer
    assert "Friday" not in answer


def test_a_thread_is_summarised_whole_and_drafts_are_no_part_of_it(desk: Any) -> None:
    first = desk.mail(BO, "Roof", "Who pays for the roof?", ago=timedelta(days=3))
    desk.mail(ANN, "Re: Roof", "We decided that the bank pays.", answers=first, ago=timedelta(days=2))
    desk.ask("draft a reply to the mail about the roof: I will pay", approve=None)
    answer = desk.tell("summarise the thread about the roof")
    assert "Ann Ruiz" in answer
    assert "We decided that the bank pays." in answer
    assert "I will pay" not in answer


def test_a_summary_is_short(desk: Any) -> None:
    asks = "\n".join(f"Please send me the list number {n} by Friday." for n in range(12))
    desk.mail(BO, "Lists", asks)
    assert "the last 5 of 12" in desk.tell("summarise the thread about lists")


def test_a_document(desk: Any) -> None:
    desk.document("travel.md", "# Travel\n\nThe night costs 135 euros.\n\nWe decided to take the train.\n")
    answer = desk.tell("summarise the travel document")
    assert "train" in answer


def test_nothing_to_find_says_what_was_looked_for(desk: Any) -> None:
    run = desk.ask("summarise the thread about submarines")
    assert run.status == "failed"
    assert "I found no message about “submarines”" in run.answer


def test_what_others_are_sent_of_it_names_the_owner(desk: Any) -> None:
    first = desk.mail(BO, "Roof", "Noor, please send me the plan by Friday.", ago=timedelta(days=3))
    desk.mail(ME, "Re: Roof", "We decided that the bank pays.", answers=first, ago=timedelta(days=2))
    run = desk.ask("summarise the thread about the roof and mail it to Ann", approve=None)
    (card,) = run.approvals
    shown = {a.name: a.value for a in card.shown}["body"]
    assert "Noor Haddad, Fri 20 Nov" in shown
    assert "asks Noor Haddad" in shown
    assert "you" not in shown.casefold().split()
    assert "You, Fri 20 Nov" in run.answer, "the owner is told as before"


def test_what_goes_to_the_owner_alone_says_you(desk: Any) -> None:
    first = desk.mail(BO, "Roof", "Noor, please send me the plan by Friday.", ago=timedelta(days=3))
    desk.mail(ME, "Re: Roof", "We decided that the bank pays.", answers=first, ago=timedelta(days=2))
    run = desk.ask("summarise the thread about the roof and mail it to me")
    assert run.status == "done", run.answer
    (mail,) = [m for m in desk.sent() if m["Subject"].endswith("Roof")]
    assert "You, Fri 20 Nov" in mail.body


def test_a_name_that_holds_anothers_address_is_not_told_as_the_sender(desk: Any) -> None:
    forged = '"Ann Ruiz <ann@example.org>" <ann@examp1e.org>'
    desk.mail(forged, "Lease", "Please send me the keys by Friday.")
    run = desk.ask("summarise the mail about the lease")
    assert "One message from ann@examp1e.org" in run.answer
    assert "ann@example.org" not in run.answer
    assert "Ann Ruiz" not in run.answer
