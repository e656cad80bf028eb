"""Records that were made into something else past Deskhand: a sentence, and nothing is done by them."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from agent_givens import ENVIRONMENT, House, draft, mail
from typer.testing import CliRunner

from deskhand.agent.desk.audits import audit_verify
from deskhand.agent.errors import Refusal
from deskhand.agent.terminal.cli import app as command


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which a mail waits for a yes (r1, a1), and another one was sent; closed."""
    root = tmp_path_factory.mktemp("made") / "home"
    with House(root) as house:
        house.do(mail(body="Long. " * 500))
        house.do(draft())
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


def tamper(root: Path, statement: str) -> None:
    with closing(sqlite3.connect(root / "runs.db")) as db, db:
        assert db.execute(statement).rowcount > 0


QUESTION = [
    "UPDATE approvals SET body = '{\"id\": 7}' WHERE id = 'a1'",
    "UPDATE approvals SET body = json_set(body, '$.state', 'granted') WHERE id = 'a1'",
    "UPDATE approvals SET body = json_set(body, '$.arguments', 'x') WHERE id = 'a1'",
    "UPDATE approvals SET body = '[]' WHERE id = 'a1'",
    "UPDATE approvals SET body = 'no json' WHERE id = 'a1'",
    "UPDATE contents SET body = zeroblob(9) WHERE hash IN (SELECT hash FROM held WHERE run = 'r1')",
]
PLAN = [
    "UPDATE runs SET plan = '{\"steps\": 7}' WHERE id = 'r1'",
    "UPDATE runs SET plan = '[1]' WHERE id = 'r1'",
    "UPDATE runs SET plan = 'no json' WHERE id = 'r1'",
]
LOOKING = (
    "approvals",
    "approvals --all",
    "runs",
    "show r1",
    "effects",
    "state run r1",
    "state global",
    "audit",
)


def deskhand(root: Path, words: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(command, [*words.split(), "--home", str(root)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result.output


@pytest.mark.parametrize("statement", [*QUESTION, *PLAN])
def test_every_command_says_what_it_can(root: Path, statement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tamper(root, statement)
    said = {words: deskhand(root, words, monkeypatch) for words in LOOKING}
    assert all(said.values())
    if statement in QUESTION[:5]:
        assert "its record was changed past Deskhand" in said["approvals"]
    assert "broken" in deskhand(root, "audit verify", monkeypatch)


@pytest.mark.parametrize("statement", QUESTION[:5])
def test_a_question_is_asked_anew_and_named(root: Path, statement: str) -> None:
    tamper(root, statement)
    with House(root) as house:
        with pytest.raises(Refusal, match=r"its record changed\); it is asked again as a\d"):
            house.app.decide("a1")
        assert house.performed() == []
        (anew,) = house.app.approvals()
        assert anew.arguments["subject"] == "Hello"
        assert house.app.decide(anew.id).status == "done"
        assert house.performed() == ["mail.send"]
        (fault,) = audit_verify(house.app)["faults"]
        assert "(approval a1, " in fault["said"]


@pytest.mark.parametrize("statement", QUESTION[:5])
@pytest.mark.parametrize("how", ["no", "stop", "expires"])
def test_it_can_be_said_no_to(root: Path, statement: str, how: str) -> None:
    tamper(root, statement)
    with House(root) as house:
        if how == "no":
            house.app.decide("a1", "reject")
        elif how == "stop":
            house.app.cancel("r1")
        else:
            assert house.app.escalate() == []
            return
        assert house.app.run("r1").status in ("failed", "cancelled", "rejected")
        assert house.performed() == []


@pytest.mark.parametrize("statement", PLAN)
@pytest.mark.parametrize("how", ["yes", "stop"])
def test_a_plan_that_cannot_be_read_is_not_carried_out(root: Path, statement: str, how: str) -> None:
    tamper(root, statement)
    with House(root) as house:
        if how == "yes":
            with pytest.raises(Refusal, match=r"The plan of r1 cannot be read .* audit verify says so"):
                house.app.decide("a1")
        else:
            run = house.app.cancel("r1")
            assert run.status == "failed"
            assert "The plan of r1 cannot be read" in run.answer
        assert house.performed() == []
        faults = [f["said"] for f in audit_verify(house.app)["faults"]]
        assert any("(plan r1, " in f for f in faults)


def test_a_row_of_the_ledger_stops_what_would_go_by_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tamper(root, "UPDATE effects SET state = 'perhaps'")
    assert "cannot be read: it was changed past Deskhand" in deskhand(root, "effects", monkeypatch)
    assert "r2" in deskhand(root, "runs", monkeypatch)
    with House(root) as house:
        (fault,) = audit_verify(house.app)["faults"]
        assert "was 'done' then and is 'perhaps' now" in fault["said"]
        with pytest.raises(Exception, match="What the ledger says of"):
            house.app.undo("r2")


@pytest.mark.parametrize(
    "change",
    [
        "operation = 'x'", "operation = x'ff'", "receipt = '{\"a\": 1}'", "receipt = '[1]'", "at = 'noon'",
        "arguments = '[1]'", "arguments = 'no json'", "history = '{}'", "inverse = '7'",
    ],
)  # fmt: skip
def test_whatever_became_of_its_row(root: Path, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tamper(root, f"UPDATE effects SET {change}")  # noqa: S608
    said = {words: deskhand(root, words, monkeypatch) for words in LOOKING}
    assert "cannot be read: it was changed past Deskhand" in said["effects"]
    assert "r2" in said["runs"]
    with House(root) as house, pytest.raises(Exception, match="What the ledger says of"):
        house.app.undo("r2")


@pytest.mark.parametrize(
    "change",
    [
        "created = 'garbage'", "created = 9000000000000000000", "updated = x'ff'", "status = 'perhaps'",
        "status = x'ff'", "request = x'ff'", "format = x'ff'", "reasons = '7'", "choices = 'x'",
        "shrunk = 'x'",
        "answer = x'ff'", "schedule = x'ff'", "anew = x'ff'",
    ],
)  # fmt: skip
def test_a_run_whose_record_is_none_keeps_nobody_from_the_others(
    root: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tamper(root, f"UPDATE runs SET {change} WHERE id = 'r1'")  # noqa: S608
    said = {words: deskhand(root, words, monkeypatch) for words in (*LOOKING, "audit verify", "doctor")}
    assert all(said.values())
    assert "r2" in said["runs"]
    with House(root) as house:
        run = house.app.run("r1")
        if "cannot be read" in run.request:
            with pytest.raises(
                Refusal, match="The record of r1 cannot be read: it was changed past Deskhand"
            ):
                house.app.decide("a1")
            assert house.performed() == []
        assert house.do(draft()).status == "done"


@pytest.mark.parametrize("left", [0, 100, 5_000])
def test_a_database_of_runs_that_is_cut_says_how_to_begin_anew(
    root: Path, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(root / "runs.db")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for name in ("runs.db-wal", "runs.db-shm"):
        (root / name).unlink(missing_ok=True)
    (root / "runs.db").write_bytes((root / "runs.db").read_bytes()[:left] + b"\0" * 50)
    said = " ".join(deskhand(root, "doctor", monkeypatch).split())
    assert "the ledger that undo goes by; what was written at your sources stays there" in said
    assert "Run: deskhand doctor" not in said, "which was just said"
    anew = re.search(r"To begin anew, say (cd .* damaged)", said)
    assert anew
    subprocess.run(anew[1], shell=True, check=True)  # noqa: S602 - as a person would say it
    with House(root) as house:
        assert house.do(draft()).status == "done"
        assert house.performed() == ["mail.draft"]
        assert audit_verify(house.app)["whole"]
