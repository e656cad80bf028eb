"""Wishes of several parts, with conditions, and those that take a whole sentence, in words of their own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.agent.planners.corpus_forms import load
from tests.agent.planners.corpus_judge import judge

from deskhand.agent.planners.parts.elliptic import written_out
from deskhand.agent.planners.rules import plan
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known


def test_other_wordings_are_read_or_asked_about(known: Known) -> None:
    tables = load(Path(__file__).with_name("wordings_composite.toml"))
    rows = [(t, r) for t, rows in tables.items() for r in rows]
    kinds = Counter(judge(t, r, plan(r["say"], known)).kind for t, r in rows)
    assert len(rows) == 60
    assert kinds["wrong"] <= 1  # a mail is found, summarised and forwarded by way of a list of one
    assert kinds["right"] >= 55


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("get rid of my 3pm tomorrow and my 4pm too", "cancel my 3pm tomorrow; and cancel my 4pm tomorrow"),
        (
            "cancel the demo and the sync on Friday",
            "cancel the demo on Friday; and cancel the sync on Friday",
        ),
        ("draft a mail to Bo: ok; and one to Ann: no", "draft a mail to Bo: ok; and draft a mail to Ann: no"),
        ("cancel the demo", "cancel the demo"),
        ("book an hour with Bo and Ann on Monday at 9", "book an hour with Bo and Ann on Monday at 9"),
    ],
)
def test_what_was_just_said_is_written_out(said: str, meant: str, known: Known) -> None:
    assert written_out(Request.of(said, known)).text == meant


def test_somebody_is_told_of_what_was_booked_only_where_it_was(known: Known) -> None:
    made = plan("book a demo with Will Stone on Friday at 3 and tell Bo about it", known)
    assert isinstance(made, Plan)
    booked = next(s for s in made.steps if s.op == "event.create")
    told = next(s for s in made.steps if "bo@example.org" in str(s.args.get("to")))
    assert told.args["body"] == "I have booked a demo with Will Stone on Friday at 3.\n"
    assert booked.id in told.needs


def test_a_question_says_what_it_is_about(known: Known) -> None:
    made = plan("catch me up on the lens order and ask Yuki when they ship", known)
    assert isinstance(made, Plan)
    assert made.steps[-1].args["body"].strip(".\n") == "About the lens order: please tell me when they ship"


def test_a_wish_behind_then_is_never_lost(known: Known) -> None:
    made = plan("pass the message about the audit on to Bo and then recap “Papers for the board”", known)
    assert isinstance(made, Unclear) or {"mail.send", "item.summarise"} <= {s.op for s in made.steps}
