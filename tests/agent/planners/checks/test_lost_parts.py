"""Of a wish of several parts none is left out in silence."""

from __future__ import annotations

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    "words",
    [
        "could you reply to Marta's last message: yes, and while you're at it file its attachments under Lab",
        "respond not before Monday to Bo",
        "reply got it to Bo",
    ],
)
def test_a_part_that_nothing_is_done_of_is_asked_about(words: str, known: Known) -> None:
    assert isinstance(plan(words, known), Unclear)


@pytest.mark.parametrize(
    "words",
    [
        "Sum up the harbour budget thread, then send the summary to Marta and Yuki.",
        "pause the digest and the harbour report",
        "reply to Bo's last mail",
        "book an hour with Bo tomorrow at 3, if you would",
    ],
)
def test_what_is_done_as_a_whole_is_no_question(words: str, known: Known) -> None:
    assert isinstance(plan(words, known), Plan)


def test_who_is_invited_too_is_invited_to_what_is_booked(known: Known) -> None:
    found = plan("lunch with Ann on Tuesday at 12:30, and invite Marta too", known)
    assert isinstance(found, Plan), found
    assert found.steps[0].args["people"] == ["ann@example.org", "marta@example.org"]
