"""Conditions that are asked as questions, or say in other words who is busy and what is there."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import asked, made, only, steps

from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    "words",
    [
        "check if Will is free on Tuesday at 4pm, book an hour with him if yes",
        "see whether will is free on Tuesday at 4 and book an hour with him if so",
        "is Will free on Tuesday at 4pm? Book an hour with him if he is.",
    ],
)
def test_if_yes_may_stand_behind_the_wish(words: str, known: Known) -> None:
    plan = made(words, known)
    assert only(plan, "calendar.free").args["start"][:16] == "2026-11-24T16:00"
    assert all(s.when is not None for s in steps(plan, "slots.find"))


def test_if_yes_behind_the_wish_may_have_its_otherwise(known: Known) -> None:
    plan = made(
        "check if Will is free Friday at 4pm, book an hour with him if yes, otherwise mail Bo: no", known
    )
    assert next(s for s in plan.steps if s.args.get("body") == "No\n").otherwise


@pytest.mark.parametrize(
    "words",
    [
        "book half an hour with Bo on Friday at 2 unless he's already got something on",
        "unless Bo has plans, book a call with him on Friday at 2",
        "is bo free on friday at 2? if yes book half an hour",
        "if bo can make 2pm on Friday, book half an hour with him",
    ],
)
def test_whether_somebody_is_busy(words: str, known: Known) -> None:
    free = only(made(words, known), "calendar.free").args
    assert (free["people"], free["start"][:16]) == (["bo@example.org"], "2026-11-27T14:00")


def test_whether_something_is_there_at_the_time_of_the_wish(known: Known) -> None:
    plan = made("keep Friday at 3 for the plumber unless there's something in already", known)
    assert only(plan, "calendar.free").args["start"][:16] == "2026-11-27T15:00"


@pytest.mark.parametrize(
    "words",
    [
        "Has Yuki answered about the spare parts? If not, nudge her.",
        "If Yuki hasn't replied about the spare parts by now, chase her up",
        "did yuki write about the spare parts? if not, follow up with her",
    ],
)
def test_who_has_not_answered_is_asked_again(words: str, known: Known) -> None:
    plan = made(words, known)
    assert only(plan, "message.list").args["about"] == "spare parts"
    assert only(plan, "mail.nudge").args["person"] == "yuki@example.net"


def test_who_is_to_know_is_told_what_was_looked_at(known: Known) -> None:
    plan = made("If the price list has changed since Friday, let Ann and Bo know.", known)
    assert only(plan, "mail.send").args["body"] == "The price list has changed since Friday.\n"


def test_nobody_is_told_about_himself(known: Known) -> None:
    assert "What shall I write" in asked("if Ann is free at 3 tomorrow, let her know", known).message


@pytest.mark.parametrize(
    ("words", "op"),
    [
        ("when there are 4 or more things in my calendar on Thursday, move lunch with Ann to Friday",
         "calendar.agenda"),
        ("when there's mail from Will since yesterday, forward it to Ann", "message.list"),
    ],
)  # fmt: skip
def test_when_there_is_something_on_a_day_that_is_said(words: str, op: str, known: Known) -> None:
    assert only(made(words, known), op)


@pytest.mark.parametrize(
    "words", ["when there's mail from Will, forward it to Ann", "when Bo answers, forward it to Ann"]
)
def test_nothing_is_waited_for(words: str, known: Known) -> None:
    assert "I cannot wait for it" in asked(words, known).message


def test_our_call_is_with_whom_was_asked_about(known: Known) -> None:
    plan = made("if yuki can't make 3pm on monday, move our call to tuesday at 3pm", known)
    assert only(plan, "event.find").args["person"] == "yuki@example.net"
