"""What a run asks at the same time stands together, in one order, and is decided in one go or one by one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from agent_givens import ANN, BO, STRANGER, House, event, mail
from crashing import connect, copied, killed, ready
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.errors import Refusal
from deskhand.agent.model import Approval
from deskhand.agent.plans.language import Step
from deskhand.agent.trust.batches import batch_of


def three() -> tuple[Step, ...]:
    """Three mails that nothing stands between; the last one matters most."""
    last = mail("last", to=STRANGER, subject="Three").model_copy(update={"priority": 9})
    return mail("first", subject="One"), mail("second", to=ANN, subject="Two"), last


def sent(house: House) -> list[str]:
    return [op.arguments()["subject"] for op in house.memory.performed]


class TestOneBatch:
    def test_what_is_asked_together_is_one_batch_in_a_stable_order(self, house: House) -> None:
        run = house.do(*three())
        assert [(a.id, a.step, a.batch) for a in run.approvals] == [
            ("a1", "last", "r1.1"), ("a2", "first", "r1.1"), ("a3", "second", "r1.1"),
        ]  # fmt: skip

    def test_the_run_stands_for_all_that_it_asks(self, house: House) -> None:
        house.do(mail(subject="Another"))
        run = house.do(*three())
        (done,) = house.app.decide_all({run.id: "approve"})
        assert (done.id, done.status) == (run.id, "done")
        assert sorted(sent(house)) == ["One", "Three", "Two"]
        assert [a.state for a in done.approvals] == ["used"] * 3
        assert len({a.hash for a in done.approvals}) == 3, "each was signed by itself"
        assert [a.run for a in house.app.approvals()] == ["r1"], "what others ask waits on"

    def test_each_as_it_is_said(self, house: House) -> None:
        house.do(*three())
        (run,) = house.app.decide_all({"a1": "approve", "a2": {"verdict": "reject"}})
        assert (run.status, sent(house)) == ("waiting", ["Three"])
        assert {a.id: a.state for a in run.approvals} == {"a1": "used", "a2": "rejected", "a3": "pending"}
        assert house.app.decide("a3").status == "partial"
        assert sent(house) == ["Three", "Two"]

    def test_runs_go_on_each_with_its_own(self, house: House) -> None:
        house.do(mail(subject="Mine"))
        house.do(mail(subject="Other"))
        assert [r.status for r in house.app.decide_all({"a2": "approve", "a1": "approve"})] == ["done"] * 2
        assert sorted(sent(house)) == ["Mine", "Other"]

    def test_where_one_cannot_be_decided_none_is(self, house: House) -> None:
        house.do(*three())
        house.app.decide("a2", "reject")
        for wrong in ("a2", "a9"):
            with pytest.raises(Refusal):
                house.app.decide_all({"a1": "approve", wrong: "approve"})
        with pytest.raises(Refusal, match=r"no argument 'colour'.*None of the others was decided"):
            house.app.decide_all({"a1": {"verdict": "edit", "changes": {"colour": "red"}}, "a3": "approve"})
        assert sent(house) == []
        assert [a.id for a in house.app.approvals()] == ["a1", "a3"]

    def test_a_run_that_asks_nothing_is_refused(self, house: House) -> None:
        run = house.do(mail(), approve=True)
        with pytest.raises(Refusal, match="r1 asks nothing just now"):
            house.app.decide_all({run.id: "approve"})

    def test_what_is_asked_after_a_decision_is_another_batch(self, house: House) -> None:
        house.do(mail("first", subject="One"), mail("then", needs=("first",), subject="Two"))
        run = house.app.decide("a1")
        assert [(a.id, a.batch) for a in run.approvals] == [("a1", "r1.1"), ("a2", "r1.2")]

    def test_what_is_asked_again_is_another_batch(self, house: House) -> None:
        house.do(*three())
        house.moment += house.app.approvals()[0].expires - house.moment
        with pytest.raises(Refusal, match=r"a1 expired .* asked again as a4\. None of the others"):
            house.app.decide_all({"a1": "approve", "a2": "approve"})
        assert [(a.id, a.batch) for a in house.app.approvals()] == [
            ("a2", "r1.1"), ("a3", "r1.1"), ("a4", "r1.2"),
        ]  # fmt: skip
        assert sent(house) == []

    def test_bookings_and_mails_of_one_plan_come_in_the_same_order_each_time(self, tmp_path: Path) -> None:
        seen = []
        for n in range(4):
            with House(tmp_path / str(n)) as house:
                run = house.do(
                    mail("m1", subject="A"), event("e", attendees=[{"address": ANN}]), mail("m2", to=BO)
                )
                seen.append([(a.id, a.step, a.batch) for a in run.approvals])
        assert seen[1:] == seen[:1] * 3


@pytest.mark.crash
@pytest.mark.parametrize("at", ["after the question", "before the new question"])
def test_cut_off_between_two_questions_it_is_the_same_batch(tmp_path: Path, at: str) -> None:
    """Killed between the questions, taken up by the next command: one batch, in the order of the plan."""
    root = copied(ready(tmp_path / "made"), tmp_path / "root")
    assert killed(root, "two mails", at)
    with connect(root) as app:
        for run in app.resume():
            app.runs_room.wait(run)
        asked = app.approvals()
        assert [(a.step, a.batch) for a in asked] == [("m1", "r1.1"), ("m2", "r1.1")]
        (done,) = app.decide_all({"r1": "approve"})
        assert done.status == "done"
    assert len(list((root / "outbox").glob("*.eml"))) == 2


ROUNDS = st.lists(st.lists(st.booleans(), min_size=1, max_size=3), max_size=5)
"""What is asked each time, and whether something of it was decided before the next."""


@given(ROUNDS)
def test_a_batch_grows_only_while_nothing_of_it_was_decided(rounds: list[list[bool]]) -> None:
    asked: list[Approval] = []
    for decided in (d for r in rounds for d in r):
        of = batch_of(asked, "r1")
        before = [a for a in asked if a.batch == of]
        assert all(a.state == "pending" for a in before)
        assert int(of.rpartition(".")[2]) >= max((int(a.batch.rpartition(".")[2]) for a in asked), default=1)
        asked.append(Approval.model_construct(id="a", batch=of, state="approved" if decided else "pending"))


def test_the_terminal_shows_them_under_one_head(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    from deskhand.agent.desk import shapes
    from deskhand.agent.terminal import show

    run = house.do(*three())
    show.run(show.Screen(), shapes.run(run))
    said = capsys.readouterr().out
    head = said.index("3 questions of r1:")
    assert head < said.index("a1: Send “Three”") < said.index("a2: Send “One”") < said.index("Approve a1?")
    assert "deskhand approve r1" in said
    assert {a["batch"] for a in json.loads(json.dumps(shapes.run(run)))["approvals"]} == {"r1.1"}
