"""Plans at the command line: shown without being run, edited, run; and what is said of one that cannot be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from agent_givens import NOW, House, draft, plan, step
from typer.testing import CliRunner, Result

from deskhand.agent.plans.language import Plan, Step
from deskhand.agent.plans.tree import to_tree
from deskhand.agent.terminal.cli import app
from deskhand.connectors.operations import OPERATIONS

DEEP = "[" * 700 + "]" * 700
SOUND = plan(step("found", "threads.waiting"), request="what waits")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "boat.md").write_text("# The boat\n\nThe boat leaves at seven from the old quay.\n")
    deskhand(
        tmp_path / "home", "init", "--name", "Ana", "--email", "ana@example.org", "--zone", "Europe/Paris"
    )
    deskhand(tmp_path / "home", "add", "files", str(notes))
    return tmp_path / "home"


def deskhand(home: Path, *words: str, code: int = 0, given: str | bytes | None = None) -> Result:
    words = (*words, "--home", str(home), "--now", NOW.isoformat())
    result = CliRunner().invoke(app, list(words), input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def as_json(made: Plan) -> str:
    return json.dumps(made.model_dump(mode="json"))


class TestCommands:
    def test_a_plan_is_shown_and_nothing_is_done(self, home: Path) -> None:
        said = deskhand(home, "ask", "--plan", "summarise the boat").stdout
        assert "└─ summary: summarise it  (item.summarise)" in said
        assert json.loads(deskhand(home, "runs", "--json").stdout)["runs"] == []

    def test_what_was_not_understood_is_told(self, home: Path) -> None:
        answer = json.loads(deskhand(home, "ask", "--plan", "flibber the gibbet", "--json", code=2).stdout)
        assert (answer["plan"], answer["status"]) == (None, "unclear")
        assert answer["choices"]

    def test_a_plan_that_was_printed_can_be_edited_and_run(self, home: Path, tmp_path: Path) -> None:
        printed = json.loads(deskhand(home, "ask", "--plan", "--json", "summarise the ship").stdout)
        printed["plan"]["steps"][0]["args"]["about"] = "boat"
        (tmp_path / "plan.json").write_text(json.dumps(printed))
        run = json.loads(deskhand(home, "run", str(tmp_path / "plan.json"), "--json").stdout)
        assert (run["status"], run["request"]) == ("done", "summarise the ship")
        assert "old quay" in run["answer"]
        assert (
            json.loads(deskhand(home, "run", "-", "--json", given=as_json(SOUND)).stdout)["status"] == "done"
        )

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ("[1", "is no JSON: line 1"),
            ("[1]", "holds no plan"),
            (b"\xff\xfe{", "is no text in UTF-8"),
            ("[" * 100_000, "is nested too deep"),
            ("{}" + " " * 1_000_001, "is larger than a plan can be"),
            ("{}", "steps: it is missing."),
            (
                f'{{"steps": [{{"id": "a", "op": "x", "args": {{"x": {DEEP}}}}}]}}',
                "too deep. Put at most 100",
            ),
            (json.dumps({"schema_version": 9}), "a later Deskhand (plan version 9"),
            (as_json(SOUND).replace("threads.", "thread."), "Did you mean “threads.waiting”?"),
            (
                as_json(SOUND).replace('"id": "found"', '"id": "Found it"'),
                "step Found it, id: that cannot be its name.",
            ),
        ],
    )
    def test_what_is_no_sound_plan_is_refused_with_the_place(
        self, home: Path, given: str | bytes, said: str
    ) -> None:
        assert said in deskhand(home, "run", "-", code=2, given=given).output
        assert json.loads(deskhand(home, "runs", "--json").stdout)["runs"] == []

    def test_a_file_that_is_not_there(self, home: Path) -> None:
        assert "nowhere.json cannot be read" in deskhand(home, "run", "nowhere.json", code=2).output


def test_writes_of_a_plan_from_outside_are_asked_about_like_any_other(house: House) -> None:
    made = plan(draft("d"), step("m", "mail.send", source="memory", to=[{"address": "x@example.net"}],
                                 subject="Hi", body="Hello."), request="r")  # fmt: skip
    run = house.app.ask(made, fresh=False)
    assert run.status == "waiting"
    assert house.performed() == ["mail.draft"]


class TestTree:
    def test_a_step_stands_under_the_last_one_it_waits_for(self) -> None:
        monday, tuesday = "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"
        some = {"test": "number", "of": {"ref": "mails", "path": "count"}, "least": 1}
        mail = {
            "to": [{"address": "bo@example.org", "name": "Bo"}],
            "body": {"ref": "list", "path": "x", "take": "first"},
        }
        instead = {"op": "threads.waiting", "args": {"theirs": True}}
        steps: list[dict[str, Any]] = [
            {"id": "mails", "op": "threads.waiting", "purpose": "see what waits"},
            {"id": "list", "op": "event.list", "args": {"start": monday}, "purpose": "see the day"},
            {"id": "tell", "op": "mail.send", "purpose": "ask again", "args": mail, "when": some,
             "on_failure": "stop", "deadline": tuesday},
            {"id": "thanks", "op": "threads.waiting", "otherwise": "tell", "purpose": "see who waits",
             "fallback": instead},
        ]  # fmt: skip
        made = plan(*(Step.model_validate(s) for s in steps))
        assert "\n".join(to_tree(made, writes=frozenset(OPERATIONS))) == TREE.strip("\n")


TREE = """
mails: see what waits  (threads.waiting)
list: see the day  (event.list)
│  start: 2026-11-23T00:00:00Z
└─ tell: ask again  (mail.send, writes)
   │  to: Bo <bo@example.org>
   │  body: ← the first of list.x
   │  if mails.count is at least 1
   │  begun by 2026-11-24T00:00:00+00:00
   │  if it fails, nothing more is begun
   └─ thanks: see who waits  (threads.waiting)
         otherwise (else of tell)
         or instead threads.waiting(theirs: yes)
"""
