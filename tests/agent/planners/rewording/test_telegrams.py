"""Telegrams are said in full, and read as any wish is."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import asked, made, only

from deskhand.agent.planners.rewording.telegrams import in_full
from deskhand.agent.planners.words.request import Request
from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("words", "full"),
    [
        ("cal: del vet fri", "cancel vet friday"),
        ("appt: marta, wed 25/11, 1715, 30 min", "book a meeting with marta wednesday 25/11 at 17:15 30 min"),
        ("new appt: marta, wed 25/11, 1715", "book a meeting with marta wednesday 25/11 at 17:15"),
        ("sum: will, last mail", "summarise the last mail from Will"),
        ("re ann: ok see you there", "reply to Ann's last mail: ok see you there"),
        ("quick one to bo - deploy is done", "mail bo: deploy is done"),
        ("Subject: Keys. To: Will. Under the mat.", "mail Will with the subject “Keys”: Under the mat"),
        ("tyre change -> sat 9am", "move tyre change to sat 9am"),
        ("boat insurance mail >> fwd to ann", "forward boat insurance mail to ann"),
        ("won't make pilates tomorrow, bin it", "cancel pilates tomorrow"),
        ("Bo should see Ann's mail about the roof, forward it", "forward Ann's mail about the roof to Bo"),
        ("can't come to Bo's meeting tomorrow, decline it", "decline Bo's meeting tomorrow"),
        ("I don't want the harbour report any more, delete it", "delete the schedule the harbour report"),
    ],
)
def test_what_is_to_be_done_is_said(words: str, full: str, known: Known) -> None:
    assert full in in_full(Request.of(words, known))


@pytest.mark.parametrize(
    "words", ["add Priya to the demo", "new: nothing", "cancel the review on Friday", "a -> b"]
)
def test_a_wish_is_no_telegram(words: str, known: Known) -> None:
    assert not any(said.startswith("book") for said in in_full(Request.of(words, known)))


def test_what_is_no_name_is_not_made_one(known: Known) -> None:
    asked("I have seen it and they were fine, cancel it", known)


def test_it_becomes_the_plan_of_the_wish_that_was_said(known: Known) -> None:
    found = made("tyre change -> sat 9am", known)
    assert found.request == "tyre change -> sat 9am"
    assert only(found, "event.shift").args["start"].startswith("2026-11-28T09:00")


def test_what_is_taken_down_at_the_end_is_called_as_it_was_said(known: Known) -> None:
    found = made("pick up the kids at 3 on tuesday, block that", known)
    assert only(found, "event.create").args["title"].casefold() == "pick up the kids"
