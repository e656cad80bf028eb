"""The wishes the plan language was made for: each is one sound plan, by the rules alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Step
from deskhand.agent.plans.validate import faults
from deskhand.agent.profile import Known

EXAMPLES = {
    "move everything I have on Thursday afternoon to the same time on Friday": (
        "event.list", "event.shift*", "event.update*", "event.notice*", "mail.send*?",
    ),
    "tell whoever is in my ten o'clock that I am ten minutes late": (
        "event.find", "event.people", "mail.send",
    ),
    "unless the supplier has answered since Monday, ask again, otherwise say thank you": (
        "message.list", "mail.nudge?", "mail.send?", "item.find else", "mail.compose_reply else",
        "mail.send else",
    ),
    "send the newest version of the proposal to everybody who asked for it this month": (
        "item.find", "message.list", "document.askers", "mail.send*",
    ),
    "decline what overlaps the board meeting and offer each organiser the next gap I have": (
        "event.find", "event.list", "slots.instead", "invitation.reply*", "mail.send*", "event.respond*",
    ),
    "make a half-hour with each of my three direct reports next week, no two on the same day": (
        "slots.together", "event.create*", "event.invitation*", "mail.send*",
    ),
    "file the attachments of the invoice mails of March under Finance and give me a list": (
        "message.list", "attachments.place", "file.copy*", "attachments.filed",
    ),
}  # fmt: skip
"""What each is made of: with * for each of a list, with ? only if something holds, else: otherwise."""


def said(step: Step) -> str:
    for_each, when = "*" if step.for_each else "", "?" if step.when else ""
    return f"{step.op}{for_each}{when}{' else' if step.otherwise else ''}"


@pytest.mark.parametrize("wish", EXAMPLES)
def test_it_is_one_plan(wish: str, known: Known) -> None:
    made = plan(wish, replace(known, called={"supplier": ("bo@example.org",)}))
    assert isinstance(made, Plan), made
    assert faults(made) == []
    assert tuple(said(s) for s in made.steps) == EXAMPLES[wish]
