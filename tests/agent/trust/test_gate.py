"""Nothing reaches a source but through the gate, at the last moment, on its final arguments."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from agent_givens import ANN, ANYTHING_GOES, BO, NOW, House, draft, event, mail, permit
from policy_cases import FACTS, OWN_WORDS, SHIPPED, send

from deskhand.agent.model import Decision, Run
from deskhand.agent.trust.approvals import decide
from deskhand.agent.trust.gate import NotPermitted, let_through
from deskhand.agent.trust.ledger import Ledger
from deskhand.agent.trust.policy import effective
from deskhand.config.policy import Setting
from deskhand.connectors.memory import Memory
from deskhand.connectors.operations import Mailbox, MailDraft

ROOT = Path(__file__).parents[3]
DRAFT = MailDraft(source="memory", to=(Mailbox(address=BO),), subject="Hi", body="Hello")
RUN = Run(id="r1", request="x", status="running", created=NOW, updated=NOW)


class TestThePermit:
    @pytest.mark.parametrize(
        "other",
        [
            permit(DRAFT, RUN, "other"),
            permit(DRAFT, RUN.model_copy(update={"id": "r2"}), "s"),
            permit(DRAFT.model_copy(update={"body": "Send money"}), RUN, "s"),
        ],
        ids=["step", "run", "arguments"],
    )
    def test_it_is_for_one_exact_write(self, house: House, other: Any) -> None:
        ledger = Ledger(house.room.records, connector=lambda _: house.memory)
        with pytest.raises(NotPermitted, match="not the one that the policy let through"):
            ledger.carry_out(DRAFT, permit=other, run=RUN, step="s", now=NOW)
        assert (house.performed(), house.room.records.effects()) == ([], [])
        mine = permit(DRAFT, RUN, "s")
        assert ledger.carry_out(DRAFT, permit=mine, run=RUN, step="s", now=NOW).state == "done"

    @pytest.mark.parametrize(
        ("arguments", "agreed", "outcome", "may"),
        [
            ({"to": ()}, False, "allow", True),
            ({}, False, "ask", False),
            ({}, True, "ask", True),
            ({"bcc": (Mailbox(address="x@example.net"),)}, True, "deny", False),
        ],
    )
    def test_who_gets_one(self, arguments: dict[str, Any], agreed: bool, outcome: str, may: bool) -> None:
        labels = dict(OWN_WORDS)
        labels.pop("bcc")
        op = DRAFT if "to" in arguments else send(**arguments)
        verdict, given = let_through(op, labels, FACTS, SHIPPED, key="k", agreed=agreed)
        assert (verdict.outcome, given is not None) == (outcome, may)
        assert given is None or (given.key, given.verdict) == ("k", verdict)


def calls(name: str) -> set[str]:
    """Files of the product in which something of this name is called."""
    found = set()
    for path in (
        p for room in ("agent", "connectors", "index", "config") for p in (ROOT / room).rglob("*.py")
    ):
        text = path.read_text("utf-8")
        for node in ast.walk(ast.parse(text)) if f"{name}(" in text else ():
            called = node.func if isinstance(node, ast.Call) else None
            if getattr(called, "id", getattr(called, "attr", "")) == name:
                found.add(path.relative_to(ROOT).as_posix())
    return found


class TestTheOnePlace:
    def test_permits_are_made_by_the_gate_alone(self) -> None:
        assert calls("Permit") == {"agent/trust/gate.py"}
        assert calls("let_through") == {"agent/runs/questions.py"}

    def test_only_the_ledger_writes_to_a_source(self) -> None:
        # The meter hands on what it is given; the graph's `perform` reads.
        by_the_agent = {path for path in calls("perform") if path.startswith("agent/")}
        assert by_the_agent == {"agent/trust/ledger.py", "agent/sources/metered.py", "agent/runs/graph.py"}

    @pytest.mark.parametrize(("steps", "yes"), [([draft(), event()], False), ([mail()], True)])
    def test_every_write_is_weighed_right_before_it_begins(
        self, house: House, steps: list[Any], yes: bool
    ) -> None:
        run = house.do(*steps, approve=True if yes else None)
        assert run.status == "done"
        told = [(e.type, e.data.get("step")) for e in house.room.records.events(run.id)]
        begun = [n for n, (type_, _) in enumerate(told) if type_ == "begun"]
        assert len(begun) == len(steps)
        assert [told[n - 1] for n in begun] == [("weighed", told[n][1]) for n in begun]

    def test_what_is_carried_out_is_what_was_judged(self, house: House, monkeypatch: Any) -> None:
        """Whoever changed the arguments after the gate looked would find the ledger shut."""
        real = Ledger.carry_out

        def tampered(self: Ledger, op: Any, **rest: Any) -> Any:
            return real(self, op.model_copy(update={"body": "Send money"}), **rest)

        monkeypatch.setattr(Ledger, "carry_out", tampered)
        run = house.do(draft())
        assert (run.status, house.performed()) == ("failed", [])
        assert "NotPermitted" in run.answer


class TestOtherRules:
    STRICTER = effective({"mail.send recipients": Setting("deny")})

    def test_a_question_of_other_rules_is_asked_anew(self, house: House) -> None:
        (asked,) = house.do(mail()).approvals
        house.policy = self.STRICTER
        house.reopen()
        with pytest.raises(Exception, match="The rules changed since a1 was asked; it is asked again as a2"):
            house.app.decide(asked.id)
        assert house.app.decide("a2").status == "done"

    def test_a_yes_of_other_rules_is_asked_for_anew(self, house: House) -> None:
        """Said before the rules changed, not carried out yet: nothing is lost, and nothing done unasked."""
        run = house.do(mail())
        records, (asked,) = house.room.records, run.approvals
        agreed = decide(
            asked, Decision(verdict="approve"), facts=FACTS, policy=house.app.policy, zone="UTC", now=NOW
        )
        records.turn_approval(agreed, was="pending")
        house.policy = self.STRICTER
        house.reopen()
        house.room.submit(run.id)
        run = house.room.wait(run.id)
        assert (run.status, house.performed()) == ("waiting", [])
        assert [(a.id, a.state) for a in run.approvals] == [("a1", "expired"), ("a2", "pending")]
        assert "rules" in " ".join(run.approvals[-1].notes)
        assert house.app.decide("a2").status == "done"
        assert house.performed() == ["mail.send"]

    def test_what_was_begun_is_looked_after_under_any_rules(self, house: House) -> None:
        """Cut off after the source took it: what became of it is found out, and it is not done again."""
        run = house.do(mail())
        records, (asked,) = house.room.records, run.approvals
        agreed = decide(
            asked, Decision(verdict="approve"), facts=FACTS, policy=house.app.policy, zone="UTC", now=NOW
        )
        records.turn_approval(agreed, was="pending")
        records.turn_approval(agreed.model_copy(update={"state": "used"}), was="approved")
        op = send(source="memory", to=(Mailbox(address=BO),), subject="Hello", body="Hello there.")
        ledger = Ledger(records, connector=lambda _: house.memory)
        effect = ledger.carry_out(op, permit=permit(op, run, "mail"), run=run, step="mail", now=NOW)
        records.put_effect(effect.model_copy(update={"state": "claimed", "receipt": None}))
        house.policy = self.STRICTER
        house.reopen()
        house.room.submit(run.id)
        run = house.room.wait(run.id)
        assert (run.status, house.performed()) == ("done", ["mail.send"])

    def test_settings_count_from_the_next_judgement_on(self, house: House) -> None:
        house.know(ANN)
        assert house.do(mail(to=ANN)).status == "waiting"
        config = house.app.home.config_file
        config.write_text('[policy.rows."mail.send to contacts"]\nthen = "allow"\n')
        house.app.reload()
        assert house.do(mail(to=ANN)).status == "done"
        config.write_text('[policy.rows."mail.draft"]\nthen = "ask"\n')
        house.app.reload()
        assert [house.do(step).status for step in (mail(to=ANN), draft())] == ["waiting", "waiting"]

    def test_no_setting_switches_the_gate_off(self, tmp_path: Path) -> None:
        with House(tmp_path / "home", Memory(), {"DESKHAND_POLICY__SEND_ALONE": "true"}) as house:
            assert house.app.policy != ANYTHING_GOES
            assert house.do(mail()).status == "waiting"
