"""What a later part calls it, so, her or that week is what the part before says, or it is asked."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import asked, made, only, steps

from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("words", "to", "text"),
    [
        ("cancel the tasting on Friday and tell Ann it's off", "ann", "The tasting on Friday's off\n"),
        ("move my review to Thursday and let Bo know it has been moved", "bo", "My review has been moved\n"),
        (
            "book half an hour with Bo on Friday at 3 and tell Marta it's done",
            "marta",
            "I have booked half an hour with Bo on Friday at 3\n",
        ),
        (
            "forward Marta's last mail to Ann and inform Marta that I've done it",
            "marta",
            "I have forwarded your last mail to Ann\n",
        ),
    ],
)  # fmt: skip
def test_a_text_says_what_it_is_that_was_done(words: str, to: str, text: str, known: Known) -> None:
    mails = [s.args for s in steps(made(words, known), "mail.send") if isinstance(s.args["body"], str)]
    assert [(m["to"][0]["address"].partition("@")[0], m["body"]) for m in mails] == [(to, text)]


def test_what_it_is_is_asked_where_nothing_was_changed(known: Known) -> None:
    assert "it's cancelled" in asked("send Bo the lease and tell Will it's cancelled", known).message


def test_whom_other_times_are_offered_to_and_in_which_week(known: Known) -> None:
    plan = made("cancel the call with Bo on Friday and propose him three other slots that week", known)
    assert only(plan, "offer.compose").args["people"][0]["address"] == "bo@example.org"
    assert only(plan, "slots.find").args["start"].startswith("2026-11-23")
    assert len(steps(plan, "event.create")) == 3


def test_she_in_a_second_question_is_who_the_first_names(known: Known) -> None:
    plan = made("when is Yuki free tomorrow, and does she owe me a reply?", known)
    assert only(plan, "threads.waiting").args["person"] == "yuki@example.net"


def test_what_is_said_twice_is_done_once(known: Known) -> None:
    only(made("I don't need the massage on Friday any more, take it out", known), "event.cancel")


def test_a_text_for_each_of_two(known: Known) -> None:
    plan = made("answer Will yes please and to Marta not this time", known)
    assert [s.args["body"] for s in steps(plan, "mail.compose_reply")] == ["Yes please\n", "Not this time\n"]


def test_the_digest_and_the_calendar_of_a_day(known: Known) -> None:
    plan = made("digest please, and my agenda for Tuesday", known)
    assert only(plan, "calendar.agenda").args["start"].startswith("2026-11-24")
    only(plan, "digest.compose")
