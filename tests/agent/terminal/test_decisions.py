"""Deciding at the command line: all that a run asks, what waits listed first, and what is always allowed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, Office
from typer.testing import CliRunner, Result

from deskhand.agent.terminal.cli import app


def deskhand(home: Path, *words: str, code: int = 0) -> Result:
    """Run a command in this process."""
    result = CliRunner().invoke(app, [*words, "--home", str(home), "--now", NOW.isoformat()])
    assert result.exit_code == code, result.output
    return result


def answer(home: Path, *words: str, code: int = 0) -> Any:
    """The JSON a command answers."""
    return json.loads(deskhand(home, *words, "--json", code=code).stdout)


WISH = "schedule 45 minutes with Sam Okafor next week"


def waiting(office: Office) -> str:
    """The name of a run that waits for its one question."""
    run = answer(office.home, "ask", WISH, code=3)
    assert [a["batch"] for a in run["approvals"]] == [f"{run['run']}.1"]
    return str(run["run"])


def test_a_run_stands_for_all_that_it_asks_and_all_is_listed_first(office: Office) -> None:
    run = waiting(office)
    said = deskhand(office.home, "approve", "--all", code=2)
    assert "Book “Meeting with Sam”" in said.stdout
    assert "That would approve a1. Nothing was done" in said.stderr
    done = answer(office.home, "approve", run, "--no-wait")
    assert done["run"] == run
    assert [e["operation"] for e in done["effects"]] == ["event.create", "mail.send"]
    assert "Nothing waits" in deskhand(office.home, "approve", "--all", "--yes", code=2).stderr


def test_what_is_always_allowed_is_shown_granted_listed_and_revoked(office: Office) -> None:
    waiting(office)
    shown = deskhand(office.home, "approve", "a1", "--always", code=2)
    said = " ".join(shown.stdout.split())
    assert "Always allowed from now on: Book meetings in calendar that nobody is asked to but" in said
    assert "Nothing was decided; to grant it, add --yes." in shown.stderr
    assert answer(office.home, "permissions") == {"permissions": []}
    refused = deskhand(office.home, "approve", "a1", "--always", "--yes", "--until", "soon", code=2)
    assert "--until 'soon' is no date" in refused.stderr
    never = deskhand(office.home, "approve", "a1", "--always", "--yes", "--per-day", "0", code=2)
    assert "a day" in never.stderr
    given = ("approve", "a1", "--always", "--yes", "--until", "2026-12-31", "--per-day", "2", "--no-wait")
    granted = answer(office.home, *given)["granted"]
    assert (granted["permission"], granted["until"], granted["per_day"], granted["state"]) == (
        "p1", "2027-01-01T00:00:00+00:00", 2, "holds",
    )  # fmt: skip
    again = answer(office.home, "ask", "schedule 30 minutes with Sam Okafor next week", "--no-wait")
    assert again["approvals"] == []
    assert [e["operation"] for e in again["effects"]] == ["event.create", "mail.send"]
    listed = deskhand(office.home, "permissions").stdout
    assert "until the end of Thu 31 Dec 2026" in listed
    assert "used once, last on Sun 22 Nov 2026 08:00 by r2" in " ".join(listed.split())
    assert "p1 is revoked" in deskhand(office.home, "permissions", "revoke", "p1").stdout
    assert answer(office.home, "permissions")["permissions"][0]["state"] == "revoked"
    assert answer(office.home, "ask", "schedule 30 minutes with Sam Okafor next week", code=3)["approvals"]


def test_a_no_that_says_what_instead_shows_the_new_question(office: Office) -> None:
    waiting(office)
    said = deskhand(office.home, "reject", "a1", "--reason", "make it an hour", code=3).stdout
    assert "planned anew as r2: “schedule an hour with Sam Okafor next week”" in said
    assert "Planned anew, since you said “make it an hour”." in said
    assert "Approve a2?" in said


def test_a_plain_no_is_carried_out_and_no_failure(office: Office) -> None:
    waiting(office)
    assert answer(office.home, "reject", "a1")["status"] == "rejected"


def test_an_undo_can_be_left_held_and_said_twice_shows_the_first(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(office)
    monkeypatch.setenv("DESKHAND_SENDING__HOLD", "0s")
    assert answer(office.home, "approve", "a1")["status"] == "done"
    first = answer(office.home, "undo", "r1", code=3)
    again = answer(office.home, "undo", "r1", code=3)
    assert (again["run"], first["note"]) == (first["run"], "")
    assert again["note"] == "r1 is being taken back already, by r2; it waits for your answer to a2."
    assert "r1 is being taken back already, by r2" in deskhand(office.home, "undo", "r1", code=3).stdout
    monkeypatch.setenv("DESKHAND_SENDING__HOLD", "30s")
    left = answer(office.home, "undo", "r1", "--yes", "--no-wait", code=3)
    assert [e["state"] for e in left["effects"] if e["operation"] == "mail.send"] == ["held"]


def test_an_undo_that_was_waited_for_has_a_note_too(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting(office)
    monkeypatch.setenv("DESKHAND_SENDING__HOLD", "0s")
    assert answer(office.home, "approve", "a1")["status"] == "done"
    monkeypatch.setenv("DESKHAND_SENDING__HOLD", "0.1s")
    assert (back := answer(office.home, "undo", "r1", "--yes"))["note"] == ""
    assert back["status"] == "done"
