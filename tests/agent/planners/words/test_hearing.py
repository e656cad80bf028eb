"""What is said of somebody to himself: "thank Bo for his help", or it is asked."""

from __future__ import annotations

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.planners.words.hearing import Hearer, second_person
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("say", "body"),
    [
        ("ask everybody in the case review to bring their notebooks", "Please bring your notebooks."),
        ("ask everybody in the workshop to send me their questions", "Please send me your questions."),
        ("ask my direct reports to book their leave", "Please book your leave."),
        ("ask Bo to send his slides", "Please send your slides."),
        ("ask Bo whether he is free on Thursday", "Are you free on Thursday?"),
        ("ask Ann if her sister is coming", "Is your sister coming?"),
        (
            "can you ask will whether he's got the long ladder",
            "Please tell me whether you've got the long ladder.",
        ),
        ("ask Ann to check whether she has the keys", "Please check whether you have the keys."),
        ("thank Bo for his patience", "Thank you for your patience."),
        ("thank Ann for her help with the offer", "Thank you for your help with the offer."),
        ("thank the leads for their support", "Thank you for your support."),
        (
            "Please express my thanks to Sam Okafor for his careful review",
            "Thank you for your careful review.",
        ),
        ("tell Bo that his slides are fine", "Your slides are fine"),
        ("tell Ann that she did well", "You did well"),
        ("Write to Bo that I will call him on Thursday", "I will call you on Thursday"),
        ("tell Ann that I will call her on Thursday", "I will call you on Thursday"),
        ("cancel the call with Marta on Friday and tell her that she can rest", "You can rest"),
    ],
)
def test_the_third_person_is_whom_it_is_written_to(say: str, body: str, known: Known) -> None:
    made = plan(say, known)
    assert isinstance(made, Plan), made
    bodies = [s.args["body"] for s in made.steps if s.op == "mail.send" and isinstance(s.args["body"], str)]
    assert bodies == [f"{body}\n"]


def test_its_subject_is_turned_round_too(known: Known) -> None:
    made = plan("tell Ann that it is about her contract", known)
    assert isinstance(made, Plan), made
    assert made.steps[0].args["subject"] == "It is about your contract"


@pytest.mark.parametrize(
    ("say", "who"),
    [
        ("tell Ann that Bo will bring his slides", "his"),
        ("tell Ann that Peter has lost his keys", "his"),
        ("tell Bo that the client wants his money back", "his"),
        ("tell Ann that they have moved", "they"),
        ("thank Bo for helping her", "her"),
        ("ask Bo to call him", "him"),
        ("ask Ann whether the plumber has left his tools", "his"),
        ("ask Ann whether she or Bo can come", "she"),
        ("ask everybody in the demo to tell customers their prices", "their"),
        ("cancel the call with Marta and tell Bo that she is ill", "she"),
        ("cancel my lunch with Marta tomorrow and ask Bo to send her slides", "her"),
        ("if Marta is free on Friday at 3, tell Bo that I will meet her then", "her"),
    ],
)
def test_who_may_be_somebody_else_is_asked_for(say: str, who: str, known: Known) -> None:
    made = plan(say, known)
    assert isinstance(made, Unclear)
    assert f"“{who}”" in made.message


@pytest.mark.parametrize(
    "say",
    ["The auditor called, so tell Bo that he wants his money", "Marta is ill, tell Bo that she can't come"],
)
def test_who_was_spoken_of_before_is_nobody_it_is_written_to(say: str, known: Known) -> None:
    assert isinstance(plan(say, known), Unclear)


@pytest.mark.parametrize(
    ("words", "hearer", "said"),
    [
        ("he still needs the keys", Hearer(), "you still need the keys"),
        ("he's late", Hearer(), "you're late"),
        ("when is she coming", Hearer(), "when are you coming"),
        ("I will bring her the keys", Hearer(), "I will bring you the keys"),
        ("I have read her report", Hearer(), "I have read your report"),
        ("they did well", Hearer(several=True), "you did well"),
        ("the boxes lost their lids", Hearer(several=True), None),
        ("he comes and brings his slides", Hearer(), None),
        ("his brother lost his keys", Hearer(), None),
        ("he told her", Hearer(), None),
    ],
)
def test_verbs_agree(words: str, hearer: Hearer, said: str | None) -> None:
    assert second_person(words, hearer) == said
