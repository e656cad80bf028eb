"""A no after the yes: taken as long as nothing was done by the yes, else told what became of it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from agent_givens import BO, STRANGER, House, draft, mail

from deskhand.agent.desk.audits import audit_verify
from deskhand.agent.desk.desk import Desk
from deskhand.agent.errors import Refusal
from deskhand.agent.model import Approval, Decision, Run
from deskhand.connectors.memory import Memory
from deskhand.connectors.model import Receipt
from deskhand.connectors.operations import Operation

YES = Decision(verdict="approve", by="person")


def no(house: House, *, reason: str = "") -> Run:
    """The command `deskhand reject a1`, and the run after it."""
    Desk(house.app, None).call("decide.all", {"decisions": {"a1": {"verdict": "reject", "reason": reason}}})
    return house.app.run("r1")


def cut_off(house: House, *states: str) -> None:
    """A yes was taken, and its process was killed before anything was handed to the source."""
    asked: Approval = house.do(mail(to=STRANGER)).approvals[0]
    was = "pending"
    for state in states:
        turned = asked.model_copy(update={"state": state, "decision": YES})
        assert house.room.records.turn_approval(turned, was=was)
        was = state
    house.reopen()


@pytest.mark.parametrize("states", [("approved",), ("approved", "used")])
def test_what_was_cut_off_before_it_was_sent_is_not_sent(house: House, states: tuple[str, ...]) -> None:
    cut_off(house, *states)
    run = no(house)
    assert (run.status, house.performed()) == ("rejected", [])
    assert run.answer.startswith("You said no")
    assert audit_verify(house.app)["whole"]


def test_what_is_held_is_taken_back(tmp_path: Path) -> None:
    with House(tmp_path, environ={"DESKHAND_SENDING__HOLD": "30s"}) as house:
        house.do(mail(to=STRANGER))
        assert house.app.decide("a1", held=False).status == "held"
        run = no(house)
        assert [e.state for e in run.effects] == ["withdrawn"]
        assert "Not sent, for you took it back in time" in run.answer
        with pytest.raises(Refusal, match="a1 is rejected already; nothing was done by this"):
            no(house)
        assert house.performed() == []


def test_what_is_done_says_how_it_is_taken_back(house: House) -> None:
    house.do(mail(to=STRANGER))
    house.app.decide("a1")
    with pytest.raises(
        Refusal, match=r"it was done\. The mail “Hello” to .* cannot be taken back: it was sent"
    ):
        no(house)
    run = house.do(draft(), mail(to=BO, needs=("draft",)))
    assert house.app.decide(run.approvals[0].id, "reject").status in ("partial", "rejected")


def test_a_no_in_the_very_moment_before_the_write(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """One turn of the question decides: where the no was first, nothing is handed to the source."""
    house.do(mail(to=STRANGER))
    records = house.room.records
    real = records.turn_approval

    def turn(approval: Approval, *, was: str) -> bool:
        if approval.state == "used":
            assert real(approval.model_copy(update={"state": "rejected"}), was="approved")
        return real(approval, was=was)

    monkeypatch.setattr(records, "turn_approval", turn)
    assert house.app.decide("a1").status == "rejected"
    assert house.performed() == []


class Slow(Memory):
    """Takes its time over a write."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go = threading.Event(), threading.Event()

    def perform(self, operation: Operation, **given: Any) -> Receipt:
        self.begun.set()
        self.go.wait(20)
        return super().perform(operation, **given)


def test_what_is_being_sent_says_so(tmp_path: Path) -> None:
    slow = Slow()
    with House(tmp_path, slow) as house:
        house.do(mail(to=STRANGER))
        yes = threading.Thread(target=house.app.decide, args=("a1",))
        yes.start()
        try:
            assert slow.begun.wait(20)
            with pytest.raises(Refusal, match="it is being carried out right now"):
                no(house)
        finally:
            slow.go.set()
            yes.join(20)
        assert house.performed() == ["mail.send"]
