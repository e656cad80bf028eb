"""Wishes said in few words: what comes again, earlier or later, hours on a clock of 24, one each."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import made, only, steps

from deskhand.agent.planners.rules import plan
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan
from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("words", "title", "at", "minutes"),
    [
        ("Piano lesson each Wednesday at 18:30 for 45 minutes", "Piano lesson", "2026-11-25T18:30", 45),
        ("choir every Thursday at 8pm, two hours", "Choir", "2026-11-26T20:00", 120),
        (
            "every Monday from 9 to 10 I have therapy, put it in my calendar",
            "Therapy",
            "2026-11-23T09:00",
            60,
        ),
        ("block every Monday 9 to 10 for planning", "Planning", "2026-11-23T09:00", 60),
        ("hold Fri afternoons 2-5 every week for admin", "Admin", "2026-11-27T14:00", 180),
    ],
)
def test_what_comes_again_needs_no_verb(words: str, title: str, at: str, minutes: int, known: Known) -> None:
    plan = made(words, known)
    find = only(plan, "slots.find").args
    assert (find["at"][:16], find["minutes"], find["rrule"][:11]) == (at, minutes, "FREQ=WEEKLY")
    assert only(plan, "event.create").args["title"] == title


@pytest.mark.parametrize(
    "words",
    [
        "digest every Monday at 8",
        "unanswered invitations every Friday at 4",
        "my mails from Ann every Friday at 4",
    ],
)
def test_what_is_to_be_shown_again_is_no_event(words: str, known: Known) -> None:
    found = plan(words, known)
    assert not isinstance(found, Plan) or not steps(found, "event.create")


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        ("cancel my 15h on Tuesday", "cancel my 15:00 on Tuesday"),
        ("block 14-16h tomorrow for the tender", "block from 14:00 to 16:00 tomorrow for the tender"),
        ("book Ann tomorrow 1400 hours", "book Ann tomorrow at 14:00"),
        ("book 1-2h with Ann tomorrow", "book 1-2h with Ann tomorrow"),
        ("Design review 2 hours later", "move Design review 2 hours later"),
        ("could the demo start a quarter of an hour later", "move the demo a quarter of an hour later"),
        ("Can we have the weekly sync start ten minutes earlier this Wednesday?",
         "move the weekly sync this Wednesday ten minutes earlier"),
        ("can the 1:1 with Ann be 20 mins instead of 30", "make the 1:1 with Ann 20 mins"),
        ("I need 15 more minutes for the call with Ann", "extend the call with Ann by 15 minutes"),
        ("from January our weekly sync needs only 30 minutes, change it for good",
         "make our weekly sync 30 minutes from January on"),
        ("Book separate 30 min talks with Yuki, Will and Bo next week",
         "book 30 min with each of Yuki, Will and Bo next week"),
        ("1:1s with Ann, Bo and Marta next week, half an hour each",
         "book half an hour with each of Ann, Bo and Marta next week"),
        ("offer Marta a couple of slots tomorrow for an hour", "offer Marta two times tomorrow for an hour"),
        ("next meeting with Bo?", "when is my next meeting with Bo"),
        ("cancel the sync on Wednesday, the others can go ahead without me", "skip the sync on Wednesday"),
        ("skip the sync on Wednesday, the others can go ahead without me", "skip the sync on Wednesday"),
    ],
)  # fmt: skip
def test_it_is_said_in_full(words: str, plain: str, known: Known) -> None:
    assert Request.of(words, known).head == plain
