"""Words of completion stand only where the ledger has a row that was read back."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

import pytest
from agent_givens import NOW, plan, step
from operations_givens import ARGUMENTS

import deskhand.agent.trust.proven as proven_
from deskhand.agent.model import Effect, EffectState, Run
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.report import compose
from deskhand.agent.trust.proven import PROVEN, Proven, Unproven, by_your_word, done
from deskhand.agent.wording.writes import completion
from deskhand.connectors.operations import OPERATIONS, operation

RECEIPT = {"ref": "s:event:e", "version": "2", "detail": {}}
STATES: tuple[EffectState, ...] = get_args(EffectState)


def row(name: str, state: EffectState, *, receipt: bool = True) -> Effect:
    op = operation(name, {"source": "s", **ARGUMENTS[name]})
    return Effect(
        key="k1", run="r1", step="write", operation=name, arguments=op.arguments(), source="s", state=state,
        receipt=RECEIPT if receipt else None, at=NOW,
    )  # fmt: skip


def past(name: str) -> str:
    """The word of completion of an operation."""
    return completion(operation(name, {"source": "s", **ARGUMENTS[name]}), "UTC", NOW, "")[1]


def told(effect: Effect) -> str:
    """What an answer makes of a step that claims it was done, with this row behind it."""
    name = effect.operation
    run = Run(
        id="r1", request="x", status="running", created=NOW, updated=NOW, plan=plan(step("write", name)),
    )  # fmt: skip
    said = f"{past(name)} it all"
    states = {"write": StepState("write", "done", {"effect": effect.key, "said": said})}
    return compose(run, states, zone="UTC", effects=[effect]).answer


def test_every_operation_is_here() -> None:
    assert ARGUMENTS.keys() == OPERATIONS.keys()


@pytest.mark.parametrize("name", ARGUMENTS)
@pytest.mark.parametrize("state", STATES)
def test_only_a_row_that_was_read_back_can_be_said_to_have_happened(name: str, state: EffectState) -> None:
    if state in PROVEN:
        assert done(Proven(row(name, state)), zone="UTC", now=NOW).startswith(past(name))
        assert past(name) in told(row(name, state))
    else:
        with pytest.raises(Unproven):
            Proven(row(name, state))
        assert past(name) not in told(row(name, state))
    with pytest.raises(Unproven):
        Proven(row(name, state, receipt=False))
    assert past(name) not in told(row(name, state, receipt=False))


@pytest.mark.parametrize("name", ARGUMENTS)
def test_by_the_persons_word_it_is_the_persons_word(name: str) -> None:
    said = by_your_word(row(name, "vouched", receipt=False))
    assert said.startswith("You said that this happened: ")
    assert past(name) not in said
    assert by_your_word(row(name, "failed", receipt=False)).startswith("You said that this did not happen: ")


def test_nothing_else_can_say_them() -> None:
    """The words are made in one place, which no other module reaches."""
    root = Path(proven_.__file__).parents[1]
    users = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and any(a.name == "completion" for a in node.names)
    }
    assert users == {"trust/proven.py"}
