"""What the rules make of a wish, held to what must be true of every plan and of every question."""

from __future__ import annotations

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.agent.plans.validate import faults
from deskhand.agent.profile import Known


def made(words: str, known: Known) -> Plan:
    """The plan of a wish, which is sound."""
    found = plan(words, known)
    assert isinstance(found, Plan), found
    assert faults(found) == []
    return found


def asked(words: str, known: Known) -> Unclear:
    """What is asked instead of guessing; each of its choices has a plan."""
    found = plan(words, known)
    assert isinstance(found, Unclear), [(s.op, s.args) for s in found.steps]
    assert all(isinstance(plan(c, known), Plan) for c in found.choices)
    return found


def steps(found: Plan, op: str) -> list[Step]:
    """The steps of one operation, in their order."""
    return [s for s in found.steps if s.op == op]


def only(found: Plan, op: str) -> Step:
    """The one step of an operation."""
    (one,) = steps(found, op)
    return one
