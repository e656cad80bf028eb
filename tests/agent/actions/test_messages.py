"""Which mails fit what is said, and what is done with each of them, out of a real mailbox."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .conftest import ANN, BO, ME, Desk


@pytest.fixture
def box(desk: Desk) -> Desk:
    desk.mail(BO, "Audit plan", "Here it is.", ago=timedelta(days=5), attach=[("plan.txt", "x")])
    desk.mail(BO, "Lenses", "The audit is near.", ago=timedelta(days=3))
    desk.mail(ANN, "Re: Audit plan", "Fine.", ago=timedelta(days=2))
    desk.mail(ME, "Thanks", "Thank you.", to=(BO,), ago=timedelta(days=1))
    return desk


@pytest.mark.parametrize(
    ("say", "titles"),
    [
        ("list the mails from Bo since Tuesday", ["Audit plan", "Lenses"]),
        ("list the mails from Bo since Thursday", ["Lenses"]),
        ("list the mails about the audit", ["Audit plan", "Lenses", "Re: Audit plan"]),
        ("list the mails about the audit with attachments", ["Audit plan"]),
        ("list the last mail from Bo", ["Lenses"]),
        ("list the mails I sent to Bo since Friday", ["Thanks"]),
    ],
)
def test_just_those_that_fit_are_listed(box: Desk, say: str, titles: list[str]) -> None:
    run = box.ask(say)
    assert run.brief is not None
    said = [p.text.partition("”")[0].lstrip("“") for s in run.brief.sections for p in s.passages]
    assert said[::-1] == titles
    assert len(run.citations) == len(titles)


def test_attachments_are_named(box: Desk) -> None:
    assert "“Audit plan”, Bo Lindqvist, Tue 17 Nov, with plan.txt" in box.tell(
        "list the mails about the audit"
    )


def test_nothing_is_said_to_be_nothing(box: Desk) -> None:
    assert "No message fits that." in box.tell("list the mails from Ann since yesterday")


def test_each_of_them_is_put_away_and_comes_back(box: Desk) -> None:
    run = box.ask("move the mails from Bo to the trash")
    assert [e.operation for e in run.effects] == ["mail.trash", "mail.trash"]
    assert "No message fits that." in box.tell("list the mails from Bo since Monday")
    box.app.undo(run.id, approve=True)
    assert "“Lenses”" in box.tell("list the mails from Bo since Monday")


def test_about_is_the_subject_where_something_is_put_away(box: Desk) -> None:
    box.ask("flag the mails about the audit")
    flagged = [p.name for p in (box.root / "mail/cur").iterdir() if "F" in p.name.rpartition(",")[2]]
    assert len(flagged) == 2  # "Lenses" only mentions it


def test_a_subject_passes_for_no_line_of_ours(desk: Desk) -> None:
    """It cannot close its quotation marks, and one without end leaves room for the others."""
    desk.mail(BO, "Hi”, Ann Ruiz, Sat 21 Nov, with “budget", "x", ago=timedelta(days=2))
    desk.mail(BO, "y" * 90_000, "x", ago=timedelta(days=1))
    told = desk.tell("list the mails from Bo")
    assert "“Hi', Ann Ruiz, Sat 21 Nov, with 'budget”, Bo Lindqvist, Fri 20 Nov" in " ".join(told.split())
    assert len(told) < 2_000
