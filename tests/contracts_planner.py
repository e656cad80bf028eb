"""What must hold for every planner: the suite that the rules and the model planner inherit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskhand.agent.planners import Planner
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.plans.references import needs
from deskhand.agent.plans.tree import to_tree
from deskhand.agent.plans.validate import faults
from deskhand.agent.profile import Known
from deskhand.connectors.operations import OPERATIONS


class PlannerContract:
    """Inherit, and give `planner`; it must understand each wish of `SAID`."""

    SAID = (
        "summarise the thread about the harbour budget",
        "book 30 minutes with Ann next Tuesday at 10",
        "what is on my calendar tomorrow",
        "reply to Bo's last mail: thanks, that works",
        "every weekday at 8:00 send me a digest",
        "cancel the board meeting on Friday",
        "move everything I have on Thursday afternoon to the same time on Friday",
    )

    @pytest.fixture
    def planner(self) -> Planner:
        raise NotImplementedError

    @pytest.mark.parametrize("say", SAID)
    def test_a_plan_is_sound_and_says_what_it_is_for(self, say: str, planner: Planner, known: Known) -> None:
        made = planner(f"  {say} ", known)
        assert isinstance(made, Plan)
        assert faults(made) == []
        assert made.request == say
        assert made.objective.endswith((".", "?", "!"))
        assert made.objective[:1].isupper()
        assert all(s.purpose for s in made.steps)

    @pytest.mark.parametrize("say", SAID)
    def test_a_plan_is_data(self, say: str, planner: Planner, known: Known) -> None:
        made = planner(say, known)
        assert isinstance(made, Plan)
        again = Plan.model_validate_json(made.model_dump_json())
        assert (again, again.hash) == (made, made.hash)
        shown = to_tree(made, writes=OPERATIONS)
        assert len(shown) >= len(made.steps), "every step is shown"

    @pytest.mark.parametrize("say", SAID)
    def test_a_step_only_waits_for_those_before_it(self, say: str, planner: Planner, known: Known) -> None:
        made = planner(say, known)
        assert isinstance(made, Plan)
        before: set[str] = set()
        for step in made.steps:
            assert needs(step) <= before
            before.add(step.id)

    @pytest.mark.parametrize("say", ["", "   ", "?!", "x" * 5_000], ids=["none", "blank", "signs", "much"])
    def test_what_is_no_request_is_one_question(self, say: str, planner: Planner, known: Known) -> None:
        made = planner(say, known)
        assert isinstance(made, Unclear)
        assert made.message

    @pytest.mark.parametrize("say", SAID)
    def test_the_same_again_is_the_same(self, say: str, planner: Planner, known: Known) -> None:
        assert planner(say, known) == planner(say, replace(known))
