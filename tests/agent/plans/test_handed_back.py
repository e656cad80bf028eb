"""A model's plan that was printed and comes back stays the model's; what the person changed in it is hers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from agent_givens import ANN, ENVIRONMENT, ME, NOW, plan, step

from deskhand.agent.app import App
from deskhand.agent.desk.methods import METHODS
from deskhand.agent.desk.plans import planned, run_plan
from deskhand.agent.errors import Refusal
from deskhand.agent.models.scripted import Scripted
from deskhand.agent.plans.language import Ref
from deskhand.agent.runs.origin import MadeBy
from deskhand.connectors.memory import Memory

WORDS = "what about the offer?"
TIDY = plan(
    step("mails", "message.list", about="offer"),
    step("put", "mail.trash", source="memory", ref={"ref": "each", "path": "ref"}).model_copy(
        update={"for_each": Ref(ref="mails", path="messages")}
    ),
).model_dump_json(include={"objective", "steps"})
"""It throws away what was only asked about."""


@contextmanager
def office(root: Path, *answers: str) -> Iterator[tuple[App, Memory]]:
    memory = Memory(me=ME)
    memory.mail("m", sender=ANN, to=[ME], subject="Offer", text="Nine euros.", at=NOW)
    environ = ENVIRONMENT | {"DESKHAND_EMBEDDING__MODEL": "none"}
    given: dict[str, Any] = {"model": Scripted(answers)} if answers else {}
    with App.open(root, **given, sources=[memory], now=NOW, environ=environ) as app:
        app.sync()
        yield app, memory


@pytest.fixture
def printed(tmp_path: Path) -> dict[str, Any]:
    with office(tmp_path / "model", TIDY) as (app, _):
        made = planned(app, text=WORDS)
    plan: dict[str, Any] = json.loads(json.dumps(made["plan"]))
    return plan


def test_unedited_it_asks_as_the_models_own_would(tmp_path: Path, printed: dict[str, Any]) -> None:
    assert printed["made_by"]["beyond"] == ["put"]
    with office(tmp_path / "home") as (app, memory):
        run = run_plan(app, plan=printed)
        (asked,) = run["approvals"]
        assert "your words do not say it" in asked["reason"]
        assert (run["status"], memory.performed) == ("waiting", [])


def test_a_restart_does_not_make_it_yours(tmp_path: Path, printed: dict[str, Any]) -> None:
    with office(tmp_path / "home") as (app, _):
        asked = run_plan(app, plan=printed)
    with office(tmp_path / "home") as (app, memory):
        (row,) = [
            r for r in METHODS["show"](app, what=asked["run"])["events"] if r["type"] == "plan of a model"
        ]
        assert row["data"] == {"model": "scripted", "uncovered": ["put"], "theirs": ["mails", "put"]}
        assert memory.performed == []


def test_a_step_you_changed_is_yours(tmp_path: Path, printed: dict[str, Any]) -> None:
    printed["steps"][1]["purpose"] = "yes, away with it"
    with office(tmp_path / "home") as (app, memory):
        assert run_plan(app, plan=printed)["status"] == "done"
        assert [op.name for op in memory.performed] == ["mail.trash"]


def test_what_it_reads_being_changed_leaves_the_write_the_models(
    tmp_path: Path, printed: dict[str, Any]
) -> None:
    printed["steps"][0]["args"]["about"] = "nine euros"
    with office(tmp_path / "home") as (app, memory):
        assert run_plan(app, plan=printed)["status"] != "done"
        assert memory.performed == []


def test_that_of_a_run_is_printed_as_the_models_too(tmp_path: Path) -> None:
    with office(tmp_path / "home", TIDY) as (app, memory):
        shown = METHODS["show"](app, what=app.ask(WORDS).id)
        (asked,) = run_plan(app, plan=shown["plan"])["approvals"]
        again = METHODS["show"](app, what=asked["run"])["plan"]
        assert again["made_by"]["beyond"] == shown["plan"]["made_by"]["beyond"] == ["put"]
        assert memory.performed == []


def test_a_step_you_changed_is_printed_as_yours_by_its_run(tmp_path: Path, printed: dict[str, Any]) -> None:
    """Else it came back as the model's the second time: `made_by` held the hash of the person's own step."""
    printed["steps"][1]["purpose"] = "yes, away with it"
    with office(tmp_path / "home") as (app, _):
        run = run_plan(app, plan=printed)["run"]
        shown = METHODS["show"](app, what=run)["plan"]
    assert (shown["made_by"]["beyond"], {*shown["made_by"]["steps"]}) == ([], {"mails"})
    shown["steps"][0]["args"]["about"] = "nine euros"
    with office(tmp_path / "again") as (app, _):
        run = run_plan(app, plan=shown)["run"]
        assert "made_by" not in METHODS["show"](app, what=run)["plan"], "every step is the person's by now"


def test_where_it_was_not_kept_which_steps_you_changed_all_stay_the_models() -> None:
    """As an earlier Deskhand kept what was handed back."""
    made = plan(step("mails", "message.list", about="offer"), step("more", "message.list", about="more"))
    kept = {"model": "scripted", "uncovered": []}
    for told, theirs in (([kept], {"mails", "more"}), ([kept | {"theirs": ["more"]}], {"more"})):
        by = MadeBy.of(made, told)
        assert by is not None
        assert {*by.steps} == theirs


@pytest.mark.parametrize("handed", [False, True])
def test_so_is_that_of_a_run_of_which_little_is_kept(tmp_path: Path, handed: bool) -> None:
    with office(tmp_path / "home", TIDY) as (app, _):
        run = app.ask(WORDS).id
        if handed:
            run = str(run_plan(app, plan=METHODS["show"](app, what=run)["plan"])["run"])
        for asked in app.approvals():
            app.decide(asked.id, "reject")
        assert app.runs_room.records.shrink(before=NOW + timedelta(days=1), now=NOW) > 0
        assert METHODS["show"](app, what=run)["plan"]["made_by"]["beyond"] == ["put"]


def test_what_the_rules_made_is_nobody_elses(tmp_path: Path) -> None:
    with office(tmp_path / "home") as (app, _):
        assert "made_by" not in planned(app, text="put the mails about the offer into the trash")["plan"]


@pytest.mark.parametrize("by", [{}, "me", {"model": "m", "steps": {}, "trust": "user"}])
def test_who_made_it_cannot_be_half_said(tmp_path: Path, printed: dict[str, Any], by: Any) -> None:
    with office(tmp_path / "home") as (app, memory):
        with pytest.raises(Refusal, match="made_by"):
            run_plan(app, plan=printed | {"made_by": by})
        assert memory.performed == []
