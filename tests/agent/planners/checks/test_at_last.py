"""A word that counts or limits must matter to the plan, and a name must stand in the wish as it is called."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import asked, made

from deskhand.agent.planners.checks.at_last import glued
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("words", "lost"),
    [
        ("book two separate half hours with Ann next week", "separate half"),
        ("show me the mails from Ann that have attachments", "attachments"),
        ("invite Ann to Friday's lunch if she's free, otherwise Bo", "otherwise Bo"),
        ("what changed between version 2 and version 3 of the proposal", "2 and"),
    ],
)
def test_a_word_that_changes_nothing_is_asked_about(words: str, lost: str, known: Known) -> None:
    assert f"nothing of “{lost}" in asked(words, known).message


@pytest.mark.parametrize(
    "words",
    [
        "offer Will three times next week for a one hour call",
        "summarise Marta's last mail in two sentences",
        "book half an hour with each of my three direct reports next week",
        "put the attachments from Ann's mails of this month in Accounts/Ann",
        "cancel my 1:1 with Bo tomorrow",
    ],
)
def test_a_word_that_the_plan_keeps_to_is_not(words: str, known: Known) -> None:
    assert made(words, known)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("send Ann the price list and the frame agreement", "price list the frame agreement"),
        ("forward the second to last mail from Ann to Bo", "second"),
        ("forward the attachment from Will's last mail to Ann", "attachment"),
        ("do I have anything between 2 and 4 on Wednesday apart from the review", "apart from the review"),
    ],
)
def test_what_is_no_name_is_taken_for_none(words: str, name: str, known: Known) -> None:
    assert f"“{name}”" in asked(words, known).message


def test_a_name_may_have_its_day_in_its_midst(known: Known) -> None:
    def found(words: str, about: str) -> Unclear | None:
        step = Step(id="found", op="event.find", args={"about": about})
        plan = Plan(request=words, objective="Find it.", steps=(step,))
        return glued(Request.of(words, known), plan)

    assert found("cancel the dentist on Thursday with Bo in Porto", "dentist in Porto") is None
    assert found("cancel the dentist and the hairdresser in Porto", "dentist in Porto") is not None
