"""What several actions ask alike is said in one place, and stands in a plan argument by argument."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from deskhand.agent.actions import actions
from deskhand.agent.plans.language import Plan, Step
from deskhand.agent.plans.validate import faults

LIMITS: dict[str, Any] = {
    "between": ["08:00", "19:00"],
    "not_before": "09:00",
    "not_after": "18:00",
    "not_between": ["12:00", "13:00"],
    "not_on": [4],
    "not_dates": ["2026-11-25"],
    "parts": ["morning"],
    "not_parts": ["evening"],
    "not_when": [[0, "morning"]],
    "within": [["2026-11-23T09:00:00+00:00", "2026-11-27T18:00:00+00:00"]],
    "avoid": [["2026-11-24T09:00:00+00:00", "2026-11-24T10:00:00+00:00"]],
    "keep_lunch": True,
    "spaced": 15,
    "likes_days": [1, 3],
    "likes_parts": ["morning"],
    "soon": True,
}
"""As they stand in plans that were stored before today."""
NEEDED: dict[str, dict[str, Any]] = {
    "slots.find": {"people": [], "minutes": 30},
    "slots.together": {
        "people": [],
        "minutes": 30,
        "title": "Meeting with {}",
        "start": "2026-11-23T09:00:00+00:00",
        "end": "2026-11-27T18:00:00+00:00",
    },
}


@pytest.mark.parametrize("op", NEEDED)
class TestLimits:
    def test_each_is_an_argument_of_its_own(self, op: str) -> None:
        plan = Plan(request="", objective="", steps=(Step(id="slots", op=op, args=NEEDED[op] | LIMITS),))
        assert faults(plan) == []
        actions()[op].arguments.model_validate(NEEDED[op] | LIMITS)

    def test_together_they_are_none(self, op: str) -> None:
        plan = Plan(
            request="", objective="", steps=(Step(id="slots", op=op, args=NEEDED[op] | {"kept": LIMITS}),)
        )
        (fault,) = faults(plan)
        assert (fault.field, fault.problem) == ("args.kept", f"{op} has no such argument")

    @pytest.mark.parametrize(("name", "wrong"), [("not_on", ["Friday"]), ("parts", ["night"]), ("soon", 3)])
    def test_each_is_checked(self, op: str, name: str, wrong: Any) -> None:
        with pytest.raises(ValidationError, match=name):
            actions()[op].arguments.model_validate(NEEDED[op] | {name: wrong})
