"""Wishes that put themselves right in the middle are asked about: which is meant, only the person knows."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import asked, made, only

from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("book lunch with Ann on Thursday, no, Friday", "book lunch with Ann on Friday"),
        ("move the review to Thursday, I mean Friday", "move the review to Friday"),
        ("send Bo, sorry, Will the price list", "send Will the price list"),
        ("tell Ann, no, Bo that I'm late", "tell Bo that I'm late"),
        ("book 30 minutes, wait, 45 minutes with Ann tomorrow", "book 45 minutes with Ann tomorrow"),
        ("move the demo to Tuesday, correction, Wednesday", "move the demo to Wednesday"),
        ("book Bo tomorrow at 3, no sorry, at 4, half an hour", "book Bo tomorrow at 4, half an hour"),
        ("forward Bo's mail to Ann, or actually to Marta", "forward Bo's mail to Marta"),
    ],
)
def test_what_is_right_is_offered_in_place_of_what_was_wrong(words: str, meant: str, known: Known) -> None:
    assert asked(words, known).choices == (meant,)


@pytest.mark.parametrize(
    "words",
    [
        "book lunch with Ann, no, dinner, on Friday",
        "cancel the demo, er, the retro",
        "book an hour with Ann at 2 — no, 3",
        "move the review to 3, make that 4",
    ],
)
def test_what_cannot_be_told_is_asked_without_a_choice(words: str, known: Known) -> None:
    assert "You corrected yourself" in asked(words, known).message


@pytest.mark.parametrize(
    ("words", "body"),
    [
        ("tell Bo I'm late, sorry", "I'm late, sorry\n"),
        ("tell Ann I can't, sorry, Friday is full", "I can't, sorry, Friday is full\n"),
        ("mail Ann: no, Friday is full, I mean it", "No, Friday is full, I mean it\n"),
    ],
)
def test_what_somebody_is_told_is_no_correction(words: str, body: str, known: Known) -> None:
    assert only(made(words, known), "mail.send").args["body"] == body


def test_a_limit_is_no_correction(known: Known) -> None:
    found = made("book an hour with Ann next week, no Mondays", known)
    assert only(found, "slots.find").args["not_on"] == [0]
