"""What a plan does is known by its operations, whoever made it."""

from __future__ import annotations

import pytest

from deskhand.agent.actions import actions
from deskhand.agent.planners.checks.doing import DOES, does, does_otherwise
from deskhand.agent.planners.likeness.forms import FORMS, SEVERAL
from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan
from deskhand.agent.profile import Known
from deskhand.connectors.operations import OPERATIONS


def test_every_goal_has_operations_and_all_of_them_are_there() -> None:
    assert set(DOES) == set(FORMS) - SEVERAL - {"none"}
    assert frozenset[str]().union(*DOES.values()) <= set(actions()) | set(OPERATIONS)


@pytest.mark.parametrize(
    ("words", "goal", "other"),
    [
        ("cancel the dentist tomorrow", "cancel", "book"),
        ("book an hour with Bo tomorrow at 3", "book", "move"),
        ("which mails are waiting for my answer", "waiting_mine", "mails_list"),
    ],
)
def test_a_plan_is_of_its_goal_and_not_of_another(words: str, goal: str, other: str, known: Known) -> None:
    made = plan(words, known)
    assert isinstance(made, Plan)
    assert does(made, goal)
    assert not does_otherwise(made, goal)
    assert does_otherwise(made, other)


def test_one_mail_is_much_like_another(known: Known) -> None:
    made = plan("draft a mail to Bo: the keys are here", known)
    assert isinstance(made, Plan)
    assert not does_otherwise(made, "tell")
