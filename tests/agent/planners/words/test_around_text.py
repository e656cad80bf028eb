"""What is said around the text of a mail is none of its text, and another wish is no part of it."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import made, only

from deskhand.agent.planners.rules import plan
from deskhand.agent.planners.words.around_text import said_around
from deskhand.agent.plans.language import Plan
from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        ("tell Bo that the gate is open, cc Ann", "mail Bo, cc Ann: the gate is open"),
        ("tell Will the gate is open, copy Bo in", "mail Will, cc Bo: the gate is open"),
        ("let Marta know the van has left (cc Bo and Yuki)", "mail Marta, cc Bo and Yuki: the van has left"),
        (
            "answer Bo's mail about the crane, yes to Tuesday",
            "answer Bo's mail about the crane: yes to Tuesday",
        ),
        ("reply marta thx, got it", "reply marta: thx, got it"),
        ("say no thanks to the mail from Eve", "reply to the mail from Eve: no thanks"),
        ("tell ann yes in reply to her mail about the trip", "reply to Ann's mail about the trip: yes"),
        ("wish Will a happy birthday from me", "mail Will: Happy birthday!"),
        ("wish Ann Ruiz and Bo all the best", "mail Ann Ruiz and Bo: All the best!"),
    ],
)
def test_the_text_stands_behind_a_colon(words: str, plain: str) -> None:
    assert said_around(words) == plain


@pytest.mark.parametrize(
    "words",
    [
        "reply to ann ok and to bo no",
        "reply to Ann, yes and book Tuesday at 3",
        "tell Bo the gate is open and book lunch with him, cc Ann",
        "tell Ann I sent the form with a copy to Bo",
        "reply yes to Ann's mail",
        "reply to Ann's mail: yes, that works",
        "tell me yes in reply",
    ],
)
def test_what_goes_on_is_left_alone(words: str) -> None:
    assert said_around(words) == words


def test_a_copy_is_sent_and_not_written(known: Known) -> None:
    mail = only(made("tell Will the gate is open, copy Bo in", known), "mail.send").args
    assert (mail["body"], [p["address"] for p in mail["cc"]]) == ("The gate is open\n", ["bo@example.org"])


@pytest.mark.parametrize(
    ("words", "op", "name", "value"),
    [
        ("compose a mail for Yuki that the samples arrived, I'll check it before it goes out", "mail.draft",
         "body", "The samples arrived\n"),
        ("send Marta a mail with the subject Friday and the text: I come", "mail.send", "subject", "Friday"),
        ("search my inbox for 'permit 4411'", "message.list", "about", "permit 4411"),
        ("the plans Will sent yesterday, save them in Jobs/Mill", "attachments.place", "folder", "Jobs/Mill"),
        ("put me down as tentative for will's invitation", "invitation.find", "person", "will@example.com"),
        ("send will a thank you for his last mail", "item.find", "person", "will@example.com"),
        ("I'd rather have the physio on Friday, could you switch it?", "event.find", "about", "physio"),
    ],
)  # fmt: skip
def test_other_orders_of_words(words: str, op: str, name: str, value: str, known: Known) -> None:
    assert only(made(words, known), op).args[name] == value


def test_as_soon_as_something_is_over(known: Known) -> None:
    plan = made("book Ann for 20 minutes as soon as the demo ends", known)
    assert only(plan, "event.find").args["about"] == "demo"
    assert only(plan, "event.create").args["title"] == "Meeting with Ann"


def test_what_is_said_last_is_no_name(known: Known) -> None:
    found = plan("pencil Bo in for Friday at 3, tentatively", known)
    assert not isinstance(found, Plan) or "Tentatively" not in str(only(found, "event.create").args["title"])
