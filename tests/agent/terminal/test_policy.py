"""`deskhand policy` and `policy explain`: the rules in force, and how one write was judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from agent_givens import ANN, BO, House, draft, event, mail
from typer.testing import CliRunner

from deskhand.agent.desk.rulings import explain, policy
from deskhand.agent.errors import Refusal
from deskhand.agent.terminal.cli import app
from deskhand.config.policy import shipped
from deskhand.connectors.operations import OPERATIONS

SET = '[policy.rows."mail.trash"]\nthen = "deny"\n[policy.rows."mail.send to contacts"]\nthen = "allow"\n'


def deskhand(home: Path, *words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, [*words, "--home", str(home)])
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.stderr


@pytest.fixture
def home(tmp_path: Path) -> Path:
    root = tmp_path / "home"
    root.mkdir(mode=0o700)
    (root / "config.toml").write_text(SET)
    return root


class TestTheTable:
    def test_every_operation_and_every_row_is_in_it(self, home: Path) -> None:
        said = deskhand(home, "policy")
        assert all(len(line) <= 80 for line in said.splitlines())
        headings = [line for line in said.splitlines() if line in OPERATIONS]
        assert sorted(headings) == sorted(OPERATIONS)
        flat = " ".join(said.split())
        for row in shipped():
            assert row.id.partition(" ")[2] in flat, row.id

    def test_what_the_person_set_is_marked(self, home: Path) -> None:
        said = " ".join(deskhand(home, "policy").split())
        assert "never your settings say never (it comes as: goes ahead)" in said
        assert "goes ahead to contacts: your own words" in said
        own = "By your settings: mail.send to contacts, mail.trash id, mail.trash many, "
        assert own in said
        (home / "config.toml").write_text("")
        said = " ".join(deskhand(home, "policy").split())
        assert "All rows are as they come." in said
        assert "or what all of them could read anyway (you may let it go ahead)" in said

    def test_one_operation_in_full(self, home: Path) -> None:
        said = deskhand(home, "policy", "--of", "mail.trash")
        assert "mail.trash many  never" in said
        assert "where: moved already: at_once" in said
        assert "at_once = 20, 100 at the most" in said
        assert "may be set to: ask, deny" in said
        assert "holds up: label, move, archive, trash: more than k" in said
        assert '[policy.rows."mail.send"]\n  then = "deny"' in deskhand(home, "policy", "--of", "mail.send")
        wrong = deskhand(home, "policy", "--of", "mail.trsh", code=2)
        assert "There is no operation 'mail.trsh' (did you mean 'mail.trash'?)" in wrong

    def test_as_json_it_is_whole_and_in_order(self, home: Path) -> None:
        found = json.loads(deskhand(home, "policy", "--json"))
        assert [r["row"] for r in found["rows"]] == [r.id for r in shipped()]
        assert len(found["policy"]) == 64
        by_id = {r["row"]: r for r in found["rows"]}
        assert by_id["mail.trash"]["shipped"] == {"then": "allow", "numbers": {}}
        assert by_id["mail.send bcc"]["shipped"] is None
        assert by_id["mail.send bcc"]["may_be"] == ["deny"]
        assert by_id["mail.send to contacts"]["may_be"] == ["allow", "ask", "deny"]
        assert by_id["mail.move many"]["most"] == {"at_once": 100}
        assert by_id["never grant"]["built"] is False

    def test_a_setting_that_may_not_be_stops_the_next_command(self, home: Path) -> None:
        (home / "config.toml").write_text('[policy.rows."mail.send secrets"]\nthen = "allow"\n')
        for words in (["policy"], ["runs"], ["ask", "what is on tomorrow"]):
            said = deskhand(home, *words, code=2)
            assert "config.toml, line 2: 'mail.send secrets' may be set to 'deny', not to 'allow'" in said

    def test_rows_are_set_like_other_settings(self, home: Path) -> None:
        deskhand(home, "state", "set", "policy.rows.mail.move many.at_once", "3")
        found = json.loads(deskhand(home, "policy", "--of", "mail.move", "--json"))
        assert {r["row"]: r["numbers"] for r in found["rows"]}["mail.move many"] == {"at_once": 3}
        wrong = deskhand(home, "state", "set", "policy.rows.mail.move many.at_once", "300", code=2)
        assert "may be 100 at the most, not 300" in wrong


class TestExplain:
    def test_a_write_row_by_row(self, house: House) -> None:
        house.know(ANN)
        house.do(mail(to=ANN))
        told = explain(house.app, run="r1", step="mail")
        assert (told["operation"], told["step"]) == ("mail.send", "mail")
        body = next(a for a in told["arguments"] if a["name"] == "body")
        assert (body["value"], body["trust"], body["origins"]) == ("Hello there.", "user", [])
        rows = {r["row"]: r for r in told["rows"]}
        assert [r["row"] for r in told["rows"] if r["fits"]] == ["mail.send to contacts"]
        assert told["rows"][-1]["row"] == "mail.send to contacts", "what is behind it was not looked at"
        assert rows["mail.send secrets"]["conditions"] == [
            {"condition": "not only you get it", "holds": True},
            {"condition": "secret in it", "holds": False},
        ]
        assert told["now"] == {
            "outcome": "ask", "rule": "mail.send to contacts", "why": "mail cannot be taken back",
        }  # fmt: skip
        assert [(r["outcome"], r["rule"], r["same_rules"]) for r in told["recorded"]] == [
            ("ask", "mail.send to contacts", True)
        ]

    def test_what_was_recorded_against_now(self, house: House) -> None:
        house.do(draft(), event())
        house.app.home.config_file.write_text('[policy.rows."mail.draft"]\nthen = "ask"\n')
        house.app.reload()
        told = explain(house.app, run="r1", step="draft")
        assert told["now"]["outcome"] == "ask"
        assert {(r["outcome"], r["same_rules"]) for r in told["recorded"]} == {("allow", False)}
        other = explain(house.app, run="r1", step="event")
        assert {(r["outcome"], r["same_rules"]) for r in other["recorded"]} == {("allow", True)}

    def test_what_was_edited_is_explained_as_it_was_done(self, house: House) -> None:
        (asked,) = house.do(mail()).approvals
        house.app.decide(asked.id, "edit", changes={"body": "Mine"})
        told = explain(house.app, run="r1", step="mail")
        body = next(a for a in told["arguments"] if a["name"] == "body")
        assert (body["value"], body["trust"]) == ("Mine", "user")

    def test_what_nothing_can_be_said_of(self, house: House) -> None:
        house.do(draft())
        house.plans["looks"] = house.plans["test"]
        for run, step, said in (
            ("r9", "draft", "There is no run r9."),
            ("r1", "x", "r1 has no step 'x'. Its writes: draft."),
        ):
            with pytest.raises(Refusal, match=said):
                explain(house.app, run=run, step=step)
        house.app.ask("what is on my calendar tomorrow")
        read = house.app.run("r2").plan
        assert read is not None
        with pytest.raises(Refusal, match="of r2 writes nothing, so it is not judged"):
            explain(house.app, run="r2", step=read.steps[0].id)

    def test_on_the_screen(self, house: House) -> None:
        house.do(mail(to=BO))
        root = house.root
        house.app.close()
        said = deskhand(root, "policy", "explain", "r1", "mail")
        house.app = house._open()
        assert said.startswith("r1 mail: mail.send\n")
        assert f"  to: <{BO}>\n      your own words; anybody may read it\n" in said
        assert "  -> mail.send  asks\n" in said
        assert "         no   stranger chosen in: bcc\n" in said
        assert "  now: asks (mail.send), mail cannot be taken back\n" in said

    def test_both_doors_give_the_same(self, house: House) -> None:
        assert policy(house.app) == policy(house.app, operation="")
        assert len(policy(house.app, operation="mail.draft")["rows"]) == 1
