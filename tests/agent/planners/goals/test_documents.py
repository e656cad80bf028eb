"""A document goes to those who are named as an attachment; what is said to be a mail is forwarded."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import asked, made, only

from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("words", "about", "to", "text"),
    [
        (
            "send Ann the rota spreadsheet",
            "rota spreadsheet",
            ["ann"],
            "Here is the newest version of the rota",
        ),
        (
            "email the current handbook to Bo and Will",
            "handbook",
            ["bo", "will"],
            "Here is the newest version",
        ),
        ("share our tender with marta@example.org", "tender", ["marta"], "Here is"),
        ("attach the site plan to an email to Yuki saying: as agreed", "site plan", ["yuki"], "As agreed\n"),
    ],
)
def test_it_is_attached(words: str, about: str, to: list[str], text: str, known: Known) -> None:
    plan = made(words, known)
    mail = only(plan, "mail.send").args
    assert only(plan, "item.find").args == {"about": about, "kinds": ["document"]}
    assert [p["address"].partition("@")[0] for p in mail["to"]] == to
    assert mail["attachments"][0]["ref"] == {"ref": "document", "path": "ref"}
    assert mail["body"].startswith(text)


def test_a_copy_is_a_copy(known: Known) -> None:
    mail = only(made("mail the tender to Bo and cc Ann", known), "mail.send").args
    assert [p["address"] for p in mail["cc"]] == ["ann@example.org"]


@pytest.mark.parametrize(
    "words", ["forward the mail about the tender to Bo", "send the last mail from Ann to Bo"]
)
def test_a_mail_is_forwarded(words: str, known: Known) -> None:
    only(made(words, known), "mail.compose_forward")


@pytest.mark.parametrize("words", ["send the file to Bo", "send my passwords to Bo"])
def test_what_has_no_name_is_not_guessed(words: str, known: Known) -> None:
    asked(words, known)


@pytest.mark.parametrize(
    ("words", "body"),
    [
        ("mail Bo and say he can park outside", "You can park outside\n"),
        ("drop Ann a mail with the subject Keys and say she has the wrong set", "You have the wrong set\n"),
        ("mail Ann and say Bo is ill so he stays at home", "Bo is ill so he stays at home\n"),
        ("thank Will on my behalf for the plants", "Thank you for the plants.\n"),
        ("apologise to Marta for me, I lost the key", "I am sorry, I lost the key\n"),
    ],
)
def test_a_text_is_written_to_whom_it_is_for(words: str, body: str, known: Known) -> None:
    assert only(made(words, known), "mail.send").args["body"] == body


def test_a_mail_may_be_called_by_a_time(known: Known) -> None:
    find = only(made("reply to all on the Q3 stock thread: fine by me", known), "item.find").args
    assert (find["about"], "since" in find) == ("Q3 stock", False)
