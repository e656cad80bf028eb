"""Another wording of a wish is taken where it loses nothing of it."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import asked, made, only

from deskhand.agent.planners.checks.reworded import hardly_read, reworded
from deskhand.agent.plans.language import Unclear
from deskhand.agent.profile import Known


def _never(_: str) -> Unclear:
    raise AssertionError


@pytest.mark.parametrize("words", ["if Bo is free, tyre change -> sat 9am", "x -> sat 9am unless Bo wrote"])
def test_what_depends_on_something_is_not_said_otherwise(words: str, known: Known) -> None:
    assert reworded(words, known, _never) is None


def test_a_question_about_what_was_read_is_no_reason_to_try_another_wording() -> None:
    assert not hardly_read(Unclear(message="Which Sam do you mean?"))
    assert hardly_read(Unclear(message="I did not understand it.", lacking=True))


def test_who_is_named_stays_in_it(known: Known) -> None:
    found = made(
        "I think Sam Lindqvist should read the last mail I got from Bo, could you forward it to him?", known
    )
    assert only(found, "item.find").args["person"] == "bo@example.org"
    (to,) = only(found, "mail.compose_forward").args["to"]
    assert to["address"] == "sam.lindqvist@example.org"


def test_no_part_of_a_wish_is_left_out(known: Known) -> None:
    asked("find a time with Yuki next week and mail her the options", known)
