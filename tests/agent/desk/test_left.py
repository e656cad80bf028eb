"""Commands that only look have nothing carried on and nothing sent; they say what waits for that."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from agent_givens import ENVIRONMENT, NOW
from crashing import HOLDS, connect, copied, killed, ready
from typer.testing import CliRunner

from deskhand.agent.terminal.cli import app as command

LOOKING = (
    "approvals", "approvals --all", "runs", "show r1", "effects", "effects r1", "state run r1",
    "state global", "audit", "audit verify", "policy", "policy explain r1 {step}", "permissions",
    "schedule list", "budget", "sources", "people", "slots --minutes 30", "doctor",
    "state set meetings.buffer 10", "ask --plan agenda", "approvals",
)  # fmt: skip
pytestmark = pytest.mark.long

LATER = NOW + timedelta(minutes=5)


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ready(tmp_path_factory.mktemp("laid"))


def deskhand(root: Path, words: str, *, now: datetime = LATER) -> str:
    given = [*words.split(), "--home", str(root / "home"), "--now", now.isoformat()]
    result = CliRunner().invoke(command, given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output


def stored(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.suffix in (".eml", ".md"))


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As a command finds it."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DESKHAND_SENDING__HOLD", "30s")
    return monkeypatch


def test_a_mail_whose_time_has_come_is_sent_by_no_command_that_looks(
    tmp_path: Path, laid: Path, environ: pytest.MonkeyPatch
) -> None:
    root = copied(laid, tmp_path / "desk")
    (root / HOLDS).touch()
    with connect(root) as app:
        run = app.runs_room.wait(app.runs_room.ask("mail", approve_all=True), held=False)
        assert run.status == "held", run.answer
    assert deskhand(root, "approvals", now=NOW) == "Nothing waits for a decision.\n", "its time has not come"
    for words in LOOKING:
        said = deskhand(root, words.format(step="mail"))
        assert stored(root / "outbox") == [], words
    assert "r1 holds “Hello” to bo@example.org, which was to go out since" in said
    assert "It does with deskhand sync" in said
    assert "deskhand undo r1" in said
    (one,) = json.loads(deskhand(root, "runs --json"))["left"]
    assert (one["run"], len(one["held"])) == ("r1", 1)
    deskhand(root, "sync")
    assert len(stored(root / "outbox")) == 1
    assert deskhand(root, "approvals") == "Nothing waits for a decision.\n"


@pytest.mark.crash
@pytest.mark.parametrize("engine", ["memory", "dbos"])
def test_a_run_that_was_cut_off_is_gone_on_with_by_no_command_that_looks(
    tmp_path: Path, laid: Path, environ: pytest.MonkeyPatch, engine: str
) -> None:
    """DBOS goes on by itself with what it finds when it is started."""
    environ.setenv("DESKHAND_ENGINE__KIND", engine)
    root = copied(laid, tmp_path / "desk")
    assert killed(root, "file", "event", after=2, engine=engine)
    for words in LOOKING:
        said = deskhand(root, words.format(step="file"))
        assert stored(root / "documents") == [], words
    assert "r1 was cut off. It goes on with deskhand sync" in said
    assert "stop it with: deskhand runs cancel r1" in said
    assert "r1 was cut off." in deskhand(root, "runs")
    assert "goes on with deskhand sync" in deskhand(root, "doctor")
    deskhand(root, "sync")
    assert stored(root / "documents") == ["new.md"]
    assert "cut off" not in deskhand(root, "runs")


@pytest.mark.crash
def test_it_can_be_stopped_instead(tmp_path: Path, laid: Path, environ: pytest.MonkeyPatch) -> None:
    root = copied(laid, tmp_path / "desk")
    assert killed(root, "file", "event", after=2)
    assert "Stopped" in deskhand(root, "runs cancel r1")
    deskhand(root, "sync")
    assert stored(root / "documents") == []
