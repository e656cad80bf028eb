"""A word that counts or limits must matter to the plan, and a name must stand in the wish as it is called."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import asked, made, only, steps

from deskhand.agent.planners.checks.at_last import glued, one_of_two_days
from deskhand.agent.planners.rules import plan
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("words", "lost"),
    [
        ("book two separate half hours with Ann next week", "separate half"),
        ("invite Ann to Friday's lunch if she's free, otherwise Bo", "otherwise Bo"),
        ("what changed between version 2 and version 3 of the proposal", "2 and"),
        ("move everything after 3pm on Tuesday to Wednesday morning", "morning"),
        ("give me a digest of last week", "last week"),
        ("don't send me the digest any longer", "don't send"),
        ("I'm in a workshop until 3 on Friday so book Bo after that", "after that"),
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
        "clear my Friday afternoon except the dentist and the lens order",
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
        ("forward the two mails from Ann about the roof to Will", "two mails about the roof"),
        ("reply to Ann and cc Bo: agreed", "cc Bo"),
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


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("mail Marta the address of the venue", "The address of the venue"),
        ("let Ann know about the new time of the review", "About the new time of the review"),
        ("answer Will's last mail, say I'll call him at 5", "I'll call him at 5"),
        ("tell Marta in Portuguese that I am late", "In Portuguese that I am late"),
    ],
)
def test_what_is_no_text_is_not_written(words: str, text: str, known: Known) -> None:
    assert f"I would write “{text}”" in asked(words, known).message


@pytest.mark.parametrize(
    "words",
    [
        "mail Bo the door is open",
        "tell Ann about the offer: he likes it",
    ],
)
def test_a_sentence_is_written(words: str, known: Known) -> None:
    assert only(made(words, known), "mail.send")


def test_two_days_are_two_events(known: Known) -> None:
    step = Step(id="event", op="event.find", args={"about": "standup"})
    change = Step(id="change", op="event.cancel", args={})
    for words, one in [("skip standup on Tuesday and Friday", False), ("skip Tuesday's standup", True)]:
        plan = Plan.model_construct(request=words, objective="", steps=(step, change))
        assert (one_of_two_days(Request.of(words, known), plan) is None) is one


@pytest.mark.parametrize(
    "words",
    ["how often did I meet Bo last month", "when did Ann and I have time", "where did I meet Bo on Friday"],
)
def test_what_has_been_is_not_looked_for_among_the_free_times(words: str, known: Known) -> None:
    found = plan(words, known)
    assert isinstance(found, Unclear) or not steps(found, "slots.find")


@pytest.mark.parametrize(
    ("words", "body"),
    [
        ("ask Bo for the slides", "Could I have the slides, please?\n"),
        ("ask Ann for her slides", "Could I have your slides, please?\n"),
    ],
)
def test_a_thing_that_is_asked_for_makes_a_sentence(words: str, body: str, known: Known) -> None:
    assert only(made(words, known), "mail.send").args["body"] == body
