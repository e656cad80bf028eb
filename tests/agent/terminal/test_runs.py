"""`deskhand runs cancel`, and a run that is watched from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, Office
from typer.testing import CliRunner, Result

from deskhand.agent.terminal.cli import app
from deskhand.agent.terminal.live import phrase


def deskhand(home: Path, *words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, [*words, "--home", str(home), "--now", NOW.isoformat()])
    assert result.exit_code == code, result.output
    return result


class TestCancel:
    def test_what_waits_is_stopped(self, office: Office) -> None:
        deskhand(office.home, "ask", "schedule 45 minutes with Sam Okafor next week", code=3)
        said = deskhand(office.home, "runs", "cancel", "r1").stdout
        assert "Stopped: you cancelled this run." in said
        assert "So this was not done: " in said
        assert "Nothing waits for a decision." in deskhand(office.home, "approvals").stdout
        assert "r1     cancelled" in deskhand(office.home, "runs").stdout
        again = deskhand(office.home, "runs", "cancel", "r1", code=2)
        assert "r1 is over already (cancelled), so there is nothing to stop." in again.stderr
        looked = json.loads(deskhand(office.home, "state", "run", "r1", "--json").stdout)
        assert looked["status"] == "cancelled", "to look at it has worked: exit code 0"

    @pytest.mark.parametrize(
        ("run", "said"),
        [
            ("r9", "There is no run r9."),
            ("r1", "r1 is over already (done)"),
            ("", "Say which run, like r1; deskhand runs lists them."),
        ],
    )
    def test_what_cannot_be_stopped(self, office: Office, run: str, said: str) -> None:
        deskhand(office.home, "ask", "what is on my calendar tomorrow")
        assert said in deskhand(office.home, "runs", "cancel", run, code=2).stderr

    def test_runs_lists_as_before(self, office: Office) -> None:
        deskhand(office.home, "ask", "what is on my calendar tomorrow")
        deskhand(office.home, "ask", "what is on my calendar on Tuesday")
        found = json.loads(deskhand(office.home, "runs", "--limit", "1", "--json").stdout)
        assert [r["run"] for r in found["runs"]] == ["r2"]


class TestEvents:
    def test_each_event_is_a_line_of_json_on_standard_error(self, office: Office) -> None:
        done = deskhand(office.home, "ask", "--json", "--events", "what is on my calendar tomorrow")
        events = [json.loads(line) for line in done.stderr.splitlines()]
        assert [e["seq"] for e in events] == [*range(1, len(events) + 1)]
        assert {"run", "seq", "at", "type", "data"} == events[0].keys()
        assert (events[0]["type"], events[-1]["type"]) == ("asked for", "finished")
        assert json.loads(done.stdout)["run"] == events[0]["run"] == "r1"

    def test_every_command_that_drives_a_run_has_them(self, office: Office) -> None:
        deskhand(office.home, "ask", "schedule 45 minutes with Sam Okafor next week", code=3)

        def last(*words: str, code: int = 0) -> tuple[str, str]:
            done = deskhand(office.home, *words, "--events", "--json", code=code)
            events = [json.loads(line) for line in done.stderr.splitlines()]
            return events[0]["type"], events[-1]["type"]

        assert last("reject", "a1") == ("decided", "finished")
        assert last("digest") == ("asked for", "finished")
        assert last("schedule", "add", "every weekday at 8:00 send me a digest")[0] == "asked for"
        assert last("schedule", "run", "digest", code=0) == ("asked for", "finished")
        deskhand(office.home, "ask", "schedule 45 minutes with Sam Okafor next week", code=3)
        run = json.loads(deskhand(office.home, "runs", "--limit", "1", "--json").stdout)["runs"][0]
        assert last("runs", "cancel", run["run"]) == ("cancelled", "finished")
        deskhand(office.home, "ask", "put lunch in my calendar tomorrow at 12")
        run = json.loads(deskhand(office.home, "runs", "--limit", "1", "--json").stdout)["runs"][0]
        assert last("undo", run["run"]) == ("asked for", "finished")
        assert deskhand(office.home, "sync", "--events").stderr == "", "no run began"

    def test_nothing_is_written_unasked(self, office: Office) -> None:
        assert deskhand(office.home, "ask", "what is on my calendar tomorrow").stderr == ""

    @pytest.mark.long
    def test_while_another_process_owns_the_home(self, office: Office) -> None:
        command = [sys.executable, "-m", "deskhand.agent.terminal.cli"]
        place = ["--home", str(office.home)]
        serving = subprocess.Popen([*command, "serve", *place], stdout=subprocess.PIPE, text=True)
        try:
            assert serving.stdout is not None
            while "Serving" not in (line := serving.stdout.readline()):
                assert line, "serve ended"
            asked = subprocess.run(
                [*command, "ask", "--events", "--json", "schedule 45 minutes with Sam Okafor next week",
                 *place],
                capture_output=True, text=True, timeout=120, check=False,
            )  # fmt: skip
            events = [json.loads(line) for line in asked.stderr.splitlines()]
            run = json.loads(asked.stdout)
            assert (asked.returncode, run["status"]) == (3, "waiting")
            assert [e["seq"] for e in events] == [*range(1, len(events) + 1)]
            assert [e["type"] for e in events if e["type"] == "asked"] == ["asked"]
            stopped = subprocess.run(
                [*command, "runs", "cancel", run["run"], *place],
                capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            assert stopped.returncode == 0
            assert "Stopped: you cancelled this run." in stopped.stdout
        finally:
            serving.terminate()
            serving.wait(30)
            serving.stdout.close()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"type": "planned", "data": {"objective": "Book it."}}, "Book it."),
        ({"type": "begun", "data": {"purpose": "find a time", "op": "slots.find"}}, "find a time …"),
        ({"type": "begun", "data": {"purpose": "", "op": "slots.find"}}, "slots.find …"),
        ({"type": "tried", "data": {"error": "Busy.", "again_in": 2.4}}, "Busy. Again in 2 seconds …"),
        ({"type": "step done", "data": {"step": "a"}}, ""),
        ({"type": "asked", "data": {}}, None),
        ({"type": "finished", "data": {}}, None),
    ],
)
def test_the_line_says_what_a_run_is_at(event: dict[str, Any], said: str | None) -> None:
    assert phrase(event) == said
