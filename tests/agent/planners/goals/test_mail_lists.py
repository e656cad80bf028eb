"""Which mails are listed, flagged, marked or put away, however they are called."""

from __future__ import annotations

from typing import Any

import pytest
from tests.agent.planners.wishes_planned import made

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("say", "op", "find"),
    [
        ("mark the flat thread as read", "mail.flag", {"about": "flat"}),
        ("flag the thread about the crane", "mail.flag", {"about": "crane"}),
        ("trash the webinar spam", "mail.trash", {"about": "webinar"}),
        ("trash the spam from promo@example.com", "mail.trash", {"person": "promo@example.com"}),
        ("trash the old delivery notices", "mail.trash", {"about": "delivery notices"}),
        ("trash the old invoice reminders", "mail.trash", {"about": "invoice reminders"}),
        ("flag the complaint from the customer", "mail.flag", {"about": "complaint customer"}),
        ("mark everything from Yuki yesterday as read", "mail.flag",
         {"person": "yuki@example.net", "since": "2026-11-21T00:00:00+00:00"}),
    ],
)  # fmt: skip
def test_mails_are_put_away(say: str, op: str, find: dict[str, Any], known: Known) -> None:
    made = plan(say, known)
    assert isinstance(made, Plan), made
    assert [s.op for s in made.steps] == ["message.list", op]
    assert find.items() <= made.steps[0].args.items()


@pytest.mark.parametrize(
    ("say", "find"),
    [
        ("list all mails with attachments", {"attachments": True}),
        ("list from Yuki", {"person": "yuki@example.net"}),
    ],
)
def test_mails_are_listed(say: str, find: dict[str, Any], known: Known) -> None:
    made = plan(say, known)
    assert isinstance(made, Plan), made
    assert [s.op for s in made.steps] == ["message.list"]
    assert find.items() <= made.steps[0].args.items()


@pytest.mark.parametrize("say", ["trash the document", "trash it", "flag it", "flag the mails"])
def test_what_names_no_mail_puts_none_away(say: str, known: Known) -> None:
    assert isinstance(plan(say, known), Unclear)


@pytest.mark.parametrize(
    "say",
    [
        "trash the mails from Ann with attachments",
        "flag the mails from Ann that have attachments",
        "mark the mails from Ann with attachments as read",
    ],
)
def test_only_those_with_attachments_are_put_away(say: str, known: Known) -> None:
    made = plan(say, known)
    assert isinstance(made, Plan), made
    assert made.steps[0].args["attachments"] is True
    assert "with attachments" in made.objective


@pytest.mark.parametrize(
    "say",
    [
        "list mails from Bo without attachments",
        "list the mails from Bo that have no attachments",
        "trash the mails from Ann without attachments",
        "flag the mails from Ann that do not have attachments",
        "trash the last mail from Ann with attachments",
    ],
)
def test_those_with_none_are_never_those_with_some(say: str, known: Known) -> None:
    assert isinstance(plan(say, known), Unclear)


@pytest.mark.parametrize(
    ("words", "args"),
    [
        ("did sam okafor write today", {"person": "sam.okafor@example.org", "direction": "in"}),
        ("what did I send to Ann last Thursday", {"person": "ann@example.org", "direction": "out"}),
        ("anything from marta since lunch yesterday", {"person": "marta@example.org", "direction": "in"}),
        ("has ann been in touch at all today", {"person": "ann@example.org", "direction": "in"}),
        ("show me what's unread", {"unread": True}),
        ("when did I last hear from Yuki", {"person": "yuki@example.net", "newest": 1}),
        ("show me the last three mails from marta", {"person": "marta@example.org", "newest": 3}),
    ],
)
def test_who_wrote_is_asked_of_the_mail(words: str, args: dict[str, object], known: Known) -> None:
    (step,) = made(words, known).steps
    assert step.op == "message.list"
    assert args.items() <= step.args.items()
