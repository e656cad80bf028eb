"""`deskhand state`: each layer as a person sees it, and from where what is known is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from agent_givens import ANN, BO, NOW, House, box, draft, event
from typer.testing import CliRunner

from deskhand.agent.desk import overview
from deskhand.agent.plans.language import Step
from deskhand.agent.terminal.cli import app


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which something was set, allowed and done."""
    with House(tmp_path / "home") as house:
        house.know(ANN, BO)
        house.do(event(attendees=[box(ANN)]))
        house.app.decide("a1", always=True)
        overview.put(house.app, ["the supplier", BO])
        overview.put(house.app, ["digest.waiting_days", "3"])
        overview.put(house.app, ["policy.send_alone", "true"])
        failing = draft("again", source="nowhere").model_dump() | {"needs": ("draft",)}
        house.do(draft(), Step.model_validate(failing))
    return tmp_path / "home"


def said(home: Path, *words: str) -> str:
    result = CliRunner().invoke(app, ["state", *words, "--home", str(home), "--now", NOW.isoformat()])
    assert result.exit_code == 0, result.output
    return str(result.output)


def test_what_holds_for_every_run(home: Path) -> None:
    text = said(home, "global")
    assert "policy.send_alone = true\n" in text
    assert "digest.waiting_days = 3\n" in text
    assert f"  supplier: {BO} (you set it)\n" in text
    assert "p1: " in text
    assert "take it back: deskhand permissions revoke p1\n" in text
    assert "Decisions: 1 used\n" in text
    assert "Kept in config.toml; archive.db (" in text


def test_a_permission_that_was_taken_back_holds_for_none(home: Path) -> None:
    words = ["permissions", "revoke", "p1", "--home", str(home), "--now", NOW.isoformat()]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert "p1" not in said(home, "global")
    assert json.loads(said(home, "global", "--json"))["permissions"] == []


def test_one_run_with_the_room_it_takes(home: Path) -> None:
    text = said(home, "run", "r2")
    assert "    done      draft  mail.draft  do draft\n" in text
    assert "    failed    again  mail.draft  do again\n" in text
    assert "  Wrote: mail.draft done (" in text
    assert " bytes: " in text
    assert "Kept in runs.db (runs, events, " in text


def test_one_step_with_where_it_comes_from(home: Path) -> None:
    text = said(home, "step", "r2", "draft")
    assert text.startswith("r2 draft done: mail.draft\n  do draft\n")
    assert "  given subject: Hello\n" in text
    assert "  detail is untrusted, from memory:message:" in text
    assert "Kept in runs.db (steps, contents)" in text
    assert "  went wrong: " in said(home, "step", "r2", "again")
